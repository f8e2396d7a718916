# SPDX-License-Identifier: Apache-2.0
"""Two radios with eight BSS each and thirty stations, in a boot of its own: tests/guest/check
--crowd, in `make soak`."""

import time
from contextlib import ExitStack

import wifi
from air import access_points, run, until
from lines import check, equal
from rows import radios, undisturbed

ONE_SESSION = True
RADIOS, STATIONS = 8, 30
CROWDED = 16            # BSS with stations, on the first two radios
ROWS = []               # (SSID path, AccessPoint path)
CHANNELS = (1, 11)


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
