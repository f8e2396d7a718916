# SPDX-License-Identifier: Apache-2.0
"""A gateway as in the field: helper, dialer and agent under their own uids, sandbox on, a service
manager over them; with a throw-away configuration, factory layer and state.

    with Gateway(acs_url="http://127.0.0.1:8080/acs") as gw:
        gw.wait_up()
        gw.ctl("get", "Device.DeviceInfo.")
"""

import glob
import os
import secrets
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import uuid

import procs
from service import Service, how

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
BUILD = os.path.abspath(os.environ.get("BUILD") or os.path.join(ROOT, "build"))

USERS = {"agent": 64701, "dialer": 64702, "radio": 64703, "probe": 64704, "flash": 64705,
         "system": 64707, "station": 64708, "hostapd": 64710, "supplicant": 64711}
# helper/role.h: what the helper ends with when the box is to be restarted
REBOOT, FACTORY_RESET = 82, 83
HEADER = "sallyport-state 1"


def escape(value):
    """A value as the factory file has it."""
    out = []
    for octet in value.encode("utf-8", "surrogateescape"):
        if octet == 0x5c:
            out.append("\\\\")
        elif octet == 0x0a:
            out.append("\\n")
        elif octet < 0x20 or octet >= 0x7f:
            out.append("\\x%02x" % octet)
        else:
            out.append(chr(octet))
    return "".join(out)


def unescape(text):
    """The octets of a value of the factory or state file."""
    out, i = bytearray(), 0
    raw = text.encode("utf-8", "surrogateescape")
    while i < len(raw):
        if raw[i] != 0x5c:
            out.append(raw[i])
            i += 1
        elif raw[i + 1:i + 2] == b"n":
            out.append(0x0a)
            i += 2
        elif raw[i + 1:i + 2] == b"x":
            out.append(int(raw[i + 2:i + 4], 16))
            i += 4
        else:
            out.append(raw[i + 1])
            i += 2
    return bytes(out)


def free_port(address="127.0.0.1"):
    with socket.socket() as s:
        s.bind((address, 0))
        return s.getsockname()[1]


def allow(path, uid):
    """setfacl -m u:UID:rwx on a folder with mode ...771, as linux/posix_acl_xattr.h has it."""
    owner, user, group, mask, other, nobody = 1, 2, 4, 0x10, 0x20, 0xffffffff
    entries = [(owner, 7, nobody), (user, 7, uid), (group, 7, nobody), (mask, 7, nobody),
               (other, 1, nobody)]
    os.setxattr(path, "system.posix_acl_access",
                struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *e) for e in entries))


def unit_limits(name, uid=None):
    """The setpriv that starts a program as packaging/systemd/sallyport-<name>.service would, with
    the drop-ins of optional roles."""
    unit = os.path.join(ROOT, "packaging/systemd/sallyport-%s.service" % name)
    caps = []
    for path in [unit] + sorted(glob.glob(unit + ".d/*.conf*")):
        with open(path) as f:
            for line in f:
                if line.startswith("CapabilityBoundingSet="):
                    caps += line.partition("=")[2].split()
    names = "".join(",+" + c.lower()[len("cap_"):] for c in caps)
    command = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--ambient-caps=-all",
               "--bounding-set=-all" + names]
    if uid is not None:
        command += ["--reuid=%d" % uid, "--regid=%d" % uid, "--groups=%d" % uid]
    return command


