# SPDX-License-Identifier: Apache-2.0
"""What the tree tells of radios and stations, against `iw`, `ip` and hostapd's own view."""

import json
import re

from air import access_points, interfaces, run, until
from lines import check, equal
from rows import undisturbed
from soap import CwmpFault
from wifi import PASSPHRASE, at, put_on_air


def station_dump(interface):
    """{MAC: {what iw says}} of a BSS."""
    out, now = {}, None
    for line in run("iw", "dev", interface, "station", "dump").splitlines():
        if line.startswith("Station "):
            now = out.setdefault(line.split()[1].upper(), {})
        else:
            name, _, value = line.strip().partition(":")
            now[name] = value.strip()
    return out


def wiphy(phy):
    return run("iw", "phy", phy, "info")


def link_stats(name):
    return json.loads(run("ip", "-s", "-s", "-j", "link", "show", name))[0]["stats64"]


def first_row(names, table):
    return sorted(n for n in names if re.fullmatch(re.escape(table) + r"\d+\.", n))


def between(low, value, high, what):
    check(low <= value <= high, "%s: %d is not within %d and %d" % (what, value, low, high))


def W20_radio_rows_agree_with_the_kernel(world):
    bss = access_points()[0]
    text = wiphy(bss.phy)
    got = world.get(at.radio)
    channels = re.finditer(r"\* 2[34]\d\d(?:\.0)? MHz \[(\d+)\] \(([^)]*)\)(.*)", text)
    usable = [m[1] for m in channels if "disabled" not in m[0] and "no IR" not in m[3]]
    equal(got[at.radio + "PossibleChannels"].split(","), usable, "PossibleChannels")
    equal(got[at.radio + "SupportedFrequencyBands"], "2.4GHz,5GHz,6GHz", "bands")
    equal(got[at.radio + "SupportedStandards"], "b,g,n,ax", "standards")
    check("8 streams: MCS 0-9" in text, "not the radio that this test knows")
    # VHT, 160 MHz, eight streams, MCS 9, short guard interval (IEEE 802.11 21.5)
    equal(got[at.radio + "MaxBitRate"], "6933", "MaxBitRate")
    equal(got[at.radio + "Channel"], str(bss.channel), "Channel")
    equal(got[at.radio + "TransmitPower"], "-1", "TransmitPower")


def W21_transmit_power_is_what_the_kernel_has(world):
    for percent, below in ((25, 6), (100, 0)):
        equal(world.set([(at.radio + "TransmitPower", percent, "xsd:int")]), 0, "status")
        text = run("iw", "dev", access_points()[0].name, "info")
        equal(float(re.search(r"txpower ([\d.]+)", text)[1]), 20.0 - below, "iw's txpower")
        equal(world.get(at.radio + "TransmitPower")[at.radio + "TransmitPower"], str(percent),
              "TransmitPower")
    equal(world.set([(at.radio + "TransmitPower", -1, "xsd:int")]), 0, "status")


def W22_stations_agree_with_iw_and_hostapd(world):
    bss, mac = access_points()[0], None
    check(world.station.join(b"Sallyport", PASSPHRASE), "the station did not join")
    run("ip", "addr", "replace", "192.168.70.1/24", "dev", bss.name)
    world.station.inside("ip", "addr", "replace", "192.168.70.10/24", "dev",
                         world.station.interface)
    check(world.station.ping("192.168.70.1") >= 2, "no answer to the pings")
    before = station_dump(bss.name)
    equal(len(before), 1, "stations of the kernel")
    with world.talk() as s:
        rows = first_row(s.names(at.ap + "AssociatedDevice.", True), at.ap + "AssociatedDevice.")
        equal(len(rows), 1, "rows")
        got = {n[len(rows[0]):]: v for n, v in s.get(rows[0]).items()}
    after = station_dump(bss.name)
    mac = got["MACAddress"].upper()
    low, high = before[mac], after[mac]
    for row, name in (("Stats.BytesSent", "tx bytes"), ("Stats.BytesReceived", "rx bytes"),
                      ("Stats.PacketsSent", "tx packets"),
                      ("Stats.PacketsReceived", "rx packets"),
                      ("Stats.RetransCount", "tx retries"),
                      ("Stats.FailedRetransCount", "tx failed")):
        between(int(low[name]), int(got[row]), int(high[name]), row)
    equal(got["SignalStrength"], low["signal"].split()[0], "SignalStrength")
    equal(got["AuthenticationState"], {"yes": "true", "no": "false"}[low["authorized"]],
          "AuthenticationState")
    equal(got["LastDataUplinkRate"],
          str(round(float(low["rx bitrate"].split()[0]) * 1000)), "uplink rate")
    hostapd = dict(line.split("=", 1) for line in world.hostapd.ask(
        "IFNAME=%s STA %s" % (bss.name, mac.lower())).splitlines() if "=" in line)
    between(int(got["Stats.BytesReceived"]), int(hostapd["rx_bytes"]),
            int(got["Stats.BytesReceived"]) + 4000, "hostapd's rx_bytes")
    check("[AUTHORIZED]" in hostapd["flags"], hostapd["flags"])


