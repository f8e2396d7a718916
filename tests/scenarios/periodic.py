# SPDX-License-Identifier: Apache-2.0
"""Periodic Inform: TESTPLAN rows 101 to 103."""

import time

from harness import MS, Skipped, clock_is_set, same, true, within
from wire import Reply

ENABLE, INTERVAL, PHASE = (MS + "PeriodicInform" + x for x in ("Enable", "Interval", "Time"))


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def T101_periodic_inform_is_enabled_by_the_acs_and_disabled_again(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    for _ in range(2):
        s = t.server.session(2.5)
        same(s.inform.codes, ["2 PERIODIC"], "events")
        if _ == 0:
            s.end()
    s.set({ENABLE: False})
    s.end()
    true(t.server.quiet(1.6), "a periodic Inform although it is disabled")


def T101_periodic_inform_survives_a_restart(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    t.gw.restart()
    same(t.server.session(3).end().inform.codes, ["2 PERIODIC"], "events")


def phase_counts():
    """Without absolute time there is a free phase only."""
    if not clock_is_set():
        raise Skipped("this machine's clock is not synchronized")


def T102_periodic_inform_keeps_to_the_phase(t):
    phase_counts()
    s = t.boot()
    # a reference half a second off the full second, long ago
    reference = int(time.time()) - 3600
    s.set([(ENABLE, True), (INTERVAL, 2), (PHASE, utc(reference), "xsd:dateTime")])
    s.end()
    for _ in range(2):
        s = t.server.session(4)
        same(s.inform.codes, ["2 PERIODIC"], "events")
        off = (time.time() - reference) % 2
        s.end()
        within(off if off < 1 else off - 2, -0.15, 0.6, "seconds off the phase")


def T102_reference_in_the_future_gives_the_same_phase(t):
    phase_counts()
    s = t.boot()
    reference = int(time.time()) + 100001
    s.set([(ENABLE, True), (INTERVAL, 2), (PHASE, utc(reference), "xsd:dateTime")])
    s.end()
    s = t.server.session(4).end()
    off = (time.time() - reference) % 2
    within(off if off < 1 else off - 2, -0.15, 0.7, "seconds off the phase")


def T102_time_of_1970_with_milliseconds_is_taken_and_given_back(t):
    s = t.boot()
    value = "1970-01-01T00:17:36.000Z"
    s.set([(PHASE, value, "xsd:dateTime")])
    same(s.value(PHASE), value, "PeriodicInformTime")
    s.end()


def T103_new_interval_applies_at_once(t):
    s = t.boot(factory={ENABLE: "true", INTERVAL: "3600"})
    s.set({INTERVAL: 1})
    s.end()
    start = time.monotonic()
    s = t.server.session(2.5)
    same(s.inform.codes, ["2 PERIODIC"], "events")
    within(time.monotonic() - start, 0, 1.6, "seconds to the first Inform")
    s.set({INTERVAL: 3600})
    s.end()
    true(t.server.quiet(1.5), "the short interval still counts")


def T021_missed_periods_merge_into_one_event(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    t.server.next_replies(Reply(503), Reply(503), Reply(503))
    s = t.server.session(8)
    same(s.inform.codes, ["2 PERIODIC"], "events after three failed sessions")
    s.set({ENABLE: False})
    s.end()


def C12_interval_set_in_every_session_starts_no_loop(t):
    s = t.boot()
    for _ in range(3):
        s.set({ENABLE: True, INTERVAL: 300})
        s.end()
        true(t.server.quiet(0.4), "setting the interval started a session")
        s = t.again()
    s.end()
