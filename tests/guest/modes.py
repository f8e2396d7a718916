# SPDX-License-Identifier: Apache-2.0
"""Each mode of Security.ModeEnabled: who has the key joins, who has another one does not."""

import os

import wifi
from air import access_points, until
from gateway import BUILD
from lines import check, equal
from service import Service
from soap import CwmpFault
from world import ACS

ONE_SESSION = True
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


def put_on_air(world, mode, protection, **security):
    """protection: of management frames, as the beacon shall tell it."""
    values = [(wifi.at.ssid + "SSID", NAME.decode()), (wifi.at.security + "ModeEnabled", mode)]
    values += [(wifi.at.security + k, v) for k, v in security.items()]
    equal(world.set(values), 0, "status")
    check(until(lambda: world.kernel_ssid() == NAME, 60), "not on the air")
    equal(world.get(wifi.at.security + "ModeEnabled")[wifi.at.security + "ModeEnabled"], mode,
          "ModeEnabled")
    bss = [b for b in world.stations[2].scan(world.frequency()) if b.ssid == NAME]
    equal([b.protection for b in bss], [protection], "protection of frames, in the beacon")


def joins(world, right, wrong=None, unfit=None):
    """The first station with `right`, while others try with a wrong key or have no way in."""
    where = world.frequency()
    others = list(zip(world.stations[1:], (wrong, unfit)))
    for station, fields in others:
        if fields:
            station.seek(NAME, where, **fields)
    world.station.seek(NAME, where, **right)
    check(until(world.station.joined, 90), "the station does not join")
    check(until(lambda: wifi.pings(world, world.station, 0) >= 2, 20), "no answer to the pings")
    check(not wrong or until(world.stations[1].turned_away, 30), "not refused: %s" % wrong)
    for station, fields in others:
        check(not station.joined(), "a station joined with %s" % fields)
        station.leave()


def T137_pre_shared_key_takes_the_passphrases_place(world):
    put_on_air(world, "WPA2-Personal", "Disabled", KeyPassphrase=PHRASE, MFPConfig="Disabled")
    for key, old in ((PSK, psk(PHRASE)), (PSK[::-1], {"psk": PSK})):    # the second in place
        equal(world.set([(wifi.at.security + "PreSharedKey", key, "xsd:hexBinary")]), 0, "status")
        joins(world, {"psk": key}, old)
    values = world.get(wifi.at.security)
    equal([values[wifi.at.security + n] for n in ("PreSharedKey", "KeyPassphrase")], ["", ""],
          "the keys, read")


def T137_wpa_wpa2_personal_lets_both_in(world):
    put_on_air(world, "WPA-WPA2-Personal", "Optional", KeyPassphrase=PHRASE, MFPConfig="Optional")
    joins(world, psk(PHRASE, proto="WPA", pairwise="TKIP"), psk(OTHER))
    joins(world, psk(PHRASE, proto="RSN", pairwise="CCMP"))


def T137_wpa3_personal_is_joined_by_sae_alone(world):
    put_on_air(world, "WPA3-Personal", "Required", KeyPassphrase=PHRASE)
    joins(world, sae(PHRASE), None, psk(PHRASE))
    world.station.must("SET sae_pwe 1")     # hash to element
    joins(world, sae(PHRASE), None, sae(OTHER))
    world.station.must("SET sae_pwe 0")


def T137_wpa3_transition_lets_both_in(world):
    put_on_air(world, "WPA3-Personal-Transition", "Optional", KeyPassphrase=PHRASE)
    joins(world, sae(PHRASE), psk(OTHER), sae(OTHER))
    joins(world, psk(PHRASE, key_mgmt="WPA-PSK", ieee80211w=1))


def W10_owe_encrypts_without_a_key(world):
    put_on_air(world, "OWE", "Required")
    joins(world, {"key_mgmt": "OWE", "ieee80211w": 2}, None, {"key_mgmt": "NONE"})


def wep(key):
    return {"key_mgmt": "NONE", "wep_key0": key, "wep_tx_keyidx": 0}


def T137_wep_is_a_mode_only_if_it_is_configured(world):
    with open(os.path.join(BUILD, "include/config.h")) as f:
        configured = "#define CONFIG_WIFI_WEP 1" in f.read()
    values = world.get(wifi.at.security)
    equal([m for m in values[wifi.at.security + "ModesSupported"].split(",") if "WEP" in m],
          ["WEP-64", "WEP-128"] if configured else [], "ModesSupported")
    equal(wifi.at.security + "WEPKey" in values, configured, "WEPKey")
    if not configured:
        try:
            world.set([(wifi.at.security + "ModeEnabled", "WEP-64")])
            check(False, "accepted")
        except CwmpFault as e:
            equal([p[1] for p in e.fault.parameters], [9007], "the fault")
        return
    for mode, key in (("WEP-64", "0123456789"), ("WEP-128", "00112233445566778899aabbcc")):
        equal(world.set([(wifi.at.ssid + "SSID", NAME.decode()),
                         (wifi.at.security + "WEPKey", key, "xsd:hexBinary"),
                         (wifi.at.security + "ModeEnabled", mode)]), 0, "status")
        equal(world.get(wifi.at.security)[wifi.at.security + "WEPKey"], "", "the key, read")
        joins(world, wep(key))
        other = world.stations[1]       # anybody may associate; without the key nothing passes
        other.seek(NAME, world.frequency(), **wep(key[::-1]))
        check(until(other.joined, 30), "the station does not associate")
        equal(wifi.pings(world, other, 1), 0, "pings with another key")
        other.leave()
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)


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


def T137_enterprise_modes_ask_the_radius_server(world):
    server = Radius(world.dir)
    server.start()
    try:
        put_on_air(world, "WPA2-Enterprise", "Required", RadiusServerIPAddr=ACS,
                   RadiusSecret=SECRET, MFPConfig="Required")
        joins(world, eap(PHRASE, ieee80211w=2), eap(OTHER, ieee80211w=2), eap(PHRASE, ieee80211w=0))
        put_on_air(world, "WPA3-Enterprise", "Required")
        joins(world, eap(PHRASE, key_mgmt="WPA-EAP-SHA256", ieee80211w=2), None,
              psk(PHRASE, ieee80211w=2))
        equal(world.get(wifi.at.security)[wifi.at.security + "RadiusSecret"], "", "the secret")
        put_on_air(world, "WPA2-Enterprise", "Optional", RadiusSecret="not the server's",
                   MFPConfig="Optional")
        world.station.seek(NAME, world.frequency(), **eap(PHRASE))
        check(not until(world.station.joined, 3), "joined by a server that shares no secret")
    finally:
        server.stop()
        world.set([(wifi.at.security + "MFPConfig", "Disabled")])
        wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    text = world.gateway.log()
    for secret in (SECRET, PSK, PHRASE):
        check(secret not in text, "a secret is in the log")
