# SPDX-License-Identifier: Apache-2.0
"""The rows of an access point, and that a change disturbs nobody whom it does not concern."""

import contextlib
import re

import wifi
from air import access_points, run, until
from lines import check, equal
from soap import CwmpFault

ONE_SESSION = True
WMM = bytes.fromhex("0050f202")
FIRST, SECOND = b"Sallyport", b"Second"


def interface(ssid):
    return next(i.name for i in access_points() if i.ssid == ssid)


def address(station):
    return station.status()["address"]


def joined_at(ssid, station):
    """When the station joined this BSS, as the kernel tells it; None: it is not there."""
    text = run("iw", "dev", interface(ssid), "station", "get", address(station), check=False)
    m = re.search(r"associated at \[boottime\]:\s*(\S+)", text)
    return m and m[1]


@contextlib.contextmanager
def undisturbed(ssid, *stations):
    before = [joined_at(ssid, s) for s in stations]
    check(all(before), "not joined: %s" % before)
    yield
    equal([joined_at(ssid, s) for s in stations], before, "when the stations joined")


@contextlib.contextmanager
def second_bss(world, *values, radio=None):
    """Another BSS; yields the paths of its SSID and AccessPoint."""
    with world.talk() as s:
        ap = "Device.WiFi.AccessPoint.%d." % s.add("Device.WiFi.AccessPoint.")
        ssid = "Device.WiFi.SSID.%d." % s.add("Device.WiFi.SSID.")
        equal(s.set([(ap + "SSIDReference", ssid[:-1]), (ssid + "SSID", SECOND.decode()),
                     (ap + "Security.KeyPassphrase", wifi.PASSPHRASE), (ap + "Enable", True),
                     (ssid + "LowerLayers", (radio or wifi.at.radio)[:-1]), (ssid + "Enable", True)]
                    + [((ssid if n in ("X_SALLYPORT_Bridge",) else ap) + n, v) for n, v in values]),
              0, "status")
    check(until(lambda: SECOND in [i.ssid for i in access_points()], 20), "not on the air")
    try:
        yield ssid, ap
    finally:
        forget(world, [(ssid, ap)])
    check(until(lambda: SECOND not in [i.ssid for i in access_points()], 20), "still on the air")


def set_ap(world, *values):
    equal(world.set([(wifi.at.ap + n, v) for n, v in values]), 0, "status")


def plain(world):
    """The first BSS as a new row has it."""
    equal(world.set(wifi.wholly(FIRST.decode(), wifi.PASSPHRASE) + [
        (wifi.at.ap + n, v) for n, v in (
            ("SSIDAdvertisementEnabled", True), ("IsolationEnable", False), ("WMMEnable", True),
            ("MaxAllowedAssociations", 2007), ("MACAddressControlEnabled", False))]), 0, "status")


def W11_rows_change_in_place_and_do_what_they_say(world):
    first, second = world.stations[:2]
    plain(world)
    check(first.join(FIRST, wifi.PASSPHRASE), "the station does not join")
    check(second.join(FIRST, wifi.PASSPHRASE), "the other station does not join")
    wifi.pings(world, first, 0)
    wifi.pings(world, second, 1)
    check(until(lambda: second.ping(wifi.STATION_IP % 10), 20), "stations do not reach each other")
    with undisturbed(FIRST, first):
        set_ap(world, ("IsolationEnable", True), ("SSIDAdvertisementEnabled", False),
               ("MaxAllowedAssociations", 1))
        equal(second.ping(wifi.STATION_IP % 10, 2), 0, "pings between isolated stations")
        check(FIRST not in [b.ssid for b in second.scan(world.frequency())], "it is not hidden")
        second.seek(FIRST, world.frequency(), psk='"%s"' % wifi.PASSPHRASE, scan_ssid=1)
        check(not until(second.joined, 3), "joined as one more than are allowed")
        set_ap(world, ("MaxAllowedAssociations", 2007))
        check(until(second.joined, 30), "the hidden network is not joined")
        second.leave()
        set_ap(world, ("IsolationEnable", False), ("SSIDAdvertisementEnabled", True))


