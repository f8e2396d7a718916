# SPDX-License-Identifier: Apache-2.0
"""Against servers as they are in the field: each line of what was learnt from GenieACS, Magma."""

import re
import subprocess
import sys

import connreq
import genieacs
import soap
import transfers
from harness import CONNREQ, MS, PROVISIONING, same, true, until
from wire import Reply


def genie(t, **kw):
    t.acs(genieacs.GenieAcs)
    t.gateway(**kw)
    return t.server.session()


def C12_genieacs_first_contact(t):
    s = genie(t)
    genieacs.first_contact(s, CONNREQ)
    same(s.value(MS + "PeriodicInformTime"), "1970-01-01T00:17:36.000Z", "PeriodicInformTime")
    s.end()
    true(t.server.quiet(0.5), "a session followed the first contact")
    same(list(t.server.devices.values()), [1], "devices")


def C12_genieacs_refresh_fits_into_its_limits(t):
    """On a box with 300 processes, too."""
    processes = [subprocess.Popen(["sleep", "900"]) for _ in range(300)]
    try:
        s = genie(t)
        values, rpcs = genieacs.refresh(s)
        s.end()
    finally:
        for p in processes:
            p.kill()
            p.wait()
    print("# %d values by %d RPCs" % (len(values), rpcs), file=sys.stderr)
    true(rpcs <= 200, "%d RPCs of 255" % rpcs)
    true(len(values) > 25, "%d values" % len(values))
    listed = [n for n in values if re.search(r"ProcessStatus\.Process\.\d+\.PID$", n)]
    same(values["Device.DeviceInfo.ProcessStatus.ProcessNumberOfEntries"], str(len(listed)),
         "ProcessNumberOfEntries")


def C12_level_by_level_walk_ends_and_every_leaf_is_readable(t):
    s = t.boot()
    values, _ = genieacs.refresh(s)
    same(sorted(values), sorted(n for n in s.names("") if not n.endswith(".")), "leaves")
    s.end()


def C12_genieacs_connection_request_is_understood(t):
    s = genie(t)
    s.end()
    url = s.inform.params[MS + "ConnectionRequestURL"]
    same(connreq.as_genieacs(url, *CONNREQ), None, "what GenieACS says")
    s = t.server.session()
    same(s.inform.codes, ["6 CONNECTION REQUEST"], "events")
    url = s.inform.params[MS + "ConnectionRequestURL"]
    same(connreq.as_genieacs(url, *CONNREQ), None, "what GenieACS says during a session")
    s.end()
    t.server.session().end()


def C12_calls_that_the_server_does_not_know_are_not_repeated_for_ever(t):
    s = genie(t)
    s.end()
    for _ in range(2):
        t.gw.reboot()
        s = t.server.session()
        s.end()
        calls = [m.method for m in s.requests]
        same([c for c in calls if c not in t.server.methods], [], "calls the server refuses")


def C12_a_call_that_comes_up_after_the_empty_post_waits_for_the_next_session(t):
    """GenieACS answers it with 400 "Bad session state"."""
    s = genie(t, settings=transfers.with_files(t))
    t.gw.ctl("request", transfers.CONFIG)
    same(s.value(PROVISIONING), "", "value")
    s.end()
    true("RequestDownload" not in [m.method for m in s.requests], "it did not wait")
    s = t.server.session()
    same(s.inform.codes, ["9 REQUEST DOWNLOAD"], "events")
    same([m.method for m in s.requests], ["RequestDownload"], "calls before the empty POST")
    s.end()


def C12_empty_notification_is_ignored_when_it_does_not_change(t):
    s = genie(t)
    if "SetParameterAttributes" not in s.methods():
        same(s.ask(soap.set_parameter_attributes([(PROVISIONING, None, None)], True)).fault.code,
             9000, "fault")
    else:
        s.set_attributes([(PROVISIONING, None, ["Subscriber"])])
    s.end()


