# SPDX-License-Identifier: Apache-2.0
"""What the plan needs goes away and returns: the tree tells the truth meanwhile."""

import hwsim
import wifi
from air import access_points, until
from lines import check, equal
from soap import CwmpFault
from wifi import PASSPHRASE

ONE_SESSION = True
WITHIN = 60


def statuses(world, objects):
    names = [getattr(wifi.at, o) + "Status" for o in objects]
    values = world.get(*names)
    return {o: values[n] for o, n in zip(objects, names)}


def comes_to(world, **wanted):
    check(until(lambda: statuses(world, wanted) == wanted, WITHIN, 0.2),
          "Status is %s instead of %s" % (statuses(world, wanted), wanted))


def whole_again(world, ssid):
    check(until(lambda: world.kernel_ssid() == ssid, WITHIN), "it does not come back")
    comes_to(world, radio="Up", ssid="Up", ap="Enabled")
    check(world.station.join(ssid, PASSPHRASE, 30), "no station joins afterwards")


def W17_tree_tells_of_a_hostapd_that_is_gone(world):
    wifi.put_on_air(world, "Sallyport", PASSPHRASE)
    comes_to(world, radio="Up", ssid="Up", ap="Enabled")
    world.hostapd.stop()
    try:
        comes_to(world, radio="Error", ssid="Error", ap="Error")
        try:
            world.set([(wifi.at.ssid + "SSID", "nobody's")])
            check(False, "a change is accepted that nobody can make")
        except CwmpFault as e:
            equal(e.code, 9002, "fault")
        equal(world.get(wifi.at.ssid + "SSID")[wifi.at.ssid + "SSID"], "Sallyport", "SSID")
    finally:
        world.hostapd.start()
    whole_again(world, b"Sallyport")


def W18_radio_that_goes_and_returns_keeps_its_row_and_its_plan(world):
    wifi.put_on_air(world, "Sallyport", PASSPHRASE)
    phy = access_points()[0].phy
    address = hwsim.remove(phy)
    try:
        comes_to(world, ssid="NotPresent", ap="Disabled")
        with world.talk() as s:
            rows = s.names("Device.WiFi.Radio.", True)
        check(rows and wifi.at.radio not in rows, "radios: %s" % rows)
        equal(access_points(), [], "on the air")
        equal(world.set([(wifi.at.ssid + "SSID", "Sallyport-2")]), 0, "status")
    finally:
        hwsim.add(address)
    whole_again(world, b"Sallyport-2")
    check(access_points()[0].phy != phy, "the radio was never gone")
    wifi.put_on_air(world, "Sallyport", PASSPHRASE)
