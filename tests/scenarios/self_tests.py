# SPDX-License-Identifier: Apache-2.0
"""Device.SelfTestDiagnostics.: what is whole, and what was broken on purpose. TESTPLAN row 128."""

import os

import flashrole
from diagnostics import DONE
from harness import same, true
from images import FlashGateway
from path import Path

SELF = "Device.SelfTestDiagnostics."
STATE, RESULTS = SELF + "DiagnosticsState", SELF + "Results"


def ask(t, s, before=lambda: None):
    """The session that tells of the end, and what was found: {part: how it is}."""
    s.set({STATE: "Requested"})
    before()
    s.end()
    s = t.server.session(20)
    same((s.inform.codes, s.value(STATE)), ([DONE], "Complete"), "events, state")
    count, *parts = s.value(RESULTS).split("; ")
    found = dict(part.split(" ", 1) for part in parts)
    good = [how for how in found.values() if not how.startswith("FAILED: ")]
    same(count, "%d of %d passed" % (len(good), len(found)), "sum")
    return s, found


def T128_self_test_of_a_box_that_is_whole(t):
    with Path() as w:
        s, found = ask(t, w.boot(t))
        same(found, {"store": "ok", "probe": "ok", "dialer": "name servers: 1"}, "results")
        s.set({STATE: "Canceled"})
        same((s.value(STATE), s.value(RESULTS)), ("None", ""), "canceled")
        s.end()
        true(t.server.quiet(0.5), "the end is told twice")


def T128_self_test_finds_a_store_that_takes_nothing(t):
    s = t.boot()
    try:
        s, found = ask(t, s, lambda: os.chmod(t.gw.state, 0o500))
    finally:
        os.chmod(t.gw.state, 0o700)
    same(found["store"], "FAILED: Permission denied", "results")
    s, found = ask(t, s)
    same(found["store"], "ok", "results when it does again")
    s.end()


def T128_self_test_finds_an_image_that_failed(t):
    gw = FlashGateway(t.acs().url)
    t.gateways.append(gw)
    t.gw, role = gw, flashrole.FlashRole()
    gw.fit(role)
    gw.start()
    s, found = ask(t, t.server.session())
    same(found["flash"], "slot A runs, verified", "results")
    role.trial = flashrole.WENT_BACK
    s, found = ask(t, s)
    same(found["flash"], "FAILED: slot A runs, verified, the other failed", "results")
    s.end()
