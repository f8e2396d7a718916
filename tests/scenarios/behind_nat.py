# SPDX-License-Identifier: Apache-2.0
"""UDP connection requests (TR-069 Annex G): an own classic STUN server, and coturn; the NAT is a
relay on loopback with ports and lifetimes of its own."""

import os
import random
import shutil
import subprocess
import time

import stun
from harness import CONNREQ, MS, Skipped, fault, free_port, same, true, until

ADDRESS, NAT = MS + "UDPConnectionRequestAddress", MS + "NATDetected"
CR = "6 CONNECTION REQUEST"


class Net:
    """A STUN server and, if wanted, a NAT before it; stops with the scenario."""

    def __init__(self, t, nat=True, life=60.0, user=None):
        self.server = stun.StunServer(user)
        self.nat = stun.Nat(self.server.port, life) if nat else None
        self.port = (self.nat or self.server).port
        t.servers.append(self)
        self.violations = self.server.wrong

    def stop(self):
        if self.nat:
            self.nat.stop()
        self.server.stop()

    def tries(self):
        """Binding Requests for connection requests, not probes."""
        return [r for r in self.server.requests if stun.BINDING in r.attributes]

    def primary(self):
        """The same without repetitions, which a busy machine causes."""
        return list({r.id: r for r in reversed(self.tries())}.values())[::-1]

    def settings(self, **more):
        values = {"STUNEnable": True, "STUNServerAddress": "127.0.0.1",
                  "STUNServerPort": self.port, "STUNMinimumKeepAlivePeriod": 2,
                  "STUNMaximumKeepAlivePeriod": 2, **more}
        return {MS + k: v for k, v in values.items()}


def up(t, net, s=None, **more):
    """The gateway with STUN on, and its address."""
    s = s or t.boot()
    values = net.settings(**more)
    types = {bool: "xsd:boolean", int: "xsd:unsignedInt", str: "xsd:string"}
    s.set([(k, str(v).lower() if v is True or v is False else v,
            "xsd:int" if k.endswith("MaximumKeepAlivePeriod") else types[type(v)])
           for k, v in values.items()])
    s.end()
    until(lambda: t.gw.value(ADDRESS), "UDPConnectionRequestAddress")
    return t.gw.value(ADDRESS)


def no_session(t, seconds=0.5):
    true(t.server.quiet(seconds), "a session that nobody was allowed to ask for")


def G1_binding_is_found_and_told_behind_a_nat(t):
    t.acs()
    net = Net(t)
    where = up(t, net)
    outside = net.primary()[0].source
    same(where, "%s:%d" % outside, "address")
    same(t.gw.value(NAT), "true", "NATDetected")
    until(lambda: stun.every([r.at for r in net.primary()[1:]], 2), "a keep-alive period of 2 s")
    first, second, third = net.primary()[:3]
    same([stun.CHANGE in r.attributes for r in (first, second, third)], [False, True, False],
         "BINDING-CHANGE in the first three requests")
    same(first.attributes[stun.BINDING], b"dslforum.org/TR-111 ", "CONNECTION-REQUEST-BINDING")
    s = t.again()
    same(s.value(ADDRESS), where, "address in a session")
    same(s.value(MS + "STUNPassword"), "", "STUNPassword")
    same(s.value(MS + "SupportedConnReqMethods"), "HTTP,STUN", "SupportedConnReqMethods")
    s.end()


def G1_without_a_nat_the_address_is_our_own(t):
    t.acs()
    net = Net(t, nat=False)
    up(t, net)
    same(t.gw.value(NAT), "false", "NATDetected")
    same(t.gw.value(ADDRESS), "%s:%d" % net.primary()[0].source, "address")


def G2_signed_request_is_good_for_one_session(t):
    t.acs()
    net = Net(t)
    where = up(t, net)
    good = stun.request(*CONNREQ)
    stun.send(where, good, good, good)
    s = t.server.session()
    same(s.inform.events, [(CR, "")], "events")
    s.end()
    stun.send(where, good, stun.request(*CONNREQ, ts=int(time.time()) - 100, ident=7))
    no_session(t)
    stun.send(where, stun.request(*CONNREQ, ts=int(time.time()) + 1, ident=8))
    t.server.session().end()


