# SPDX-License-Identifier: Apache-2.0
"""Two radios with eight BSS each and thirty stations; then eight radios with as many BSS as the
build has room for. In a boot of its own: tests/guest/check --crowd, in `make soak`."""

import os
import re
import time
from contextlib import ExitStack

import wifi
from air import access_points, interfaces, run, until
from gateway import BUILD
from lines import check, equal
from rows import radios, undisturbed

ONE_SESSION = True
RADIOS, STATIONS = 8, int(os.environ.get("STATIONS", 30))
CROWDED = 16            # BSS with stations, on the first two radios
ROWS = []               # (SSID path, AccessPoint path)
# Each radio on a channel of its own: nobody hears the others' beacons.
CHANNELS = (1, 11, 36, 44, 6, 13, 3, 8)


def name(n):
    return b"crowd-%03d" % n


def key(n):
    return "key of network %03d" % n


def add_rows(world, number):
    """Rows up to that many."""
    rows = ROWS
    rows[:1] = [(wifi.at.ssid, wifi.at.ap)]
    with world.talk() as s:
        while len(rows) < number:
            rows.append(("Device.WiFi.SSID.%d." % s.add("Device.WiFi.SSID."),
                         "Device.WiFi.AccessPoint.%d." % s.add("Device.WiFi.AccessPoint.")))
    return rows


def put_on_air(world, radio, channel, rows, first):
    """These rows, by one SetParameterValues."""
    values = [(radio + "OperatingFrequencyBand", "2.4GHz" if channel < 14 else "5GHz"),
              (radio + "Channel", channel)]
    for n, (ssid, ap) in enumerate(rows, first):
        values += [(ssid + "SSID", name(n).decode()), (ssid + "Enable", True),
                   (ssid + "LowerLayers", radio[:-1]), (ap + "Enable", True),
                   (ap + "SSIDReference", ssid[:-1]),
                   (ap + "Security.ModeEnabled", "WPA2-Personal"),
                   (ap + "Security.KeyPassphrase", key(n))]
    began = time.monotonic()
    equal(world.set(values), 0, "status")
    print("# %d values of one radio on the air after %.1f s" % (
        len(values), time.monotonic() - began), flush=True)


def seek(station, n, passphrase=None):
    station.seek(name(n), "2412" if n < CROWDED // 2 else "2462",
                 psk='"%s"' % (passphrase or key(n)))


def W15_thirty_stations_on_sixteen_access_points(world):
    ours, rows = radios(world), add_rows(world, CROWDED)
    equal(len(ours), RADIOS, "radios")
    half = CROWDED // 2
    for n in range(2):
        put_on_air(world, ours[n], CHANNELS[n], rows[n * half:(n + 1) * half], n * half)
    equal(sorted(i.ssid for i in access_points()), list(map(name, range(CROWDED))), "on the air")
    of = {number: number % CROWDED for number in range(len(world.stations))}
    for number, n in of.items():
        seek(world.stations[number], n)
    began = time.monotonic()
    check(until(lambda: all(s.joined() for s in world.stations), 300, 1), "%d of %d joined" % (
        sum(s.joined() for s in world.stations), len(world.stations)))
    print("# all joined after %.0f s" % (time.monotonic() - began), flush=True)
    values = world.get("Device.WiFi.AccessPoint.")
    for n, (_, ap) in enumerate(rows):
        iface = next(i.name for i in access_points() if i.ssid == name(n))
        there = run("iw", "dev", iface, "station", "dump").count("Station ")
        equal(values[ap + "AssociatedDeviceNumberOfEntries"], str(there), ap)
        equal(there, list(of.values()).count(n), name(n))
    # A key concerns its own stations; the others do not notice, on either radio.
    with ExitStack() as stays:
        for number, n in of.items():
            if n != 3:
                stays.enter_context(undisturbed(name(n), world.stations[number]))
        equal(world.set([(rows[3][1] + "Security.KeyPassphrase", "another key")]), 0, "status")
        mine = [world.stations[number] for number, n in of.items() if n == 3]
        for station in mine:
            seek(station, 3, "another key")
        check(until(lambda: all(s.joined() for s in mine), 60), "not with the new key")
    for station in world.stations:
        station.leave()


def room():
    """BSS for each radio, of those that CONFIG_WIFI_MAX_SSID allows."""
    with open(os.path.join(BUILD, "include/config.h")) as f:
        return min(int(re.search(r"CONFIG_WIFI_MAX_SSID (\d+)", f.read())[1]) // RADIOS, 16)


def compare(values, ours, rows, kernel):
    """The tree's view with that of `iw dev`, all of it."""
    for n, (ssid, ap) in enumerate(rows):
        iface = kernel[name(n)]
        equal((values[ssid + "Status"], values[ap + "Status"]), ("Up", "Enabled"), ssid)
        equal((values[ssid + "Name"], values[ssid + "BSSID"].lower()),
              (iface.name, iface.address), ssid)
        equal(values[ap + "AssociatedDeviceNumberOfEntries"], "0", ap)
    for n, radio in enumerate(ours):
        own = [i for i in kernel.values() if i.phy == values[radio + "Name"]]
        equal(len(own), len(rows) // len(ours), "BSS of " + radio)
        equal({(str(i.channel), "%dMHz" % i.width) for i in own},
              {(values[radio + "Channel"], values[radio + "CurrentOperatingChannelBandwidth"])},
              radio)
        equal((values[radio + "Status"], values[radio + "Channel"]), ("Up", str(CHANNELS[n])),
              radio)


def W16_reads_of_eight_full_radios_agree_with_the_kernel(world):
    each = room()
    # When an interface goes, hostapd looks for it once for each BSS that it has, and the kernel
    # runs modprobe each time. All modules are there: as on a hardened box, no more are loaded.
    with open("/proc/sys/kernel/modprobe", "w") as f:
        f.write("\n")
    ours, rows = radios(world), add_rows(world, RADIOS * each)
    equal(world.set([(ap + "Enable", False) for _, ap in rows]), 0, "status")
    for n in range(RADIOS):
        put_on_air(world, ours[n], CHANNELS[n], rows[n * each:(n + 1) * each], n * each)
    kernel = {i.ssid: i for i in access_points()}
    equal(sorted(kernel), list(map(name, range(RADIOS * each))), "on the air")
    for what in ("Device.WiFi.", "Device.WiFi.SSID.", "Device.WiFi.AccessPoint."):
        began = time.monotonic()
        values = world.get(what)
        print("# %d values of %s with %d interfaces after %.1f s" % (
            len(values), what, len(interfaces()), time.monotonic() - began), flush=True)
    compare(world.get("Device.WiFi."), ours, rows, kernel)


def W16_all_of_them_come_back_to_a_new_hostapd(world):
    before = [(i.name, i.ssid, i.address, i.channel) for i in access_points()]
    equal(len(before), RADIOS * room(), "on the air")
    world.hostapd.kill()
    began = time.monotonic()
    check(until(lambda: len(access_points()) < len(before), 60, 0.5), "hostapd did not die")
    check(until(lambda: [(i.name, i.ssid, i.address, i.channel) for i in access_points()] ==
                before, 300, 1), "%d of %d are back" % (len(access_points()), len(before)))
    print("# back after %.0f s" % (time.monotonic() - began), flush=True)