def W23_counters_of_ssid_and_radio_are_the_links(world):
    bss = access_points()[0]
    on_phy = [i.name for i in interfaces() if i.phy == bss.phy]
    names = {"BytesSent": ("tx", "bytes"), "BytesReceived": ("rx", "bytes"),
             "PacketsSent": ("tx", "packets"), "PacketsReceived": ("rx", "packets"),
             "ErrorsSent": ("tx", "errors"), "ErrorsReceived": ("rx", "errors"),
             "DiscardPacketsSent": ("tx", "dropped"), "DiscardPacketsReceived": ("rx", "dropped")}
    low = {name: link_stats(name) for name in on_phy}
    got = world.get(at.ssid + "Stats.", at.radio + "Stats.")
    high = {name: link_stats(name) for name in on_phy}
    for name, (way, what) in names.items():
        between(low[bss.name][way][what], int(got[at.ssid + "Stats." + name]),
                high[bss.name][way][what], "SSID " + name)
        between(sum(low[n][way][what] for n in on_phy), int(got[at.radio + "Stats." + name]),
                sum(high[n][way][what] for n in on_phy), "radio " + name)
    check(int(got[at.ssid + "Stats.BytesReceived"]) > 0, "nothing was received")


def W24_arrival_and_departure_are_told_at_once(world):
    counter = at.ap + "AssociatedDeviceNumberOfEntries"
    with world.talk() as s:
        s.set_attributes([(counter, 2, None)])
        equal(s.value(counter), "1", "stations before")
    other = world.stations[1]
    for wanted, act in (("2", lambda: other.join(b"Sallyport", PASSPHRASE)),
                        ("1", other.leave)):
        act()
        session = world.acs.wait_session(60)
        equal(session.inform.codes, ["4 VALUE CHANGE"], "events")
        equal(session.inform.params.get(counter), wanted, "stations in the Inform")
        session.begin()
        session.end()
    with world.talk() as s:
        s.set_attributes([(counter, 0, None)])


def W25_row_of_a_station_that_left_is_readable_until_the_session_ends(world):
    put_on_air(world, "Sallyport", PASSPHRASE)
    check(world.station.join(b"Sallyport", PASSPHRASE), "the station did not join")
    table, bss = at.ap + "AssociatedDevice.", access_points()[0].name
    with world.talk() as s:
        rows = first_row(s.names(table, True), table)
        equal(len(rows), 1, "rows")
        mac = s.value(rows[0] + "MACAddress")
        world.station.leave()
        check(until(lambda: not station_dump(bss), 60), "the kernel still has the station")
        equal(s.value(at.ap + "AssociatedDeviceNumberOfEntries"), "0", "stations now")
        equal(s.value(rows[0] + "MACAddress"), mac, "MACAddress of the one that left")
        equal(s.value(rows[0] + "Active"), "false", "Active")
    try:
        world.get(rows[0] + "MACAddress")
        check(False, "the row is still there in the next session")
    except CwmpFault as e:
        equal(e.code, 9005, "fault")


DIAGNOSTIC = "Device.WiFi.NeighboringWiFiDiagnostic."


def neighbor(station, ssid, passphrase, frequency):
    """Makes an access point of a station's radio."""
    station.leave()
    number = station.must("ADD_NETWORK")
    for name, value in (("ssid", ssid.hex()), ("mode", "2"), ("frequency", str(frequency)),
                        ("key_mgmt", "WPA-PSK" if passphrase else "NONE"),
                        *([("proto", "RSN"), ("pairwise", "CCMP"), ("psk", '"%s"' % passphrase)]
                          if passphrase else [])):
        station.must("SET_NETWORK %s %s %s" % (number, name, value))
    station.must("SELECT_NETWORK %s" % number)
    check(until(station.joined, 10), "no neighbor on %d MHz" % frequency)
    return station.status()["bssid"]


def diagnose(world, timeout=30):
    """Asks for a scan; the state at its end, and the rows by BSSID."""
    with world.talk() as s:
        s.set([(DIAGNOSTIC + "DiagnosticsState", "Requested")])
        equal(s.value(DIAGNOSTIC + "DiagnosticsState"), "Requested", "state")
    session = world.acs.wait_session(timeout)
    equal(session.inform.codes, ["8 DIAGNOSTICS COMPLETE"], "events")
    session.begin()
    state = session.value(DIAGNOSTIC + "DiagnosticsState")
    rows = {}
    for name, value in session.get(DIAGNOSTIC).items():
        m = re.fullmatch(re.escape(DIAGNOSTIC) + r"Result\.(\d+)\.(\w+)", name)
        if m:
            rows.setdefault(m[1], {})[m[2]] = value
    session.end()
    return state, {row["BSSID"].lower(): row for row in rows.values()}


