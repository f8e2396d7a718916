# SPDX-License-Identifier: Apache-2.0
"""The box as a station (Device.WiFi.EndPoint.): it joins the neighbour's access points by CWMP, and
tells what the kernel and the neighbour tell."""

import contextlib
import os
import re
import subprocess

import hwsim
import soap
from air import interfaces, run, until
from lines import check, equal
from service import Service
from soap import CwmpFault
from stations import between, link_stats, station_dump
from world import ACS

UP, ADDRESS = "up0", "02:00:00:00:77:00"
PHRASE, OTHER = "the neighbour's secret", "not the neighbour's"
HERE, THERE = "192.168.90.2", "192.168.90.1"
WITHIN = 60
# Each mode is a network of its own.
MODES = {
    "WPA2-Personal": "wpa=2\nwpa_key_mgmt=WPA-PSK\nrsn_pairwise=CCMP\nwpa_passphrase=%s\n" % PHRASE,
    "WPA3-Personal": "wpa=2\nwpa_key_mgmt=SAE\nrsn_pairwise=CCMP\nieee80211w=2\nsae_password=%s\n"
                     % PHRASE,
    "OWE": "wpa=2\nwpa_key_mgmt=OWE\nrsn_pairwise=CCMP\nieee80211w=2\n",
    "None": "",
}
FIRST = "WPA2-Personal"


class Neighbour(Service):
    """Somebody else's access points, on the radio of one of our stations."""

    def __init__(self, station, directory):
        self.station, self.control = station, directory + "/neighbour"
        config = self.control + ".conf"
        with open(config, "w") as f:
            for number, (mode, lines) in enumerate(MODES.items()):
                f.write("%s=%s%s\n" % ("bss" if number else "interface", station.interface,
                                       "_%d" % number if number else ""))
                if not number:
                    f.write("driver=nl80211\nhw_mode=g\nchannel=11\n")
                f.write("ssid=%s\nctrl_interface=%s\nbridge=br-far\n%s" % (
                    name(mode), self.control, lines))
        super().__init__("neighbour", ["ip", "netns", "exec", station.name, "hostapd", config],
                         self.control + ".log")
        station.supplicant.stop()
        station.inside("ip", "link", "add", "br-far", "type", "bridge")
        station.inside("ip", "addr", "add", THERE + "/24", "dev", "br-far")
        station.inside("ip", "link", "set", "br-far", "up")

    def start(self):
        super().start()
        check(until(lambda: len(self.on_air()) == len(MODES), WITHIN),
              "the neighbour has %s on the air" % self.on_air())

    def stop(self, patience=30.0):
        super().stop(patience)

    def on_air(self):
        """{name of the network: its interface}"""
        return {i.ssid.decode(): i.name for i in interfaces(self.station.inside("iw", "dev"))
                if i.type == "AP" and i.channel}

    def ask(self, interface, *command):
        return run("hostapd_cli", "-p", self.control, "-i", interface, *command)

    def close(self):
        self.stop()
        self.station.inside("ip", "link", "del", "br-far")
        self.station.supplicant.start()
        control = "%s/%s" % (self.station.control, self.station.interface)
        check(until(lambda: os.path.exists(control), WITHIN), "the station is not there again")


class Rows:
    """The instances that the scenarios work with; far is the Neighbour."""

    endpoint = profile = ssid = radio = far = None


at = Rows()


def name(mode):
    return "far " + mode


def value(world, path):
    return world.gateway.value(path)


def comes_to(world, path, wanted):
    check(until(lambda: value(world, path) == wanted, WITHIN, 0.2),
          "%s is %s instead of %s" % (path, value(world, path), wanted))


def rows_of(world, table):
    with world.talk() as s:
        return [n for n in s.names(table, True) if re.fullmatch(re.escape(table) + r"\d+\.", n)]


def plug_in(world):
    """A radio for the box to be a station with."""
    hwsim.add(ADDRESS)

    def there():
        for i in interfaces():
            with open("/sys/class/ieee80211/%s/macaddress" % i.phy) as f:
                if f.read().strip() == ADDRESS:
                    return i
        return None

    i = until(there, 30)
    check(i, "no radio came")
    run("ip", "link", "set", i.name, "name", UP)
    run("ip", "addr", "add", HERE + "/24", "dev", UP)
    return until(lambda: next((r for r in rows_of(world, "Device.WiFi.Radio.")
                               if value(world, r + "Name") == i.phy), None), WITHIN, 0.2)


