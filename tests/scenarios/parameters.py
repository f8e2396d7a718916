# SPDX-License-Identifier: Apache-2.0
"""SetParameterValues: TESTPLAN rows 73 to 78 and 82 to 87 (TR-069 A6 A.3.2.1)."""

import signal

import soap
from harness import MS, PROVISIONING, fault, same, spv, true

KEY = MS + "ParameterKey"
USER = MS + "ConnectionRequestUsername"
ENABLE, INTERVAL, PHASE = (MS + "PeriodicInform" + x for x in ("Enable", "Interval", "Time"))
THROTTLE = MS + "DefaultActiveNotificationThrottle"


def T073_single_value(t):
    s = t.boot()
    true(s.set({PROVISIONING: "one"}) in (0, 1), "Status")
    same(s.value(PROVISIONING), "one", "value")
    s.end()


def T073_many_values(t):
    s = t.boot()
    wanted = {PROVISIONING: "p", USER: "u", INTERVAL: 1234, ENABLE: False}
    true(s.set(wanted, "k") in (0, 1), "Status")
    got = s.get(*wanted)
    same((got[PROVISIONING], got[USER], got[INTERVAL]), ("p", "u", "1234"), "values")
    s.end()


def T073_values_survive_a_restart_and_a_reboot(t):
    s = t.boot()
    s.set({PROVISIONING: "kept", INTERVAL: 4321}, "k1")
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same((s.value(PROVISIONING), s.value(INTERVAL), s.value(KEY)), ("kept", "4321", "k1"), "values")
    s.end()


def T073_values_survive_a_kill_right_after_the_answer(t):
    s = t.boot()
    s.set({PROVISIONING: "kept"}, "k1")
    t.gw.reboot(signal.SIGKILL)
    s = t.server.session()
    same((s.value(PROVISIONING), s.value(KEY)), ("kept", "k1"), "values")
    s.end()


def T073_setting_the_same_value_is_fine(t):
    s = t.boot()
    for _ in range(2):
        s.set({PROVISIONING: "same"})
    same(s.value(PROVISIONING), "same", "value")
    s.end()


def T074_set_parameter_values_is_atomic(t):
    s = t.boot()
    s.set({PROVISIONING: "before", INTERVAL: 100}, "old-key")
    got = fault(9003, s.call, spv([
        (PROVISIONING, "after"), (INTERVAL, 0), (USER, "after"), (ENABLE, True),
        ("Device.DeviceInfo.Nope", "x"), (MS + "ParameterKey", "x"), (THROTTLE, "x")], "new-key"))
    same(sorted((n, c) for n, c, _ in got.parameters),
         sorted([(INTERVAL, 9007), ("Device.DeviceInfo.Nope", 9005), (KEY, 9008),
                 (THROTTLE, 9006)]), "bad parameters")
    values = s.get(PROVISIONING, INTERVAL, USER, ENABLE, KEY)
    same((values[PROVISIONING], values[INTERVAL], values[USER], values[KEY]),
         ("before", "100", "cr-user", "old-key"), "values after the fault")
    true(values[ENABLE] in ("0", "false"), "PeriodicInformEnable %s" % values[ENABLE])
    s.end()


def T074_bad_value_at_any_place_changes_nothing(t):
    s = t.boot()
    for place in range(3):
        values = [(PROVISIONING, "x"), (USER, "y")]
        values.insert(place, (INTERVAL, 0))
        fault(9003, s.call, spv(values, "k"))
        same((s.value(PROVISIONING), s.value(USER), s.value(KEY)), ("", "cr-user", ""), "values")
    s.end()


def T058_fault_says_what_is_allowed(t):
    s = t.boot()
    got = fault(9003, s.set, {INTERVAL: 0, PROVISIONING: "x" * 65})
    texts = {n: text for n, _, text in got.parameters}
    true("1" in texts[INTERVAL], "FaultString of the interval: %r" % texts[INTERVAL])
    true("64" in texts[PROVISIONING], "FaultString of the code: %r" % texts[PROVISIONING])
    s.end()


def T075_order_does_not_matter(t):
    s = t.boot()
    values = [(PROVISIONING, "z"), (ENABLE, False), (INTERVAL, 60), (USER, "w")]
    s.call(spv(values[::-1]))
    same((s.value(PROVISIONING), s.value(INTERVAL), s.value(USER)), ("z", "60", "w"), "values")
    s.end()


def T075_duplicate_name_is_9003(t):
    s = t.boot()
    fault(9003, s.call, spv([(PROVISIONING, "one"), (USER, "u"), (PROVISIONING, "two")]))
    fault(9003, s.call, spv([(PROVISIONING, "one"), (PROVISIONING, "one")]))
    same((s.value(PROVISIONING), s.value(USER)), ("", "cr-user"), "values")
    s.end()


