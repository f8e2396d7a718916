# SPDX-License-Identifier: Apache-2.0
"""Events and contents of the Inform (TR-069 A6 3.7.1.5)."""

import re
import signal
import time

import rules
import soap
from harness import CONNREQ, MS, PROVISIONING, same, true, until


def T009_first_contact_sends_bootstrap_and_boot(t):
    s = t.boot()
    same(s.inform.events, [("0 BOOTSTRAP", ""), ("1 BOOT", "")], "events")
    same(s.inform.text("RetryCount"), "0", "RetryCount")
    s.end()
    true(t.server.quiet(0.3), "a second session followed the first")


def T011_bootstrap_survives_reboot_until_delivered(t):
    t.acs()
    t.gateway()
    t.server.wait_session().abandon()
    t.gw.reboot()
    s = t.server.wait_session()
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events after a reboot without answer")
    s.begin().end()
    t.gw.reboot()
    same(t.server.session().end().inform.codes, ["1 BOOT"], "events once it was delivered")


def T011_bootstrap_survives_sigkill_before_the_answer(t):
    t.acs()
    t.gateway()
    t.server.wait_session()
    t.gw.restart(signal.SIGKILL)
    s = t.server.wait_session()
    true("0 BOOTSTRAP" in s.inform.codes, "events are %s" % s.inform.codes)
    s.begin().end()


def T012_no_bootstrap_after_plain_reboot(t):
    t.boot().end()
    t.gw.reboot()
    s = t.server.session()
    same(s.inform.events, [("1 BOOT", "")], "events")
    s.end()


def T012_restart_within_a_boot_raises_no_boot(t):
    t.boot().end()
    t.gw.restart()
    true(t.server.quiet(0.7), "a restarted agent called without a reason")
    until(t.gw.running, "agent runs")
    s = t.again()
    s.end()


def T010_url_changed_in_the_factory_layer_is_a_bootstrap(t):
    t.boot().end()
    other = t.acs()
    t.gw.stop()
    t.gw.write(other.url, {})
    t.gw.again()
    s = other.session()
    true("0 BOOTSTRAP" in s.inform.codes, "events are %s" % s.inform.codes)
    s.end()


def T010_url_set_by_the_acs_ends_here_and_bootstraps_there(t):
    s = t.boot()
    other = t.acs()
    s.set({MS + "URL": other.url})
    same(s.value(MS + "URL"), other.url, "URL in the same session")
    true(other.sessions.empty(), "the new ACS was called before the session was over")
    s.end()
    n = other.session()
    true("0 BOOTSTRAP" in n.inform.codes, "events at the new ACS: %s" % n.inform.codes)
    true("1 BOOT" not in n.inform.codes, "a pending event other than BOOTSTRAP was kept")
    n.end()
    true(t.server.quiet(0.3), "the old ACS was called again")


def T010_what_the_old_acs_ordered_is_not_told_to_the_new_one(t):
    s = t.boot()
    other = t.acs()
    s.call(soap.schedule_inform(1, "the old one's"))
    s.set({MS + "URL": other.url})
    t.gw.restart(signal.SIGKILL)
    s.abandon()
    n = other.session()
    true("0 BOOTSTRAP" in n.inform.codes, "events at the new ACS: %s" % n.inform.codes)
    n.end()
    true(other.quiet(1.3), "the scheduled Inform was told to the new ACS")


def T010_same_url_set_again_is_no_bootstrap(t):
    s = t.boot()
    s.set({MS + "URL": t.server.url})
    s.end()
    true(t.server.quiet(0.5), "a session followed a change that was none")
    t.again().end()


def T013_inform_tells_who_the_device_is(t):
    s = t.boot()
    same(s.inform.device_id, {"Manufacturer": "Example", "OUI": "00D09E",
                              "ProductClass": "Gateway", "SerialNumber": "SN-0001"}, "DeviceId")
    values = s.get("Device.DeviceInfo.")
    same(values["Device.DeviceInfo.SerialNumber"], "SN-0001", "SerialNumber")
    same(values["Device.DeviceInfo.ManufacturerOUI"], "00D09E", "ManufacturerOUI")
    s.end()


