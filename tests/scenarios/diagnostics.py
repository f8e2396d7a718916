# SPDX-License-Identifier: Apache-2.0
"""Device.IP.Diagnostics.IPPing.: TESTPLAN rows 125 to 128. The probe role is in its sandbox."""

import contextlib
import ctypes
import re
import socket
import subprocess
import time

from harness import MS, Skipped, fault, same, true, until
from path import Path
from wire import Reply

PING = "Device.IP.Diagnostics.IPPing."
STATE, HOST, COUNT = PING + "DiagnosticsState", PING + "Host", PING + "NumberOfRepetitions"
DONE = "8 DIAGNOSTICS COMPLETE"
# Reserved for documentation (RFC 5737). Sent over lo it leaves no machine, and nobody answers.
NOWHERE = "203.0.113.1"


def request(s, host, count=3, **more):
    values = {HOST: host, COUNT: count, STATE: "Requested"}
    values.update({PING + k: v for k, v in more.items()})
    s.set(values)


def loopback(s):
    rows = s.get("Device.IP.Interface.")
    return next(k[:-len(".Name")] for k, v in rows.items() if k.endswith(".Name") and v == "lo")


def silence(s, count, timeout):
    """A test that nobody answers."""
    request(s, NOWHERE, count, Timeout=timeout, Interface=loopback(s))


def results(s):
    return {k[len(PING):]: v for k, v in s.get(PING).items()}


def done(t, codes=None):
    """The session that tells the end, and what it tells."""
    s = t.server.session()
    same(s.inform.codes, codes or [DONE], "events")
    return s, results(s)


def ipv6():
    try:
        with socket.socket(socket.AF_INET6) as s:
            s.bind(("::1", 0))
    except OSError:
        raise Skipped("no IPv6 on the loopback here") from None


def iputils(host, count):
    """Answers, least and average microseconds, by somebody else's program."""
    out = subprocess.run(["ping", "-n", "-i", "0.1", "-c", str(count), host], text=True,
                         stdout=subprocess.PIPE, check=False).stdout
    answers = int(re.search(r"(\d+) received", out).group(1))
    return (answers, *(float(x) * 1000 for x in
                       re.search(r"= ([\d.]+)/([\d.]+)/", out).groups()))


