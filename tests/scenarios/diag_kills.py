# SPDX-License-Identifier: Apache-2.0
"""kill -9 around a diagnosis: what was asked for is done, what was found is kept and told once, as
long as the boot lasts. TESTPLAN rows 127 and 128; SEED and ROUNDS choose."""

import contextlib
import os
import random
import signal
import time

from diagnostics import COUNT, DONE, HOST, PING, STATE, request, results, silence
from harness import LONG, same, true, until
from path import FIRST, HOST as FAR, Path
from speeds import Server
from wire import Reply

SEED = int(os.environ.get("SEED") or 1)
ROUNDS = int(os.environ.get("ROUNDS") or 5)
LOOKUP = "Device.DNS.Diagnostics.NSLookupDiagnostics."
SELECT = "Device.IP.Diagnostics.ServerSelectionDiagnostics."
TRACE = "Device.IP.Diagnostics.TraceRoute."
ECHO = "Device.IP.Diagnostics.UDPEchoDiagnostics."
DOWN = "Device.IP.Diagnostics.DownloadDiagnostics."
BEGUN = "action=ping_start result=done"


def kill(t, role="agent", restart=None):
    """Another agent is there, in the same boot or after `restart`."""
    pid = t.gw.agent.pid
    if restart:
        restart()
    else:
        t.gw.kill(role)
    until(lambda: t.gw.agent.pid != pid, "another agent", LONG)
    t.gw.wait_up()
    true(t.gw.connreq_url(LONG), "it listens")
    for service in t.gw.services():
        service.statuses.clear()        # it was us


def next_inform(t):
    """Of a session that no killed agent had begun; unanswered."""
    while True:
        s = t.server.wait_session(LONG)
        if not s.pending.conn.peer_left():
            return s
        t.server.forget(s)


def ends(t):
    """The session that tells the end, and what it tells."""
    s = next_inform(t)
    same(s.inform.codes, [DONE], "events")
    return s.begin(), results(s)


def runs(t, times=1):
    until(lambda: len(t.log(BEGUN)) >= times, "the test begins", LONG)


def told_once(t, count):
    """One session tells the end; the results of so many repetitions."""
    s, got = ends(t)
    same((got["DiagnosticsState"], got["SuccessCount"], got["FailureCount"]),
         ("Complete", str(count), "0"), "results")
    s.end()
    true(t.server.quiet(0.7), "the end is told twice")


def T128_kill_in_the_session_that_asks(t):
    s = t.boot()
    request(s, "127.0.0.1", 2)
    kill(t)
    t.server.forget(s)
    told_once(t, 2)


def T128_kill_while_it_runs_begins_it_again(t):
    s = t.boot()
    request(s, "127.0.0.1", 15)
    s.end()
    runs(t)
    kill(t)
    same(t.gw.value(STATE), "Requested", "state")
    told_once(t, 15)


def T128_probe_role_dies_and_all_starts_anew(t):
    s = t.boot()
    request(s, "127.0.0.1", 15)
    s.end()
    runs(t)
    kill(t, "probe")
    told_once(t, 15)


def T128_probe_role_dies_before_it_answers_and_all_starts_anew(t):
    s = t.boot()
    t.gw.kill("probe", signal.SIGSTOP)
    request(s, "127.0.0.1", 3)
    s.end()
    time.sleep(0.5)             # the agent asks the role now, or finds out later that it is gone
    kill(t, "probe")
    told_once(t, 3)


def T128_what_ends_the_agent_each_time_is_an_error(t):
    s = t.boot()
    silence(s, 1000, 1000)
    s.end()
    for times in (1, 2):
        runs(t, times)
        same(t.gw.value(STATE), "Requested", "state")
        kill(t)
    s, got = ends(t)
    same((got["DiagnosticsState"], len(t.log(BEGUN))), ("Error_Internal", 2), "state, beginnings")
    request(s, "127.0.0.1", 1)
    s.end()
    told_once(t, 1)


def T127_kill_while_the_end_is_owed(t):
    s = t.boot()
    request(s, "127.0.0.1", 3)
    s.end()
    s = next_inform(t)
    same(s.inform.codes, [DONE], "events")
    kill(t)                             # before it is answered
    t.server.forget(s)
    told_once(t, 3)
    s = t.again()
    request(s, "127.0.0.1", 1)
    s.end()
    s = next_inform(t)
    s.reply(Reply(503))
    t.server.forget(s)
    kill(t)
    told_once(t, 1)


