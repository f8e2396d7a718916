# SPDX-License-Identifier: Apache-2.0
"""Reboot, FactoryReset, ScheduleInform: TESTPLAN rows 98 to 100, 104, 86, 87, 20."""

import time

import soap
from harness import MS, PROVISIONING, fault, no_sooner, same, true


def T098_reboot_is_answered_first_and_told_after(t):
    s = t.boot()
    s.call(soap.reboot("reboot-key"))
    s.end()
    s = t.server.session()
    same(sorted(s.inform.events), [("1 BOOT", ""), ("M Reboot", "reboot-key")], "events")
    s.end()
    t.gw.reboot()
    same(t.server.session().end().inform.codes, ["1 BOOT"], "events after one more reboot")


def T099_reboot_waits_for_the_end_of_the_session(t):
    s = t.boot()
    s.call(soap.reboot("k"))
    time.sleep(0.5)
    same(s.value(PROVISIONING), "", "the session goes on")
    s.set({PROVISIONING: "after the reboot call"})
    s.end()
    s = t.server.session()
    same(s.value(PROVISIONING), "after the reboot call", "value")
    s.end()


def T020_two_reboots_with_different_keys_are_kept_apart(t):
    s = t.boot()
    s.call(soap.reboot("one"))
    s.call(soap.reboot("two"))
    s.end()
    s = t.server.session()
    same(sorted(s.inform.events), [("1 BOOT", ""), ("M Reboot", "one"), ("M Reboot", "two")],
         "events")
    s.end()


def T086_non_ascii_characters_in_command_key(t):
    s = t.boot()
    s.call(soap.reboot("\u00e4<&>\"'"))
    s.end()
    s = t.server.session()
    true(("M Reboot", "\u00e4<&>\"'") in s.inform.events, "events %s" % s.inform.events)
    s.end()


def T087_multi_byte_characters_in_command_key(t):
    s = t.boot()
    fault(9003, s.call, soap.reboot("\u20ac" * 33))
    s.call(soap.reboot("\u20ac" * 32))
    s.end()
    s = t.server.session()
    true(("M Reboot", "\u20ac" * 32) in s.inform.events, "events %s" % s.inform.events)
    s.end()


def T100_factory_reset(t):
    s = t.boot(factory={PROVISIONING: "label"})
    s.set({PROVISIONING: "changed", MS + "PeriodicInformInterval": 77}, "key")
    row = s.add("Device.WiFi.SSID.")
    s.call(soap.factory_reset())
    s.end()
    s = t.server.session()
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
    same(s.inform.params[PROVISIONING], "label", "ProvisioningCode")
    same(s.inform.params[MS + "ParameterKey"], "", "ParameterKey")
    true(s.value(MS + "PeriodicInformInterval") != "77", "PeriodicInformInterval")
    true("Device.WiFi.SSID.%d." % row not in s.names("Device.WiFi.SSID.", True), "the row stayed")
    s.end()


def T100_factory_reset_returns_to_the_label(t):
    ssid = "Device.WiFi.SSID.1.SSID"
    key = "Device.WiFi.AccessPoint.1.Security.KeyPassphrase"
    label = {ssid: "label-net", key: "label passphrase"}
    s = t.boot(factory=dict(label, **{"Device.WiFi.AccessPoint.1.SSIDReference":
                                      "Device.WiFi.SSID.1"}))
    same(s.value(ssid), "label-net", "SSID of the label")
    s.set({ssid: "changed", key: "another passphrase"})
    s.call(soap.factory_reset())
    s.end()
    s = t.server.session()
    same(s.get(ssid, key), {ssid: "label-net", key: ""}, "after the reset")
    s.end()
    stored = t.gw.stored()
    same([k for k in stored if k in (ssid, key)], [], "of the label in the state")
    true(b"another passphrase" not in b"".join(stored.values()), "the old key is in the state")


def T104_schedule_inform_twice(t):
    s = t.boot()
    began = {}
    for key, delay in (("first", 1), ("second", 5)):
        s.call(soap.schedule_inform(delay, key))
        began[key] = time.monotonic()
    s.end()
    for key, delay in (("first", 1), ("second", 5)):
        s = t.server.session()
        no_sooner(began[key], delay - 0.1, key)
        same(sorted(s.inform.events), [("3 SCHEDULED", ""), ("M ScheduleInform", key)], "events")
        s.end()


def T104_schedule_inform_survives_a_reboot(t):
    s = t.boot()
    s.call(soap.schedule_inform(2, "kept"))
    s.end()
    t.gw.reboot()
    t.server.session().end()
    s = t.server.session()
    true(("M ScheduleInform", "kept") in s.inform.events, "events %s" % s.inform.events)
    s.end()


def T104_schedule_inform_of_0_seconds_is_9003(t):
    s = t.boot()
    fault(9003, s.call, soap.schedule_inform(0, "k"))
    s.end()
