# SPDX-License-Identifier: Apache-2.0
"""IPPing and TraceRoute over a path with delay and loss, beside ping and traceroute: TESTPLAN rows
125 and 129. Same counts; averages that differ by no more than 5 % or 50 microseconds."""

import re

from diagnostics import COUNT, DONE, HOST as PING_HOST, PING, STATE, close
from harness import fault, same, true
from path import FIRST, FIRST6, HOST, HOST6, SECOND, Path

TRACE = "Device.IP.Diagnostics.TraceRoute."
TRIES = 10      # a busy machine may delay a packet of one program and not of the other


def results(s, path):
    return {k[len(path):]: v for k, v in s.get(path).items()}


def ask(t, s, path, inputs):
    """Ends the session; the one that brings the end, and what it found."""
    s.set({**{path + k: v for k, v in inputs.items()}, path + "DiagnosticsState": "Requested"})
    s.end()
    s = t.server.session()
    same(s.inform.codes, [DONE], "events")
    return s, results(s, path)


def ours_for(host):
    """The gateway's address that is next to it."""
    return "fd81::2" if ":" in host else "10.81.0.2"


def pings(t, host, **world):
    with Path(**world) as w:
        s = w.boot(t)
        for left in reversed(range(TRIES)):
            s, got = ask(t, s, PING, {"Host": host, "NumberOfRepetitions": 12, "Timeout": 2000})
            text = w.ask("ping", "-n", "-i", "0.1", "-W", "2", "-c", "12", host)
            answers = int(re.search(r"(\d+) received", text).group(1))
            average = float(re.search(r"= [\d.]+/([\d.]+)/", text).group(1)) * 1000
            mean = int(got["AverageResponseTimeDetailed"])
            same((got["DiagnosticsState"], got["SuccessCount"], got["FailureCount"]),
                 ("Complete", str(answers), str(12 - answers)), "counts")
            same(got["IPAddressUsed"], ours_for(host), "IPAddressUsed")
            if close(mean, average):
                break
            true(left, "average of %d us where ping says %.0f" % (mean, average))
        s.end()


def T125_ipping_agrees_with_ping_over_a_slow_path_with_loss(t):
    pings(t, HOST, delay=20, drop=4)


def T125_ipping_agrees_with_ping_over_ipv6_and_a_slow_path(t):
    pings(t, HOST6, delay=20, drop=5)


def T125_ipping_agrees_with_ping_over_a_cable(t):
    pings(t, FIRST)


def hops(got):
    """[(address, code, times)] of RouteHops."""
    out = []
    for i in range(1, int(got["RouteHopsNumberOfEntries"]) + 1):
        row = "RouteHops.%d." % i
        out.append((got[row + "Host"], int(got[row + "ErrorCode"]),
                    [int(x) for x in got[row + "RTTimes"].split(",")]))
        same(got[row + "HostAddress"], "", "HostAddress")
    return out


def theirs(text):
    """The same of traceroute's output, times in milliseconds with fractions."""
    out = []
    for line in text.splitlines()[1:]:
        words = line.split()
        address = [x for x in words[1:] if re.match(r"[0-9a-f]*[.:]", x) and "ms" not in x
                   and not re.match(r"\d+\.\d+$", x)]
        out.append((address[0] if address else "",
                    [float(x) for x in re.findall(r"([\d.]+) ms", line)]))
    return out


def mean(times):
    return sum(times) / len(times) if times else 0


def traces(t, host, way, *options):
    with Path(delay=15) as w:
        s = w.boot(t)
        for left in reversed(range(TRIES)):
            s, got = ask(t, s, TRACE, {"Host": host, "Timeout": 5000})
            same((got["DiagnosticsState"], got["IPAddressUsed"]), ("Complete", ours_for(host)),
                 "state, IPAddressUsed")
            text = w.ask("traceroute", "-I", "-n", "-q", "3", "-N", "1", "-w", "5", *options, host)
            ours, other = hops(got), theirs(text)
            same([x[0] for x in ours], way, "hops")
            same([x[0] for x in other], way, "traceroute's hops: " + text)
            same([(len(x[2]), x[1]) for x in ours], [(3, 0)] * 3, "tries and codes")
            same([len(x[1]) for x in other], [3] * 3, "traceroute's tries")
            # Whole milliseconds, and at least 1: half of one is lost in each.
            if all(close(mean(a[2]), max(1, mean(b[1])), 0.5) for a, b in zip(ours, other)):
                break
            true(left, "%r where traceroute says %s" % (ours, text))
        true(close(int(got["ResponseTime"]), mean(ours[-1][2]), 1), "ResponseTime")
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")


def T129_traceroute_agrees_with_traceroute(t):
    traces(t, HOST, [FIRST, SECOND, HOST])


def T129_traceroute_over_ipv6(t):
    traces(t, HOST6, [FIRST6, "fd81:1::2", HOST6], "-6")