def G2_replay_after_a_restart_is_refused(t):
    t.acs()
    net = Net(t)
    good = stun.request(*CONNREQ)
    stun.send(up(t, net), good)
    t.server.session().end()
    t.gw.reboot()
    t.server.session().end()
    where = until(lambda: t.gw.value(ADDRESS), "UDPConnectionRequestAddress")
    stun.send(where, good)
    no_session(t)


def G2_request_during_a_session_is_one_more_session(t):
    t.acs()
    net = Net(t)
    where = up(t, net)
    s = t.again()
    good = stun.request(*CONNREQ)
    stun.send(where, good, good)
    same(s.value(NAT), "true", "the session goes on")
    s.end()
    s = t.server.session()
    same(s.inform.codes, [CR], "events")
    s.end()
    no_session(t)


def G3_what_is_not_signed_right_is_refused(t):
    t.acs()
    net = Net(t)
    where = up(t, net)
    now = int(time.time())
    stun.send(where, stun.request(CONNREQ[0], "wrong"), stun.request("nobody", CONNREQ[1]),
              stun.request(*CONNREQ, sig="0" * 40), stun.request(*CONNREQ, ts=now, sig=""),
              stun.request(CONNREQ[0], ""), stun.request("", ""), b"", b"G", b"GET / HTTP/1.1\r\n",
              stun.request(*CONNREQ)[:-40], stun.request(*CONNREQ).replace(b"GET", b"PUT"),
              stun.request(*CONNREQ).replace(b"ts=", b"ts=1"))
    no_session(t)
    # an empty datagram is nothing
    same(len(t.log("udp_connection_request result=refused")), 11, "lines about it")
    stun.send(where, stun.request(*CONNREQ))
    t.server.session().end()


def G3_noise_on_the_port_is_survived(t):
    r = random.Random(os.environ.get("SEED") or "1")
    t.acs()
    net = Net(t)
    where = up(t, net)
    for _ in range(30):
        stun.send(where, *[r.randbytes(r.choice((0, 1, 19, 20, 28, 60, 1400, 9000)))
                           for _ in range(20)])
        data = bytearray(stun.request(*CONNREQ))
        # in the time: neither the host nor the case of the signature is signed
        data[data.index(b"ts=") + 3 + r.randrange(9)] ^= 1 << r.randrange(3)
        stun.send(where, bytes(data))
    no_session(t)
    stun.send(where, stun.request(*CONNREQ))
    t.server.session().end()


def G4_server_that_wants_integrity_gets_it(t):
    t.acs()
    net = Net(t, user=("stun-user", "stun-pass"))
    up(t, net, STUNUsername="stun-user", STUNPassword="stun-pass")
    first, second = net.primary()[:2]
    true(stun.USERNAME not in first.attributes, "USERNAME before it was asked for")
    true(second.genuine("stun-pass"), "MESSAGE-INTEGRITY")
    same(second.attributes[stun.USERNAME], b"stun-user   ", "USERNAME")
    true(not t.log("stun-pass"), "the password is in the log")


def G4_server_that_refuses_is_left_in_peace(t):
    t.acs()
    net = Net(t, user=("stun-user", "stun-pass"))
    s = t.boot()
    s.set([(MS + "STUNServerAddress", "127.0.0.1"), (MS + "STUNServerPort", net.port),
           (MS + "STUNUsername", "stun-user"), (MS + "STUNPassword", "other"),
           (MS + "STUNEnable", "true", "xsd:boolean")])
    s.end()
    until(lambda: t.log("the STUN server refuses us"), "a line about it")
    time.sleep(0.5)
    same(len(net.primary()), 2, "requests")
    same(t.gw.value(ADDRESS), "", "address")