def T013_a_box_that_does_not_know_who_it_is_does_not_speak(t):
    """Only the factory layer has an OUI; a placeholder is none."""
    for oui in (None, "000000", "To be filled by O.E.M."):
        t.acs()
        gw = t.gateway(factory={"Device.DeviceInfo.ManufacturerOUI": oui})
        until(lambda: t.log("no truthful ManufacturerOUI on this box; set "
                            "Device.DeviceInfo.ManufacturerOUI in the factory file"), "a refusal")
        until(lambda: gw.agent.statuses, "the agent's end")
        same(t.server.seen, [], "what was sent to the ACS")
        gw.stop()
        gw.agent.statuses.clear()       # it ended by itself, as it should


def T013_who_the_box_is_stays_over_a_factory_reset(t):
    s = t.boot()
    before = s.inform.device_id
    s.call(soap.factory_reset())
    s.end()
    same(t.server.session().end().inform.device_id, before, "DeviceId")


def T013_current_time_is_now_in_utc(t):
    s = t.boot()
    text = s.inform.text("CurrentTime")
    m = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z", text)
    if not m:
        # no absolute time on this machine: seconds since boot, without a zone
        true(re.match(r"0001-01-\d\dT\d\d:\d\d:\d\d(\.\d+)?$", text), "CurrentTime %r" % text)
    else:
        import calendar
        got = calendar.timegm(time.strptime(m[1], "%Y-%m-%dT%H:%M:%S"))
        true(abs(got - time.time()) < 5, "CurrentTime %s" % text)
    s.end()


def T014_forced_parameters_in_every_inform(t):
    s = t.boot()
    s.set({MS + "PeriodicInformEnable": True, MS + "PeriodicInformInterval": 1})
    seen = [s.inform]
    s.end()
    periodic = t.server.session()
    same(periodic.inform.codes, ["2 PERIODIC"], "events")
    periodic.set({MS + "PeriodicInformEnable": False})
    seen.append(periodic.inform)
    periodic.end()
    s = t.again()
    seen.append(s.inform)
    values = s.get_typed(*rules.FORCED)
    s.end()
    for inform in seen:
        same([n for n, _ in inform.values], [n for n, _ in seen[0].values], "parameters")
        same(set(inform.params), set(rules.FORCED), "%s: parameters" % inform.codes)
    same(dict(seen[-1].values), values, "Inform and GetParameterValues")


def T014_forced_parameters_have_real_values(t):
    s = t.boot(factory={PROVISIONING: "code.a.b"})
    p = s.inform.params
    true(re.fullmatch(r"2\.\d+", p["Device.RootDataModelVersion"]), "RootDataModelVersion %r" %
         p["Device.RootDataModelVersion"])
    same(p["Device.DeviceInfo.HardwareVersion"], "1.0", "HardwareVersion")
    true(p["Device.DeviceInfo.SoftwareVersion"], "SoftwareVersion is empty")
    same(p[PROVISIONING], "code.a.b", "ProvisioningCode")
    same(p[MS + "ParameterKey"], "", "ParameterKey")
    true(re.fullmatch(r"http://127\.0\.0\.1:\d+/\S{6,}", p[MS + "ConnectionRequestURL"]),
         "ConnectionRequestURL %r" % p[MS + "ConnectionRequestURL"])
    true(p[MS + "AliasBasedAddressing"] in ("0", "false", "1", "true"), "AliasBasedAddressing")
    s.end()


def T014_parameter_key_of_the_inform_is_the_last_one_set(t):
    s = t.boot()
    s.set({PROVISIONING: "x"}, "key-7")
    s.end()
    s = t.again()
    same(s.inform.params[MS + "ParameterKey"], "key-7", "ParameterKey")
    same(s.inform.params[PROVISIONING], "x", "ProvisioningCode")
    s.end()


def T017_acs_made_change_is_not_reported_back(t):
    s = t.boot()
    s.set({PROVISIONING: "by the ACS", MS + "ConnectionRequestUsername": CONNREQ[0]})
    s.end()
    true(t.server.quiet(0.6), "a change made by the ACS started a session")
    s = t.again()
    same(s.inform.codes, ["6 CONNECTION REQUEST"], "events")
    s.end()


def T105_url_of_the_connection_request_stays_the_same_over_a_reboot(t):
    s = t.boot().end()
    before = s.inform.params[MS + "ConnectionRequestURL"]
    t.gw.reboot()
    s = t.server.session().end()
    same(s.inform.params[MS + "ConnectionRequestURL"], before, "ConnectionRequestURL")
