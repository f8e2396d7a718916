# SPDX-License-Identifier: Apache-2.0
"""TESTPLAN rows 78 to 80, generated from tr181.tsv for each parameter that the agent lists."""

import time

import violate
from harness import Skipped, fault, generic, same, spec_table, spv, true

BATCH = 40


def listed(s, table):
    """[(name, writable, row)] of every parameter of TR-181 that the agent has."""
    out = []
    for name, writable in s.names("").items():
        row = table.get(generic(name))
        if not name.endswith(".") and row is not None:
            out.append((name, writable, row))
    true(len(out) > 20, "only %d parameters" % len(out))
    return out


def populate(s):
    """One row in every table that can be added to, so that their parameters are tried too."""
    for name, writable in s.names("").items():
        last = name[:-1].split(".")[-1]
        if name.endswith(".") and writable and not last.isdigit():
            s.add(name)


def batches(tries):
    """Each parameter at most once in one SetParameterValues."""
    while tries:
        batch, rest, names = [], [], set()
        for one in tries:
            if one[0] in names or len(batch) == BATCH:
                rest.append(one)
            else:
                names.add(one[0])
                batch.append(one)
        yield batch
        tries = rest


def refuse(s, tries, codes):
    """tries: [(name, value, xsi type, why)]; every one is refused with one of the codes."""
    if not tries:
        raise Skipped("no parameter to try")
    names = sorted({n for n, _, _, _ in tries})
    before = s.get(*names)
    for batch in batches(tries):
        values = [(n, v, "xsd:" + x) for n, v, x, _ in batch]
        got = fault(9003, s.call, spv(values, "must not stay"))
        found = {n: c for n, c, _ in got.parameters}
        for name, value, xtype, why in batch:
            true(found.get(name) in codes, "%s = %.60r (%s; %s): %s instead of %s" %
                 (name, value, xtype, why, found.get(name), codes))
        for name, _, text in got.parameters:
            true(text, "no FaultString for %s" % name)
    after = s.get(*names)
    moved = [n for n, value, _, _ in tries if after[n] == value != before[n]]
    if moved:       # seconds that something lasts may have come to the value by themselves
        time.sleep(1.1)
        later = s.get(*moved)
        same([n for n in moved if later[n] == after[n]], [], "were set")
    same(s.value("Device.ManagementServer.ParameterKey"), "", "ParameterKey")


def T079_values_out_of_range_enumeration_length_and_pattern_are_9007(t):
    table = spec_table()
    s = t.boot()
    populate(s)
    tries = [(name, value, violate.xsd_type(row), why)
             for name, writable, row in listed(s, table) if writable
             for value, why in violate.values(row)]
    refuse(s, tries, (9007,))
    s.end()


def T078_other_types_are_9006(t):
    table = spec_table()
    s = t.boot()
    populate(s)
    tries = [(name, value, xtype, "wrong type")
             for name, writable, row in listed(s, table) if writable
             for xtype, value in violate.OTHER_TYPES["string" if row["list"] == "1"
                                                     else row["base"]]]
    refuse(s, tries, (9006,))
    s.end()


def T080_writing_a_read_only_parameter_is_9008(t):
    table = spec_table()
    s = t.boot()
    populate(s)
    sample = {"boolean": "1", "dateTime": "2026-01-01T00:00:00Z", "string": "x", "base64": "QQ==",
              "hexBinary": "41", "decimal": "1"}
    tries = [(name, sample.get("string" if row["list"] == "1" else row["base"], "1"),
              violate.xsd_type(row), "read-only")
             for name, writable, row in listed(s, table) if not writable]
    refuse(s, tries, (9008,))
    s.end()


def T080_its_own_value_too(t):
    """Even the value that a read-only parameter has cannot be written."""
    s = t.boot()
    for name in ("Device.DeviceInfo.SoftwareVersion", "Device.RootDataModelVersion"):
        got = fault(9003, s.set, {name: s.value(name)})
        same([(n, c) for n, c, _ in got.parameters], [(name, 9008)], "fault")
    s.end()


def T139_access_of_every_parameter_is_that_of_the_data_model(t):
    table = spec_table()
    s = t.boot()
    populate(s)
    for name, writable, row in listed(s, table):
        true(not writable or row["access"] in ("readWrite", "writeOnceReadOnly"),
             "%s is writable here and %s in TR-181" % (name, row["access"]))
    s.end()


def T139_deprecated_and_deleted_parameters_are_not_there(t):
    table = spec_table()
    s = t.boot()
    for name, _, row in listed(s, table):
        true(row["status"] not in ("deleted", "obsoleted"), "%s is %s" % (name, row["status"]))
    s.end()


def T094_children_of_a_new_object_have_the_defaults_of_the_data_model(t):
    table = spec_table()
    s = t.boot()
    tried = 0
    for path in [n for n, w in s.names("").items()
                 if w and n.endswith(".") and not n[:-1].split(".")[-1].isdigit()]:
        instance = s.add(path)
        for name, value in s.get("%s%d." % (path, instance)).items():
            row = table.get(generic(name))
            if row is None or not row["default"].startswith("object:"):
                continue
            want = row["default"][len("object:"):].strip('"').replace("[]", "")
            if row["base"] == "boolean":
                value, want = ({"true": "1", "false": "0"}.get(x, x) for x in (value, want))
            tried += 1
            same(value, want, "default of %s" % name)
        s.delete("%s%d." % (path, instance))
    true(tried, "no default was tried")
    s.end()