def scan_dump(interface):
    """{BSSID: text} of what the kernel has from its last scan."""
    parts = re.split(r"^BSS ", run("iw", "dev", interface, "scan", "dump"), flags=re.M)
    return {part[:17]: part for part in parts[1:]}


def W26_neighbors_are_found_by_a_real_scan(world):
    first = neighbor(world.stations[1], b"next door", "another secret", 2462)
    second = neighbor(world.stations[2], "caf\u00e9 \U0001f4f6".encode(), None, 5180)
    state, rows = diagnose(world)
    equal(state, "Complete", "state")
    kernel = scan_dump(access_points()[0].name)
    equal(set(rows), set(kernel), "neighbors")
    equal(set(rows), {first, second}, "neighbors")
    for bssid, want in (
            (first, {"SSID": "next door", "Channel": "11", "SecurityModeEnabled": "WPA2",
                     "EncryptionMode": "AES", "OperatingFrequencyBand": "2.4GHz"}),
            (second, {"SSID": "caf\u00e9 \U0001f4f6", "Channel": "36",
                      "SecurityModeEnabled": "None", "EncryptionMode": "",
                      "OperatingFrequencyBand": "5GHz"})):
        got, text = rows[bssid], kernel[bssid]
        for name, value in want.items():
            equal(got[name], value, name)
        equal(got["Mode"], "Infrastructure", "Mode")
        equal(got["Radio"], at.radio.rstrip("."), "Radio")
        equal(float(got["SignalStrength"]), float(re.search(r"signal: ([-\d.]+)", text)[1]),
              "SignalStrength")
        tu = int(re.search(r"beacon interval: (\d+)", text)[1])
        equal(int(got["BeaconPeriod"]), round(tu * 1.024), "BeaconPeriod")
        rates = re.findall(r"([\d.]+)(\*?)", " ".join(re.findall(r"upported rates: (.*)", text)))
        equal(got["SupportedDataTransferRates"], ",".join("%g" % float(r) for r, _ in rates),
              "rates")
        basic = ",".join("%g" % float(r) for r, b in rates if b)
        equal(got["BasicDataTransferRates"], basic, "basic rates")
    for station in world.stations[1:]:
        station.leave()


def W28_radio_leaves_a_crowded_channel_by_itself(world):
    bss, channel = access_points()[0], at.radio + "Channel"
    before, enable = bss.channel, at.radio + "AutoChannelEnable"
    measured = "channel busy time" in run("iw", "dev", bss.name, "survey", "dump")
    supported = at.radio + "AutoChannelSupported"
    equal(world.get(supported)[supported], str(measured).lower(), supported)
    if not measured:        # hwsim measures while it scans
        diagnose(world)
        check("channel busy time" in run("iw", "dev", bss.name, "survey", "dump"), "no survey")
        equal(world.get(supported)[supported], "true", supported)
    neighbor(world.stations[1], b"crowd", None, bss.frequency)
    check(world.station.join(b"Sallyport", PASSPHRASE), "the station did not join")
    with world.talk() as s:
        s.set_attributes([(channel, 2, None)])
        equal(s.value(channel), str(before), "Channel before")
    with undisturbed(b"Sallyport", world.station):
        equal(world.set([(enable, True)]), 0, "status")
        session = world.acs.wait_session(60)
        equal(session.inform.codes, ["4 VALUE CHANGE"], "events")
        now = access_points()[0].channel
        check(abs(now - before) >= 5, "moved from %d to %d" % (before, now))
        equal(session.inform.params.get(channel), str(now), "Channel in the Inform")
        session.begin()
        equal(session.value(enable), "true", "AutoChannelEnable")
        used = session.value(at.radio + "ChannelsInUse").split(",")
        check({str(before), str(now)} <= set(used), "ChannelsInUse %s" % used)
        session.set_attributes([(channel, 0, None)])
        session.end()
        equal(world.set([(channel, before)]), 0, "status")
        equal(access_points()[0].channel, before, "the channel that was written")
    equal(world.get(enable)[enable], "false", "AutoChannelEnable, after Channel was written")
    for station in world.stations[:2]:
        station.leave()


def W27_a_scan_that_no_radio_can_do_ends_in_error(world):
    equal(world.set([(at.ap + "Enable", False)]), 0, "status")
    check(until(lambda: not access_points(), 60), "still on the air")
    for i in interfaces():      # hostapd leaves up what was up when it began, and that can scan
        if i.type == "AP":
            run("ip", "link", "set", i.name, "down")
    state, rows = diagnose(world)
    equal((state, rows), ("Error", {}), "end")
    equal(world.set([(at.ap + "Enable", True)]), 0, "status")
    check(until(lambda: world.kernel_ssid() == b"Sallyport", 60), "not back on the air")
