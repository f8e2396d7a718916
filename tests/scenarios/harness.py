# SPDX-License-Identifier: Apache-2.0
"""What a scenario is written with: one object that starts ACS and gateway, and a few assertions."""

import ctypes
import os
import re
import socket
import struct
import sys
import time
from urllib.parse import urlsplit

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[1:1] = [os.path.join(HERE, "..", "acs"), os.path.join(HERE, "..", "lib")]

import soap                                         # noqa: E402
from cwmp import Acs                                # noqa: E402
from files import FileServer                        # noqa: E402
from host import BUILD, CONNREQ, MS, HostGateway, free_port    # noqa: E402,F401
from session import LONG, Timeout                   # noqa: E402,F401
from soap import CwmpFault                          # noqa: E402,F401

SPEC = os.path.normpath(os.path.join(HERE, "..", "..", "..", "shared", "spec"))
PROVISIONING = "Device.DeviceInfo.ProvisioningCode"


AUDIT = ": audit: "
PAIR = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|[^ "\\=]+)')


def audit_actions():
    """Those that docs/audit.md names, and the messages of the helper and the dialer."""
    root = os.path.join(HERE, "..", "..")
    with open(os.path.join(root, "docs/audit.md")) as f:
        names = re.findall(r"`(\w+)`", f.read())
    with open(os.path.join(root, "ipc/messages.def")) as f:
        names += re.findall(r"IPC_OP\(\w+, (\w+),", f.read())
    return set(names)


ACTIONS = audit_actions()


class Failed(Exception):
    pass


class Skipped(Exception):
    pass


def true(condition, text):
    if not condition:
        raise Failed(text)


def same(got, want, what=""):
    if got != want:
        raise Failed("%s: %.300r instead of %.300r" % (what or "got", got, want))


def within(got, low, high, what):
    if not low <= got <= high:
        raise Failed("%s: %.2f is not within %.2f to %.2f" % (what, got, low, high))


def no_sooner(start, low, what):
    """At least so many seconds since start. How much later is the machine's affair."""
    got = time.monotonic() - start
    true(got >= low, "%s: %.2f s instead of %.2f" % (what, got, low))


def fault(code, function, *args):
    """The Fault with this code that the call has to end in."""
    try:
        got = function(*args)
    except CwmpFault as e:
        if e.code != code:
            raise Failed("%s instead of fault %d" % (e, code))
        return e.fault
    raise Failed("no fault %d but %.200r" % (code, got))


def until(function, what, timeout=LONG):
    """Waits till function() is true, and returns what it gave."""
    deadline = time.monotonic() + timeout
    while True:
        got = function()
        if got:
            return got
        if time.monotonic() > deadline:
            raise Failed("%s: not within %g s" % (what, timeout))
        time.sleep(0.004)


def clock_is_set():
    """What the kernel tells who asks (adjtimex): dates of certificates count only then."""
    status = (ctypes.c_char * 256)()
    if ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(status)) < 0:
        raise Skipped("adjtimex does not work here")
    # struct timex: unsigned modes, 4 longs, int status
    return not struct.unpack_from("@Illlli", status.raw)[5] & 0x40


def audit_line(line):
    """The fields of an audit line, in order; Failed when it is none (docs/audit.md)."""
    text = line.split(AUDIT, 1)[1]
    if not re.fullmatch(r"%s( %s)*" % (PAIR.pattern, PAIR.pattern), text):
        raise Failed("no audit line: " + line)
    fields = {k: re.sub(r"\\(.)", r"\1", v.strip('"')) for k, v in PAIR.findall(text)}
    if list(fields)[:2] != ["action", "result"] or fields["action"] not in ACTIONS or \
            fields["result"] not in ("done", "refused", "failed"):
        raise Failed("no audit line: " + line)
    return fields


