# SPDX-License-Identifier: Apache-2.0
"""GetParameterNames: TESTPLAN rows 59 to 68 (TR-069 A6 A.3.2.3)."""

import re

import soap
from harness import MS, PROVISIONING, children, fault, generic, same, spec_table, true


def listed(s, path, next_level):
    """The names in order, each once."""
    msg = s.call(soap.get_parameter_names(path, next_level))
    names = [n for n, _ in msg.names]
    same(len(set(names)), len(names), "names listed twice below %r" % path)
    return names


def T059_full_path(t):
    s = t.boot()
    same(s.names(PROVISIONING, False), {PROVISIONING: True}, "a writable parameter")
    same(s.names(MS + "ParameterKey", False), {MS + "ParameterKey": False}, "a read-only one")
    s.end()


def T060_full_path_with_next_level_is_9003(t):
    s = t.boot()
    fault(9003, s.names, PROVISIONING, True)
    s.end()


def T061_partial_path_gives_the_object_and_its_subtree(t):
    s = t.boot()
    names = listed(s, MS, False)
    true(MS in names, "the object itself is missing")
    true(PROVISIONING not in names, "something outside of the path")
    for n in names:
        true(n.startswith(MS), "%s is outside of the path" % n)
    deep = [n for n in names if n.count(".") > MS.count(".")]
    wanted = [n for n in s.names("", False) if n.startswith(MS)]
    same(sorted(names), sorted(wanted), "subtree and whole tree agree on %d deep names" % len(deep))
    s.end()


def T062_partial_path_with_next_level_gives_the_next_level_only(t):
    s = t.boot()
    whole = s.names("", False)
    for path in [n for n in whole if n.endswith(".")]:
        got = listed(s, path, True)
        true(path not in got, "%s lists itself" % path)
        same(sorted(got), sorted(children(whole, path)), "next level of %s" % path)
    s.end()


def T063_empty_path_with_next_level_gives_only_the_root(t):
    s = t.boot()
    same(s.names("", True), {"Device.": False}, "names")
    s.end()


def T063_empty_path_may_be_an_empty_or_a_nil_element(t):
    s = t.boot()
    for path in ("<ParameterPath></ParameterPath>", "<ParameterPath/>",
                 '<ParameterPath xsi:type="xsd:string"></ParameterPath>',
                 '<ParameterPath xsi:nil="true"/>'):
        msg = s.call(("GetParameterNames", path + "<NextLevel>true</NextLevel>"))
        same(dict(msg.names), {"Device.": False}, path)
    s.end()


def T064_empty_path_gives_the_whole_model(t):
    s = t.boot()
    whole = listed(s, "", False)
    true("Device." in whole, "Device. is missing")
    same(sorted(whole), sorted(listed(s, "Device.", False)), "the same as below Device.")
    for n in (PROVISIONING, MS + "URL", "Device.WiFi.", "Device.WiFi.RadioNumberOfEntries"):
        true(n in whole, "%s is missing" % n)
    # every name hangs on an object that is listed too
    for n in whole:
        parent = n.rstrip(".").rpartition(".")[0]
        true(not parent or parent + "." in whole, "%s has no parent" % n)
    s.end()


def T065_unknown_path_is_9005(t):
    s = t.boot()
    for path in ("Device.Nope", "Device.Nope.", "Nope.", "InternetGatewayDevice.",
                 "Device.DeviceInfo.Nope", "Device.WiFi.SSID.4711.", "Device.WiFi.SSID.0.",
                 "Device.WiFi.SSID.x.", "Device..", ".", "..", "Device.WiFi.SSID.{i}.",
                 "device.DeviceInfo.", "Device.DeviceInfo..", " Device.", "Device. ",
                 PROVISIONING + ".", "Device.WiFi.SSID.01.", "Device.WiFi.SSID.-1.",
                 "Device.WiFi.SSID.18446744073709551617."):
        fault(9005, s.names, path, False)
        fault(9005, s.names, path, True)
    s.end()


def T065_path_longer_than_256_is_a_fault(t):
    s = t.boot()
    msg = s.ask(soap.get_parameter_names("Device." + "x" * 300, False))
    same(msg.kind, "fault", "answer")
    true(msg.fault.code in (9003, 9005), str(msg.fault))
    s.end()


def T066_writable_flags_of_tables_instances_and_parameters(t):
    table = spec_table()
    s = t.boot()
    for name, writable in s.names("", False).items():
        row = table.get(generic(name))
        if row is None and name.endswith("."):
            row = table.get(generic(name) + "{i}.")        # the table itself
        if row is None:
            continue
        want = row["access"] in ("readWrite", "writeOnceReadOnly")
        # a device may refuse to write, add or delete what the model would let it
        true(want or not writable, "%s is writable here and not in TR-181" % name)
    s.end()


def T066_flag_of_a_table_and_its_instance_say_what_can_be_done(t):
    s = t.boot()
    tables = [n for n, w in s.names("", False).items() if w and n.endswith(".") and
              not re.search(r"\.\d+\.$", n)]
    true(tables, "no table can be added to")
    for path in tables:
        instance = s.add(path)
        name = "%s%d." % (path, instance)
        same(s.names(path, True).get(name), True, "Writable of %s" % name)
        s.delete(name)
        true(name not in s.names(path, True), "%s is still there" % name)
    s.end()


def T067_object_without_trailing_dot_is_9005(t):
    s = t.boot()
    for path in ("Device", "Device.DeviceInfo", "Device.WiFi.SSID", "Device.ManagementServer"):
        fault(9005, s.names, path, False)
        fault(9005, s.names, path, True)
    s.end()


def T064_every_name_is_in_the_data_model(t):
    table = spec_table()
    s = t.boot()
    for name in s.names("", False):
        if ".X_" in name:
            continue
        g = generic(name)
        true(g in table or g + "{i}." in table, "%s is not in TR-181" % name)
    s.end()


def T068_vendor_names_are_well_formed(t):
    s = t.boot()
    for name in s.names("", False):
        for part in name.split("."):
            if part.startswith("X_"):
                true(re.fullmatch(r"X_([0-9A-F]{6}|[A-Z0-9-]+)_[A-Za-z0-9_-]+", part),
                     "vendor name %s" % name)
    s.end()


def T064_names_are_well_formed(t):
    s = t.boot()
    for name in s.names("", False):
        true(len(name) <= 256, "%s is longer than 256" % name)
        for part in name.removesuffix(".").split("."):
            true(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*|[1-9]\d*", part), "name %r" % name)
    s.end()


def T064_number_of_entries_agrees_with_the_instances(t):
    table = spec_table()
    s = t.boot()
    whole = s.names("", False)
    values = s.get("Device.")
    counted = 0
    for g, row in table.items():
        if row["kind"] != "object" or not row["num_entries"]:
            continue
        for name in whole:
            if generic(name) + "{i}." != g:
                continue
            counter = name.rstrip(".").rpartition(".")[0] + "." + row["num_entries"]
            if counter not in whole:
                continue
            counted += 1
            same(values[counter], str(len(children(whole, name))), counter)
    true(counted, "no table with a counter")
    s.end()
