# SPDX-License-Identifier: Apache-2.0
"""NSLookupDiagnostics against dnsmasq, beside dig, and against a name server that lies."""

import contextlib
import re
import socket
import struct
import threading

from harness import fault, same, true, within
from path import FIRST, FIRST6, Path
from traces import ask
from wan import inside

LOOKUP = "Device.DNS.Diagnostics.NSLookupDiagnostics."
NAMES = ("--local=/example.net/", "--address=/two.example.net/192.0.2.1",
         "--address=/two.example.net/2001:db8::1",
         "--host-record=alone.example.net,192.0.2.7", "--auth-zone=auth.test",
         "--auth-server=ns.auth.test", "--host-record=a.auth.test,192.0.2.9")


def lookup(t, s, name, **more):
    s, got = ask(t, s, LOOKUP, {"HostName": name, "DNSServer": "", "Timeout": 3000,
                                "NumberOfRepetitions": 1, **more})
    rows = []
    for i in range(1, int(got["ResultNumberOfEntries"]) + 1):
        head = "Result.%d." % i
        rows.append({k[len(head):]: v for k, v in got.items() if k.startswith(head)})
    return s, got["DiagnosticsState"], int(got["SuccessCount"]), rows


def T128_nslookup_finds_what_dig_finds(t):
    with Path() as w:
        w.dnsmasq(*NAMES)
        s = w.boot(t)
        s, state, good, rows = lookup(t, s, "two.example.net", NumberOfRepetitions=3)
        same((state, good, len(rows)), ("Complete", 3, 3), "state, successes, rows")
        theirs = [x for kind in ("A", "AAAA")
                  for x in w.ask("dig", "+short", "@" + FIRST, "two.example.net", kind).split()]
        for row in rows:
            same(row["IPAddresses"].split(","), theirs, "addresses, and dig's")
            same((row["Status"], row["HostNameReturned"], row["DNSServerIP"]),
                 ("Success", "two.example.net", FIRST), "row")
            within(int(row["ResponseTime"]), 1, 10000, "ResponseTime")
        flags = re.search(r"flags: ([a-z ]*);", w.ask("dig", "@" + FIRST, "two.example.net"))
        same(rows[0]["AnswerType"], "Authoritative" if "aa" in flags.group(1).split()
             else "NonAuthoritative", "AnswerType, where dig says " + flags.group(1))
        s, state, good, rows = lookup(t, s, "alone", DNSServer=FIRST6)
        same((state, rows[0]["HostNameReturned"], rows[0]["IPAddresses"], rows[0]["DNSServerIP"]),
             ("Complete", "alone.example.net", "192.0.2.7", FIRST6), "with the domain, by IPv6")
        s, state, good, rows = lookup(t, s, "nothing.example.net.", NumberOfRepetitions=2)
        same((state, good, [(r["Status"], r["IPAddresses"]) for r in rows]),
             ("Error_Other", 0, [("Error_HostNameNotResolved", "")] * 2),
             "a name that is not there")
        s, state, good, rows = lookup(t, s, "two.example.net", DNSServer="ns.example.net")
        same((state, rows), ("Error_DNSServerNotResolved", []), "a server without an address")
        s.end()


