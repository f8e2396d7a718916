# SPDX-License-Identifier: Apache-2.0
"""A path in namespaces of its own, with a name server and a delay:

  gateway 10.81.0.2 - 10.81.0.1 first 10.81.1.1 ~ slow ~ 10.81.1.2 second 10.81.2.1 - 10.81.2.2 host

and the same with fd81::. The ACS and dnsmasq are on `first`. `second` refuses 10.81.8.0/24 and
fd81:8::/64, and keeps silent about 10.81.9.0/24."""

import itertools
import os
import shutil
import subprocess
import sys

from harness import Acs, Skipped
from wan import inside

HERE = os.path.dirname(os.path.realpath(__file__))
SLOW = os.path.join(HERE, "..", "lib", "slowlink.py")
number = itertools.count()
HOST, HOST6 = "10.81.2.2", "fd81:2::2"
FIRST, FIRST6 = "10.81.0.1", "fd81::1"
SECOND = "10.81.1.2"


class Path:
    def __init__(self, delay=0, drop=0, dns=()):
        """delay: milliseconds one way; dns: more arguments for dnsmasq."""
        name = "spp%d-%d" % (os.getpid(), next(number))
        self.gw, self.first, self.second, self.host = (name + x for x in "gfsh")
        self.delay, self.drop, self.dns = delay, drop, dns
        self.programs = []
        self.etc = "/etc/netns/" + self.gw

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for p in self.programs:
            p.stdin.close()
            p.terminate()
            p.wait()
        for name in (self.gw, self.first, self.second, self.host):
            subprocess.run(["ip", "netns", "del", name], check=False)
        shutil.rmtree(self.etc, ignore_errors=True)

    def build(self):
        for name in (self.gw, self.first, self.second, self.host):
            self.run("ip netns add " + name)
            inside(name, lambda: self.sysctl("ipv6/conf/default/accept_dad", 0))
            self.run("ip -n %s link set lo up" % name)
        for name in (self.first, self.second):
            inside(name, self.forward)
        self.cable(0, self.gw, self.first)
        self.cable(2, self.host, self.second)
        self.connect()
        for name, last in ((self.first, 1), (self.second, 2)):
            self.address(name, "slow", 1, last)
        for name, via in ((self.gw, 1), (self.host, 1)):
            net = 0 if name == self.gw else 2
            self.ip(name, "route add default via 10.81.%d.%d" % (net, via))
            self.ip(name, "route add default via fd81:%d::%d" % (net, via))
        for name, net, via in ((self.first, 2, 2), (self.first, 8, 2), (self.first, 9, 2),
                               (self.second, 0, 1)):
            self.ip(name, "route add 10.81.%d.0/24 via 10.81.1.%d" % (net, via))
            self.ip(name, "route add fd81:%d::/64 via fd81:1::%d" % (net, via))
        self.ip(self.second, "route add unreachable 10.81.8.0/24")
        self.ip(self.second, "route add unreachable fd81:8::/64")
        self.ip(self.second, "route add blackhole 10.81.9.0/24")
        for host in (HOST, HOST6):          # neighbours are known from now on
            for _ in range(30):
                if " 0% packet loss" in self.ask("ping", "-n", "-c", "1", "-W", "0.3", host):
                    break
        os.makedirs(self.etc)
        with open(self.etc + "/resolv.conf", "w") as f:
            f.write("nameserver %s\nsearch example.net\n" % FIRST)

    def connect(self):
        """The devices `slow`."""
        if not os.path.exists("/dev/net/tun"):
            raise Skipped("no /dev/net/tun here")
        self.program([sys.executable, SLOW, self.first, self.second, str(self.delay),
                      str(self.drop)])

    @staticmethod
    def sysctl(name, value):
        with open("/proc/sys/net/" + name, "w") as f:
            f.write(str(value))

    def forward(self):
        self.sysctl("ipv4/ip_forward", 1)
        self.sysctl("ipv6/conf/all/forwarding", 1)
        # Two programs ask, one after the other.
        self.sysctl("ipv4/icmp_ratelimit", 0)
        self.sysctl("ipv6/icmp/ratelimit", 0)

    def cable(self, net, far, near):
        self.run("ip link add c%d netns %s type veth peer name c%d netns %s"
                 % (net, far, net, near))
        self.address(far, "c%d" % net, net, 2)
        self.address(near, "c%d" % net, net, 1)

    def address(self, name, device, net, last):
        self.ip(name, "addr add 10.81.%d.%d/24 dev %s" % (net, last, device))
        self.ip(name, "addr add fd81:%d::%d/64 dev %s nodad" % (net, last, device))
        self.ip(name, "link set %s up" % device)

    @staticmethod
    def run(line):
        subprocess.run(line.split(), check=True)

    def ip(self, name, line):
        self.run("ip -n %s %s" % (name, line))

    def program(self, command, wait=True):
        p = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.programs.append(p)
        if wait:
            p.stdout.readline()
        return p

    def at(self, name):
        return ["ip", "netns", "exec", name]

    def dnsmasq(self, *more):
        """The name server that the gateway has; ends when we do."""
        self.program(self.at(self.first) + [
            "dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null",
            "--pid-file=", "--user=root", "--log-facility=-", "--bind-interfaces", *more],
            wait=False)

    def boot(self, t, settings=None, factory=None):
        """The first session, in the gateway's namespace."""
        server = inside(self.first, lambda: Acs(host=FIRST))
        t.servers.append(server)
        t.server = t.server or server
        gw = t.gateway(url=server.url, start=False, factory=factory,
                       settings={"connreq.address": "", **(settings or {})})
        for service in gw.services():
            service.command = self.at(self.gw) + service.command
        gw.start()
        return server.session()

    def ask(self, *command):
        """What a program says in the gateway's namespace."""
        return subprocess.run(self.at(self.gw) + list(command), text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout
