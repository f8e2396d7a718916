# SPDX-License-Identifier: Apache-2.0
"""Each mode of Security.ModeEnabled: who has the key joins, who has another one does not."""

import os

import wifi
from air import access_points, until
from lines import check, equal
from service import Service
from world import ACS

PHRASE, OTHER = "correct horse battery", "incorrect horse"
PSK = "0123456789abcdef" * 4
SECRET = "radius = secret #1"
NAME = b"Sallyport"


def psk(value, **more):
    return {"psk": '"%s"' % value, **more}


def sae(value, **more):
    return {"key_mgmt": "SAE", "ieee80211w": 2, "sae_password": '"%s"' % value, **more}


def eap(password, **more):
    return {"key_mgmt": "WPA-EAP", "eap": "PWD", "identity": '"alice"',
            "password": '"%s"' % password, **more}


def put_on_air(world, mode, **security):
    values = [(wifi.at.ssid + "SSID", NAME.decode()), (wifi.at.security + "ModeEnabled", mode)]
    values += [(wifi.at.security + k, v) for k, v in security.items()]
    equal(world.set(values), 0, "status")
    check(until(lambda: world.kernel_ssid() == NAME, 5), "not on the air")
    equal(world.get(wifi.at.security + "ModeEnabled")[wifi.at.security + "ModeEnabled"], mode,
          "ModeEnabled")


def joins(world, right, *wrong):
    """The first station with `right`, while each other one tries with one of `wrong`."""
    where = world.frequency()
    others = world.stations[1:1 + len(wrong)]
    for station, fields in zip(others, wrong):
        station.seek(NAME, where, **fields)
    world.station.seek(NAME, where, **right)
    check(until(world.station.joined, 15), "the station does not join")
    for station, fields in zip(others, wrong):
        until(station.turned_away, 4)
        check(not station.joined(), "a station joined with %s" % fields)
        station.leave()
    check(wifi.pings(world, world.station, 0) >= 2, "no answer to the pings")


def W10_pre_shared_key_takes_the_passphrases_place(world):
    put_on_air(world, "WPA2-Personal", KeyPassphrase=PHRASE)
    for key in (PSK, PSK[::-1]):            # the second one is changed in place
        equal(world.set([(wifi.at.security + "PreSharedKey", key, "xsd:hexBinary")]), 0, "status")
        joins(world, {"psk": key}, psk(PHRASE))
    joins(world, {"psk": PSK[::-1]}, {"psk": PSK})
    values = world.get(wifi.at.security)
    equal([values[wifi.at.security + n] for n in ("PreSharedKey", "KeyPassphrase")], ["", ""],
          "the keys, read")
    put_on_air(world, "WPA2-Personal", KeyPassphrase=PHRASE)


def W10_wpa_wpa2_personal_lets_both_in(world):
    put_on_air(world, "WPA-WPA2-Personal", KeyPassphrase=PHRASE)
    joins(world, psk(PHRASE, proto="WPA", pairwise="TKIP"), psk(OTHER))
    joins(world, psk(PHRASE, proto="RSN", pairwise="CCMP"))


def W10_wpa3_personal_is_joined_by_sae_alone(world):
    put_on_air(world, "WPA3-Personal", KeyPassphrase=PHRASE)
    joins(world, sae(PHRASE), sae(OTHER), psk(PHRASE))
    world.station.must("SET sae_pwe 1")     # hash to element
    joins(world, sae(PHRASE))
    world.station.must("SET sae_pwe 0")


def W10_wpa3_transition_lets_both_in(world):
    put_on_air(world, "WPA3-Personal-Transition", KeyPassphrase=PHRASE)
    joins(world, sae(PHRASE), sae(OTHER), psk(OTHER))
    joins(world, psk(PHRASE, key_mgmt="WPA-PSK", ieee80211w=1))


def W10_management_frames_are_protected_as_asked(world):
    for mfp, capable in (("Optional", True), ("Required", False), ("Disabled", True)):
        put_on_air(world, "WPA2-Personal", KeyPassphrase=PHRASE, MFPConfig=mfp)
        bss = [b for b in world.station.scan(world.frequency()) if b.ssid == NAME]
        equal([b.protection for b in bss], [mfp], "in the beacon")
        joins(world, psk(PHRASE, ieee80211w=0 if capable else 2),
              *(() if capable else (psk(PHRASE, ieee80211w=0),)))


def W10_owe_encrypts_without_a_key(world):
    put_on_air(world, "OWE")
    joins(world, {"key_mgmt": "OWE", "ieee80211w": 2}, {"key_mgmt": "NONE"})


class Radius(Service):
    """hostapd as the RADIUS server of the enterprise modes, where the ACS is."""

    def __init__(self, directory):
        base = os.path.join(directory, "radius")
        with open(base + ".users", "w") as f:
            f.write('"alice" PWD "%s"\n' % PHRASE)
        with open(base + ".clients", "w") as f:
            f.write("0.0.0.0/0 %s\n" % SECRET)
        with open(base + ".conf", "w") as f:
            f.write("driver=none\ninterface=lo\neap_server=1\neap_user_file=%s.users\n"
                    "radius_server_clients=%s.clients\nradius_server_auth_port=1812\n"
                    % (base, base))
        super().__init__("radius", ["ip", "netns", "exec", "acs", "hostapd", base + ".conf"],
                         base + ".log")


def W10_enterprise_modes_ask_the_radius_server(world):
    server = Radius(world.dir)
    server.start()
    try:
        put_on_air(world, "WPA2-Enterprise", RadiusServerIPAddr=ACS, RadiusSecret=SECRET)
        joins(world, eap(PHRASE), eap(OTHER), psk(PHRASE))
        put_on_air(world, "WPA3-Enterprise")
        joins(world, eap(PHRASE, key_mgmt="WPA-EAP-SHA256", ieee80211w=2),
              eap(PHRASE, ieee80211w=0))
        equal(world.get(wifi.at.security)[wifi.at.security + "RadiusSecret"], "", "the secret")
        put_on_air(world, "WPA2-Enterprise", RadiusSecret="not the server's")
        world.station.seek(NAME, world.frequency(), **eap(PHRASE))
        check(not until(world.station.joined, 3), "joined by a server that shares no secret")
    finally:
        server.stop()
        wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    text = world.gateway.log()
    for secret in (SECRET, PSK, PHRASE):
        check(secret not in text, "a secret is in the log")