def T076_parameter_key_is_set_on_success_only(t):
    s = t.boot()
    same(s.value(KEY), "", "ParameterKey of a new device")
    s.set({PROVISIONING: "a"}, "first")
    same(s.value(KEY), "first", "ParameterKey")
    fault(9003, s.set, {INTERVAL: 0}, "second")
    same(s.value(KEY), "first", "ParameterKey after a fault")
    s.set({PROVISIONING: "b"}, "")
    same(s.value(KEY), "", "an empty ParameterKey is set too")
    s.end()


def T076_empty_list_sets_the_parameter_key(t):
    s = t.boot()
    true(s.set({}, "only-key") in (0, 1), "Status")
    same(s.value(KEY), "only-key", "ParameterKey")
    s.end()


def T076_parameter_key_longer_than_32_is_9003(t):
    s = t.boot()
    s.set({}, "k" * 32)
    fault(9003, s.set, {PROVISIONING: "x"}, "k" * 33)
    same((s.value(KEY), s.value(PROVISIONING)), ("k" * 32, ""), "values")
    s.end()


def T077_boolean_takes_its_four_forms(t):
    s = t.boot()
    for text, want in [("1", True), ("0", False), ("true", True), ("false", False)]:
        s.set([(ENABLE, text, "xsd:boolean")])
        same(s.value(ENABLE) in ("1", "true"), want, "value after %s" % text)
    s.set({ENABLE: False})
    s.end()


def T077_other_words_are_no_boolean(t):
    s = t.boot()
    for text in ("2", "-1", "yes", "TRUE", "True", "on", "", "00", "truefalse"):
        got = fault(9003, s.set, [(ENABLE, text, "xsd:boolean")])
        same([n for n, _, _ in got.parameters], [ENABLE], "bad parameters for %r" % text)
        true(got.parameters[0][1] in (9006, 9007), "%r: %s" % (text, got))
    s.end()


def T078_type_mismatch_is_9006(t):
    s = t.boot()
    for name, value, xtype in [
            (PROVISIONING, "1", "xsd:boolean"), (PROVISIONING, "1", "xsd:unsignedInt"),
            (PROVISIONING, "1", "xsd:int"), (ENABLE, "1", "xsd:unsignedInt"),
            (ENABLE, "1", "xsd:string"), (INTERVAL, "5", "xsd:string"),
            (INTERVAL, "5", "xsd:boolean"), (INTERVAL, "5", "xsd:dateTime"),
            (PHASE, "2026-01-01T00:00:00Z", "xsd:string"),
            (PROVISIONING, "x", "xsd:frobnicate")]:
        got = fault(9003, s.set, [(name, value, xtype)])
        same([(n, c) for n, c, _ in got.parameters], [(name, 9006)], "%s as %s" % (name, xtype))
    same(s.value(PROVISIONING), "", "ProvisioningCode")
    s.end()


def T078_value_that_is_not_of_its_type_is_refused(t):
    s = t.boot()
    for name, text, xtype in [
            (INTERVAL, "", "xsd:unsignedInt"), (INTERVAL, "abc", "xsd:unsignedInt"),
            (INTERVAL, "-5", "xsd:unsignedInt"), (INTERVAL, "1.5", "xsd:unsignedInt"),
            (INTERVAL, "0x10", "xsd:unsignedInt"), (INTERVAL, "4294967296", "xsd:unsignedInt"),
            (INTERVAL, "99999999999999999999999", "xsd:unsignedInt"),
            (INTERVAL, "1 2", "xsd:unsignedInt"), (INTERVAL, "1e3", "xsd:unsignedInt"),
            (PHASE, "yesterday", "xsd:dateTime"), (PHASE, "", "xsd:dateTime"),
            (PHASE, "2026-13-01T00:00:00Z", "xsd:dateTime"),
            (PHASE, "2026-02-30T00:00:00Z", "xsd:dateTime"),
            (PHASE, "2026-01-01T25:00:00Z", "xsd:dateTime"),
            (PHASE, "2026-01-01 00:00:00", "xsd:dateTime")]:
        got = fault(9003, s.set, [(name, text, xtype)])
        same([n for n, _, _ in got.parameters], [name], "bad parameters for %r" % text)
        true(got.parameters[0][1] in (9006, 9007), "%r: %s" % (text, got))
    s.end()


def T078_type_without_prefix_or_with_another_is_understood(t):
    s = t.boot()
    body = s.envelope(soap.rpc(*spv([(INTERVAL, "77", "xsd:unsignedInt")])), "p")
    body = body.replace(b"xmlns:xsd=", b"xmlns:q=").replace(b'"xsd:uns', b'"q:uns')
    s.awaiting = ("SetParameterValues", "p")
    s.send(body)
    same(s.answer().kind, "response", "answer")
    same(s.value(INTERVAL), "77", "value")
    s.end()