def prepare(world):
    """Once: the neighbour, the radio, and rows that refer to nothing yet."""
    if at.endpoint:
        return
    with open(world.supplicant.file, "a") as f:
        f.write("freq_list=2412 2437 2462\n")   # all bands take a simulated station long
    at.far = Neighbour(world.stations[2], world.dir)
    at.far.start()
    at.radio = plug_in(world)
    check(at.radio, "the radio that came is no Device.WiFi.Radio.{i}.")
    with world.talk() as s:
        at.ssid = "Device.WiFi.SSID.%d." % s.add("Device.WiFi.SSID.")
        at.endpoint = "Device.WiFi.EndPoint.%d." % s.add("Device.WiFi.EndPoint.")
        at.profile = {mode: "%sProfile.%d." % (at.endpoint, s.add(at.endpoint + "Profile."))
                      for mode in MODES}


def choose(world, mode):
    """The profile of that mode, and the SSID row of its name."""
    equal(world.set([(at.endpoint + "ProfileReference", at.profile[mode][:-1]),
                     (at.ssid + "SSID", name(mode))]), 0, "status")


def joined(world, mode):
    comes_to(world, at.profile[mode] + "Status", "Active")
    equal(value(world, at.ssid + "Status"), "Up", "Status of the SSID")
    equal(value(world, at.endpoint + "Status"), "Enabled", "Status")


def link():
    """What the station has joined, as the kernel tells: {SSID: ...}"""
    text = run("iw", "dev", UP, "link")
    return dict(line.strip().split(": ", 1) for line in text.splitlines() if ": " in line)


def pings():
    return run("ping", "-n", "-c", "3", "-i", "0.2", "-W", "2", "-I", UP, THERE, check=False)


def all_of(mode):
    profile = at.profile[mode]
    return [(profile + "SSID", name(mode)), (profile + "Security.ModeEnabled", mode),
            (profile + "Enable", True)] + (
                [(profile + "Security.KeyPassphrase", PHRASE)] if "Personal" in mode else [])


def begin(world):
    """Everything set, and the first network joined, whichever of these tests ran before."""
    prepare(world)
    values = [(at.ssid + "LowerLayers", at.radio[:-1]), (at.ssid + "Enable", True),
              (at.endpoint + "Enable", True)]
    for mode in MODES:
        values += all_of(mode)
    equal(world.set(values), 0, "status")
    choose(world, FIRST)
    joined(world, FIRST)


def W30_box_joins_once_the_last_piece_is_there(world):
    prepare(world)
    steps = all_of(FIRST) + [
        (at.endpoint + "ProfileReference", at.profile[FIRST][:-1]), (at.ssid + "Enable", True),
        (at.ssid + "SSID", name(FIRST)), (at.endpoint + "Enable", True),
        (at.ssid + "LowerLayers", at.radio[:-1])]
    with world.one_session():
        for step in steps:
            check(not link(), "joined before " + step[0])
            equal(world.set([step]), 0, "status")
        equal(world.get(at.endpoint)[at.endpoint + "SSIDReference"], at.ssid[:-1], "SSIDReference")
    joined(world, FIRST)
    equal(link().get("SSID"), name(FIRST), "the network that the kernel has")
    check(" 0% packet loss" in pings(), "no answer to the pings: " + pings())


def refused(world, mode):
    """With a wrong key; what is told of that."""
    equal(world.set([(at.profile[mode] + "Security.KeyPassphrase", OTHER)]), 0, "status")
    choose(world, mode)
    check(until(lambda: "[TEMP-DISABLED]" in world.supplicant.ask(
        "IFNAME=%s LIST_NETWORKS" % UP), WITHIN), "not refused")
    equal(value(world, at.profile[mode] + "Status"), "Available", "Status of the profile")
    equal(value(world, at.ssid + "Status"), "Dormant", "Status of the SSID")
    equal(value(world, at.ssid + "BSSID"), "", "BSSID")
    equal(world.set([(at.profile[mode] + "Security.KeyPassphrase", PHRASE)]), 0, "status")


def W30_right_key_alone_joins_in_each_security_mode(world):
    begin(world)
    equal(value(world, at.endpoint + "Security.ModesSupported"),
          "None,WPA2-Personal,WPA3-Personal,WPA3-Personal-Transition,WPA-WPA2-Personal,OWE",
          "ModesSupported")
    for mode in MODES:
        with world.one_session():
            if "Personal" in mode:
                refused(world, mode)
            else:
                choose(world, mode)
        joined(world, mode)
        equal(link().get("SSID"), name(mode), "the network that the kernel has")
        # An emulated hostapd takes so long for OWE's keys that a station asks twice to be let in,
        # and then it knows nothing of the half of the handshake that it has had.
        if mode != "OWE":
            check(until(lambda: " 0% packet loss" in pings(), 30),
                  "no answer to the pings in " + mode)