@contextlib.contextmanager
def only_loopback():
    """Whatever this thread starts has no network but lo."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open("/proc/thread-self/ns/net", "rb") as home:
        if libc.unshare(0x40000000):            # CLONE_NEWNET
            raise Skipped("no network namespaces here")
        try:
            subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
            yield
        finally:
            libc.setns(home.fileno(), 0)


def close(ours, theirs, slack=50):
    """5 percent or 50 microseconds."""
    return abs(ours - theirs) <= max(0.05 * theirs, slack)


def agrees(t, host):
    """A busy machine may delay one program and not the other: three tries."""
    s = t.boot()
    for left in reversed(range(10)):       # a busy machine disturbs many
        request(s, host, 8)
        same(s.value(STATE), "Requested", "state in the session that asks")
        s.end()
        s, got = done(t)
        same(got["DiagnosticsState"], "Complete", "state")
        answers, least, average = iputils(host, 8)
        same((int(got["SuccessCount"]), int(got["FailureCount"])), (answers, 8 - answers),
             "counts")
        low, mean, high = (int(got[x + "ResponseTimeDetailed"])
                           for x in ("Minimum", "Average", "Maximum"))
        true(0 < low <= mean <= high, "%d, %d, %d us" % (low, mean, high))
        for x, us in (("Minimum", low), ("Average", mean), ("Maximum", high)):
            same(int(got[x + "ResponseTime"]), (us + 500) // 1000, x + "ResponseTime")
        if close(low, least) and close(mean, average):
            break
        true(left, "%d and %d us where ping says %.0f and %.0f" % (low, mean, least, average))
    s.end()
    true(t.server.quiet(0.5), "the end is told twice")


def T125_ipping_counts_what_ping_counts(t):
    agrees(t, "127.0.0.1")


def T125_ipping_over_ipv6(t):
    ipv6()
    agrees(t, "::1")


def T125_protocol_version_chooses_the_address(t):
    ipv6()
    s = t.boot()
    request(s, "127.0.0.1", 1, ProtocolVersion="IPv6")
    s.end()
    s, got = done(t)
    same(got["DiagnosticsState"], "Error_CannotResolveHostName", "IPv4 address, IPv6 wanted")
    request(s, "127.0.0.1", 1, ProtocolVersion="IPv4")
    s.end()
    s, got = done(t)
    same((got["DiagnosticsState"], got["SuccessCount"]), ("Complete", "1"), "state")
    s.end()


def T125_interface_is_where_it_leaves(t):
    s = t.boot()
    request(s, "127.0.0.1", 2, Interface=loopback(s))
    s.end()
    s, got = done(t)
    same((got["DiagnosticsState"], got["SuccessCount"]), ("Complete", "2"), "over lo")
    request(s, "127.0.0.1", 2, Interface="Device.IP.Interface.4000")
    s.end()
    s, got = done(t)
    same((got["DiagnosticsState"], got["SuccessCount"]), ("Error_Other", "0"), "over none")
    s.end()


def T125_no_answer_is_counted_and_averages_are_zero(t):
    s = t.boot()
    silence(s, 2, 50)
    s.end()
    s, got = done(t)
    same(got["DiagnosticsState"], "Complete", "state")
    same((got["SuccessCount"], got["FailureCount"]), ("0", "2"), "counts")
    same([v for k, v in got.items() if "ResponseTime" in k], ["0"] * 6, "times")
    s.end()


def T126_unresolvable_host_is_an_error_and_told(t):
    with Path() as w:
        w.dnsmasq()
        s = w.boot(t)
        request(s, "nothing.example.net")
        s.end()
        s, got = done(t)
        same(got["DiagnosticsState"], "Error_CannotResolveHostName", "state")
        same((got["SuccessCount"], got["AverageResponseTime"]), ("0", "0"), "results")
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")


def T126_address_that_the_operator_does_not_allow(t):
    s = t.boot(settings={"probe.allow_loopback": "no"})
    request(s, "127.0.0.1")
    s.end()
    s, got = done(t)
    same(got["DiagnosticsState"], "Error_Other", "state")
    s.end()


def T126_no_route_to_the_host(t):
    with only_loopback():
        s = t.boot()
        request(s, "198.51.100.1", 2)
        s.end()
        s, got = done(t)
        same((got["DiagnosticsState"], got["SuccessCount"], got["FailureCount"]),
             ("Error_NoRouteToHost", "0", "2"), "results")
        s.end()


def T126_more_than_the_box_does(t):
    s = t.boot()
    for more in ({"NumberOfRepetitions": 1001}, {"Timeout": 60001}, {"DataBlockSize": 65508}):
        request(s, "127.0.0.1", Timeout=1000, DataBlockSize=56)
        s.set({PING + k: v for k, v in more.items()})
        s.set({STATE: "Requested"})
        s.end()
        s, got = done(t)
        same(got["DiagnosticsState"], "Error_Other", "state with %r" % more)
    s.end()


def T127_end_goes_along_with_a_periodic_inform(t):
    s = t.boot()
    request(s, "127.0.0.1", 2)
    s.end()
    s = t.server.wait_session()
    s.reply(Reply(500))
    t.server.forget(s)
    t.gw.ctl("inform")
    s = t.server.session()
    same(sorted(s.inform.codes), ["2 PERIODIC", DONE], "events")
    same((s.value(STATE), s.value(PING + "SuccessCount")), ("Complete", "2"), "results")
    s.set({MS + "PeriodicInformInterval": 1, MS + "PeriodicInformEnable": True})
    s.end()
    s = t.server.session()
    same(s.inform.codes, ["2 PERIODIC"], "events")
    same((s.value(STATE), s.value(PING + "SuccessCount")), ("Complete", "2"), "results, later")
    s.end()


def T127_test_goes_on_through_a_periodic_inform(t):
    s = t.boot()
    s.set({MS + "PeriodicInformInterval": 1, MS + "PeriodicInformEnable": True})
    request(s, "127.0.0.1", 16)
    s.end()
    codes, state = [], ""
    while DONE not in codes and len(codes) < 6:
        s = t.server.session()
        state = s.value(STATE)
        same(state, "Complete" if DONE in s.inform.codes else "Requested", "state")
        codes += s.inform.codes
        s.end()
    true("2 PERIODIC" in codes and codes.count(DONE) == 1, "events: %s" % codes)


def T128_only_requested_and_canceled_can_be_written(t):
    s = t.boot()
    same(s.value(STATE), "None", "state at first")
    for value in ("None", "Complete", "Error", "Error_Internal", "requested", ""):
        fault(9003, s.set, {STATE: value})
        same(s.value(STATE), "None", "state after " + value)
    s.set({STATE: "Canceled"})
    same(s.value(STATE), "None", "canceled while nothing runs")
    s.end()
    true(t.server.quiet(0.5), "a session for nothing")


def T128_writing_an_input_resets_and_stops(t):
    s = t.boot()
    request(s, "127.0.0.1", 1)
    s.end()
    s, got = done(t)
    same(got["DiagnosticsState"], "Complete", "state")
    s.set({PING + "DSCP": 8})
    same(s.value(STATE), "None", "after an input was written")
    silence(s, 100, 1000)
    s.end()
    s = t.again()
    same(s.value(STATE), "Requested", "while it runs")
    s.set({PING + "DataBlockSize": 64})
    same(s.value(STATE), "None", "after an input was written")
    s.end()
    true(t.server.quiet(1.5), "a stopped test was told")


def T128_requested_while_running_begins_anew(t):
    s = t.boot()
    silence(s, 1000, 1000)
    s.end()
    s = t.again()
    request(s, "127.0.0.1", 4)
    s.set({STATE: "Requested"})
    s.end()
    s, got = done(t)
    same((got["DiagnosticsState"], got["SuccessCount"], got["FailureCount"]),
         ("Complete", "4", "0"), "results")
    s.end()
    true(t.server.quiet(1.2), "the first test was told too")


def T128_canceled_ends_it_without_an_event(t):
    s = t.boot()
    silence(s, 5, 300)
    s.end()
    s = t.again()
    s.set({STATE: "Canceled"})
    same(s.value(STATE), "None", "state")
    s.end()
    true(t.server.quiet(2.5), "a canceled test was told")
    same(t.gw.value(STATE), "None", "state later")


def T128_test_waits_for_the_end_of_the_session(t):
    s = t.boot()
    request(s, "127.0.0.1", 1)
    time.sleep(0.5)
    same((s.value(STATE), s.value(PING + "SuccessCount")), ("Requested", "0"), "in the session")
    s.end()
    done(t)[0].end()


def T128_local_user_starts_it_at_once(t):
    t.boot().end()
    t.gw.ctl("set", HOST + "=127.0.0.1", COUNT + "=2", STATE + "=Requested")
    s, got = done(t)
    same((got["DiagnosticsState"], got["SuccessCount"]), ("Complete", "2"), "results")
    s.end()


def T128_hostile_hosts_are_only_names(t):
    with Path() as w:
        w.dnsmasq()
        s = w.boot(t)
        until(lambda: "resolver" in t.gw.processes(), "the resolver has its own user")
        before = t.gw.processes()
        for host in (";x", "-f", "127.0.0.1;id", "$(id)", "%s%n", "a" * 256, ".",
                     "\u00e4 \u202e"):
            request(s, host, 1)
            s.end()
            s, got = done(t)
            same(got["DiagnosticsState"], "Error_CannotResolveHostName", "state for %.20r" % host)
        fault(9003, s.set, {HOST: "x" * 1024})
        fault(9003, s.set, {COUNT: 0})
        s.end()
        same(t.gw.processes(), before, "processes")
