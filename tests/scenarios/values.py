# SPDX-License-Identifier: Apache-2.0
"""GetParameterValues: TESTPLAN rows 69 to 72."""

import os
import shutil
import tempfile

import soap
from harness import MS, PROVISIONING, Skipped, fault, generic, same, spec_table, true

TYPES = {"string": "string", "int": "int", "unsignedInt": "unsignedInt", "long": "long",
         "unsignedLong": "unsignedLong", "boolean": "boolean", "dateTime": "dateTime",
         "base64": "base64", "hexBinary": "hexBinary", "decimal": "decimal"}


def T069_single_and_several_names(t):
    s = t.boot(factory={PROVISIONING: "abc"})
    same(s.get(PROVISIONING), {PROVISIONING: "abc"}, "one name")
    names = [MS + "ParameterKey", PROVISIONING, MS + "PeriodicInformEnable"]
    same(sorted(s.get(*names)), sorted(names), "three names")
    s.end()


def T069_partial_path(t):
    s = t.boot()
    leaves = [n for n in s.names("Device.DeviceInfo.") if not n.endswith(".")]
    same(sorted(s.get("Device.DeviceInfo.")), sorted(leaves), "values below Device.DeviceInfo.")
    s.end()


def T069_empty_path_is_the_whole_tree(t):
    s = t.boot()
    leaves = [n for n in s.names("") if not n.endswith(".")]
    same(sorted(s.get("")), sorted(leaves), "values of the whole tree")
    same(sorted(s.get("Device.")), sorted(leaves), "values below Device.")
    s.end()


def T069_every_leaf_is_readable_by_its_name(t):
    s = t.boot()
    leaves = [n for n in s.names("") if not n.endswith(".")]
    for i in range(0, len(leaves), 32):
        same(sorted(s.get(*leaves[i:i + 32])), sorted(leaves[i:i + 32]), "values by name")
    s.end()


def T069_types_are_those_of_the_data_model(t):
    table = spec_table()
    s = t.boot()
    for name, value in s.get_typed("").items():
        row = table.get(generic(name))
        if row is None:
            true(".X_" in name, "%s is not in TR-181" % name)
            continue
        want = "string" if row["list"] == "1" else TYPES[row["base"]]
        got = "base64" if value.type == "base64Binary" else value.type
        same(got, want, "type of %s" % name)
    s.end()


def T069_name_asked_twice_is_no_fault(t):
    s = t.boot()
    msg = s.call(soap.get_parameter_values([PROVISIONING, PROVISIONING]))
    same({n for n, _ in msg.values}, {PROVISIONING}, "names")
    s.end()


def T069_partial_path_and_a_name_inside_of_it(t):
    s = t.boot()
    msg = s.call(soap.get_parameter_values([PROVISIONING, "Device.DeviceInfo."]))
    true(PROVISIONING in msg.params and len(msg.params) > 3, "values %s" % list(msg.params)[:5])
    s.end()


def T070_unknown_name_is_9005_and_nothing_is_returned(t):
    s = t.boot()
    for bad in ("Device.Nope", "Device.Nope.", "", "Device.DeviceInfo", "Device.WiFi.SSID.4711.",
                "Device.WiFi.SSID.*.SSID", PROVISIONING + ".", "Device.DeviceInfo..x"):
        if bad:
            got = fault(9005, s.get, PROVISIONING, bad, MS + "URL")
            same(got.parameters, [], "SetParameterValuesFault")
            fault(9005, s.get, bad)
    s.end()


def T070_fault_names_the_unknown_parameter(t):
    s = t.boot()
    got = fault(9005, s.get, PROVISIONING, "Device.DeviceInfo.Provisioningcode")
    true("Device.DeviceInfo.Provisioningcode" in got.string, "FaultString %r" % got.string)
    s.end()


def T071_hidden_parameters_read_as_the_null_value(t):
    table = spec_table()
    s = t.boot(factory={MS + "Username": "u", MS + "Password": "acs-password"})
    null = {"boolean": ("0", "false"), "string": ("",), "unsignedInt": ("0",), "int": ("0",)}
    seen = 0
    for name, value in s.get_typed("").items():
        row = table.get(generic(name))
        if row is not None and (row["hidden"] or row["secured"] or row["command"]):
            seen += 1
            true(value.text in null.get(row["base"], ("",)), "%s reads as %r" % (name, value.text))
    true(seen >= 2, "only %d hidden parameters" % seen)
    s.end()


def T072_empty_table_gives_an_empty_list(t):
    s = t.boot()
    whole = s.names("")
    empty = [n for n in whole if n.endswith(".") and not n[:-1].split(".")[-1].isdigit() and
             n != "Device." and not any(m.startswith(n) and m != n for m in whole)]
    if not empty:
        raise Skipped("no empty table on this machine")
    for path in empty:
        msg = s.call(soap.get_parameter_values([path]))
        same(msg.values, [], "values of %s" % path)
        same(s.names(path, True), {}, "names below %s" % path)
    s.end()


def T069_no_names_at_all(t):
    """An empty ParameterNames list: the schema wants one at least; no crash, no values."""
    s = t.boot()
    msg = s.ask(soap.get_parameter_values([]))
    if msg.kind == "fault":
        same(msg.fault.code, 9003, "fault")
    else:
        same(msg.values, [], "values")
    s.end()


def T069_five_thousand_names_in_one_call(t):
    s = t.boot()
    leaves = [n for n in s.names("") if not n.endswith(".")]
    msg = s.call(soap.get_parameter_values((leaves * 5000)[:5000]))
    same({n for n, _ in msg.values}, set((leaves * 5000)[:5000]), "names")
    s.end()


def T069_values_of_the_system_are_real(t):
    s = t.boot()
    v = s.get("Device.DeviceInfo.")
    with open("/proc/uptime") as f:
        uptime = float(f.read().split()[0])
    got = int(v["Device.DeviceInfo.UpTime"])
    true(abs(got - uptime) < 5, "UpTime %d, the kernel says %.0f" % (got, uptime))
    memory = "Device.DeviceInfo.MemoryStatus.Total"
    if memory in v:
        with open("/proc/meminfo") as f:
            total = int(f.readline().split()[1])
        same(int(v[memory]), total, memory)
    s.end()


def C12_values_are_clean_whatever_bytes_the_box_has(t):
    """Host names as the DHCP server took them from anybody."""
    folder = tempfile.mkdtemp(prefix="sallyport-leases.")
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "leases")
    names = [b"\xff\xfe", b"a\x01\x1b[2Jb", b"\xed\xa0\x80", b"]]><&\"'", b"k\xfcche",
             b"\xc3\xa4rger"]
    with open(path, "wb") as f:
        for n, name in enumerate(names):
            f.write(b"0 02:aa:00:00:01:%02x 198.51.100.%d %s *\n" % (n, n + 10, name))
    try:
        s = t.boot(settings={"hosts.leases": path})
        values = s.get("Device.Hosts.Host.")
        s.end()
    finally:
        shutil.rmtree(folder)
    by_mac = {v.lower(): n[:-len("PhysAddress")] for n, v in values.items()
              if n.endswith("PhysAddress")}
    told = [values[by_mac["02:aa:00:00:01:%02x" % n] + "HostName"]
            for n in range(len(names))]
    # the message was well-formed, or taking it apart would have failed
    true(not any(ord(c) < 32 or 0xd800 <= ord(c) < 0xe000 or c in "\ufffe\uffff"
                 for text in told for c in text), "host names %r" % told)
    same(told[3], "]]><&\"'", "a name that is text")