def T127_kill_after_the_end_was_told_keeps_the_results(t):
    s = t.boot()
    request(s, "127.0.0.1", 3)
    s.end()
    s, before = ends(t)
    kill(t)
    t.server.forget(s)
    s = t.again()
    same(results(s), before, "results")
    s.set({PING + "DSCP": 8})
    s.end()
    kill(t)
    same((t.gw.value(STATE), t.gw.value(PING + "SuccessCount")), ("None", "0"), "after a write")
    true(t.server.quiet(0.7), "the end is told again")


def T128_reboot_ends_what_was_asked_for_and_found(t):
    s = t.boot()
    silence(s, 1000, 1000)
    s.end()
    runs(t)
    kill(t, restart=t.gw.reboot)
    s = next_inform(t).begin()
    same(s.inform.codes, ["1 BOOT"], "events")
    same((s.value(STATE), s.value(COUNT)), ("None", "1000"), "state and input")
    request(s, "127.0.0.1", 1, Interface="")
    s.end()
    s = next_inform(t)
    same(s.inform.codes, [DONE], "events")
    kill(t, restart=t.gw.reboot)
    t.server.forget(s)
    s = next_inform(t).begin()
    same(s.inform.codes, ["1 BOOT"], "events")
    same((s.value(STATE), s.value(PING + "SuccessCount"), s.value(HOST)),
         ("None", "0", "127.0.0.1"), "state, results, input")
    s.end()
    true(t.server.quiet(0.7), "the end is told after a reboot")
    same([k for k in t.gw.stored() if k.startswith("@diag.I")], [], "records")


def T128_results_of_each_diagnosis_outlive_the_agent(t):
    with Path() as w, contextlib.closing(Server(w)) as far:
        w.dnsmasq("--local=/#/", "--host-record=host.example.net,10.81.2.2,fd81:2::2")
        s = w.boot(t)
        values = {
            LOOKUP: {"HostName": "host", "NumberOfRepetitions": 3},
            SELECT: {"HostList": "%s,%s" % (FAR, FIRST), "NumberOfRepetitions": 1},
            TRACE: {"Host": FAR, "NumberOfTries": 1},
            ECHO: {"Host": FIRST, "Timeout": 100, "NumberOfRepetitions": 3,
                   "InterTransmissionTime": 10, "EnableIndividualPacketResults": True},
            DOWN: {"DownloadURL": far.url + "90000", "EnablePerConnectionResults": True},
        }
        s.set({path + k: v for path, inputs in values.items()
               for k, v in {**inputs, "DiagnosticsState": "Requested"}.items()})
        s.end()
        states = {}
        while not states or "Requested" in states.values():
            s = next_inform(t).begin()
            same(s.inform.codes, [DONE], "events")
            states = {path: s.value(path + "DiagnosticsState") for path in values}
            before = {path: s.get(path) for path in values}
            s.end()
        same(set(states.values()), {"Complete"}, "states: %r" % states)
        true(t.server.quiet(0.5), "the end is told twice")
        kill(t)
        t.gw.ctl("inform")
        s = next_inform(t).begin()
        for path, values in before.items():
            same(s.get(path), values, path)
        s.end()


def T128_kills_at_random_moments_lose_and_repeat_nothing(t):
    rng = random.Random("%d diagnoses" % SEED)
    s = t.boot()
    for number in range(ROUNDS):
        after, count = rng.uniform(0, 0.7), rng.randrange(1, 5)
        s.set({HOST: "127.0.0.1", COUNT: count, STATE: "Requested"})
        if rng.random() < 0.7:
            s.end()
        time.sleep(after)
        what = "seed %d, round %d" % (SEED, number)
        kill(t, rng.choice(("agent", "agent", "dialer")))
        t.server.forget(s)
        codes = []
        while DONE not in codes:
            s = next_inform(t).begin()
            codes += s.inform.codes
            got = results(s)
            if DONE not in codes:
                s.end()
        same(codes, [DONE], what)
        same((got["DiagnosticsState"], got["SuccessCount"]), ("Complete", str(count)), what)
        s.end()
        true(t.server.quiet(0.3), what + ": the end is told twice")
        s = t.again()
    s.end()
