# SPDX-License-Identifier: Apache-2.0
"""The air of the virtual gateway: hostapd, stations in network namespaces, scans, `iw`."""

import os
import re
import shutil
import socket
import subprocess
import time

from service import Service

NET_ADMIN, NET_RAW = 12, 13
SSID_ELEMENT, RSN_ELEMENT = 0, 48
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))


def run(*command, check=True, timeout=20):
    """The output of a command. `iw` can hang for ever: everything has a time-out."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=timeout, text=True, errors="surrogateescape")
    if check and done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stdout.strip()))
    return done.stdout


def until(condition, timeout, pause=0.05):
    """The first true value of condition(), or its last value after the time."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value or time.monotonic() >= deadline:
            return value
        time.sleep(pause)


def unescape(text):
    """iw's and wpa_supplicant's printing of octets."""
    def one(m):
        s = m[1]
        if s[0] == "x":
            return chr(int(s[1:], 16))
        return {"n": "\n", "r": "\r", "t": "\t", "e": "\033"}.get(s, s)
    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", one, text).encode("latin-1", "surrogateescape")


class Interface:
    """One `Interface` block of `iw dev`."""

    def __init__(self, phy, name):
        self.phy, self.name = phy, name
        self.type = self.ssid = self.channel = self.frequency = self.address = None
        self.width = None       # MHz
        self.index = 0


def interfaces(text=None):
    """What the kernel says: [Interface]."""
    out, phy = [], None
    for line in (run("iw", "dev") if text is None else text).splitlines():
        words = line.strip().split(" ")
        if line.startswith("phy#"):
            phy = "phy" + line[4:]
        elif line.startswith("\tInterface "):
            out.append(Interface(phy, words[1]))
        elif not out:
            continue
        elif words[0] == "ssid":
            out[-1].ssid = unescape(line.strip()[len("ssid "):])
        elif words[0] in ("type", "addr"):
            setattr(out[-1], {"type": "type", "addr": "address"}[words[0]], words[1])
        elif words[0] == "ifindex":
            out[-1].index = int(words[1])
        elif words[0] == "channel":
            out[-1].channel = int(words[1])
            out[-1].frequency = int(words[2].lstrip("("))
            out[-1].width = int(words[5])
    return out


def access_points():
    """The BSSs that the kernel has on the air (an idle AP interface has no channel)."""
    return [i for i in interfaces() if i.type == "AP" and i.channel]


class Control:
    """A global control socket, hostapd's or wpa_supplicant's."""

    def __init__(self, path):
        self.socket = path

    def answers(self):
        try:
            return self.ask("PING") == "PONG\n"
        except OSError:
            return False

    def ask(self, command, timeout=2.0):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind("")                      # an abstract address, so that there is an answer
            s.settimeout(timeout)
            s.sendto(command.encode(), self.socket)
            return s.recv(8192).decode("latin-1")


class Driven(Control, Service):
    """A program with a global control socket, under its own uid with NET_ADMIN and NET_RAW alone,
    and nothing configured."""

    def __init__(self, name, log, uid, directory, *options):
        caps = "-all,+net_admin,+net_raw"
        self.uid = self.gid = uid
        Control.__init__(self, directory + "/global")
        os.makedirs(directory, exist_ok=True)
        os.chown(directory, uid, uid)
        os.chmod(directory, 0o750)
        Service.__init__(self, name, [
            "setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups",
            "--inh-caps=" + caps, "--ambient-caps=" + caps, "--bounding-set=" + caps,
            "--no-new-privs", name, "-g", self.socket, *options], log)

    def start(self):
        Service.start(self)
        if not until(lambda: self.running() and self.answers(), 10):
            raise RuntimeError("%s does not answer, see %s" % (self.name, self.log))


class Hostapd(Driven):
    def __init__(self, log, uid=64710, writer=64703, directory="/run/hostapd"):
        # Without -G: that wants the name of a group; the socket has the process's group anyway.
        super().__init__("hostapd", log, uid, directory)
        self.files = directory + "/sallyport"
        os.makedirs(self.files, exist_ok=True)
        os.chown(self.files, writer, uid)
        os.chmod(self.files, 0o750)


class Supplicant(Driven):
    """The box's own wpa_supplicant, for its EndPoints. Those of stations have nothing in common
    with it: they are in network namespaces, and their sockets in the world's folder."""

    def __init__(self, log, uid=64711, directory="/run/supplicant"):
        super().__init__("wpa_supplicant", log, uid, directory, "-G", str(uid))
        self.file = directory + "/interface.conf"
        shutil.copy(os.path.join(ROOT, "etc/wpa_supplicant.conf"), self.file)
        os.chmod(self.file, 0o644)


class Bss:
    """One entry of a station's scan."""

    def __init__(self, fields):
        self.bssid = fields["bssid"]
        self.frequency = int(fields["freq"])
        self.flags = fields.get("flags", "")
        self.elements = {}
        octets = bytes.fromhex(fields.get("ie", ""))
        while len(octets) >= 2:
            self.elements.setdefault(octets[0], octets[2:2 + octets[1]])
            octets = octets[2 + octets[1]:]

    @property
    def ssid(self):
        return self.elements.get(SSID_ELEMENT, b"")

    @property
    def secure(self):
        return RSN_ELEMENT in self.elements

    @property
    def protection(self):
        """Management frames: "Disabled", "Optional", "Required" (IEEE 802.11 9.4.2.24.4)."""
        rsn = self.elements[RSN_ELEMENT]
        at = 6                              # behind version and group cipher: two lists
        for _ in range(2):
            at += 2 + 4 * int.from_bytes(rsn[at:at + 2], "little")
        bits = rsn[at] >> 6 & 3
        return {0: "Disabled", 2: "Optional", 3: "Required"}[bits]


