# SPDX-License-Identifier: Apache-2.0
"""Mutated answers of the ACS, through the real agent over a real socket.

2000 rounds, or a hundred times ROUNDS of the environment (make soak: 100,000); SEED chooses. Each
round is one session in which one answer is spoiled at random; the next round's session shows that
the agent is as good as new.
"""

import os
import random
import re
import time

import soap
from harness import MS, PROVISIONING, Failed, same, true, until
from wire import Reply, chunked

BASES = [
    ("InformResponse", soap.tag("MaxEnvelopes", 1)),
    soap.get_rpc_methods(),
    soap.get_parameter_names("Device.DeviceInfo.", True),
    soap.get_parameter_values([PROVISIONING, MS + "URL", "Device.WiFi."]),
    soap.set_parameter_values([(PROVISIONING, "mutant"), (PROVISIONING + "x", 1, "xsd:int")], "k"),
    soap.set_parameter_attributes([(PROVISIONING, 2, ["Subscriber"])]),
    soap.get_parameter_attributes(["Device.DeviceInfo."]),
    soap.add_object("Device.WiFi.SSID.4711.", "k"),
    soap.delete_object("Device.WiFi.SSID.4711.", "k"),
]
HEADERS = [soap.header("HoldRequests", 1, "1"), soap.header("SessionTimeout", 2, "0"),
           soap.header("UseCWMPVersion", "1.4", "1"), "<x:y xmlns:x='urn:x'/>"]
HANG = 20      # seconds; SessionTimeout is 2
BATCH = 250     # sessions before a restart: the dialer connects 300 times in a minute, not more
WORDS = [b"<", b">", b"&", b"\x00", b"\xff\xfe", b"]]>", b"<!--", b"<![CDATA[", b"<!DOCTYPE x>",
         b"&lt;", b"&#x0;", b"&#99999999;", b"xmlns=''", b"xsi:type='xsd:boolean'", b"1" * 40,
         b"-1", b"A" * 5000, b"<a>" * 50, b"cwmp-1-9", b"soap:mustUnderstand='1'", b" " * 3000,
         b"Response", b"</soap:Body>", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"%s%n"]


def flip(r, data):
    i = r.randrange(len(data))
    return data[:i] + bytes([data[i] ^ 1 << r.randrange(8)]) + data[i + 1:]


def drop(r, data):
    i = r.randrange(len(data))
    return data[:i] + data[i + r.randrange(1, 60):]


def repeat(r, data):
    i = r.randrange(len(data))
    j = min(len(data), i + r.randrange(1, 400))
    return data[:j] + data[i:j] * r.choice((1, 2, 200)) + data[j:]


def insert(r, data):
    i = r.randrange(len(data))
    return data[:i] + r.choice(WORDS) + data[i:]


def truncate(r, data):
    return data[:r.randrange(len(data))]


def swap_elements(r, data):
    parts = re.split(rb"(?=<)", data)
    i, j = r.randrange(len(parts)), r.randrange(len(parts))
    parts[i], parts[j] = parts[j], parts[i]
    return b"".join(parts)


def lose_element(r, data):
    parts = re.split(rb"(?=<)", data)
    del parts[r.randrange(len(parts))]
    return b"".join(parts)


def double_element(r, data):
    parts = re.split(rb"(?=<)", data)
    i = r.randrange(len(parts))
    return b"".join(parts[:i + 1] + parts[i:])


def rename(r, data):
    words = re.findall(rb"[A-Za-z:]{3,}", data) or [data]
    return data.replace(r.choice(words), r.choice(words), r.choice((1, 5)))


def deepen(r, data):
    n = r.choice((20, 40, 5000))
    return data.replace(b"<string>", b"<string>" + b"<d>" * n + b"</d>" * n, 1)


MUTATIONS = [flip, flip, drop, repeat, insert, insert, truncate, swap_elements, lose_element,
             double_element, rename, deepen]


