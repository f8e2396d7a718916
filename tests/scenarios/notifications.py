# SPDX-License-Identifier: Apache-2.0
"""Value changes: TESTPLAN rows 15 to 19. The local socket is "somebody else than the ACS"."""

import time

from harness import MS, PROVISIONING, no_sooner, same, true
from wire import Reply

USER = MS + "ConnectionRequestUsername"
CHANGE = "4 VALUE CHANGE"


def change(t, name, value):
    t.gw.ctl("set", name, value)


def T015_active_notification_starts_a_session(t):
    s = t.boot(factory={MS + "DefaultActiveNotificationThrottle": "0"})
    s.end()
    change(t, PROVISIONING, "by hand")
    s = t.server.session()
    same(s.inform.codes, [CHANGE], "events")
    same(s.inform.params[PROVISIONING], "by hand", "value in the Inform")
    s.end()
    true(t.server.quiet(0.5), "the change was reported twice")


def T015_throttle_delays_it(t):
    s = t.boot()
    s.set({MS + "DefaultActiveNotificationThrottle": 2})
    s.end()
    start = time.monotonic()
    change(t, PROVISIONING, "one")
    change(t, PROVISIONING, "two")
    s = t.server.session()
    no_sooner(start, 2, "the session")
    same((s.inform.codes, s.inform.params[PROVISIONING]), ([CHANGE], "two"), "events and value")
    s.end()


def T016_passive_notification_goes_with_the_next_session(t):
    s = t.boot()
    s.set_attributes([(USER, 1, None)])
    s.end()
    change(t, USER, "cr-user-2")
    true(t.server.quiet(0.7), "a session for a passive notification")
    t.gw.reboot()
    s = t.server.session()
    true(CHANGE in s.inform.codes or s.inform.codes == ["1 BOOT"], "events")
    s.end()


def T016_without_notification_nothing_is_reported(t):
    t.boot().end()
    change(t, USER, "cr-user")
    change(t, MS + "PeriodicInformInterval", "999")
    true(t.server.quiet(0.5), "a session for a change without notification")
    s = t.again()
    true(MS + "PeriodicInformInterval" not in s.inform.params, "it is in the Inform")
    s.end()


def T018_changed_and_changed_back_is_reported(t):
    s = t.boot()
    s.set_attributes([(MS + "PeriodicInformInterval", 1, None)])
    before = s.value(MS + "PeriodicInformInterval")
    s.end()
    change(t, MS + "PeriodicInformInterval", "4242")
    change(t, MS + "PeriodicInformInterval", before)
    t.knock()
    s = t.server.session()
    same(sorted(s.inform.codes), [CHANGE, "6 CONNECTION REQUEST"], "events")
    same(s.inform.params.get(MS + "PeriodicInformInterval"), before, "value in the Inform")
    s.end()


def T019_value_change_is_not_lost_by_a_failed_session(t):
    t.boot(factory={MS + "DefaultActiveNotificationThrottle": "0"}).end()
    change(t, PROVISIONING, "by hand")
    s = t.server.wait_session()
    s.reply(Reply(500))
    t.server.forget(s)
    s = t.server.session()
    same((s.inform.codes, s.inform.params[PROVISIONING]), ([CHANGE], "by hand"), "events")
    s.end()