class Station:
    """A simulated radio in its own network namespace, under wpa_supplicant."""

    FREQUENCIES = ",".join(str(2407 + 5 * n) for n in range(1, 14))

    def __init__(self, phy, name, directory, country="DE"):
        self.phy, self.name = phy, name
        self.control = "%s/wpa-%s" % (directory, name)
        self.interface = next(i.name for i in interfaces() if i.phy == phy)
        run("ip", "netns", "add", name)
        run("iw", "phy", phy, "set", "netns", "name", name)
        self.inside("ip", "link", "set", "lo", "up")
        config = "%s/%s.conf" % (directory, name)
        with open(config, "w") as f:
            f.write("ctrl_interface=%s\ncountry=%s\nap_scan=1\n" % (self.control, country))
        self.supplicant = Service("wpa_supplicant", [
            "ip", "netns", "exec", name, "wpa_supplicant", "-i", self.interface, "-D", "nl80211",
            "-c", config], "%s/%s.log" % (directory, name))
        self.supplicant.start()
        if not until(lambda: os.path.exists("%s/%s" % (self.control, self.interface)), 10):
            raise RuntimeError("wpa_supplicant does not start, see " + self.supplicant.log)

    def inside(self, *command, **kw):
        return run("ip", "netns", "exec", self.name, *command, **kw)

    def _client(self, name, timeout):
        # Bound to a path: abstract addresses end at the network namespace.
        path = "%s-%s" % (self.control, name)
        if os.path.exists(path):
            os.unlink(path)
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(path)
        s.settimeout(timeout)
        s.connect("%s/%s" % (self.control, self.interface))
        return s

    def ask(self, command, timeout=5.0, event=None, event_timeout=15.0):
        """The answer to a command; with event= also wait until that event has come."""
        with self._client("command", timeout) as s, self._client("events", timeout) as events:
            if event:
                events.send(b"ATTACH")
                events.recv(64)
            s.send(command.encode())
            answer = s.recv(65536).decode("latin-1")
            if event and not answer.startswith("FAIL"):
                deadline = time.monotonic() + event_timeout
                while event.encode() not in events.recv(65536):
                    events.settimeout(max(deadline - time.monotonic(), 0.01))
                events.settimeout(timeout)
            if event:
                events.send(b"DETACH")
            return answer

    def must(self, command):
        answer = self.ask(command)
        if answer.strip() == "FAIL":
            raise RuntimeError("wpa_supplicant: FAIL to " + command.split(" ")[0])
        return answer.strip()

    def scan(self, frequencies=None, tries=3):
        """[Bss] of a fresh scan. Leaves: a station that looks for its network scans by itself, and
        the end of that scan would be taken for the end of this one."""
        self.leave()
        self.ask("ABORT_SCAN")          # FAIL: there is none
        self.must("BSS_FLUSH 0")
        for _ in range(tries):
            try:
                where = frequencies or self.FREQUENCIES
                answer = self.ask("SCAN TYPE=ONLY only_new=1 freq=" + where,
                                  event="CTRL-EVENT-SCAN-RESULTS")
                if answer.startswith("OK"):
                    break
            except TimeoutError:
                pass
            time.sleep(0.3)         # FAIL-BUSY: a scan is going on
        out = []
        while True:
            text = self.ask("BSS %d" % len(out))
            if not text.strip() or text.startswith("FAIL"):
                return out
            out.append(Bss(dict(line.split("=", 1) for line in text.splitlines() if "=" in line)))

    def join(self, ssid, passphrase=None, timeout=90.0):
        """Associate; True when the connection is complete."""
        self.seek(ssid, **({"key_mgmt": "NONE"} if passphrase is None else
                           {"psk": '"%s"' % passphrase}))
        return bool(until(self.joined, timeout))

    def seek(self, ssid, frequencies=None, **fields):
        """Begin to associate, with these fields of a network block."""
        self.leave()
        number = self.must("ADD_NETWORK")
        fields = {"ssid": ssid.hex(), "scan_freq": (frequencies or self.FREQUENCIES).replace(
            ",", " "), **fields}
        for name, value in fields.items():
            self.must("SET_NETWORK %s %s %s" % (number, name, value))
        self.must("SELECT_NETWORK %s" % number)

    def turned_away(self):
        """Has it given the network up for a while, because of its key or its user?"""
        return "[TEMP-DISABLED]" in self.ask("LIST_NETWORKS")

    def leave(self):
        self.must("REMOVE_NETWORK all")

    def status(self):
        text = self.ask("STATUS")
        return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)

    def joined(self):
        return self.status().get("wpa_state") == "COMPLETED"

    def ping(self, address, count=3):
        """How many of count came back."""
        text = self.inside("ping", "-n", "-c", str(count), "-i", "0.2", "-W", "2", address,
                           check=False)
        m = re.search(r"(\d+) received", text)
        return int(m[1]) if m else 0

    def close(self):
        self.supplicant.stop()
        run("ip", "netns", "del", self.name, check=False)