def W31_access_point_that_goes_and_returns_is_told_at_once(world):
    begin(world)
    watched = at.profile[FIRST] + "Status"
    with world.talk() as s:
        s.set_attributes([(watched, 2, None)])
        equal(s.value(watched), "Active", "Status before")
    for act, wanted in (("disable", "Available"), ("enable", "Active")):
        at.far.ask(at.far.station.interface, act)
        session = world.acs.wait_session(WITHIN)
        equal(session.inform.codes, ["4 VALUE CHANGE"], "events")
        equal(session.inform.params.get(watched), wanted, "Status in the Inform")
        session.begin()
        session.end()
    with world.talk() as s:
        s.set_attributes([(watched, 0, None)])
    equal(value(world, at.endpoint + "Status"), "Enabled", "Status")


def W32_profile_that_is_deleted_leaves_no_reference(world):
    begin(world)
    with world.one_session(), world.talk() as s:
        s.delete(at.profile["None"])
        equal(s.value(at.endpoint + "Status"), "Enabled", "Status, another was deleted")
        s.delete(at.profile[FIRST])
        got = s.get(at.endpoint)
        equal([got[at.endpoint + n] for n in ("ProfileReference", "SSIDReference", "Status",
                                              "ProfileNumberOfEntries")],
              ["", "", "Error_Misconfigured", str(len(MODES) - 2)], "the endpoint")
        for mode in ("None", FIRST):
            at.profile[mode] = "%sProfile.%d." % (at.endpoint, s.add(at.endpoint + "Profile."))
    check(until(lambda: not link(), WITHIN), "still joined")


def W33_endpoint_tells_of_a_wpa_supplicant_that_is_gone(world):
    begin(world)
    world.supplicant.stop()
    try:
        comes_to(world, at.endpoint + "Status", "Error")
        equal(value(world, at.ssid + "Status"), "Error", "Status of the SSID")
        try:
            world.set([(at.profile[FIRST] + "Security.KeyPassphrase", OTHER)])
            check(False, "a change is accepted that nobody can make")
        except CwmpFault as e:
            equal(e.code, 9002, "fault")
    finally:
        world.supplicant.start()
    joined(world, FIRST)        # with the key of before


def W33_killed_wpa_supplicant_has_its_network_again_when_it_returns(world):
    begin(world)
    before = world.supplicant.pid
    world.supplicant.kill()
    check(until(lambda: world.supplicant.pid != before and world.supplicant.answers(), WITHIN),
          "it does not return")
    check(until(lambda: "[CURRENT]" in world.supplicant.ask("IFNAME=%s LIST_NETWORKS" % UP),
                WITHIN), "it does not get the network")
    joined(world, FIRST)


def W34_endpoint_agrees_with_iw_and_the_access_point(world):
    begin(world)
    pings()
    counters = {"BytesSent": ("tx", "bytes"), "BytesReceived": ("rx", "bytes"),
                "PacketsSent": ("tx", "packets"), "PacketsReceived": ("rx", "packets")}
    low = link_stats(UP)
    (bssid, dump), = station_dump(UP).items()
    got = world.get(at.endpoint + "Stats.", at.ssid, at.radio)
    high = link_stats(UP)
    far = at.far.on_air()[name(FIRST)]
    theirs = next(i for i in interfaces(at.far.station.inside("iw", "dev")) if i.name == far)
    own = next(i for i in interfaces() if i.name == UP)
    for row, (way, what) in counters.items():
        between(low[way][what], int(got[at.ssid + "Stats." + row]), high[way][what], row)
    equal(got[at.ssid + "BSSID"].lower(), theirs.address, "BSSID")
    equal(bssid.lower(), theirs.address, "iw's access point")
    equal(got[at.ssid + "MACAddress"].lower(), own.address, "MACAddress")
    equal(got[at.ssid + "Name"], UP, "Name")
    equal(got[at.radio + "Channel"], str(theirs.channel), "Channel")
    equal(got[at.radio + "Status"], "Up", "Status of the radio")
    equal(got[at.endpoint + "Stats.SignalStrength"], dump["signal"].split()[0], "SignalStrength")
    for row, said in (("Downlink", "rx bitrate"), ("Uplink", "tx bitrate")):
        equal(got["%sStats.LastData%sRate" % (at.endpoint, row)],
              str(round(float(dump[said].split()[0]) * 1000)), row)
    hostapd = at.far.ask(far, "sta", own.address)
    check("[AUTHORIZED]" in hostapd, "the access point says: " + hostapd)