def G5_lifetime_of_the_binding_is_found(t):
    t.acs()
    net = Net(t, life=3.9)
    up(t, net, STUNMinimumKeepAlivePeriod=1, STUNMaximumKeepAlivePeriod=8)
    probes = lambda: [r for r in net.server.requests if stun.RESPONSE in r.attributes]
    until(probes, "a probe")
    # 4 s are too long, 2 s and 3 s are not: then requests come every 3 s
    until(lambda: stun.every([r.at for r in net.primary() if r.at > probes()[-1].at + 0.5], 3),
          "a keep-alive period of 3 s", 90)


def G6_new_binding_is_an_active_notification(t):
    t.acs()
    net = Net(t)
    s = t.boot()
    s.set_attributes([(ADDRESS, 2, None)])
    before = up(t, net, s)
    s = t.server.session()
    same(s.inform.codes, ["4 VALUE CHANGE"], "events")
    same(s.inform.params[ADDRESS], before, "address")
    s.end()
    n = len(net.primary())
    net.nat.forget()
    s = t.server.session()
    same(s.inform.codes, ["4 VALUE CHANGE"], "events")
    true(s.inform.params[ADDRESS] not in ("", before), "address %s" % s.inform.params[ADDRESS])
    true(any(stun.CHANGE in r.attributes for r in net.primary()[n:]), "no BINDING-CHANGE")
    s.end()


def G7_disabled_there_is_no_port(t):
    t.acs()
    net = Net(t)
    where = up(t, net)
    s = t.again()
    s.set([(MS + "STUNEnable", "false", "xsd:boolean")])
    s.end()
    until(lambda: t.gw.value(ADDRESS) == "", "no address")
    same(t.gw.value(NAT), "false", "NATDetected")
    n = len(net.primary())
    stun.send(where, stun.request(*CONNREQ))
    no_session(t)
    time.sleep(2)
    same(len(net.primary()), n, "requests after STUNEnable was set to false")


def G7_settings_are_checked(t):
    s = t.boot()
    for name, value, kind in (("STUNServerPort", "65536", "xsd:unsignedInt"),
                              ("STUNMaximumKeepAlivePeriod", "-2", "xsd:int"),
                              ("STUNMinimumKeepAlivePeriod", "-1", "xsd:unsignedInt"),
                              ("NATDetected", "true", "xsd:boolean"),
                              ("STUNUsername", "x" * 257, "xsd:string")):
        fault(9003, s.set, [(MS + name, value, kind)])
    s.end()


def G8_server_that_is_away_is_news_once(t):
    t.acs()
    net = Net(t, nat=False)
    net.server.silent = True
    s = t.boot()
    s.set([(MS + "STUNServerAddress", "127.0.0.1"), (MS + "STUNServerPort", net.port),
           (MS + "STUNEnable", "true", "xsd:boolean")])
    s.end()
    until(lambda: len(net.tries()) >= 9, "nine tries")
    until(lambda: t.log("the STUN server does not answer"), "a line about it")
    same(len({r.id for r in net.tries()[:9]}), 1, "transactions")
    t.again().end()


def G9_coturn_serves(t):
    program = shutil.which("turnserver")
    if not program:
        raise Skipped("turnserver (package coturn) is not installed")
    port = free_port()
    t.acs()
    t.gateway()
    command = [program, "-n", "-S", "-L", "127.0.0.1", "-p", str(port), "--no-tls", "--no-dtls",
               "--no-cli", "--no-stdout-log", "-l", os.path.join(t.gw.dir, "coturn.log"),
               "--pidfile", os.path.join(t.gw.dir, "coturn.pid")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          cwd=t.gw.dir) as coturn:
        try:
            s = t.server.session()
            s.set([(MS + "STUNServerAddress", "127.0.0.1"), (MS + "STUNServerPort", port),
                   (MS + "STUNEnable", "true", "xsd:boolean")])
            s.end()
            where = until(lambda: t.gw.value(ADDRESS), "an answer of coturn")
            same(t.gw.value(NAT), "false", "NATDetected")
            stun.send(where, stun.request(*CONNREQ))
            t.server.session().end()
        finally:
            coturn.kill()