class Scenario:
    """One run of one scenario. Everything that it starts is stopped by close()."""

    def __init__(self):
        self.servers = []
        self.gateways = []
        self.file_servers = []
        self.gw = None
        self.server = None
        self.allowed = []           # violations that the scenario provokes

    def acs(self, cls=Acs, **kw):
        server = cls(**kw)
        self.servers.append(server)
        self.server = self.server or server
        return server

    def gateway(self, server=None, factory=None, settings=None, start=True, url=None):
        gw = HostGateway(url or (server or self.server).url, settings, factory)
        self.gateways.append(gw)
        self.gw = gw
        if start:
            gw.start()
        return gw

    def boot(self, factory=None, settings=None, server=None, **begin):
        """ACS and gateway up, in the first session, which has come to the agent's empty POST."""
        server = server or self.server or self.acs()
        self.gateway(server, factory, settings)
        return server.session(**begin)

    def files(self, *args, **kw):
        """A file server (tests/acs/files.py)."""
        server = FileServer(*args, **kw)
        self.file_servers.append(server)
        return server

    def again(self, wait=LONG):
        """One more session, asked for by a connection request."""
        self.knock()
        s = self.server.session(wait)
        same(s.inform.codes, ["6 CONNECTION REQUEST"], "events")
        return s

    def after_failure(self, failures=1):
        """The session after a failed one, asked for at once by a connection request."""
        self.knock()
        s = self.server.session()
        same(s.inform.text("RetryCount"), str(failures), "RetryCount after a failed session")
        return s

    def connreq_url(self):
        for msg in reversed(self.server.messages):
            if msg.method == "Inform":
                return msg.params[MS + "ConnectionRequestURL"]
        raise Failed("no Inform yet")

    def knock(self):
        import connreq
        answer = connreq.digest(self.connreq_url(), *CONNREQ)
        true(answer.status in (200, 204), "connection request answered with %d" % answer.status)

    def port_open(self):
        """Can connection requests be made?"""
        u = urlsplit(self.connreq_url())
        try:
            socket.create_connection((u.hostname, u.port), 1).close()
        except ConnectionRefusedError:
            return False
        return True

    def log(self, pattern, since=0):
        """Log lines that match."""
        return [line for line in self.gw.lines(since) if re.search(pattern, line)]

    def complaints(self, since=0):
        """What the agent says of notice level and worse, without what went well."""
        return [line for line in self.gw.lines(since, "agent")
                if re.match(r"<[0-5]>sallyport-agent", line) and "no state yet" not in line and
                not (AUDIT in line and audit_line(line)["result"] == "done")]

    def unprovoked(self, violations):
        return [v for v in violations if not any(a in v for a in self.allowed)]

    def close(self, failed):
        """Stops everything; what is wrong that the scenario did not look for."""
        wrong = []
        for gw in self.gateways:
            gw.stop()
            if gw.deaths():
                wrong.append("ended by itself: " + ", ".join(gw.deaths()))
            for line in gw.lines():
                if "had to be killed" in line:
                    wrong.append(line)
                if AUDIT in line:
                    try:
                        audit_line(line)
                    except Failed as e:
                        wrong.append(str(e))
                if re.search(r"AddressSanitizer|LeakSanitizer|runtime error:|SIGSYS", line):
                    wrong.append(line)
            for secret in ("cr-password", "acs-password"):
                if any(secret in line for line in gw.lines()):
                    wrong.append("a password is in the log")
        for server in self.file_servers:
            server.stop()
            wrong += self.unprovoked(server.bad)
        for server in self.servers:
            server.stop()
            wrong += self.unprovoked(server.violations)
        if not failed:
            for gw in self.gateways:
                gw.close()
        return wrong


def spec_table():
    """Rows of tr181.tsv by path, or a skip."""
    path = os.path.join(SPEC, "tr181.tsv")
    if not os.path.exists(path):
        raise Skipped("../shared/spec/tr181.tsv is not there")
    rows = {}
    with open(path, encoding="utf-8") as f:
        head = f.readline().rstrip("\n").split("\t")
        for line in f:
            row = dict(zip(head, line.rstrip("\n").split("\t")))
            rows[row["path"]] = row
    return rows


def generic(path):
    """Device.WiFi.SSID.1.Name to Device.WiFi.SSID.{i}.Name."""
    return re.sub(r"\.\d+(?=\.)", ".{i}", path)


def children(names, path):
    """Of GetParameterNames: those one level below path."""
    out = []
    for n in names:
        rest = n[len(path):]
        if n.startswith(path) and rest and "." not in rest[:-1]:
            out.append(n)
    return out


def spv(values, key=""):
    return soap.set_parameter_values(values, key)