def W11_only_listed_stations_may_join(world):
    first, second = world.stations[:2]
    plain(world)
    macs = [address(s).upper() for s in (first, second)]
    set_ap(world, ("MACAddressControlEnabled", True), ("AllowedMACAddress", macs[0]))
    check(first.join(FIRST, wifi.PASSPHRASE), "the listed station does not join")
    second.seek(FIRST, world.frequency(), psk='"%s"' % wifi.PASSPHRASE)
    check(not until(second.joined, 3), "a station joins that is not listed")
    with undisturbed(FIRST, first):
        set_ap(world, ("AllowedMACAddress", ",".join(macs)))
        check(until(second.joined, 30), "a station does not join when it is listed")
    with undisturbed(FIRST, second):
        set_ap(world, ("AllowedMACAddress", macs[1]))
        check(until(lambda: not joined_at(FIRST, first), 20), "stays when it is not listed")
    set_ap(world, ("MACAddressControlEnabled", False), ("AllowedMACAddress", ""))
    second.leave()


def W11_wmm_is_in_the_beacon_when_it_is_on(world):
    plain(world)
    for wmm, uapsd in ((False, False), (True, True)):
        set_ap(world, ("WMMEnable", wmm), ("UAPSDEnable", uapsd))
        bss = [b for b in world.station.scan(world.frequency()) if b.ssid == FIRST]
        element = bss[0].elements.get(221, b"")
        equal(element[:4] == WMM, wmm, "WMM in the beacon")
        equal(bool(wmm and element[6] & 0x80), uapsd, "U-APSD in the beacon")
    set_ap(world, ("UAPSDEnable", False))


def set_radio(world, **values):
    equal(world.set([(wifi.at.radio + n, v) for n, v in values.items()]), 0, "status")


@contextlib.contextmanager
def radio_restored(world):
    names = [wifi.at.radio + n for n in (
        "OperatingFrequencyBand", "OperatingStandards", "Channel", "OperatingChannelBandwidth",
        "ExtensionChannel")]
    before = world.get(*names)
    try:
        yield
    finally:
        before[wifi.at.radio + "Channel"] = int(before[wifi.at.radio + "Channel"])
        equal(world.set(list(before.items())), 0, "status")
        plain(world)


def W11_standards_are_those_of_the_beacon(world):
    ht, extended, rates = 45, 255, 1
    plain(world)
    with radio_restored(world):
        for standards, there in (("g", set()), ("g,n", {ht}), ("b,g,n,ax", {ht, extended})):
            set_radio(world, OperatingStandards=standards)
            bss = [b for b in world.station.scan(world.frequency()) if b.ssid == FIRST][0]
            equal({ht, extended} & set(bss.elements), there, "elements for " + standards)
            equal(2 in [r & 0x7f for r in bss.elements[rates]], "b" in standards, "1 Mbit/s")


def W11_bands_and_widths_are_those_of_the_kernel(world):
    station = world.station
    plain(world)
    with radio_restored(world):
        for band, standards, channel, width, side, text in (
                ("2.4GHz", "b,g,n,ax", 11, "40MHz", "BelowControlChannel",
                 "channel 11 (2462 MHz), width: 40 MHz, center1: 2452 MHz"),
                ("5GHz", "a,n,ac,ax", 44, "80MHz", "Auto",
                 "channel 44 (5220 MHz), width: 80 MHz, center1: 5210 MHz"),
                ("6GHz", "ax", 5, "20MHz", "Auto",
                 "channel 5 (5975 MHz), width: 20 MHz, center1: 5975 MHz")):
            if band == "6GHz":          # no other security is allowed there
                set_ap(world, ("Security.ModeEnabled", "WPA3-Personal"))
            set_radio(world, OperatingFrequencyBand=band, OperatingStandards=standards,
                      Channel=channel, OperatingChannelBandwidth=width, ExtensionChannel=side)
            check(text in run("iw", "dev", interface(FIRST), "info"),
                  run("iw", "dev", interface(FIRST), "info"))
            now = wifi.at.radio + "CurrentOperatingChannelBandwidth"
            equal(world.get(now)[now], width, now)
            station.must("SET sae_pwe 2")
            station.seek(FIRST, world.frequency(), psk='"%s"' % wifi.PASSPHRASE, **(
                {"key_mgmt": "SAE", "ieee80211w": 2} if band == "6GHz" else {}))
            check(until(station.joined, 30), "no station joins in " + band)
            check(until(lambda: wifi.pings(world, station, 0) >= 2, 20),
                  "no answer to the pings in " + band)


