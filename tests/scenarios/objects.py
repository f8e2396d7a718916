# SPDX-License-Identifier: Apache-2.0
"""AddObject and DeleteObject: TESTPLAN rows 94 to 97."""

import signal

import soap
from harness import MS, children, fault, same, true

SSID, AP = "Device.WiFi.SSID.", "Device.WiFi.AccessPoint."
KEY = MS + "ParameterKey"


def T094_add_object_returns_an_instance(t):
    s = t.boot()
    msg = s.call(soap.add_object(SSID, "add-key"))
    true(msg.instance >= 1, "InstanceNumber %d" % msg.instance)
    true(msg.status in (0, 1), "Status %d" % msg.status)
    path = "%s%d." % (SSID, msg.instance)
    true(path in s.names(SSID, True), "%s is not listed" % path)
    same(s.value(KEY), "add-key", "ParameterKey")
    same(s.value(path + "Enable") in ("0", "false"), True, "a new row is disabled")
    s.end()


def T094_number_of_entries_rises(t):
    s = t.boot()
    counter = "Device.WiFi.SSIDNumberOfEntries"
    before = int(s.value(counter))
    a, b = s.add(SSID), s.add(SSID)
    true(a != b, "the same instance number twice")
    same(int(s.value(counter)), before + 2, counter)
    s.delete("%s%d." % (SSID, a))
    same(int(s.value(counter)), before + 1, counter)
    s.end()


def T094_a_new_row_can_be_written_and_is_kept(t):
    s = t.boot()
    path = "%s%d." % (SSID, s.add(SSID))
    s.set({path + "SSID": "a name"})
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(s.value(path + "SSID"), "a name", "value after a reboot")
    s.end()


def T095_add_object_where_it_cannot_be_is_9005(t):
    s = t.boot()
    for path in ("Device.", "Device.DeviceInfo.", "Device.WiFi.", "Device.Nope.", "",
                 "Device.WiFi.SSID", "Device.WiFi.SSID.4711.", MS + "URL", "Device.WiFi.SSID.{i}.",
                 "Device.WiFi.SSID.1.Nope."):
        fault(9005, s.add, path, "must not stay")
    same(s.value(KEY), "", "ParameterKey after faults")
    s.end()


def T095_add_object_to_an_instance_is_9005(t):
    s = t.boot()
    path = "%s%d." % (SSID, s.add(SSID))
    fault(9005, s.add, path)
    s.end()


def T095_full_table_is_9004(t):
    s = t.boot()
    added = []
    while len(added) < 300:
        msg = s.ask(soap.add_object(SSID, "key-%d" % len(added)))
        if msg.kind == "fault":
            break
        added.append(msg.instance)
    same(msg.kind, "fault", "a table of hundreds of SSIDs")
    same(msg.fault.code, 9004, "fault")
    same(s.value(KEY), "key-%d" % (len(added) - 1), "ParameterKey")
    s.delete("%s%d." % (SSID, added[-1]))
    true(s.add(SSID) >= 1, "no room although a row was deleted")
    s.end()


def T096_delete_object_removes_the_subtree(t):
    s = t.boot()
    path = "%s%d." % (AP, s.add(AP))
    inside = s.names(path)
    true(len(inside) > 3, "a row with %d names" % len(inside))
    true(s.delete(path, "del-key") in (0, 1), "Status")
    same(s.value(KEY), "del-key", "ParameterKey")
    for name in inside:
        fault(9005, s.names, name)
    s.end()


def T096_delete_object_clears_references_to_it(t):
    s = t.boot()
    ssid = "%s%d" % (SSID, s.add(SSID))
    ap = "%s%d." % (AP, s.add(AP))
    s.set({ap + "SSIDReference": ssid})
    same(s.value(ap + "SSIDReference"), ssid, "SSIDReference")
    s.delete(ssid + ".")
    same(s.value(ap + "SSIDReference"), "", "SSIDReference after the row is gone")
    s.end()
    true(t.server.quiet(0.4), "a deletion by the ACS was reported")


def T096_delete_object_of_what_is_not_there_is_9005(t):
    s = t.boot()
    path = "%s%d." % (SSID, s.add(SSID, "a"))
    for bad in (SSID, SSID + "4711.", path[:-1], "Device.WiFi.", "Device.DeviceInfo.", "Device.",
                "", "Device.Nope.1.", path + "SSID", "Device.WiFi.SSID.*."):
        fault(9005, s.delete, bad, "b")
    s.delete(path, "c")
    fault(9005, s.delete, path, "d")
    same(s.value(KEY), "c", "ParameterKey")
    s.end()


def T096_fixed_rows_cannot_be_deleted(t):
    s = t.boot()
    for name, writable in s.names("").items():
        if name[:-1].split(".")[-1].isdigit() and not writable:
            msg = s.ask(soap.delete_object(name))
            same(msg.kind, "fault", "DeleteObject of %s" % name)
            true(msg.fault.code in (9005, 9001), str(msg.fault))
    s.end()


def T097_instance_numbers_are_not_reused_soon(t):
    s = t.boot()
    a, b = s.add(SSID), s.add(SSID)
    s.delete("%s%d." % (SSID, b))
    c = s.add(SSID)
    true(c not in (a, b), "instance %d again" % c)
    s.delete("%s%d." % (SSID, a))
    same(children(s.names(SSID), SSID)[-1:], ["%s%d." % (SSID, c)], "the other row was renumbered")
    s.end()


def T097_instance_numbers_persist_over_reboot_and_deletes(t):
    s = t.boot()
    rows = [s.add(SSID) for _ in range(3)]
    for i in rows:
        s.set({"%s%d.SSID" % (SSID, i): "net %d" % i})
    s.delete("%s%d." % (SSID, rows[1]))
    s.end()
    t.gw.reboot()
    s = t.server.session()
    for i in (rows[0], rows[2]):
        same(s.value("%s%d.SSID" % (SSID, i)), "net %d" % i, "row %d" % i)
    fault(9005, s.get, "%s%d.SSID" % (SSID, rows[1]))
    true(s.add(SSID) not in rows, "a number came back after the reboot")
    s.end()


def T097_a_row_added_right_before_a_kill_is_there_or_not_at_all(t):
    s = t.boot()
    i = s.add(SSID)
    t.gw.reboot(signal.SIGKILL)
    s = t.server.session()
    true("%s%d." % (SSID, i) in s.names(SSID, True), "an answered AddObject is lost")
    s.end()


def T094_key_longer_than_32_is_9003(t):
    s = t.boot()
    before = s.names(SSID, True)
    fault(9003, s.add, SSID, "k" * 33)
    same(s.names(SSID, True), before, "rows")
    i = s.add(SSID, "k" * 32)
    fault(9003, s.delete, "%s%d." % (SSID, i), "k" * 33)
    true("%s%d." % (SSID, i) in s.names(SSID, True), "the row was deleted")
    s.end()


def T138_ssid_and_access_point_are_added_in_any_order(t):
    """AddObject, then the values, the reference last; nothing is enabled."""
    s = t.boot()
    ap = "%s%d." % (AP, s.add(AP))
    ssid = "%s%d" % (SSID, s.add(SSID))
    s.set({ssid + ".SSID": "guest"})
    s.set({ap + "SSIDReference": ssid})
    same(s.value(ap + "SSIDReference"), ssid, "SSIDReference")
    s.delete(ap)
    s.delete(ssid + ".")
    s.end()
