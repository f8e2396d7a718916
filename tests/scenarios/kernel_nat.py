# SPDX-License-Identifier: Apache-2.0
"""UDP connection requests (TR-069 Annex G) through the NAT of the kernel: gateway, router and
provider in namespaces of their own, the router with nftables' masquerade and a short memory. It
lets in only whom the gateway has spoken to, so requests come from the STUN server's port."""

import itertools
import os
import shutil
import socket
import subprocess
import time

import stun
from behind_nat import ADDRESS, NAT
from harness import Acs, CONNREQ, MS, Skipped, same, true, until
from wan import inside

LIFE = 3                        # seconds that the router remembers
OUTSIDE, SERVER = "10.9.0.1", "10.9.0.2"
RULES = """table ip nat {
    chain out {
        type nat hook postrouting priority 100;
        oifname "wan" masquerade
    }
}"""
number = itertools.count()


def run(command, **kw):
    subprocess.run(command.split(), check=True, **kw)


def beside(host, port):
    """A socket with an address that a server has, to send from."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    s.bind((host, port))
    return s


class Nat:
    def __init__(self, t):
        if not shutil.which("nft"):
            raise Skipped("nft (package nftables) is not installed")
        name = "spn%d-%d" % (os.getpid(), next(number))
        self.here, self.router, self.there = name + "g", name + "r", name + "p"
        self.t = t

    def __enter__(self):
        for name in (self.here, self.router, self.there):
            run("ip netns add " + name)
            run("ip -n %s link set lo up" % name)
        self.cable(self.here, "wan0", "10.8.0.2", self.router, "lan", "10.8.0.1")
        self.cable(self.router, "wan", OUTSIDE, self.there, "net", SERVER)
        run("ip -n %s route add default via 10.8.0.1" % self.here)
        inside(self.router, self.route)
        return self

    @staticmethod
    def cable(one, a, address_a, other, b, address_b):
        run("ip link add %s netns %s type veth peer name %s netns %s" % (a, one, b, other))
        for name, link, address in ((one, a, address_a), (other, b, address_b)):
            run("ip -n %s addr add %s/24 dev %s" % (name, address, link))
            run("ip -n %s link set %s up" % (name, link))

    @staticmethod
    def route():
        try:
            run("nft -f -", input=RULES.encode(), stderr=subprocess.PIPE)
        except subprocess.CalledProcessError as e:
            raise Skipped("this kernel has no masquerade: %s" % e.stderr.decode())
        for name, value in (("ipv4/ip_forward", 1),
                            ("netfilter/nf_conntrack_udp_timeout", LIFE),
                            ("netfilter/nf_conntrack_udp_timeout_stream", LIFE)):
            with open("/proc/sys/net/" + name, "w") as f:
                f.write(str(value))

    def __exit__(self, *_):
        for name in (self.here, self.router, self.there):
            subprocess.run(["ip", "netns", "del", name], check=False)

    def up(self, port, least, most):
        """The gateway with its first session over and STUN on; the address that it tells."""
        t = self.t
        t.server = inside(self.there, lambda: Acs(host=SERVER))
        t.servers.append(t.server)
        gw = t.gateway(url=t.server.url, start=False, settings={"connreq.address": ""})
        for service in gw.services():
            service.command = ["ip", "netns", "exec", self.here] + service.command
        gw.start()
        s = t.server.session()
        s.set([(MS + "STUNServerAddress", SERVER), (MS + "STUNServerPort", port),
               (MS + "STUNMinimumKeepAlivePeriod", least, "xsd:unsignedInt"),
               (MS + "STUNMaximumKeepAlivePeriod", most, "xsd:int"),
               (MS + "STUNEnable", "true", "xsd:boolean")])
        s.end()
        where = until(lambda: t.gw.value(ADDRESS), "UDPConnectionRequestAddress")
        true(where.startswith(OUTSIDE + ":"), "address %s" % where)
        same(t.gw.value(NAT), "true", "NATDetected")
        return where

    def knock(self, sock):
        """A signed request to where the gateway can be reached now, from the server's port."""
        host, port = self.t.gw.value(ADDRESS).split(":")
        sock.sendto(stun.request(*CONNREQ), (host, int(port)))
        s = self.t.server.session()
        same(s.inform.codes, ["6 CONNECTION REQUEST"], "events")
        s.end()


def G5_lifetime_is_found_behind_the_nat_of_the_kernel(t):
    with Nat(t) as nat:
        server = inside(nat.there, lambda: stun.StunServer(host=SERVER))
        t.servers.append(server)
        server.violations = server.wrong
        nat.up(server.port, 1, 6)
        primary = lambda: [r for r in server.requests if stun.BINDING in r.attributes]
        probes = lambda: [r for r in server.requests if stun.RESPONSE in r.attributes]

        def settled():
            quiet = [r for r in primary() if probes() and r.at > probes()[-1].at + 0.5]
            return stun.every([r.at for r in quiet], 2)
        # After 3 s of silence the router has forgotten, which nine questions find out; after 2 s
        # it has not.
        until(settled, "a keep-alive period of 2 s", 90)
        true(len(probes()) > 9, "%d probes" % len(probes()))
        time.sleep(LIFE + 1)
        nat.knock(server.socket)


def G9_coturn_serves_behind_the_nat_of_the_kernel(t):
    program = shutil.which("turnserver")
    if not program:
        raise Skipped("turnserver (package coturn) is not installed")
    with Nat(t) as nat:
        port = 3478
        command = ["ip", "netns", "exec", nat.there, program, "-n", "-S", "-L", SERVER, "-p",
                   str(port), "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout",
                   "--pidfile", ""]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as coturn:
            try:
                nat.up(port, 2, 2)
                time.sleep(LIFE + 1)        # the keep-alive holds the door open
                with inside(nat.there, lambda: beside(SERVER, port)) as sock:
                    nat.knock(sock)
            finally:
                coturn.kill()
