# SPDX-License-Identifier: Apache-2.0
"""Rows named by their alias (TR-069 3.6.1): every RPC, InstanceMode and AutoCreateInstances."""

from harness import MS, fault, same, true

SSID = "Device.WiFi.SSID."
AP = "Device.WiFi.AccessPoint."


def named(t):
    s = t.boot()
    same(s.inform.params[MS + "AliasBasedAddressing"], "true", "AliasBasedAddressing")
    n = s.add(SSID + "[guest].")
    same(s.value("%s%d.Alias" % (SSID, n)), "guest", "Alias")
    return s, n


def A1_alias_is_a_name_in_every_rpc(t):
    s, n = named(t)
    s.set({SSID + "[guest].SSID": "for guests"})
    same(s.get(SSID + "[guest].SSID"), {"%s%d.SSID" % (SSID, n): "for guests"}, "by alias")
    same(sorted(s.get(SSID + "[guest].")), sorted(s.get("%s%d." % (SSID, n))), "partial path")
    same(s.names(SSID + "[guest].SSID"), s.names("%s%d.SSID" % (SSID, n)), "names")
    s.set_attributes([(SSID + "[guest].SSID", 1, None)])
    same(s.attributes(SSID + "[guest].SSID"), s.attributes("%s%d.SSID" % (SSID, n)), "attributes")
    same(list(s.attributes("%s%d.SSID" % (SSID, n)).values())[0][0], 1, "notification")
    s.delete(SSID + "[guest].")
    fault(9005, s.value, "%s%d.SSID" % (SSID, n))
    s.end()


def A1_alias_of_the_cpe_and_a_new_one(t):
    s = t.boot()
    n = s.add(SSID)
    same(list(s.get("%s[cpe-%d].Alias" % (SSID, n)).values()), ["cpe-%d" % n], "Alias")
    s.set({"%s[cpe-%d].Alias" % (SSID, n): "mine"})
    fault(9005, s.get, "%s[cpe-%d].Alias" % (SSID, n))
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(list(s.get(SSID + "[mine].Alias").values()), ["mine"], "alias after a reboot")
    s.end()


def A1_what_is_no_alias_is_refused(t):
    s, n = named(t)
    for bad in ("[]", "[guest", "guest]", "[Guest]", "[guest].[guest]", "[%d]" % n, "[other]"):
        fault(9005, s.get, SSID + bad + ".SSID")
    fault(9003, s.add, SSID + "[guest].")
    fault(9003, s.add, SSID + "[cpe-77].")
    fault(9005, s.delete, SSID + "[other].")
    f = fault(9003, s.set, {SSID + "[other].SSID": "x"})
    same([p[:2] for p in f.parameters], [(SSID + "[other].SSID", 9005)], "entries")
    s.end()


def A2_instance_mode_names_rows_in_answers(t):
    s, n = named(t)
    s.set({MS + "InstanceMode": "InstanceAlias"})
    same(s.get("%s%d.SSID" % (SSID, n)), {SSID + "[guest].SSID": ""}, "value by number")
    true(SSID + "[guest]." in s.names(SSID, True), "names of the table")
    true(not [p for p in s.names() if ".%d." % n in p and p.startswith(SSID)], "numbers in names")
    s.set_attributes([("%s%d.SSID" % (SSID, n), 2, None)])
    same(list(s.attributes("%s%d.SSID" % (SSID, n))), [SSID + "[guest].SSID"], "attributes")
    s.end()
    t.gw.ctl("set", "%s%d.SSID" % (SSID, n), "changed")
    s = t.server.session()
    same(s.inform.params.get(SSID + "[guest].SSID"), "changed", "value in the Inform")
    s.set({MS + "InstanceMode": "InstanceNumber"})
    same(list(s.get(SSID + "[guest].SSID")), ["%s%d.SSID" % (SSID, n)], "value by alias")
    s.end()


def A2_every_name_by_alias_can_be_read(t):
    s, n = named(t)
    s.add(AP + "[guest-ap].")
    s.set({MS + "InstanceMode": "InstanceAlias"})
    leaves = [p for p in s.names() if not p.endswith(".")]
    same(sorted(s.get(*leaves)), sorted(leaves), "names read back")
    s.end()


def A3_rows_are_made_when_the_acs_wants_it(t):
    s = t.boot()
    f = fault(9003, s.set, {SSID + "[auto].SSID": "x"})
    same([p[:2] for p in f.parameters], [(SSID + "[auto].SSID", 9005)], "entries")
    s.set([(MS + "AutoCreateInstances", "true", "xsd:boolean")])
    fault(9003, s.set, {SSID + "[auto].SSID": "x" * 40})
    same(s.value("Device.WiFi.SSIDNumberOfEntries"), "0", "rows after a refusal")
    s.set({SSID + "[auto].SSID": "one", SSID + "[second].SSID": "two",
           AP + "[ap].SSIDReference": SSID[:-1] + ".[auto]"})
    same(s.value("Device.WiFi.SSIDNumberOfEntries"), "2", "rows")
    same(list(s.get(SSID + "[auto].SSID").values()), ["one"], "value")
    number = list(s.get(SSID + "[auto].SSID"))[0].split(".")[3]
    same(list(s.get(AP + "[ap].SSIDReference").values()), [SSID + number],
         "a reference is kept by number")
    s.delete(SSID + "[auto].")
    same(list(s.get(AP + "[ap].SSIDReference").values()), [""], "reference to the deleted row")
    s.end()