@contextlib.contextmanager
def way_over_the_air(world):
    """The ACS is behind the neighbour's access point, and nowhere else."""
    far = at.far.station.name
    for command in ("ip link add far0 netns %s type veth peer name far1 netns acs" % far,
                    "ip -n %s addr add 10.71.0.1/30 dev far0" % far,
                    "ip -n acs addr add 10.71.0.2/30 dev far1",
                    "ip -n %s link set far0 up" % far, "ip -n acs link set far1 up",
                    "ip -n %s route add %s via 10.71.0.2" % (far, ACS),
                    "ip -n acs route add %s via 10.71.0.1" % HERE,
                    "ip link set wan0 down"):
        run(*command.split())
    at.far.station.inside("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
    # What a DHCP client does: wpa_supplicant takes the link down now and then, with its routes.
    routes = subprocess.Popen(["sh", "-c", "while sleep 0.3; do ip route replace %s via %s; done"
                               % (ACS, THERE)], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        routes.kill()
        routes.wait()
        run("ip", "route", "del", ACS, check=False)
        run("ip", "-n", far, "link", "del", "far0", check=False)
        run("ip", "link", "set", "wan0", "up")


def session_that(world, fits):
    """The first session, begun, of which that is true."""
    while True:
        session = world.acs.wait_session(2 * WITHIN)
        session.begin()
        if fits(session):
            return session
        session.end()


def wrong_key_on_the_way_to_the_acs_is_taken_back(world):
    """The change cuts the very session that brings it (docs/confirmed-change.md)."""
    begin(world)
    key, reason = at.profile[FIRST] + "Security.KeyPassphrase", "LastRevertReason"
    before = {n: world.gateway.settings.get(n) for n in ("confirm.paths", "confirm.seconds")}
    world.acs.session_timeout = 4
    try:
        with way_over_the_air(world):
            world.gateway.change({"confirm.paths": "Device.WiFi.EndPoint.",
                                  "confirm.seconds": "3"})
            s = session_that(world, lambda s: "1 BOOT" in s.inform.codes)
            equal(s.set([(at.profile[FIRST] + "Location", "right")], "k1"), 0, "status")
            s.end()
            s = session_that(world, lambda s: "2 PERIODIC" in s.inform.codes)
            check(until(lambda: "@confirm" not in world.gateway.stored(), WITHIN), "not confirmed")
            s.post(*soap.set_parameter_values([(key, OTHER)], "k2"))
            comes_to(world, at.profile[FIRST] + "Status", "Available")
            s.abandon()
            s = session_that(world, lambda s: any(
                n.endswith(reason) and "taken back" in v for n, v in s.inform.params.items()))
            equal(s.value("Device.ManagementServer.ParameterKey"), "k1", "ParameterKey")
            s.end()
            joined(world, FIRST)
            check(until(lambda: "@confirm" not in world.gateway.stored(), WITHIN), "it waits still")
    finally:
        world.acs.session_timeout = None
        world.gateway.change(before)
    session_that(world, lambda s: "1 BOOT" in s.inform.codes).end()


if os.environ.get("ROUNDS"):        # it takes a minute
    W36_wrong_key_on_the_way_to_the_acs_is_taken_back = \
        wrong_key_on_the_way_to_the_acs_is_taken_back


def W35_station_ends_with_its_rows_and_its_radio(world):
    begin(world)
    phy = next(i.phy for i in interfaces() if i.name == UP)
    hwsim.remove(phy)
    comes_to(world, at.ssid + "Status", "NotPresent")
    comes_to(world, at.endpoint + "Status", "Error")
    plug_in(world)              # the same again: its row, and its network
    joined(world, FIRST)
    with world.talk() as s:
        s.delete(at.endpoint)
        s.delete(at.ssid)
        equal(s.value("Device.WiFi.EndPointNumberOfEntries"), "0", "endpoints")
    check(until(lambda: not link(), WITHIN), "still joined")
    hwsim.remove(next(i.phy for i in interfaces() if i.name == UP))
    at.far.close()
    at.endpoint = None
