# SPDX-License-Identifier: Apache-2.0
"""The audit log (docs/audit.md): each privileged action, each request that is refused and each
authentication that fails is one line, and nothing else is."""

import contextlib
import os
import re
import socket
import time
from urllib.parse import urlsplit

import auth
import connreq
import encrypted
import soap
import vendor
from diagnostics import request as ask_for_ping
from gateway import USERS
from harness import AUDIT, CONNREQ, MS, PROVISIONING, audit_line, fault, same, until, within
from server import Tls
from wire import Reply

KNOCK, DIAL = "connection_request", "dial_connect"


def lines(t):
    """(who, action, result, the other fields) of each line so far."""
    out = []
    for line in t.gw.lines():
        if AUDIT in line:
            fields = audit_line(line)
            out.append((re.match(r"<\d>sallyport-(\w+)", line)[1], fields.pop("action"),
                        fields.pop("result"), fields))
    return out


@contextlib.contextmanager
def leaves(t, *wanted, **fields):
    """What is done inside leaves exactly these lines: "who action result". fields: of the last."""
    before = lines(t)
    yield
    want = sorted(wanted)

    def new():
        # Each program has a log of its own: what is new is what there is more of.
        rest = lines(t)
        for line in before:
            rest.remove(line)
        return rest
    got = until(lambda: len(new()) >= len(want) and new() or not want and [None], "the lines %s; "
                "there are %s" % (want, new()))
    time.sleep(0.15)            # one too many would be here by now
    got = new()
    same(sorted(" ".join(line[:3]) for line in got), want, "audit lines")
    for key, value in fields.items():
        same(next(line[3] for line in got if " ".join(line[:3]) == wanted[-1]).get(key), value, key)


def session(t, rpc=None, code=None):
    """A session that a connection request has asked for, with one RPC in it."""
    t.knock()
    s = t.server.session()
    if rpc:
        fault(code, s.call, rpc) if code else s.call(rpc)
    s.end()
    return s


ASKED = ("dialer %s done" % DIAL, "agent %s done" % KNOCK)


def P8_rpcs_leave_one_line_each_unless_they_only_read(t):
    t.boot(settings={"log.level": "err"}).end()
    with leaves(t, *ASKED):
        session(t, soap.get_parameter_values([PROVISIONING]))
    for rpc in (soap.set_parameter_values({PROVISIONING: "x"}.items()),
                soap.set_parameter_attributes([(PROVISIONING, 1, None)]),
                soap.schedule_inform(3600, "k"), soap.add_object("Device.WiFi.SSID.")):
        with leaves(t, *ASKED, "agent rpc done", method=rpc[0]):
            session(t, rpc)
    for code, rpc in ((9003, soap.set_parameter_values([("Device.No", "x"), ("Device.Nor", "y")])),
                      (9005, soap.get_parameter_values(["Device.Nope"])),
                      (9000, ("X_Unknown", "")), (9003, soap.schedule_inform(0, ""))):
        with leaves(t, *ASKED, "agent rpc refused", method=rpc[0], fault=str(code)):
            session(t, rpc, code)
    with leaves(t, *ASKED, "agent message refused"):
        t.knock()
        s = t.server.session()
        s.ask_raw(b'<?xml version="1.0"?><!DOCTYPE x><x/>')
        s.end()


def P8_reboot_and_factory_reset_leave_one_line_at_each_step(t):
    t.boot().end()
    start = ("dialer dial_listen done", "dialer dial_connect done", "radio plan_commit done",
             "station station_apply done")
    with leaves(t, *ASKED, *start, "agent rpc done", "system system_end done", kind="reboot",
                cause="asked for by the ACS"):
        session(t, soap.reboot("k"))
        t.server.session().end()
    with leaves(t, *ASKED, *start, "agent rpc done", "agent factory_reset done",
                "system system_end done", kind="factory-reset"):
        session(t, soap.factory_reset())
        t.server.session().end()


def P8_connection_requests_leave_one_line_each(t):
    t.boot(settings={"connreq.unauth_per_minute": "60"}).end()
    url = t.connreq_url()
    with leaves(t, *ASKED, source="127.0.0.1"):
        kept = {}
        connreq.digest(url, *CONNREQ, keep=kept)
        t.server.session().end()
    u = urlsplit(url)
    post = connreq.request(url, method="POST")
    for reason, knock in (
            ("wrong credentials", lambda: connreq.digest(url, CONNREQ[0], "wrong")),
            ("wrong credentials", lambda: connreq.digest(url, *CONNREQ, response="0" * 32)),
            ("the nonce was used before, or is too old",
             lambda: connreq.exchange(u.hostname, u.port, kept["octets"])),
            ("no such path", lambda: connreq.plain(url, path="/")),
            ("no GET", lambda: connreq.exchange(u.hostname, u.port, post)),
            ("malformed", lambda: connreq.exchange(u.hostname, u.port, b"hello\r\n\r\n"))):
        with leaves(t, "agent %s refused" % KNOCK, source="127.0.0.1", reason=reason):
            knock()
    with leaves(t):             # the first half of a connection request
        same(connreq.plain(url).status, 401, "status")


