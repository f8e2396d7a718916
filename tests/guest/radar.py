# SPDX-License-Identifier: Apache-2.0
"""Channels of 5 GHz that others' radar comes first on (IEEE 802.11h). hostapd looks for it for a
minute before it sends; mac80211_hwsim makes some."""

import os
import re

import rows
import stations
import wifi
from air import access_points, interfaces, run, until
from lines import check, equal

CHANNEL, MHZ = 52, 5260


def value(world, name):
    return world.get(wifi.at.radio + name)[wifi.at.radio + name]


def go_there(world):
    rows.set_radio(world, OperatingFrequencyBand="5GHz", OperatingStandards="a,n",
                   OperatingChannelBandwidth="20MHz", RegulatoryDomain="DE ",
                   IEEE80211hEnabled=True, Channel=CHANNEL)


def possible(phy):
    """Up to 5.8 GHz, as iw has it; above it lists the half channels of road traffic, too."""
    found = re.finditer(r"\* 5[1-7]\d\d(?:\.0)? MHz \[(\d+)\] \(([^)]*)\)(.*)", stations.wiphy(phy))
    return [m[1] for m in found if "disabled" not in m[0] and "no IR" not in m[3]]


def W38_radio_that_looks_for_radar_is_dormant(world):
    rows.plain(world)
    name, phy = rows.interface(rows.FIRST), access_points()[0].phy
    with rows.radio_restored(world):
        go_there(world)
        equal([i.channel for i in interfaces() if i.name == name], [CHANNEL], "the channel")
        check(world.hostapd.ask("IFNAME=%s STATUS" % name).startswith("state=DFS"), "no DFS")
        got = world.get(wifi.at.radio, wifi.at.ssid + "Status")
        equal({n: got[wifi.at.radio + n] for n in (
            "Status", "Channel", "IEEE80211hSupported", "IEEE80211hEnabled",
            "X_SALLYPORT_RadarDetection", "X_SALLYPORT_RadarFound")},
              {"Status": "Dormant", "Channel": str(CHANNEL), "IEEE80211hSupported": "true",
               "IEEE80211hEnabled": "true", "X_SALLYPORT_RadarDetection": "Listening",
               "X_SALLYPORT_RadarFound": ""}, "the radio")
        equal(got[wifi.at.ssid + "Status"], "Dormant", "SSID.Status")
        ours = got[wifi.at.radio + "PossibleChannels"].split(",")
        equal([n for n in ours if int(n) < 160], possible(phy), "PossibleChannels")
        rows.set_radio(world, Channel=36)
        equal([i.channel for i in access_points()], [36], "the channel without radar")
        equal(value(world, "X_SALLYPORT_RadarDetection"), "None", "X_SALLYPORT_RadarDetection")
        rows.set_radio(world, IEEE80211hEnabled=False)
        check(str(CHANNEL) not in value(world, "PossibleChannels").split(","), "it is possible")


def make_radar(phy):
    if not os.path.exists("/sys/kernel/debug/ieee80211"):
        run("mount", "-t", "debugfs", "debugfs", "/sys/kernel/debug")
    with open("/sys/kernel/debug/ieee80211/%s/hwsim/dfs_simulate_radar" % phy, "w") as f:
        f.write("1")


if os.environ.get("ROUNDS"):        # some minutes

    def W39_radio_leaves_where_radar_is_found(world):
        rows.plain(world)
        phy = access_points()[0].phy
        with rows.radio_restored(world), rows.second_bss(world):
            go_there(world)
            check(until(lambda: len(access_points()) == 2, 200), "not on the air after a minute")
            equal(value(world, "X_SALLYPORT_RadarDetection"), "Clear", "detection")
            world.station.seek(rows.FIRST, str(MHZ), psk='"%s"' % wifi.PASSPHRASE)
            check(until(world.station.joined, 60), "no station joins")
            channel = wifi.at.radio + "Channel"
            with world.talk() as s:
                s.set_attributes([(channel, 2, None)])
                equal(s.value(channel), str(CHANNEL), "Channel")
            make_radar(phy)
            session = world.acs.wait_session(300)
            equal(session.inform.codes, ["4 VALUE CHANGE"], "events")
            session.begin()
            session.set_attributes([(channel, 0, None)])
            session.end()
            check(until(lambda: len(access_points()) == 2, 300), "not on the air after the radar")
            now = access_points()[0].channel
            check(now != CHANNEL, "it stays where radar was found")
            equal(value(world, "Channel"), str(now), "Channel")
            equal(value(world, "X_SALLYPORT_RadarFound"), str(CHANNEL), "X_SALLYPORT_RadarFound")
            check(str(CHANNEL) not in value(world, "PossibleChannels").split(","), "it is possible")
            rows.set_ap(world, ("IsolationEnable", True))   # the role looks at all of it
            equal([i.channel for i in access_points()], [now] * 2, "after another change")
            rows.set_radio(world, Channel=36)
            equal([i.channel for i in access_points()], [36] * 2, "the channel that was written")
            rows.set_radio(world, IEEE80211hEnabled=False)
