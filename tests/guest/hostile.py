# SPDX-License-Identifier: Apache-2.0
"""Names and passphrases that are meant to become something else."""

import contextlib
import functools
import glob
import threading
import time

import soap
import wifi
from air import access_points, until
from lines import check, equal
from soap import CwmpFault

NASTY = {
    "newline": "a\nwpa=0\nwpa_passphrase=injected!",
    "quotes": "\"'`\" ctrl_interface=\"/tmp\" '\"`'",
    "equals": "ssid=x=y==z bridge=br0 =======x=",
    "tab_and_return": "\ttab\rreturn\r\nboth\tx\ty\tz\t\r\n\r",
    "backslash": "\\x0a\\n\\\\\\\"\\'%s%n%d\\0\\x00\\u0000",
    "hash_and_blank": " # not a comment; not the end    ",
    "utf8": "\u00e9\u00fc\u4e16\u754c\U0001f4e1\u00df\u0416\u6f22\u5b57\u00f1\u00f8A",
    "markup": "<&>]]></Value><Value>\"&amp;&#10;",
}
TOO_LONG = {"33_octets": "x" * 33, "17_two_octet_letters": "\u00e9" * 17}


def fits(text):
    """Cut or filled up to 32 octets."""
    octets = text.encode()
    while len(octets) > 32:
        text = text[:-1]
        octets = text.encode()
    return text + "~" * (32 - len(octets))


def value_xml(path, text):
    """A SetParameterValues that keeps every character: a parser makes one newline of \\r\\n."""
    name, xml = soap.set_parameter_values([(path, "@VALUE@", "xsd:string")])
    escaped = "".join("&#%d;" % ord(c) if c in "\r\n\t" else
                      {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(c, c) for c in text)
    return name, xml.replace("@VALUE@", escaped)


@contextlib.contextmanager
def watched_files(world):
    """All that was ever in hostapd's per-BSS files meanwhile: a set of file contents."""
    seen, stop = set(), threading.Event()

    def watch():
        while not stop.is_set():
            for path in glob.glob(world.hostapd.files + "/*"):
                with contextlib.suppress(OSError), open(path, "rb") as f:
                    seen.add(f.read())
            time.sleep(0.0005)
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        stop.set()
        thread.join()


def keys(content):
    """The keys of a hostapd configuration; a line that is none is its own key."""
    return sorted(line.split(b"=", 1)[0] for line in content.split(b"\n") if line)


def stored_ssid(world):
    return world.gateway.stored().get(wifi.at.ssid + "SSID")


def try_ssid(world, ssid, known):
    """Set exactly, everywhere, or refused with 9007 and nowhere."""
    path = wifi.at.ssid + "SSID"
    before = world.kernel_ssid()
    refused = False
    with watched_files(world) as seen, world.talk() as s:
        try:
            s.call(value_xml(path, ssid))
        except CwmpFault as e:
            refused = True
            equal([p[1] for p in e.fault.parameters], [9007], "fault of the parameter")
        equal(s.value(path), before.decode() if refused else ssid, "GetParameterValues")
    wanted = before if refused else ssid.encode()
    check(until(lambda: world.kernel_ssid() == wanted, 60), "the kernel has %r" %
          world.kernel_ssid())
    equal(stored_ssid(world), wanted, "the store")
    for content in seen:
        extra = [k for k in keys(content) if k not in known]
        check(not extra, "hostapd's file had lines %r" % extra)
    return refused


@functools.lru_cache(maxsize=1)
def baseline(world):
    """The keys that hostapd's file has for harmless names."""
    with watched_files(world) as seen:
        wifi.put_on_air(world, "harmless", wifi.PASSPHRASE)
        wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    known = {key for content in seen for key in keys(content)}
    check(any(b"ssid" in key for key in known), "no file of hostapd was seen: %r" % known)
    return known


def _ssid_test(label, text):
    def test(world):
        known = baseline(world)
        ssid = fits(text)
        if not try_ssid(world, ssid, known):
            ours = access_points()[0].address
            bss = [b for b in world.station.scan(world.frequency()) if b.bssid == ours]
            equal([b.ssid for b in bss], [ssid.encode()], "a station's scan")
            check(bss[0].secure, "the network has become open")
    test.__name__ = "H1_ssid_with_%s_is_exact_or_refused" % label
    return test


for _label, _text in NASTY.items():
    globals()["H1_ssid_with_%s_is_exact_or_refused" % _label] = _ssid_test(_label, _text)


def H2_ssid_over_32_octets_is_refused(world):
    known = baseline(world)
    for label, ssid in TOO_LONG.items():
        check(try_ssid(world, ssid, known), "%s was accepted" % label)


def H3_passphrase_cannot_become_a_line(world):
    path = wifi.at.security + "KeyPassphrase"
    known = baseline(world)
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    for text in ("abcdefgh\nwpa=0", "abcdefgh\r\nssid=x", "short", "x" * 64, "p\u00e4sswort-lang",
                 "\x7fdelete-in-it"):
        with watched_files(world) as seen, world.talk() as s:
            try:
                s.call(value_xml(path, text))
            except CwmpFault as e:
                equal([p[1] for p in e.fault.parameters], [9007], "fault for %r" % text)
            else:
                check(False, "%r was accepted" % text)
        for content in seen:
            check(not [k for k in keys(content) if k not in known], "a new line in the file")
    check(world.station.join(b"Sallyport", wifi.PASSPHRASE), "the old passphrase does not join")
    for text in ("a=b#c\\d\"e'f`g$h;", " 8 chars", "|id=x|pk=y", "x" * 63):
        wifi.put_on_air(world, "Sallyport", text)
        check(world.station.join(b"Sallyport", text), "passphrase %r does not join" % text)
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)


