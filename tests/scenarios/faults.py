# SPDX-License-Identifier: Apache-2.0
"""Faults: TESTPLAN rows 56 to 58."""

import soap
from harness import MS, PROVISIONING, same, true


def T056_unknown_rpc_is_9000(t):
    s = t.boot()
    for name in ("Frobnicate", "X_00D09E_Test", "getparametervalues", "Inform", "SetVouchers",
                 "GetOptions", "Kicked"):
        msg = s.ask((name, ""))
        same(msg.kind, "fault", "answer to %s" % name)
        same((msg.fault.code, msg.fault.faultcode, msg.fault.faultstring),
             (9000, "Server", "CWMP fault"), "fault for %s" % name)
    same(s.value(PROVISIONING), "", "the session goes on")
    s.end()


def T056_method_that_is_not_listed_is_9000(t):
    s = t.boot()
    known = s.methods()
    for name in ("Download", "Upload", "ScheduleDownload", "CancelTransfer", "ChangeDUState",
                 "GetQueuedTransfers", "GetAllQueuedTransfers", "ScheduleInform", "Reboot",
                 "FactoryReset", "SetParameterAttributes", "GetParameterAttributes"):
        if name not in known:
            same(s.ask((name, "")).fault.code, 9000, "fault for %s" % name)
    s.end()


BAD = [
    ("GetParameterValues", ""),
    ("GetParameterValues", "<Names/>"),
    ("GetParameterNames", ""),
    ("GetParameterNames", soap.tag("ParameterPath", "Device.")),
    ("GetParameterNames", soap.tag("ParameterPath", "Device.") + soap.tag("NextLevel", "maybe")),
    ("GetParameterNames", soap.tag("ParameterPath", "Device.") + "<NextLevel/>"),
    ("SetParameterValues", ""),
    ("SetParameterValues", soap.tag("ParameterKey", "k")),
    ("SetParameterValues", soap.array("ParameterList", "cwmp:ParameterValueStruct", [
        "<ParameterValueStruct><Name>%s</Name></ParameterValueStruct>" % PROVISIONING]) +
     soap.tag("ParameterKey", "k")),
    ("SetParameterValues", soap.array("ParameterList", "cwmp:ParameterValueStruct", [
        "<ParameterValueStruct><Value xsi:type='xsd:string'>x</Value></ParameterValueStruct>"]) +
     soap.tag("ParameterKey", "k")),
    ("SetParameterValues", soap.array("ParameterList", "cwmp:ParameterValueStruct", [
        soap.value_struct(PROVISIONING, "x")])),
    ("AddObject", ""),
    ("AddObject", soap.tag("ParameterKey", "k")),
    ("DeleteObject", ""),
    ("DeleteObject", soap.tag("ParameterKey", "k")),
]


def T057_malformed_arguments_are_9003(t):
    s = t.boot()
    for name, arguments in BAD:
        msg = s.ask((name, arguments))
        same(msg.kind, "fault", "answer to %s %s" % (name, arguments))
        same((msg.fault.code, msg.fault.faultcode), (9003, "Client"), "%s %s" % (name, arguments))
    same((s.value(PROVISIONING), s.value(MS + "ParameterKey")), ("", ""), "values after the faults")
    s.end()


def T057_array_count_that_lies_is_no_reason_to_fail(t):
    """The count is a hint; what is there counts."""
    s = t.boot()
    for count in (0, 1, 7, 4294967295):
        msg = s.ask(("GetParameterValues", soap.array(
            "ParameterNames", "xsd:string",
            [soap.tag("string", PROVISIONING), soap.tag("string", MS + "URL")], count)))
        if msg.kind == "fault":
            same(msg.fault.code, 9003, "fault for count %d" % count)
        else:
            same(len(msg.values), 2, "values for count %d" % count)
    s.end()


def T057_unknown_arguments_are_not_carried_out_silently(t):
    s = t.boot()
    extra = soap.tag("Strange", "1")
    name, arguments = soap.set_parameter_values({PROVISIONING: "x"})
    msg = s.ask((name, arguments + extra))
    if msg.kind == "fault":
        same(msg.fault.code, 9003, "fault")
        same(s.value(PROVISIONING), "", "value")
    else:
        same(s.value(PROVISIONING), "x", "value")
    s.end()


def T058_one_entry_for_each_bad_parameter(t):
    s = t.boot()
    bad = ["Device.Nope%d" % i for i in range(50)]
    msg = s.ask(soap.set_parameter_values([(PROVISIONING, "x")] + [(n, "x") for n in bad], "k"))
    same(msg.fault.code, 9003, "fault")
    same(sorted((n, c) for n, c, _ in msg.fault.parameters), sorted((n, 9005) for n in bad),
         "entries")
    same(s.value(PROVISIONING), "", "value")
    s.end()


def T058_fault_strings_quote_hostile_values_safely(t):
    s = t.boot()
    for value in ("<script>", "&amp;", "]]>", "\u20ac" * 70, "%n%s" * 20, "a" * 5000):
        msg = s.ask(soap.set_parameter_values([
            (MS + "PeriodicInformInterval", value, "xsd:unsignedInt"),
            ("Device.%s" % value.replace("<", "").replace("&", "")[:200], "x")]))
        same(msg.kind, "fault", "answer")
        same(len(msg.fault.parameters), 2, "entries")
    s.end()


def T058_other_faults_have_no_parameter_list(t):
    s = t.boot()
    for rpc in (("Frobnicate", ""), soap.get_parameter_values(["Device.Nope"]),
                soap.add_object("Device.Nope."), soap.get_parameter_names(PROVISIONING, True)):
        msg = s.ask(rpc)
        same(msg.fault.parameters, [], "SetParameterValuesFault in a fault of %s" % rpc[0])
        true(msg.fault.string, "no FaultString for %s" % rpc[0])
    s.end()


def T058_session_goes_on_after_a_fault(t):
    s = t.boot()
    for _ in range(20):
        s.ask(("Frobnicate", ""))
        same(s.value(PROVISIONING), "", "value")
    s.end()
    true(t.server.quiet(1.2), "a session with faults in it counted as failed")
