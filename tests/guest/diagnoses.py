# SPDX-License-Identifier: Apache-2.0
"""Diagnoses that want a kernel of their own. TESTPLAN rows 125 and 129: IPPing and TraceRoute
beside ping and traceroute, over a path whose delay and loss are the kernel's (netem): same counts,
averages within 5 %. Row 128: the self-test where there are radios."""

import os
import re
import sys

from air import run
from lines import Skip, check, equal

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.append(os.path.join(HERE, "..", "scenarios"))      # at the end: there are namesakes

from harness import Scenario                                # noqa: E402
from path import HOST, Path                  # noqa: E402
from traces import PING, TRACE, ask, hops, mean, theirs     # noqa: E402

# One way. Long, beside what emulation on a busy machine adds.
DELAY, DELAY_MS = "delay 50ms", 50
# Every other packet, and not chance: two programs that count lose the same number.
LOSS = "loss state 100% 100%"
GONE, SILENT = "10.81.8.1", "10.81.9.1"
TRIES = 8       # emulation may delay one program, or lose a packet of somebody else's


class Netem(Path):
    """`slow` is a cable of the kernel's. Nothing but what is asked for crosses it: no ARP."""

    def connect(self):
        run("ip", "link", "add", "slow", "address", self.mac(1), "netns", self.first, "type",
            "veth", "peer", "name", "slow", "address", self.mac(2), "netns", self.second)
        for name, peer in ((self.first, 2), (self.second, 1)):
            self.ip(name, "link set slow up")
            for net in ("10.81.1.", "fd81:1::"):
                self.ip(name, "neigh add %s%d lladdr %s dev slow nud permanent"
                        % (net, peer, self.mac(peer)))

    @staticmethod
    def mac(number):
        return "02:00:00:00:00:%02x" % number

    def weather(self, there, back):
        for name, how in ((self.first, there), (self.second, back)):
            run("tc", "-n", name, "qdisc", "replace", "dev", "slow", "root", "netem", *how.split())


class Way:
    """The path, a gateway at its end, and the session that waits for what is asked."""

    def __init__(self):
        self.t, self.path = Scenario(), Netem().__enter__()
        self.session = self.path.boot(self.t)

    def close(self):
        self.session.end()
        wrong = self.t.close(False)
        self.path.__exit__()
        check(not wrong, "; ".join(wrong))

    def ask(self, what, inputs):
        self.session, got = ask(self.t, self.session, what, inputs)
        return got


open_ways = []      # one for both tests


def way():
    if not open_ways:
        try:
            run("modprobe", "sch_netem")
        except RuntimeError as e:
            raise Skip(e)
        # Of the whole kernel's: one ICMP error a second is not enough for two programs.
        with open("/proc/sys/net/ipv4/route/error_cost", "w") as f:
            f.write("0")
        open_ways.append(Way())
    return open_ways[0]


def until_alike(compare, *args):
    """compare() says how two programs differ, or nothing."""
    for _ in range(TRIES):
        differ = compare(*args)
        if not differ:
            return
    check(False, differ)


def close(ours, other):
    return abs(ours - other) <= max(0.05 * other, 50)


def ping(w, host, count=6):
    got = w.ask(PING, {"Host": host, "NumberOfRepetitions": count, "Timeout": 400})
    text = w.path.ask("ping", "-n", "-i", "0.2", "-W", "0.4", "-c", str(count), host)
    answers = int(re.search(r"(\d+) received", text)[1])
    average = re.search(r"= [\d.]+/([\d.]+)/", text)
    ours = int(got["SuccessCount"]), int(got["FailureCount"])
    us = int(got["AverageResponseTimeDetailed"])
    equal(got["DiagnosticsState"], "Complete", "state")
    if ours != (answers, count - answers):
        return "%d and %d where ping says: %s" % (*ours, text)
    if not close(us, float(average[1]) * 1000 if average else 0):
        return "an average of %d us where ping says: %s" % (us, text)
    return None


def trace(w, host, state):
    got = w.ask(TRACE, {"Host": host, "Timeout": 400, "MaxHopCount": 3})
    text = w.path.ask("traceroute", "-I", "-n", "-q", "3", "-N", "1", "-w", "0.4", "-m", "3", host)
    ours, other = hops(got), theirs(text)
    equal(got["DiagnosticsState"], state, "state")
    counts = [(at, sum(ms > 0 for ms in times)) for at, _, times in ours]
    if counts != [(at, len(times)) for at, times in other]:
        return "%r where traceroute says: %s" % (ours, text)
    for (_, _, times), (_, ms) in zip(ours, other):
        answered = [x for x in times if x]
        if mean(ms) > DELAY_MS and abs(mean(answered) - mean(ms)) > 0.05 * mean(ms):
            return "%r where traceroute says: %s" % (ours, text)
    return None


def T125_ipping_agrees_with_ping_over_netem(world):
    w = way()
    w.path.weather(DELAY, DELAY)
    until_alike(ping, w, HOST)
    w.path.weather(DELAY + " " + LOSS, DELAY)
    until_alike(ping, w, HOST)
    w.path.weather(DELAY, DELAY)
    for nobody in (GONE, SILENT):
        until_alike(ping, w, nobody, 2)


def T129_traceroute_agrees_with_traceroute_over_netem(world):
    w = way()
    w.path.weather(DELAY, DELAY)
    until_alike(trace, w, HOST, "Complete")
    w.path.weather(DELAY + " " + LOSS, DELAY)
    until_alike(trace, w, HOST, "Complete")
    w.path.weather(DELAY, DELAY)
    until_alike(trace, w, GONE, "Error_NoRouteToHost")
    until_alike(trace, w, SILENT, "Error_MaxHopCountExceeded")
    open_ways.pop().close()


SELF = "Device.SelfTestDiagnostics."


def T128_self_test_looks_at_each_radio(world):
    with world.talk() as s:
        s.set([(SELF + "DiagnosticsState", "Requested")])
    session = world.acs.wait_session(30)
    equal(session.inform.codes, ["8 DIAGNOSTICS COMPLETE"], "events")
    session.begin()
    equal(session.value(SELF + "DiagnosticsState"), "Complete", "state")
    found = set(session.value(SELF + "Results").split("; ")[1:])
    radios = session.get("Device.WiFi.Radio.")
    session.end()
    enabled = {k.split(".")[3]: v == "true" for k, v in radios.items()
               if re.fullmatch(r"Device\.WiFi\.Radio\.\d+\.Enable", k)}
    check(any(enabled.values()), "no radio is enabled")
    for number, on in enabled.items():
        status = radios["Device.WiFi.Radio.%s.Status" % number]
        how = "disabled" if not on else status if status == "Up" else "FAILED: " + status
        check("radio %s %s" % (number, how) in found, "radio %s %s: %s" % (number, how, found))
    check({"store ok", "probe ok"} <= found, "store and probe: %s" % found)