def T128_nslookup_servers_that_do_not_answer(t):
    with Path() as w:
        s = w.boot(t, settings={"dialer.allow_loopback": "no"})
        s, state, _, rows = lookup(t, s, "two.example.net", NumberOfRepetitions=2)
        same((state, [(r["Status"], r["ResponseTime"], r["AnswerType"]) for r in rows]),
             ("Error_Other", [("Error_DNSServerNotAvailable", "0", "None")] * 2), "nobody there")
        s, state, _, rows = lookup(t, s, "two.example.net", DNSServer="10.81.9.1", Timeout=400)
        same((state, rows[0]["Status"]), ("Error_Other", "Error_Timeout"), "silence")
        for server, want in (("127.0.0.1", "Other"), ("224.0.0.1", "Other"), ("0.0.0.0", "Other"),
                             (";x", "DNSServerNotResolved"), ("-f", "DNSServerNotResolved"),
                             ("x" * 256, "DNSServerNotResolved")):
            s, state, _, rows = lookup(t, s, "a.b", DNSServer=server,
                                       Interface="" if server != "0.0.0.0" else
                                       "Device.IP.Interface.4000")
            same((state, rows), ("Error_" + want, []), "state for %.20r" % server)
        for name in (";x", "-f\n", "x" * 256, "a..b", "", ".", "$(id)", "x" * 64 + ".test"):
            s, state, _, rows = lookup(t, s, name)
            same((state, rows), ("Error_Other", []), "state for %.20r" % name)
        for more in ({"NumberOfRepetitions": 0}, {"NumberOfRepetitions": 101}, {"Timeout": 0},
                     {"Timeout": 60001}):
            s, state, _, rows = lookup(t, s, "a.b", **more)
            same((state, rows), ("Error_Other", []), "state with %r" % more)
        fault(9003, s.set, {LOOKUP + "HostName": "x" * 1024})
        s.end()


@contextlib.contextmanager
def liar(w, answers):
    """A name server that answers each question with answers(question)'s datagrams."""
    def start():
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.bind((FIRST, 53))
        s.settimeout(0.1)
        return s
    server, over = inside(w.first, start), threading.Event()

    def serve():
        while not over.is_set():
            try:
                question, who = server.recvfrom(4096)
            except socket.timeout:
                continue
            for datagram in answers(question):
                server.sendto(datagram, who)
    thread = threading.Thread(target=serve)
    thread.start()
    yield
    over.set()
    thread.join()
    server.close()


def reply(question, records=b"", count=0, flags=0x8180, ident=None):
    ident = question[:2] if ident is None else ident
    return ident + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question[12:] + records


def record(kind, data, size=None):
    size = len(data) if size is None else size
    return b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, size) + data


def T128_nslookup_believes_no_liar(t):
    good = record(1, b"\xc0\x00\x02\x01")
    guess = bytes(2)
    lies = {
        "another number": lambda q: [reply(q, good, 1, ident=bytes(x ^ 255 for x in q[:2]))],
        "another question": lambda q: [reply(q[:12] + b"\x04evil\x04test\0" + q[-4:], good, 1)],
        "a question back": lambda q: [q],
        "nothing": lambda q: [b"", b"\0", q[:12]],
    }
    broken = {
        "records that are not there": lambda q: [reply(q, good, 65535)],
        "an address of three bytes":
            lambda q: [reply(q, record(1, b"abc") + record(28, b"abc"), 2)],
        "a length beyond the end": lambda q: [reply(q, record(1, b"abcd", 60000), 1)],
        "a name without end": lambda q: [reply(q, b"\x3f" * 400, 1)],
        "an unknown label": lambda q: [reply(q, b"\x80" * 40, 1)],
        "a failing server": lambda q: [reply(q, flags=0x8182)],
        "cut short": lambda q: [reply(q, good, 9, flags=0x8380)],
    }
    answers = [lambda q: []]
    with Path() as w, liar(w, lambda q: answers[0](q)):
        s = w.boot(t)
        for what, answers[0] in lies.items():
            s, state, _, rows = lookup(t, s, "a.test", Timeout=150)
            same((state, rows[0]["Status"]), ("Error_Other", "Error_Timeout"), what)
        for what, answers[0] in broken.items():
            s, state, _, rows = lookup(t, s, "a.test")
            same((state, rows[0]["Status"], rows[0]["IPAddresses"]),
                 ("Error_Other", "Error_Other", ""), what)
        answers[0] = lambda q: [reply(q, good, 1, ident=guess), reply(q, good * 30, 30)] * 20
        s, state, _, rows = lookup(t, s, "a.test", NumberOfRepetitions=4)
        same((state, [r["Status"] for r in rows]), ("Complete", ["Success"] * 4), "a flood")
        same(rows[3]["IPAddresses"].split(","), ["192.0.2.1"] * 10, "no more than ten")
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")