def T078_value_without_type_is_taken(t):
    """xsi:type is what the ACS should send; several do not."""
    s = t.boot()
    s.set([(INTERVAL, "78", None), (PROVISIONING, "no type", None)])
    same((s.value(INTERVAL), s.value(PROVISIONING)), ("78", "no type"), "values")
    s.end()


def T073_blanks_around_a_number_are_white_space(t):
    """whiteSpace of the XML Schema's numbers is collapse."""
    s = t.boot()
    s.set([(INTERVAL, " 79\n", "xsd:unsignedInt"), (ENABLE, " false ", "xsd:boolean")])
    same(s.value(INTERVAL), "79", "value")
    s.end()


def T073_times_are_given_back_as_they_were_written(t):
    s = t.boot()
    for text in ("2026-01-02T03:04:05Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z",
                 "2026-01-02T03:04:05.123Z", "9999-12-31T23:59:59Z", "2024-02-29T12:00:00Z"):
        s.set([(PHASE, text, "xsd:dateTime")])
        same(s.value(PHASE), text, "PeriodicInformTime")
    s.end()


def T073_command_of_a_shell_is_only_text(t):
    s = t.boot()
    for text in ("`touch /tmp/x`", "$(reboot)", "; rm -rf /", "a\\nb = c", "%s%n%x", "../../etc",
                 "'\"\\"):
        s.set({PROVISIONING: text})
        same(s.value(PROVISIONING), text, "value")
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(s.value(PROVISIONING), "'\"\\", "value after a reboot")
    s.end()


def T082_non_printable_characters_round_trip(t):
    s = t.boot()
    for text in ("tab\there", "line\nfeed", " blanks ", "\u007f", "a\u0085b", "=#;", "\\x41"):
        s.set({PROVISIONING: text})
        same(s.value(PROVISIONING), text, "value %r" % text)
    body = s.envelope(soap.rpc(*spv({PROVISIONING: "a@b"})), "cr").replace(b"a@b", b"a&#13;b")
    s.awaiting = ("SetParameterValues", "cr")
    s.send(body)
    same(s.answer().kind, "response", "answer to a carriage return")
    same(s.value(PROVISIONING), "a\rb", "carriage return")
    s.end()


def T083_multi_byte_characters_count_as_one(t):
    s = t.boot()
    for ch in ("\u00e4", "\u20ac", "\U0001f600"):
        s.set({PROVISIONING: ch * 64})
        same(s.value(PROVISIONING), ch * 64, "64 times %r" % ch)
        got = fault(9003, s.set, {PROVISIONING: ch * 65})
        same([(n, c) for n, c, _ in got.parameters], [(PROVISIONING, 9007)], "65 times %r" % ch)
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(s.inform.params[PROVISIONING], "\U0001f600" * 64, "in the Inform after a reboot")
    s.end()


def T084_non_ascii_characters_in_parameter_key(t):
    s = t.boot()
    for key in ("\u00e4\u00f6\u00fc\u00df", "<&>\"'", "\u00a0", "tab\tkey"):
        s.set({}, key)
        same(s.value(KEY), key, "ParameterKey")
    s.end()


def T085_multi_byte_characters_in_parameter_key(t):
    s = t.boot()
    s.set({}, "\u20ac" * 32)
    same(s.value(KEY), "\u20ac" * 32, "ParameterKey")
    fault(9003, s.set, {}, "\u20ac" * 33)
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(s.inform.params[KEY], "\u20ac" * 32, "in the Inform after a reboot")
    s.end()


def T082_numeric_and_predefined_entities_are_understood(t):
    s = t.boot()
    body = s.envelope(soap.rpc(*spv({PROVISIONING: "@"})), "e").replace(
        b">@<", b">&#65;&#x42;&lt;&gt;&amp;&quot;&apos;<![CDATA[<x>&amp;]]><!-- no -->z<")
    s.awaiting = ("SetParameterValues", "e")
    s.send(body)
    same(s.answer().kind, "response", "answer")
    same(s.value(PROVISIONING), "AB<>&\"'<x>&amp;z", "value")
    s.end()


def T079_value_of_64_kib_and_more_is_refused(t):
    s = t.boot()
    for size in (3073, 65536, 1 << 20, 3 << 20):
        msg = s.ask(spv({PROVISIONING: "x" * size}))
        same(msg.kind, "fault", "answer to %d octets" % size)
        true(msg.fault.code in (9003, 9004), str(msg.fault))
    same(s.value(PROVISIONING), "", "ProvisioningCode")
    s.end()


def T074_thirty_thousand_bad_entries_are_one_fault(t):
    s = t.boot()
    msg = s.ask(spv([("Device.Nope.%d" % i, "x") for i in range(30000)]))
    same(msg.kind, "fault", "answer")
    true(msg.fault.code in (9003, 9004), str(msg.fault.code))
    s.end()
