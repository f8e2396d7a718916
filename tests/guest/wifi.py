# SPDX-License-Identifier: Apache-2.0
"""The spine: what an ACS sets is on the air, a station joins it, and pings the gateway."""

import re

import genieacs
from air import access_points, run, until
from lines import check, equal
from service import how

PASSPHRASE = "correct horse battery"
GATEWAY_IP, STATION_IP = "192.168.70.1", "192.168.70.%d"


class Paths:
    """The instances that the scenarios work with."""

    radio = ssid = ap = security = None


at = Paths()


def instance(names, table):
    """The first instance of a table, as a path."""
    found = sorted(int(m[1]) for m in (re.fullmatch(re.escape(table) + r"(\d+)\.", n)
                                       for n in names) if m)
    return "%s%d." % (table, found[0]) if found else None


def find_rows(s):
    """Finds or makes an SSID and an AccessPoint."""
    names = s.names("Device.WiFi.", False)
    at.radio = instance(names, "Device.WiFi.Radio.")
    check(at.radio, "there is no Device.WiFi.Radio.{i}.")
    at.ssid = instance(names, "Device.WiFi.SSID.")
    at.ap = instance(names, "Device.WiFi.AccessPoint.")
    if not at.ssid:
        at.ssid = "Device.WiFi.SSID.%d." % s.add("Device.WiFi.SSID.")
    if not at.ap:
        at.ap = "Device.WiFi.AccessPoint.%d." % s.add("Device.WiFi.AccessPoint.")
    at.security = at.ap + "Security."


def wholly(ssid, passphrase=None):
    """All that makes one access point, in one list."""
    values = [(at.radio + "Enable", True), (at.ssid + "LowerLayers", at.radio.rstrip(".")),
              (at.ssid + "SSID", ssid), (at.ssid + "Enable", True),
              (at.ap + "SSIDReference", at.ssid.rstrip(".")), (at.ap + "Enable", True),
              (at.security + "ModeEnabled", "WPA2-Personal" if passphrase else "None")]
    if passphrase:
        values.append((at.security + "KeyPassphrase", passphrase))
    return values


def put_on_air(world, ssid, passphrase=None):
    equal(world.set(wholly(ssid, passphrase)), 0, "status")
    wanted = ssid.encode()
    check(until(lambda: world.kernel_ssid() == wanted, 60),
          "the kernel has %r on the air" % world.kernel_ssid())


def pings(world, station, number):
    bss = access_points()[0]
    run("ip", "addr", "replace", GATEWAY_IP + "/24", "dev", bss.name)
    station.inside("ip", "addr", "replace", STATION_IP % (number + 10) + "/24", "dev",
                   station.interface)
    return station.ping(GATEWAY_IP)


def bootstrap(world, session):
    equal(session.inform.codes[0], "0 BOOTSTRAP", "first event")
    check("1 BOOT" in session.inform.codes, "no 1 BOOT in %s" % session.inform.codes)
    session.begin()
    find_rows(session)
    session.end()


def W2_open_network_is_joined_and_pinged(world):
    put_on_air(world, "open-to-all")
    check(world.station.join(b"open-to-all"), "the station did not join")
    check(pings(world, world.station, 0) >= 2, "no answer to the pings")


def W3_wpa2_network_is_joined_and_pinged(world):
    put_on_air(world, "Sallyport", PASSPHRASE)
    bss = [b for b in world.station.scan() if b.ssid == b"Sallyport"]
    equal(len(bss), 1, "BSSs with the new name in a scan")
    check(bss[0].secure, "no RSN element in the beacon")
    check(world.station.join(b"Sallyport", PASSPHRASE), "the station did not join")
    check(pings(world, world.station, 0) >= 2, "no answer to the pings")


def W6_channel_is_set_and_read_back(world):
    for channel in (11, 1):
        equal(world.set([(at.radio + "AutoChannelEnable", False), (at.radio + "Channel", channel)]),
              0, "status")
        check(until(lambda: [i.channel for i in access_points()] == [channel], 60),
              "the kernel is on %s" % [i.channel for i in access_points()])
        equal(world.get(at.radio + "Channel")[at.radio + "Channel"], str(channel), "Channel")
    check(world.station.join(b"Sallyport", PASSPHRASE), "no station joins on the new channel")


def W7_disabled_access_point_is_off_the_air(world):
    equal(world.set([(at.ap + "Enable", False)]), 0, "status")
    check(until(lambda: not access_points(), 60), "still on the air")
    equal(world.get(at.ssid + "Status")[at.ssid + "Status"] == "Up", False, "Status is Up")
    equal(world.set([(at.ap + "Enable", True)]), 0, "status")
    check(until(lambda: world.kernel_ssid() == b"Sallyport", 60), "not back on the air")
    equal(world.get(at.ssid + "Status")[at.ssid + "Status"], "Up", "Status")


def W8_restarted_hostapd_gets_its_plan_again(world):
    """Noticed by an event: the radio role looks by itself every two minutes only."""
    world.hostapd.kill()
    check(until(lambda: len(world.hostapd.statuses) and world.kernel_ssid() == b"Sallyport", 60),
          "the access point did not come back: %r" % world.kernel_ssid())
    check(world.station.join(b"Sallyport", PASSPHRASE), "no station joins it")


def C12_genieacs_refreshes_the_tree_with_radios(world):
    with world.talk() as s:
        values, rpcs = genieacs.refresh(s)
    check(at.ap + "Enable" in values, "no access point among the values")
    check(rpcs <= 255, "%d RPCs for %d values" % (rpcs, len(values)))
    print("# %d values by %d RPCs" % (len(values), rpcs))


def no_violations(world):
    check(not world.acs.violations, "; ".join(world.acs.violations[:5]))


def no_role_ended(world):
    for service in world.gateway.services():
        check(not service.statuses,
              "%s: %s" % (service.name, ", ".join(map(how, service.statuses))))


def no_sanitizer_complained(world):
    found = re.search(r".*(Sanitizer|runtime error:).*", world.gateway.log())
    check(not found, found and found[0])


def no_secret_in_a_log(world):
    text = world.gateway.log()
    for secret in (PASSPHRASE, world.gateway.connreq_password):
        check(secret not in text, "a secret is in the log")
