# SPDX-License-Identifier: Apache-2.0
"""The first session of a boot (inform.random_delay), and what is kept of the time."""

import signal
import time

import connreq
from harness import CONNREQ, clock_is_set, no_sooner, same, true, until, within

SHORT, LONG = ({"inform.random_delay": n} for n in ("2", "3600"))


def due(gw):
    """Seconds until the first session, as the store has it."""
    boot, at = gw.stored()["@first"].decode().split()
    with open(gw.boot_id) as f:
        same(boot, f.read().strip(), "boot of the record")
    return int(at) / 1000 - time.clock_gettime(time.CLOCK_MONOTONIC)


def held(t, delay, least):
    """A gateway that waits for so many seconds; chance decides, so the box boots again."""
    t.acs()
    gw = t.gateway(settings=delay)
    gw.wait_up()
    for _ in range(20):
        if due(gw) > least:
            while not t.server.sessions.empty():    # of a boot whose wait was too short
                t.server.sessions.get()
            return gw
        gw.reboot(signal.SIGKILL)
        gw.wait_up()
    true(False, "twenty boots without a wait over %g s" % least)


def T025_the_first_inform_after_a_power_cut_waits_as_chance_has_it(t):
    gw = held(t, SHORT, 0.3)
    start, left = time.monotonic(), due(gw)
    true(left < 2, "%.2f s to wait" % left)
    s = t.server.wait_session()
    true("1 BOOT" in s.inform.codes, "events")
    no_sooner(start, left - 0.1, "the Inform")
    s.begin().end()


def T025_a_restart_of_the_agent_does_not_wait_anew(t):
    gw = held(t, LONG, 120)
    before = gw.stored()["@first"]
    gw.restart(signal.SIGKILL)
    gw.wait_up()
    same(gw.stored()["@first"], before, "when the first session is due")
    true(t.server.quiet(0.5), "a session before it is due")
    gw.ctl("inform")
    s = t.server.session().end()
    true("1 BOOT" in s.inform.codes, "events are %s" % s.inform.codes)
    gw.restart(signal.SIGKILL)
    gw.wait_up()
    gw.ctl("inform")
    t.server.session().end()


def T105_a_connection_request_does_not_wait_for_the_first_session(t):
    gw = held(t, LONG, 120)
    url = gw.connreq_url(30)
    true(connreq.digest(url, *CONNREQ).status in (200, 204), "the request is refused")
    s = t.server.wait_session()
    true("6 CONNECTION REQUEST" in s.inform.codes, "events are %s" % s.inform.codes)
    s.begin().end()


def T103_the_time_is_kept_when_it_is_known(t):
    t.boot().end()
    t.gw.ctl("status")
    kept = t.gw.stored().get("@keep.time")
    if clock_is_set():
        within(int(kept), time.time() - 60, time.time() + 1, "the time that is kept")
        until(t.gw.running, "agent runs")
    else:
        same(kept, None, "the time that is kept, of a clock that is not set")