def P8_a_flood_of_connection_requests_is_counted(t):
    t.boot(settings={"connreq.unauth_per_minute": "60"}).end()
    url = t.connreq_url()
    for _ in range(50):
        connreq.digest(url, CONNREQ[0], "wrong")
    same(len([x for x in lines(t) if x[1] == KNOCK]), 30, "lines")


def P8_an_acs_that_is_not_trusted_leaves_a_line(t):
    # tried again after a second or so, and then there is one more
    encrypted.start(t, Tls(*encrypted.ca()[1].server()))
    line = until(lambda: [x for x in lines(t) if x[1] == "acs_tls"], "a line")[0]
    same((line[0], line[2], line[3]["url"]), ("agent", "refused", t.server.url), "the line")


def P8_credentials_that_the_acs_refuses_leave_a_line(t):
    t.acs(auth=auth.Auth("user", "other", "MD5"))
    t.gateway(factory={MS + "Username": "user", MS + "Password": "acs-password",
                       MS + "CWMPRetryMinimumWaitInterval": "60"})
    until(lambda: [x for x in lines(t) if x[1] == "acs_login"], "a line")
    time.sleep(0.2)
    same([x[:3] for x in lines(t) if x[1] == "acs_login"], [("agent", "acs_login", "refused")],
         "lines")


def P8_a_redirect_that_is_refused_leaves_a_line(t):
    server = t.acs()
    t.gateway(server, factory={MS + "CWMPRetryMinimumWaitInterval": "60"}, start=False)
    server.next_replies(Reply(302, headers=[("Location", "ftp://localhost/")]))
    t.gw.start()
    until(lambda: [x for x in lines(t) if x[1] == "redirect"], "a line")
    with leaves(t):
        pass
    same([x[1:] for x in lines(t) if x[1] == "redirect"],
         [("redirect", "refused", {"to": "ftp://localhost/", "reason": "neither http nor https"})],
         "lines")


def P8_the_egress_policy_leaves_a_line(t):
    server = t.acs()
    t.gateway(server, factory={MS + "CWMPRetryMinimumWaitInterval": "60"},
              settings={"dialer.allow_loopback": "no", "connreq.address": ""})
    until(lambda: [x for x in lines(t) if x[1] == DIAL], "a line")
    time.sleep(0.2)
    same([(x[0], x[2], x[3]["host"], x[3]["reason"]) for x in lines(t) if x[1] == DIAL],
         [("dialer", "refused", "localhost", "loopback (dialer.allow_loopback)")], "lines")


def P8_the_local_socket_leaves_a_line_for_what_changes(t):
    t.boot().end()
    with leaves(t, "agent local done", verb="set", path=MS + "Username"):
        t.gw.ctl("set", MS + "Username=secret")
    with leaves(t, "agent local refused", verb="set", path="Device.Nope"):
        t.gw.ctl("set", "Device.Nope=secret", check=False)
    with leaves(t):
        t.gw.ctl("get", PROVISIONING)
    same([x for x in t.gw.lines() if "secret" in x], [], "lines with the value")


def connect(path, uid, gid, kind=socket.SOCK_SEQPACKET, times=1):
    """As that user; waits until the connection is closed."""
    pid = os.fork()
    if not pid:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        for _ in range(times):
            with socket.socket(socket.AF_UNIX, kind) as s:
                s.connect(path)
                s.recv(1)
        os._exit(0)
    os.waitpid(pid, 0)


def P8_strangers_at_the_sockets_of_the_roles_leave_a_line(t):
    t.boot().end()
    path = os.path.join(t.gw.run, "system.sock")
    with leaves(t, "system ipc refused", uid="64799", reason="not the agent's user"):
        connect(path, 64799, USERS["agent"])
    with leaves(t, "system ipc refused", role="system", reason="there is a client"):
        connect(path, USERS["agent"], USERS["agent"])


def P8_strangers_at_the_socket_of_a_vendor_daemon_leave_few_lines(t):
    s, data, daemon = vendor.boot(t)
    s.end()
    # as it is where the agent is started by its own user, who can't give it away
    os.chmod(daemon.path, 0o666)
    with leaves(t, "agent vendor_daemon refused", daemon="modem", uid="64799",
                reason="not the daemon's user"):
        connect(daemon.path, 64799, 64799, socket.SOCK_STREAM)
    connect(daemon.path, 64799, 64799, socket.SOCK_STREAM, 100)
    within(len(t.log("action=vendor_daemon")), 2, 60, "lines about a hundred more")
    same(t.gw.value(vendor.MODEM + "Apn"), "internet", "what the daemon says")
    daemon.close()
    vendor.done(data)


def P8_a_ping_leaves_a_line(t):
    t.boot().end()
    with leaves(t, *ASKED, "dialer %s done" % DIAL, "agent rpc done", "probe ping_start done"):
        t.knock()
        s = t.server.session()
        ask_for_ping(s, "127.0.0.1", 1)
        s.end()
        t.server.session().end()