def C12_a_busy_server_is_not_asked_again_before_retry_after(t):
    t.acs(genieacs.GenieAcs)
    t.server.busy = 1
    t.gateway()
    until(lambda: t.server.refused, "the first Inform")
    true(t.server.quiet(3), "an Inform before the minute was over")
    same(len(t.server.refused), 1, "requests")


def C12_namespace_is_one_that_genieacs_knows(t):
    s = genie(t)
    true(s.inform.ns in t.server.namespaces, "namespace %s" % s.inform.ns)
    s.end()


def C12_every_namespace_of_the_server_is_answered_in_kind(t):
    for version in ("1-0", "1-1", "1-2"):
        t.server = None
        t.acs().ns = soap.CWMP + version
        t.gateway()
        s = t.server.session()
        s.ask(soap.get_parameter_values([PROVISIONING]))
        true(s.last.msg.ns in (s.inform.ns, soap.CWMP + version), "namespace %s" % s.last.msg.ns)
        t.allowed.append("namespace changed")
        s.end()


def C12_server_that_knows_1_0_only_is_asked_in_1_0(t):
    t.acs(genieacs.OldAcs)
    t.gateway()
    s = t.server.session()
    same(s.inform.ns, soap.CWMP + "1-0", "namespace of the Inform")
    true("0 BOOTSTRAP" in s.inform.codes, "events %s" % s.inform.codes)
    s.set({PROVISIONING: "old server"})
    same(s.value(PROVISIONING), "old server", "value")
    s.end()
    s = t.again()
    same(s.inform.ns, soap.CWMP + "1-0", "namespace in the next session")
    s.end()


def C12_server_error_in_1_2_after_a_good_session_is_no_reason_to_go_back(t):
    t.boot().end()
    t.server.next_replies(Reply(500))
    t.knock()
    t.gw.reboot()
    s = t.server.session()
    same(s.inform.ns, soap.CWMP + "1-2", "namespace")
    s.end()


def C12_supported_versions_are_told(t):
    s = t.boot()
    headers = {soap.local(h): h.text for h in s.inform.headers}
    true("SupportedCWMPVersions" in headers, "no SupportedCWMPVersions header")
    versions = headers["SupportedCWMPVersions"].split(",")
    true("1.0" in versions and "1.4" in versions, "versions %s" % versions)
    s.end()


def C12_use_cwmp_version_of_the_server_is_taken(t):
    for version in ("1.0", "1.2", "1.4"):
        t.server = None
        t.acs().use_version = version
        t.gateway()
        s = t.server.session()
        spoken = soap.CWMP + ("1-0" if version == "1.0" else "1-2")
        same(s.last.msg.kind, "empty", "POST after the calls of the agent")
        same([m.ns for m in s.requests], [spoken], "namespace of the agent's call")
        s.ns = spoken
        same(s.value(PROVISIONING), "", "value")
        if version == "1.0":        # the Inform was in the newest that we know
            t.allowed.append("namespace changed")
        s.end()


def C12_two_gateways_are_two_devices(t):
    t.acs(genieacs.GenieAcs)
    t.gateway()
    t.server.session().end()
    t.gateway(factory={"Device.DeviceInfo.SerialNumber": "SN-0002"})
    t.server.session().end()
    same(len(t.server.devices), 2, "devices %s" % t.server.devices)


def C12_without_serial_number_or_oui_there_is_no_inform(t):
    """A server throws, or takes two devices for one."""
    t.acs(genieacs.GenieAcs)
    t.gateway(factory={"Device.DeviceInfo.SerialNumber": ""}, start=False)
    t.gw.start()
    true(t.server.quiet(1), "a session")
    same([r for r in t.server.refused if r[0] == 500], [], "Informs without a serial number")
    t.gw.stop()
    for s in t.gw.services():
        s.statuses.clear()      # to refuse to start is right
