# SPDX-License-Identifier: Apache-2.0
"""Periodic Inform: TESTPLAN rows 101 to 103."""

import time

from harness import MS, Failed, Skipped, clock_is_set, same, true
from wire import Reply

ENABLE, INTERVAL, PHASE = (MS + "PeriodicInform" + x for x in ("Enable", "Interval", "Time"))


def utc(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def calm(t):
    """No Inform any more, but for one that had been due before this was set."""
    if not t.server.quiet(1.6):
        t.server.session().end()
        true(t.server.quiet(1.6), "a periodic Inform that nobody wants")


def in_phase(t, reference):
    """Informs come every 2 s, and not before their time. One at least is not disturbed by what
    else the machine does."""
    for _ in range(8):
        s = t.server.wait_session()
        off = (time.time() - reference) % 2
        same(s.inform.codes, ["2 PERIODIC"], "events")
        s.begin().end()
        if off < 0.4 or off > 1.9:
            return
    raise Failed("%.2f s off the phase" % off)


def T101_periodic_inform_is_enabled_by_the_acs_and_disabled_again(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    for _ in range(2):
        s = t.server.session()
        same(s.inform.codes, ["2 PERIODIC"], "events")
        if _ == 0:
            s.end()
    s.set({ENABLE: False})
    s.end()
    calm(t)


def T101_periodic_inform_survives_a_restart(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    t.gw.restart()
    same(t.server.session().end().inform.codes, ["2 PERIODIC"], "events")


def phase_counts():
    """Without absolute time there is a free phase only."""
    if not clock_is_set():
        raise Skipped("this machine's clock is not synchronized")


def T102_periodic_inform_keeps_to_the_phase(t):
    phase_counts()
    s = t.boot()
    reference = int(time.time()) - 3600
    s.set([(ENABLE, True), (INTERVAL, 2), (PHASE, utc(reference), "xsd:dateTime")])
    s.end()
    in_phase(t, reference)
    in_phase(t, reference)


def T102_reference_in_the_future_gives_the_same_phase(t):
    phase_counts()
    s = t.boot()
    reference = int(time.time()) + 100001
    s.set([(ENABLE, True), (INTERVAL, 2), (PHASE, utc(reference), "xsd:dateTime")])
    s.end()
    in_phase(t, reference)


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
    s = t.server.session()
    same(s.inform.codes, ["2 PERIODIC"], "events")
    s.set({INTERVAL: 3600})
    s.end()
    calm(t)


def T021_missed_periods_merge_into_one_event(t):
    s = t.boot()
    s.set({ENABLE: True, INTERVAL: 1})
    s.end()
    t.server.next_replies(Reply(503), Reply(503), Reply(503))
    s = t.server.session()
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