def T129_ends_that_are_not_the_host(t):
    with Path() as w:
        s = w.boot(t)
        s, got = ask(t, s, TRACE, {"Host": "10.81.8.1", "Timeout": 3000, "NumberOfTries": 2})
        same((got["DiagnosticsState"], got["ResponseTime"]), ("Error_NoRouteToHost", "0"),
             "unreachable")
        same([x[:2] for x in hops(got)], [(FIRST, 0), (SECOND, 1)], "hops, and host unreachable")
        s, got = ask(t, s, TRACE, {"Host": "fd81:8::1"})
        same(got["DiagnosticsState"], "Error_NoRouteToHost", "unreachable, IPv6")
        s, got = ask(t, s, TRACE, {"Host": "10.81.9.1", "MaxHopCount": 4, "Timeout": 100,
                                   "NumberOfTries": 1})
        same(got["DiagnosticsState"], "Error_MaxHopCountExceeded", "silence")
        same(hops(got)[2:], [("", 0, [0]), ("", 0, [0])], "silent hops")
        s, got = ask(t, s, TRACE, {"Host": HOST, "MaxHopCount": 2})
        same(got["DiagnosticsState"], "Error_MaxHopCountExceeded", "too far")
        w.ip(w.gw, "route del default")
        s.set({TRACE + "DSCP": 0})
        same((s.value(TRACE + "DiagnosticsState"), s.value(TRACE + "RouteHopsNumberOfEntries")),
             ("None", "0"), "after an input was written")
        s, got = ask(t, s, TRACE, {"Host": "192.0.2.1"})
        same(got["DiagnosticsState"], "Error_NoRouteToHost", "no route at all")
        s.end()


def T129_hostile_inputs_end_in_an_error(t):
    with Path() as w:
        w.dnsmasq("--address=/#/")
        s = w.boot(t, settings={"probe.allow_private": "no", "probe.allow_loopback": "no"})
        for host, state in ((";x", "CannotResolveHostName"), ("-f", "CannotResolveHostName"),
                            ("x" * 256, "CannotResolveHostName"),
                            ("$(id)", "CannotResolveHostName"),
                            ("nothing.invalid", "CannotResolveHostName"), (HOST, "Other"),
                            ("127.0.0.1", "Other"), ("224.0.0.1", "Other"), ("ff02::1", "Other"),
                            ("::ffff:10.81.2.2", "Other"), ("0.0.0.0", "Other")):
            s, got = ask(t, s, TRACE, {"Host": host, "Timeout": 100})
            same(got["DiagnosticsState"], "Error_" + state, "state for %.20r" % host)
            same(got["RouteHopsNumberOfEntries"], "0", "hops")
        fault(9003, s.set, {TRACE + "Host": "x" * 1024})
        fault(9003, s.set, {TRACE + "MaxHopCount": 65})
        fault(9003, s.set, {TRACE + "NumberOfTries": 4})
        s.end()


def T128_two_diagnoses_run_one_after_the_other(t):
    with Path() as w:
        s = w.boot(t)
        s.set({PING_HOST: HOST, COUNT: 3, STATE: "Requested", TRACE + "Host": HOST,
               TRACE + "DiagnosticsState": "Requested"})
        s.end()
        told, states = 0, []
        while "Requested" in (states or ["Requested"]):
            s = t.server.session()
            same(s.inform.codes, [DONE], "events")
            told += 1
            states = [s.value(STATE), s.value(TRACE + "DiagnosticsState")]
            s.end()
        same(states, ["Complete", "Complete"], "states")
        true(told <= 2 and t.server.quiet(0.5), "an end is told twice")


SELECT = "Device.IP.Diagnostics.ServerSelectionDiagnostics."


def T128_server_selection_finds_the_nearest(t):
    with Path(delay=50) as w:
        w.dnsmasq("--local=/#/", "--host-record=near.example.net," + FIRST,
                  "--host-record=far.example.net," + HOST)
        s = w.boot(t, settings={"probe.allow_loopback": "no"})
        for order in ("far.example.net,near.example.net", "near.example.net,far.example.net",
                      "nothing.example.net,127.0.0.1,%s,near.example.net,10.81.9.1" % SECOND):
            s, got = ask(t, s, SELECT, {"HostList": order, "NumberOfRepetitions": 3,
                                        "Timeout": 1000})
            same((got["DiagnosticsState"], got["FastestHost"], got["IPAddressUsed"]),
                 ("Complete", "near.example.net", ours_for(FIRST)), "of " + order)
            low, mid, high = (int(got[x + "ResponseTime"])
                              for x in ("Minimum", "Average", "Maximum"))
            true(0 < low <= mid <= high, "times %d %d %d" % (low, mid, high))
        for hosts, state, what in (("10.81.9.1", "Complete", "nobody answers"),
                                   (";x,-f", "Error_CannotResolveHostName", "no names"),
                                   ("", "Error_CannotResolveHostName", "no hosts"),
                                   ("127.0.0.1,224.0.0.1", "Error_Other", "not allowed")):
            s, got = ask(t, s, SELECT, {"HostList": hosts})
            same((got["DiagnosticsState"], got["FastestHost"], got["AverageResponseTime"],
                  got["IPAddressUsed"]), (state, "", "0", ""), what)
        fault(9003, s.set, {SELECT + "HostList": ",".join(["a"] * 11)})
        fault(9003, s.set, {SELECT + "HostList": "x" * 1024})
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")
