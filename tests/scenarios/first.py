# SPDX-License-Identifier: Apache-2.0
"""The first session of a boot (inform.random_delay), and what is kept of the time."""

import signal
import time

from harness import clock_is_set, same, true, until, within

DELAY = {"inform.random_delay": "2"}


def due(gw):
    """Seconds until the first session, as the store has it."""
    boot, at = gw.stored()["@first"].decode().split()
    with open(gw.boot_id) as f:
        same(boot, f.read().strip(), "boot of the record")
    return int(at) / 1000 - time.clock_gettime(time.CLOCK_MONOTONIC)


def held(t):
    """A gateway that waits for at least half a second; chance decides, so the box boots again."""
    t.acs()
    gw = t.gateway(settings=DELAY)
    gw.wait_up()
    for _ in range(12):
        if due(gw) > 0.5:
            return gw
        gw.reboot(signal.SIGKILL)
        gw.wait_up()
    true(False, "twelve boots without a wait over half a second")


def T025_the_first_inform_after_a_power_cut_waits_as_chance_has_it(t):
    gw = held(t)
    left = due(gw)
    within(left, 0.5, 2, "seconds to wait")
    start = time.monotonic()
    s = t.server.wait_session(4)
    true("1 BOOT" in s.inform.codes, "events")
    within(time.monotonic() - start, left - 0.1, left + 0.5, "seconds until the Inform")
    s.begin().end()


def T025_a_restart_of_the_agent_does_not_wait_anew(t):
    gw = held(t)
    before = gw.stored()["@first"]
    gw.restart(signal.SIGKILL)
    gw.wait_up()
    same(gw.stored()["@first"], before, "when the first session is due")
    t.server.session(4).end()
    gw.restart(signal.SIGKILL)
    gw.wait_up()
    start = time.monotonic()
    gw.ctl("inform")
    t.server.session(4).end()
    within(time.monotonic() - start, 0, 0.5, "seconds until an Inform that somebody asked for")


def T105_a_connection_request_does_not_wait_for_the_first_session(t):
    gw = held(t)
    import connreq
    from harness import CONNREQ
    url = gw.connreq_url(2)
    start = time.monotonic()
    true(connreq.digest(url, *CONNREQ).status in (200, 204), "the request is refused")
    s = t.server.wait_session(4)
    within(time.monotonic() - start, 0, 0.4, "seconds until the Inform")
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
