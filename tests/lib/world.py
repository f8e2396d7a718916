# SPDX-License-Identifier: Apache-2.0
"""A little world inside the virtual gateway:

  ACS (namespace acs, 10.70.0.1) ---- wan0 10.70.0.2 | gateway: hostapd, helper, agent | phy0
  stations in namespaces sta1, sta2... on the other simulated radios
"""

import contextlib
import ctypes
import os
import sys
import time

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(1, os.path.join(HERE, "..", "acs"))

import connreq                                              # noqa: E402
from air import Hostapd, Station, Supplicant, access_points, run      # noqa: E402
from cwmp import Acs                                        # noqa: E402
from gateway import Gateway                                 # noqa: E402
from session import Timeout                                 # noqa: E402
from soap import CwmpFault                                  # noqa: E402

ACS, WAN, PORT = "10.70.0.1", "10.70.0.2", 7547
CLONE_NEWNET = 0x40000000
HOLD = 10.0         # seconds for which a session is left waiting, well below the agent's patience
libc = ctypes.CDLL(None, use_errno=True)


@contextlib.contextmanager
def namespace(name):
    """This thread, and those that it starts, in a network namespace."""
    def enter(path):
        with open(path) as f:
            if libc.setns(f.fileno(), CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), "setns " + path)
    enter("/run/netns/" + name)
    try:
        yield
    finally:
        enter("/proc/1/ns/net")


class World:
    def __init__(self, directory="/run/world", stations=1, settings=None, factory=None,
                 verbose=False, acs=Acs):
        os.makedirs(directory, exist_ok=True)
        self.dir = directory
        self.stations = []
        self.closers = []
        self.holding, self.held, self.used = False, None, 0.0
        run("ip", "netns", "add", "acs")
        run("ip", "link", "add", "wan0", "type", "veth", "peer", "name", "lan0", "netns", "acs")
        run("ip", "addr", "add", WAN + "/24", "dev", "wan0")
        run("ip", "link", "set", "wan0", "up")
        for command in (("ip", "addr", "add", ACS + "/24", "dev", "lan0"),
                        ("ip", "link", "set", "lan0", "up"), ("ip", "link", "set", "lo", "up")):
            run("ip", "netns", "exec", "acs", *command)
        with namespace("acs"):
            self.acs = acs(host=ACS, port=PORT)
        self.closers.append(self.acs.stop)
        self.hostapd = Hostapd(directory + "/hostapd.log")
        self.supplicant = Supplicant(directory + "/supplicant.log")
        self.gateway = Gateway(
            self.acs.url, directory=directory + "/gateway", verbose=verbose,
            settings={"connreq.port": str(PORT), "dialer.allow_loopback": "no",
                      # the ACS is not behind the air
                      "dialer.allow_private": "yes", "confirm.paths": "", **(settings or {})},
            factory=factory, hostapd=self.hostapd, supplicant=self.supplicant, units=True)
        for number in range(1, stations + 1):
            self.stations.append(Station("phy%d" % number, "sta%d" % number, directory))
            self.closers.append(self.stations[-1].close)

    @property
    def station(self):
        return self.stations[0]

    def start(self):
        """Everything up; returns the first session, its Inform still unanswered."""
        for program in (self.hostapd, self.supplicant):
            program.start()
            self.closers.append(program.stop)
        self.gateway.start()
        self.closers.append(self.gateway.stop)
        try:
            return self.acs.wait_session(120)
        except Timeout as e:
            raise RuntimeError("%s\n%s" % (e, self.gateway.tail()))

    def close(self):
        for close in reversed(self.closers):
            close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # The ACS's side

    def knock(self):
        """A connection request with digest, from the ACS's address; the HTTP status."""
        url = self.gateway.connreq_url(5)
        with namespace("acs"):
            return connreq.digest(url, self.gateway.connreq_user,
                                  self.gateway.connreq_password).status

    def session(self, timeout=20.0):
        """A session, up to the agent's empty POST: one that comes by itself, or one asked for."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                return self.acs.session(0.05)
            except Timeout:
                pass
            try:
                self.knock()
            except (connreq.Refused, OSError, ValueError):
                time.sleep(0.1)             # the agent is not up yet
            try:
                return self.acs.session(2.0)
            except Timeout:
                if time.monotonic() >= deadline:
                    raise RuntimeError("no session within %g s\n%s" % (
                        timeout, self.gateway.tail()))

    @contextlib.contextmanager
    def talk(self):
        """with world.talk() as s: s.set(...)"""
        if self.held and time.monotonic() - self.used > HOLD:
            self.let_go()
        s, self.held = self.held or self.session(), None
        try:
            yield s
        except CwmpFault:
            self._done(s)
            raise
        except BaseException:
            s.abandon()
            raise
        self._done(s)

    def _done(self, s):
        if self.holding:
            self.held, self.used = s, time.monotonic()
        else:
            s.end()

    @contextlib.contextmanager
    def one_session(self):
        """Within this, talk() goes on with the session that is there, as long as it is fresh."""
        self.holding = True
        try:
            yield
        finally:
            self.holding = False
            self.let_go()

    def lose(self):
        """The agent is gone, and with it the session that is held."""
        s, self.held = self.held, None
        if s:
            s.abandon()

    def let_go(self):
        """Ends the session that is held."""
        s, self.held = self.held, None
        if s:
            s.end()

    def get(self, *names):
        with self.talk() as s:
            return s.get(*names)

    def set(self, values, key=""):
        with self.talk() as s:
            return s.set(values, key)

    # What is on the air

    def frequency(self):
        """Where the access points are, for a quick scan."""
        return ",".join(sorted({str(i.frequency) for i in access_points()})) or None

    def kernel_ssid(self):
        found = [i.ssid for i in access_points()]
        return found[0] if len(found) == 1 else found or None

    def scanned(self, station=None):
        return sorted(b.ssid for b in (station or self.station).scan())