class Gateway:
    """settings go to the configuration, factory to the factory layer ("Device...", "@...");
    state is a folder that is kept, else one is made and removed; hostapd an air.Hostapd and
    supplicant an air.Supplicant."""

    def __init__(self, acs_url=None, state=None, settings=None, factory=None, directory=None,
                 build=BUILD, verbose=False, units=False, hostapd=None, supplicant=None):
        self.build = build
        self.keep = directory is not None
        self.dir = directory or tempfile.mkdtemp(prefix="sallyport-gateway.")
        os.makedirs(self.dir, exist_ok=True)
        os.chmod(self.dir, 0o755)               # the roles' own uids pass through it
        self.state = os.path.abspath(state) if state else os.path.join(self.dir, "state")
        self.run = os.path.join(self.dir, "run")
        self.config = os.path.join(self.dir, "sallyport.conf")
        self.factory_file = os.path.join(self.dir, "factory.conf")
        self.boot_id = os.path.join(self.dir, "boot_id")
        self.connreq_user = "acs"
        self.connreq_password = secrets.token_hex(8)
        self.reboots = 0
        self.verbose = verbose
        self._lock = threading.RLock()
        self._stopped = True
        # Without a hostapd the radio role waits for one that never comes, in our own folder.
        self._write_config({
            "hostapd.global": hostapd.socket if hostapd else os.path.join(self.dir, "no-hostapd"),
            "hostapd.dir": hostapd.files if hostapd else os.path.join(self.dir, "hostapd"),
            "supplicant.global": supplicant.socket if supplicant else
            os.path.join(self.dir, "no-supplicant"),
            "supplicant.file": supplicant.file if supplicant else "",
            **(settings or {})})
        self._write_factory(acs_url, factory or {})
        # As root they drop what they have by themselves; units=True starts them with no more than
        # the systemd units give: users, groups and bounding sets.
        self.helper = self._service("helper", (unit_limits("helper") if units else []) + [
            self.program("helper"), "-c", self.config])
        agent = [self.program("agent"), "-c", self.config]
        self.dialer = None
        if units:
            self.dialer = self._service("dialer", unit_limits("dialer", USERS["dialer"]) + [
                self.program("agent"), "--role", "dialer", "-c", self.config])
            agent = unit_limits("agent", USERS["agent"]) + agent
        self.agent = self._service("agent", agent)

    # What it is made of

    def program(self, name):
        return os.path.join(self.build, "sallyport-" + name)

    def _service(self, name, command):
        return Service(name, command, os.path.join(self.dir, name + ".log"), self._ended)

    def _write_config(self, settings):
        config = {"user." + k: str(v) for k, v in USERS.items() if k in
                  ("agent", "dialer", "radio", "station", "probe", "system", "hostapd")}
        config.update({
            "group.hostapd": str(USERS["hostapd"]),
            "group.supplicant": str(USERS["supplicant"]), "station.interfaces": "up0",
            "state.dir": self.state, "run.dir": self.run,
            "factory.file": self.factory_file, "boot_id.file": self.boot_id,
            "system.record": os.path.join(self.dir, "ended"), "system.min_uptime": "0",
            "log.level": "debug" if self.verbose else "info",
            # The scripted ACS speaks plain http on a loopback or private address.
            "acs.allow_http": "yes", "dialer.allow_loopback": "yes",
            "dialer.allow_private": "yes", "probe.allow_loopback": "yes",
            "probe.allow_private": "yes", "connreq.port": str(free_port())})
        config.update(settings)
        self.settings = config
        with open(self.config, "w") as f:
            for key in sorted(config):
                if config[key] is not None:         # None: leave the default
                    f.write("%s = %s\n" % (key, config[key]))

    def _write_factory(self, acs_url, factory):
        base = "Device.ManagementServer."
        lines = {
            "Device.DeviceInfo.Manufacturer": "Sallyport",
            "Device.DeviceInfo.ManufacturerOUI": "00D09E",
            "Device.DeviceInfo.ProductClass": "virtual-gateway",
            "Device.DeviceInfo.SerialNumber": "VG000001",
            "Device.DeviceInfo.ModelName": "virtual gateway",
            "Device.DeviceInfo.HardwareVersion": "1.0",
            base + "ConnectionRequestUsername": self.connreq_user,
            base + "ConnectionRequestPassword": self.connreq_password}
        if acs_url:
            lines[base + "URL"] = acs_url
        lines.update(factory)
        self.connreq_user = lines[base + "ConnectionRequestUsername"]
        self.connreq_password = lines[base + "ConnectionRequestPassword"]
        with open(self.factory_file, "w") as f:
            f.write(HEADER + "\n")
            for path in sorted(lines):
                if lines[path] is not None:
                    f.write("%s = %s\n" % (path, escape(lines[path])))
        os.chmod(self.factory_file, 0o640)
        os.chown(self.factory_file, 0, USERS["agent"])

    def _new_boot(self):
        with open(self.boot_id, "w") as f:
            f.write("%s\n" % uuid.uuid4())
        shutil.rmtree(self.run, ignore_errors=True)     # a tmpfs in the field
        os.makedirs(self.run)
        os.chown(self.run, 0, USERS["agent"])           # packaging/systemd/sallyport.tmpfiles
        os.chmod(self.run, 0o3771)
        if self.dialer:
            allow(self.run, USERS["dialer"])

    # Life

    def start(self):
        if os.geteuid() != 0:
            raise PermissionError("a gateway needs root: its roles have uids of their own")
        with self._lock:
            self._stopped = False
            os.makedirs(self.state, exist_ok=True)
            os.chmod(self.state, 0o700)
            os.chown(self.state, USERS["agent"], USERS["agent"])
            self._new_boot()
            self._start_services()

    def services(self):
        return [s for s in (self.helper, self.dialer, self.agent) if s]

    def _start_services(self):
        for service in self.services():
            service.start()
            if service is not self.agent:
                self._wait_socket("radio.sock" if service is self.helper else "dialer.sock",
                                  service)

    def _wait_socket(self, name, service):
        """Readiness, which systemd gets by the order of units and restarts."""
        deadline = time.monotonic() + 10
        while not os.path.exists(os.path.join(self.run, name)):
            if not service.running() and service.statuses:
                return                              # the agent will say that it is not there
            if time.monotonic() > deadline:
                return
            time.sleep(0.01)

    def _ended(self, service, status):
        with self._lock:
            if self._stopped:
                return False
            if service is self.helper and status in (REBOOT, FACTORY_RESET):
                threading.Thread(target=self.reboot, daemon=True).start()
                return False
            return True

    def reboot(self):
        """The same state, another boot of the kernel."""
        with self._lock:
            if self._stopped:
                return
            self._stopped = True
        for service in reversed(self.services()):
            service.stop()
        with self._lock:
            self._stopped = False
            self.reboots += 1
            self._new_boot()
            self._start_services()

    def change(self, settings):
        """The same box with these settings (None: the default), as after an update of its file."""
        self._write_config({**self.settings, **settings})
        self.reboot()

    def stop(self):
        with self._lock:
            self._stopped = True
        for service in reversed(self.services()):
            service.stop()

    def close(self):
        self.stop()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.close()

    # To ask and to hurt

    @property
    def ctl_socket(self):
        return os.path.join(self.run, "ctl.sock")

    def environment(self):
        """For commands that work with this gateway."""
        env = dict(os.environ, SALLYPORT_CTL=self.ctl_socket, SALLYPORT_GATEWAY=self.dir,
                   SALLYPORT_CONNREQ_USER=self.connreq_user,
                   SALLYPORT_CONNREQ_PASSWORD=self.connreq_password)
        env["PATH"] = self.build + os.pathsep + env.get("PATH", "")
        return env

    def ctl(self, *arguments, check=True, timeout=30):
        done = subprocess.run([os.path.join(self.build, "sallyportctl"), *arguments],
                              env=self.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors="surrogateescape",
                              timeout=timeout)
        if check and done.returncode:
            raise RuntimeError("sallyportctl %s: %s" % (" ".join(arguments), done.stderr.strip()))
        return done.stdout

    def value(self, path):
        """One value, by the local socket; None when the agent does not answer."""
        done = subprocess.run([os.path.join(self.build, "sallyportctl"), "get", path],
                              env=self.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, timeout=30)
        text = done.stdout.decode("utf-8", "surrogateescape")
        if done.returncode or " = " not in text:
            return None
        return text.split(" = ", 1)[1].rstrip("\n")

    def wait_up(self, timeout=30.0):
        """Until the agent answers on its local socket."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if self.agent.running() and os.path.exists(self.ctl_socket):
                try:
                    self.ctl("status", timeout=5)
                    return
                except (RuntimeError, subprocess.TimeoutExpired):
                    pass
            time.sleep(0.05)
        raise RuntimeError("the gateway does not come up:\n" + self.tail())

    def connreq_url(self, timeout=0.0):
        """ConnectionRequestURL, once the agent knows it; "" before."""
        deadline = time.monotonic() + timeout
        while True:
            url = self.value("Device.ManagementServer.ConnectionRequestURL") or ""
            if url or time.monotonic() >= deadline:
                return url
            time.sleep(0.1)

    def processes(self):
        """{role: pid} of what runs now."""
        out = {}
        for service in self.services():
            for pid in service.family():
                try:
                    uid = procs.Status(pid).uids[1]
                except OSError:
                    continue
                name = next((n for n, u in USERS.items() if u == uid), service.name)
                if name == "dialer" and name in out:
                    name = "resolver"       # the dialer's child, under the same uid
                out[name] = pid
        return out

    def kill(self, role, number=signal.SIGKILL):
        os.kill(self.processes()[role], number)

    def log(self, name=None):
        out = []
        for service in self.services():
            if name in (None, service.name) and os.path.exists(service.log):
                with open(service.log, errors="replace") as f:
                    out.append(f.read())
        return "".join(out)

    def tail(self, lines=15):
        """The ends of the logs, and how the programs ended, for an error message."""
        out = []
        for service in self.services():
            out.append("%s: %s" % (service.name, "running" if service.running() else
                                   ", ".join(how(s) for s in service.statuses[-3:]) or "not run"))
            out.extend("  " + line for line in self.log(service.name).splitlines()[-lines:])
        return "\n".join(out)

    def stored(self):
        """The state file: {path or @key: octets}."""
        out = {}
        try:
            with open(os.path.join(self.state, "state"), errors="surrogateescape") as f:
                lines = f.read().split("\n")
        except FileNotFoundError:
            return out
        if lines[0] != HEADER:
            raise RuntimeError("the state begins with %r" % lines[0])
        for line in lines[1:]:
            key, sep, value = line.partition(" = ")
            if sep:
                out[key] = unescape(value)
        return out
