# SPDX-License-Identifier: Apache-2.0
"""The WAN as it is: a management network beside the internet, IPv6 alone, both families, an
address that changes. Gateway and provider have namespaces of their own, joined by two cables."""

import ctypes
import itertools
import os
import shutil
import subprocess
import threading
import time
from urllib.parse import urlsplit

from harness import Acs, CONNREQ, MS, same, true, within
import connreq

CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)
number = itertools.count()
URL = MS + "ConnectionRequestURL"


def inside(name, function):
    """What function() gives, called in that namespace; its sockets stay there."""
    out = []

    def work():
        try:
            with open("/run/netns/" + name) as f:
                if libc.setns(f.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), "setns")
            out.append(function())
        except Exception as e:
            out.append(e)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if isinstance(out[0], Exception):
        raise out[0]
    return out[0]


class World:
    """inet0 has the default route; mgmt0 has one that is worse."""

    def __init__(self):
        name = "spm%d-%d" % (os.getpid(), next(number))
        self.here, self.there = name + "g", name + "p"

    def __enter__(self):
        for name in (self.here, self.there):
            self.run("ip netns add " + name)
            self.run("ip -n %s link set lo up" % name)
        for i, cable in enumerate(("inet", "mgmt")):
            self.run("ip link add %s0 netns %s type veth peer name %s1 netns %s"
                     % (cable, self.here, cable, self.there))
            self.run("ip -n %s addr add 192.168.%d.1/24 dev %s1" % (self.there, i, cable))
            self.run("ip -n %s addr add fd00:%d::1/64 dev %s1 nodad" % (self.there, i, cable))
            self.run("ip -n %s link set %s1 up" % (self.there, cable))
            self.run("ip -n %s link set %s0 up" % (self.here, cable))
        self.run("ip -n %s addr add 10.9.9.9/32 dev lo" % self.there)
        return self

    def __exit__(self, *_):
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "del", name], check=False)
        shutil.rmtree(self.etc(), ignore_errors=True)

    def etc(self):
        """What ip netns exec shows the gateway over /etc."""
        return "/etc/netns/" + self.here

    def name(self, name, *addresses):
        os.makedirs(self.etc())
        with open(self.etc() + "/hosts", "w") as f:
            f.write("".join("%s %s\n" % (a, name) for a in addresses))
        # where nobody listens: the resolver does not wait
        with open(self.etc() + "/resolv.conf", "w") as f:
            f.write("nameserver 127.0.0.1\n")

    @staticmethod
    def run(line):
        subprocess.run(line.split(), check=True)

    def ip(self, line):
        self.run("ip -n %s %s" % (self.here, line))

    def ipv4(self):
        for i, cable in enumerate(("inet", "mgmt")):
            self.ip("addr add 192.168.%d.2/24 dev %s0" % (i, cable))
            self.ip("route add default via 192.168.%d.1 dev %s0 metric %d" % (i, cable, 10 + i))

    def ipv6(self):
        self.ip("addr add fd00:0::2/64 dev inet0 nodad")

    def acs(self, t, host, **kw):
        server = inside(self.there, lambda: Acs(host=host, **kw))
        t.servers.append(server)
        t.server = t.server or server
        return server

    def gateway(self, t, url, **settings):
        gw = t.gateway(url=url, start=False, settings={"connreq.address": "", **settings})
        for service in gw.services():
            service.command = ["ip", "netns", "exec", self.here] + service.command
        gw.start()
        return gw

    def knock(self, url):
        return inside(self.there, lambda: connreq.digest(url, *CONNREQ).status)


def host_of(s):
    return urlsplit(s.inform.params[URL]).hostname


def T111_the_session_goes_out_by_the_management_interface_alone(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url, **{"wan.interface": "mgmt0"})
        s = server.session()
        same(host_of(s), "192.168.1.2", "address in ConnectionRequestURL")
        url = s.inform.params[URL]
        s.end()
        true(w.knock(url) in (200, 204), "a connection request by the management interface")
        server.session().end()
        try:
            w.knock(url.replace("192.168.1.2", "192.168.0.2"))
        except connreq.Refused:
            return
        true(False, "the port is open on the other interface")