def W12_a_key_concerns_the_stations_of_its_bss_alone(world):
    first, second = world.stations[:2]
    plain(world)
    for mode in ("WPA2-Personal", "WPA3-Personal"):
        fields = {"key_mgmt": "SAE", "ieee80211w": 2} if mode == "WPA3-Personal" else {}
        for station in (first, second):
            station.must("SET sae_pwe 2")       # hash to element where it can be
        wifi.put_on_air(world, FIRST.decode(), wifi.PASSPHRASE)
        set_ap(world, ("Security.ModeEnabled", mode))
        with second_bss(world, ("Security.ModeEnabled", mode)) as (_, ap):
            for station, ssid in ((first, FIRST), (second, SECOND)):
                station.seek(ssid, world.frequency(), psk='"%s"' % wifi.PASSPHRASE, **fields)
                check(until(station.joined, 30), "the station does not join")
            with undisturbed(SECOND, second):
                set_ap(world, ("Security.KeyPassphrase", "another key of the first"))
                check(until(lambda: not joined_at(FIRST, first) or first.turned_away(), 30),
                      "the old key is as good as the new one")
                first.seek(FIRST, world.frequency(), psk='"another key of the first"', **fields)
                check(until(first.joined, 30), "the new key does not join")
            with undisturbed(FIRST, first):
                equal(world.set([(ap + "Security.KeyPassphrase", "and one of the second")]), 0,
                      "status")
                second.seek(SECOND, world.frequency(), psk='"and one of the second"', **fields)
                check(until(second.joined, 30), "the new key does not join")
    first.leave()
    second.leave()
    wifi.put_on_air(world, FIRST.decode(), wifi.PASSPHRASE)


def W12_stations_follow_to_another_channel(world):
    plain(world)
    check(world.station.join(FIRST, wifi.PASSPHRASE), "the station does not join")
    with second_bss(world):
        check(world.stations[1].join(SECOND, wifi.PASSPHRASE), "the other does not join")
        with undisturbed(FIRST, world.station), undisturbed(SECOND, world.stations[1]):
            equal(world.set([(wifi.at.radio + "Channel", 11)]), 0, "status")
            equal({i.channel for i in access_points()}, {11}, "the channels in the kernel")
            check(until(lambda: world.station.status().get("freq") == "2462", 20),
                  "the station is on %s" % world.station.status().get("freq"))
            check(until(lambda: wifi.pings(world, world.station, 0) >= 2, 20),
                  "no answer to the pings")
    with second_bss(world):         # hostapd adds none after a switch: the role knows a way
        check(world.station.join(FIRST, wifi.PASSPHRASE), "no station joins afterwards")
    equal(world.set([(wifi.at.radio + "Channel", 1)]), 0, "status")
    world.stations[1].leave()


def radios(world):
    names = sorted(n for n in world.get("Device.WiFi.Radio.") if n.endswith(".Name"))
    return [n[:-len("Name")] for n in names]