def message(r):
    name, arguments = r.choice(BASES)
    headers = [r.choice(HEADERS)] if r.random() < 0.2 else []
    data = soap.envelope(soap.rpc(name, arguments), "id-%d" % r.randrange(99), headers=headers)
    for _ in range(r.choice((0, 1, 1, 1, 2, 5))):
        if data:
            data = r.choice(MUTATIONS)(r, data)
    return data


def reply(r):
    """A mutated message in an HTTP response that may be odd itself."""
    how = r.randrange(20)
    data = message(r)
    if how == 0:
        return Reply(body=data, cut=r.randrange(400))
    if how == 1:
        return Reply(body=data, length=r.choice((0, 1, len(data) // 2, len(data) + 10)),
                     close_silently=True)
    if how == 2:
        whole = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked(data, 50)
        return Reply(raw=r.choice((flip, drop, truncate))(r, whole), close_silently=True)
    if how == 3:
        return Reply(status=r.choice((199, 201, 206, 299, 303, 304, 400, 403, 500, 599)),
                     body=data)
    if how == 4:
        return Reply(body=data, drip=(max(1, len(data) // 20), 0.002))
    if how == 5:
        return Reply(body=data, gzip=True, close=True)
    if how == 6:
        head, _ = Reply(body=data).head_and_body()
        return Reply(raw=r.choice((flip, drop, insert))(r, head) + data, close_silently=True)
    return Reply(body=data, chunk=r.choice((0, 0, 0, 13)))


def spoil(t, s, r):
    """One bad answer; what follows is answered with nothing until the session is over."""
    s.awaiting = ("?", None)
    s.reply(reply(r))
    for _ in range(20):
        conn = s.last.conn
        until(lambda: s.incoming.qsize() or conn.closed.is_set(), "an answer or the end", HANG)
        if not s.incoming.qsize():
            time.sleep(0.003)       # it may come on another connection
            if not s.incoming.qsize():
                break
        s.take(0.1)
        s.awaiting = ("?", None)
        s.say_nothing()
    t.server.forget(s)


def resident(t):
    with open("/proc/%d/statm" % t.gw.agent.pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def X3_mutated_answers_leave_a_working_agent(t):
    rounds = 100 * int(os.environ.get("ROUNDS") or 20)
    seed = os.environ.get("SEED") or "1"
    r = random.Random(seed)
    t.acs()
    t.server.session_timeout = 2        # a session whose end is lost in a mutation ends soon
    t.gateway(settings={"connreq.unauth_per_minute": "10000"})
    t.server.session().end()
    pid, early = t.gw.agent.pid, None
    for n in range(rounds):
        if n and n % BATCH == 0:
            grown = resident(t) - early
            same(t.gw.agent.pid, pid, "the agent was started again before round %d" % n)
            true(grown < 4 << 20 or os.environ.get("SAN"), "memory rose by %d" % grown)
            t.gw.stop()
            while not t.server.sessions.empty():    # one that the stop has cut off
                t.server.forget(t.server.sessions.get())
            t.gw.again()
            until(t.port_open, "the agent runs again")
            pid = t.gw.agent.pid
        try:
            t.knock()
            s = t.server.wait_session(HANG)
            t.server.violations.clear()     # what a spoiled message provoked
            if r.random() < 0.15:
                s.dialogue.posts = 1
            else:
                s.begin()
                same(s.dialogue.posts >= 2, True, "POSTs of a session")
            spoil(t, s, r)
        except Exception as e:
            raise Failed("SEED=%s, round %d: %s" % (seed, n, e))
        if n % BATCH == 50:
            early = resident(t)
        t.server.messages = t.server.messages[-50:]
        t.server.seen.clear()
    t.server.session_timeout = None
    t.knock()
    s = t.server.session()
    true(s.value(PROVISIONING) in ("", "mutant"), "ProvisioningCode %r" % s.value(PROVISIONING))
    s.end()
    t.server.violations.clear()
    same(t.gw.agent.pid, pid, "the agent was started again")