def T111_without_the_setting_the_routes_decide(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        s = server.session()
        same(host_of(s), "192.168.0.2", "address in ConnectionRequestURL")
        s.end()


def T111_no_management_interface_no_session(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url, **{"wan.interface": "mgmt7"}).wait_up()
        true(server.quiet(1.2), "a session by another interface")


def T111_ipv6_alone(t):
    with World() as w:
        w.ipv6()
        server = w.acs(t, "fd00::1")
        w.gateway(t, server.url.replace("//fd00::1:", "//[fd00::1]:"))
        s = server.session()
        url = s.inform.params[URL]
        true(url.startswith("http://[fd00::2]:"), "ConnectionRequestURL is %s" % url)
        s.end()
        true(w.knock(url) in (200, 204), "a connection request by IPv6")
        server.session().end()


def told(t, w, address):
    """ConnectionRequestURL has changed: the ACS hears of it at once, and reaches the box there."""
    s = t.server.session()
    same(s.inform.codes, ["4 VALUE CHANGE"], "events")
    same(host_of(s), address, "address in ConnectionRequestURL")
    s.end()
    true(w.knock(s.inform.params[URL]) in (200, 204), "a request to the new address")
    t.server.session().end()
    true(t.server.quiet(2.5), "a session without a reason")


def T111_the_address_in_the_url_follows_the_wan(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        server.session().end()
        w.ip("addr flush dev inet0")
        w.ip("addr add 192.168.0.77/24 dev inet0")
        w.ip("route replace default via 192.168.0.1 dev inet0 metric 10")
        told(t, w, "192.168.0.77")


def T111_the_address_in_the_url_follows_the_way_to_the_acs(t):
    """Both addresses stay; the default route goes over to the other interface."""
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        server.session().end()
        w.ip("route del default via 192.168.0.1 dev inet0")
        told(t, w, "192.168.1.2")


def T111_an_ipv6_address_that_is_renumbered_is_told(t):
    with World() as w:
        w.ipv6()
        server = w.acs(t, "fd00::1")
        w.gateway(t, server.url.replace("//fd00::1:", "//[fd00::1]:"))
        server.session().end()
        w.ip("addr add fd00::77/64 dev inet0 nodad")
        w.ip("addr del fd00::2/64 dev inet0")
        told(t, w, "fd00::77")


def T111_addresses_that_lead_elsewhere_are_no_news(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        server.session().end()
        w.ip("link add lan0 type veth peer name lan1")
        w.ip("addr add 10.1.1.1/24 dev lan0")
        w.ip("link set lan0 up")
        w.ip("link set mgmt0 down")
        true(server.quiet(3.5), "a session without a reason")


def both_families(t, dead):
    """A name with two addresses, of which one leads nowhere: neither refuses, neither answers."""
    with World() as w:
        w.ipv4()
        w.ipv6()
        four = six = None
        if dead == 6:
            four = w.acs(t, "10.9.9.9")
            w.ip("neigh add fd00::dead dev inet0 lladdr 02:00:00:00:de:ad nud permanent")
        else:
            six = w.acs(t, "fd00::1")
            w.ip("neigh add 192.168.0.66 dev inet0 lladdr 02:00:00:00:de:ad nud permanent")
        w.name("acs.test", "fd00::1" if six else "fd00::dead", "10.9.9.9" if four else
               "192.168.0.66")
        w.gateway(t, "http://acs.test:%d/acs" % t.server.port)
        began = time.monotonic()
        s = t.server.session()
        # An attempt is given up after 10 s
        within(time.monotonic() - began, 0, 9, "seconds to the Inform")
        same(host_of(s), "192.168.0.2" if four else "fd00::2", "address in ConnectionRequestURL")
        s.end()
        # An event between sessions must not make the URL go over to the dead family.
        w.ip("link add lan0 type veth peer name lan1")
        w.ip("addr add 10.1.1.1/24 dev lan0")
        w.ip("link set lan0 up")
        true(t.server.quiet(3.5), "a session without a reason")
        true(w.knock(s.inform.params[URL]) in (200, 204), "a connection request")
        t.server.session().end()


def T111_both_families_and_ipv6_leads_nowhere(t):
    both_families(t, 6)


def T111_both_families_and_ipv4_leads_nowhere(t):
    both_families(t, 4)
