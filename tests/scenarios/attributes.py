# SPDX-License-Identifier: Apache-2.0
"""Get and SetParameterAttributes: TESTPLAN rows 88 to 93."""

import soap
from harness import MS, PROVISIONING, fault, generic, same, spec_table, true

USER, INTERVAL = MS + "ConnectionRequestUsername", MS + "PeriodicInformInterval"
SOFTWARE = "Device.DeviceInfo.SoftwareVersion"


def T088_notification_of_parameters_and_partial_paths(t):
    s = t.boot()
    for n in (0, 1, 2):
        s.set_attributes([(USER, n, None)])
        same(s.attributes(USER)[USER][0], n, "Notification")
    s.set_attributes([("Device.DeviceInfo.", 1, None)])
    got = s.attributes("Device.DeviceInfo.")
    same({n for name, (n, _) in got.items() if name not in (SOFTWARE, PROVISIONING)}, {1},
         "Notification below Device.DeviceInfo.")
    s.end()


def T088_attributes_survive_a_reboot(t):
    s = t.boot()
    s.set_attributes([(USER, 2, ["Subscriber"]), (INTERVAL, 1, [])])
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(s.attributes(USER, INTERVAL), {USER: (2, ["Subscriber"]), INTERVAL: (1, [])}, "attributes")
    s.end()


def T088_all_or_nothing(t):
    s = t.boot()
    fault(9005, s.set_attributes, [(USER, 2, None), ("Device.Nope", 1, None)])
    same(s.attributes(USER)[USER][0], 0, "Notification")
    s.end()


def T089_change_flags_false_change_nothing(t):
    s = t.boot()
    s.set_attributes([(USER, 2, ["Subscriber"])])
    s.set_attributes([(USER, None, None)])
    same(s.attributes(USER), {USER: (2, ["Subscriber"])}, "attributes")
    s.set_attributes([(USER, None, [])])
    same(s.attributes(USER), {USER: (2, [])}, "attributes")
    s.end()


def T089_empty_notification_of_genieacs_is_ignored(t):
    s = t.boot()
    s.call(soap.set_parameter_attributes([(USER, None, ["Subscriber"])], True))
    same(s.attributes(USER), {USER: (0, ["Subscriber"])}, "attributes")
    s.end()


def T090_active_is_denied_only_where_the_model_says_so(t):
    table = spec_table()
    s = t.boot()
    for name in [n for n in s.names("") if not n.endswith(".")]:
        row = table.get(generic(name))
        if row is None:
            continue
        if row["activeNotify"] == "forceEnabled":
            continue
        s.set_attributes([(name, 1, None)])
        msg = s.ask(soap.set_parameter_attributes([(name, 2, None)]))
        if msg.kind == "fault":
            same((msg.fault.code, row["activeNotify"]), (9009, "canDeny"), name)
            same(s.attributes(name)[name][0], 1, "Notification of %s" % name)
    s.end()


def T091_forced_active_stays_2(t):
    s = t.boot()
    for name in (SOFTWARE, PROVISIONING):
        same(s.attributes(name)[name][0], 2, "Notification of %s" % name)
        msg = s.ask(soap.set_parameter_attributes([(name, 0, None)]))
        true(msg.kind == "response" or msg.fault.code == 9009, str(msg))
        same(s.attributes(name)[name][0], 2, "Notification of %s" % name)
    s.end()


def T091_default_active_can_be_turned_off(t):
    s = t.boot()
    name = MS + "ConnectionRequestURL"
    same(s.attributes(name)[name][0], 2, "Notification")
    s.set_attributes([(name, 0, None)])
    same(s.attributes(name)[name][0], 0, "Notification")
    s.end()


def T090_lightweight_and_unknown_values_are_refused(t):
    s = t.boot()
    for n in (3, 4, 5, 6, 7, -1):
        msg = s.ask(soap.set_parameter_attributes([(USER, n, None)]))
        same(msg.kind, "fault", "Notification %d" % n)
        true(msg.fault.code in (9003, 9007, 9009), str(msg.fault))
    same(s.attributes(USER)[USER][0], 0, "Notification")
    s.end()


def T092_access_list(t):
    s = t.boot()
    same(s.attributes(USER)[USER][1], ["Subscriber"], "AccessList of a new device")
    s.set_attributes([(USER, None, [])])
    same(s.attributes(USER)[USER][1], [], "AccessList")
    s.set_attributes([(USER, None, ["Subscriber"])])
    same(s.attributes(USER)[USER][1], ["Subscriber"], "AccessList")
    msg = s.ask(soap.set_parameter_attributes([(USER, None, ["Nobody"])]))
    same(msg.kind, "fault", "unknown entity")
    s.end()


def T093_single_several_partial_empty_and_unknown(t):
    s = t.boot()
    leaves = [n for n in s.names("") if not n.endswith(".")]
    same(list(s.attributes(USER)), [USER], "one")
    same(sorted(s.attributes(USER, INTERVAL)), sorted([USER, INTERVAL]), "two")
    same(sorted(s.attributes(MS)), sorted(n for n in leaves if n.startswith(MS)), "partial path")
    same(sorted(s.attributes("")), sorted(leaves), "empty path")
    fault(9005, s.attributes, USER, "Device.Nope")
    fault(9005, s.attributes, "Device.Nope.")
    s.end()