def W13_twenty_parameters_over_two_radios_are_one_change(world):
    ours = radios(world)
    check(len(ours) == 2, "the gateway has %d radios" % len(ours))
    with contextlib.ExitStack() as stack:
        rows = [(wifi.at.ssid, wifi.at.ap)]
        with world.talk() as s:
            for _ in range(3):
                rows.append(("Device.WiFi.SSID.%d." % s.add("Device.WiFi.SSID."),
                             "Device.WiFi.AccessPoint.%d." % s.add("Device.WiFi.AccessPoint.")))
        stack.callback(forget, world, rows[1:])
        good = [(ours[0] + "Channel", 6), (ours[1] + "Channel", 11),
                (ours[1] + "OperatingFrequencyBand", "2.4GHz")]
        for n, (ssid, ap) in enumerate(rows):
            good += [(ssid + "SSID", "four-%d" % n), (ssid + "LowerLayers", ours[n // 2][:-1]),
                     (ssid + "Enable", True), (ap + "SSIDReference", ssid[:-1]),
                     (ap + "Enable", True), (ap + "Security.ModeEnabled", "WPA2-Personal"),
                     (ap + "Security.KeyPassphrase", "key of the BSS %d" % n)]
        check(len(good) > 20, "only %d parameters" % len(good))
        bad = dict(good)
        wrong = {ours[0] + "Channel": 15, rows[1][1] + "Security.ModeEnabled": "WEP-64",
                 rows[2][1] + "Security.KeyPassphrase": "short", rows[3][0] + "SSID": "x" * 33}
        bad.update(wrong)
        before = [(i.name, i.ssid, i.channel) for i in access_points()]
        try:
            world.set(list(bad.items()))
            check(False, "accepted")
        except CwmpFault as e:
            equal(sorted(p[0] for p in e.fault.parameters), sorted(wrong), "the faults")
        equal([(i.name, i.ssid, i.channel) for i in access_points()], before, "on the air")
        equal(world.set(good), 0, "status")
        equal(sorted((i.ssid, i.channel) for i in access_points()),
              [(b"four-%d" % n, 6 if n < 2 else 11) for n in range(4)], "in the kernel")
        seen = {b.ssid: b.frequency for b in world.station.scan(world.frequency())}
        equal(seen, {b"four-%d" % n: 2437 if n < 2 else 2462 for n in range(4)}, "in a scan")
    wifi.put_on_air(world, FIRST.decode(), wifi.PASSPHRASE)


def forget(world, rows):
    with world.talk() as s:
        for ssid, ap in rows:
            s.delete(ap)
            s.delete(ssid)


def bridge_of(name):
    m = re.search(r"master (\S+)", run("ip", "-o", "link", "show", "dev", name))
    return m and m[1]


def W14_guests_have_a_bridge_of_their_own(world):
    """docs/wifi.md, "A network for guests": in two orders, and away again."""
    home, guest = world.stations[:2]
    plain(world)
    run("ip", "addr", "replace", "192.168.80.1/24", "dev", "br-guest")
    bridge = "X_SALLYPORT_Bridge"
    with second_bss(world, (bridge, "br-guest"), ("IsolationEnable", True)) as (ssid, ap):
        equal(bridge_of(interface(SECOND)), "br-guest", "the bridge")
        equal(bridge_of(interface(FIRST)), None, "the other's bridge")
        check(guest.join(SECOND, wifi.PASSPHRASE), "the guest does not join")
        guest.inside("ip", "addr", "replace", "192.168.80.2/24", "dev", guest.interface)
        check(until(lambda: guest.ping("192.168.80.1"), 20), "the guest does not reach the bridge")
        # Half of it away, and in another order back.
        steps = [(ap + "Enable", False), (ssid + bridge, ""), (ssid + "Enable", False),
                 (ap + "SSIDReference", ""), (ap + "SSIDReference", ssid[:-1]),
                 (ap + "Enable", True), (ssid + bridge, "br-guest")]
        for step in steps:
            equal(world.set([step]), 0, "status")
            check(SECOND not in [i.ssid for i in access_points()], "on the air, after %s" % step[0])
            equal(world.get(ssid + "Status")[ssid + "Status"], "Down", "Status, after " + step[0])
        equal(world.set([(ssid + "Enable", True)]), 0, "status")
        equal(world.get(ssid + "Status")[ssid + "Status"], "Up", "Status")
        equal(bridge_of(interface(SECOND)), "br-guest", "the bridge")
    check(home.join(FIRST, wifi.PASSPHRASE), "the home network is not joined afterwards")
