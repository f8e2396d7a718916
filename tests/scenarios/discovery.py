# SPDX-License-Identifier: Apache-2.0
"""The ACS named by DHCP: TESTPLAN rows 2 to 8. dnsmasq and the client have namespaces of their
own, joined by a cable; the shipped hooks write the file that the agent reads."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile

from harness import MS, PROVISIONING, Skipped, same, spv, true, until

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
PACKAGED = os.path.join(ROOT, "packaging/dhcp")
WAIT, MULTIPLIER = MS + "CWMPRetryMinimumWaitInterval", MS + "CWMPRetryIntervalMultiplier"
FIRST = ["0 BOOTSTRAP", "1 BOOT"]
number = itertools.count()


def tlv(code, text, width=1):
    value = text.encode() if isinstance(text, str) else text
    return code.to_bytes(width, "big") + len(value).to_bytes(width, "big") + value


def option43(url, *more):
    return "43," + (tlv(1, url) + b"".join(tlv(*m) for m in more)).hex(":")


def option125(url):
    data = tlv(11, url)
    return "125," + ((3561).to_bytes(4, "big") + bytes([len(data)]) + data).hex(":")


def option17(url):
    return "option6:17," + ((3561).to_bytes(4, "big") + tlv(1, url, 2)).hex(":")


class Wan:
    """A provider's DHCP server, and the gateway's DHCP client, which is asked by bound()."""

    def __init__(self):
        for program in ("dnsmasq", "dhclient", "udhcpc", "ip"):
            if not shutil.which(program):
                raise Skipped("%s is not installed" % program)
        self.dir = tempfile.mkdtemp(prefix="sallyport-wan.")
        os.chmod(self.dir, 0o755)
        self.file = os.path.join(self.dir, "found/acs")
        os.mkdir(os.path.dirname(self.file), 0o755)
        name = "spw%d-%d" % (os.getpid(), next(number))
        self.here, self.there = name + "c", name + "s"
        self.server = self.client = None

    def __enter__(self):
        for line in ("ip netns add %(c)s", "ip netns add %(s)s",
                     "ip link add wan0 netns %(c)s type veth peer name isp0 netns %(s)s",
                     "ip -n %(s)s addr add 198.51.100.1/24 dev isp0",
                     "ip -n %(s)s addr add fd00:1::1/64 dev isp0 nodad",
                     "ip netns exec %(c)s sysctl -qw net.ipv6.conf.wan0.accept_dad=0",
                     "ip -n %(s)s link set isp0 up", "ip -n %(c)s link set wan0 up"):
            subprocess.run((line % {"c": self.here, "s": self.there}).split(), check=True)
        until(self.link_local, "a link-local address")
        self.script("hook4", '[ "$1" != bound ] || ip addr add $ip/24 dev $interface\n'
                             '. %s/sallyport-udhcpc "$@"\n' % PACKAGED)
        self.script("hook", ". %s/sallyport-dhclient\n" % PACKAGED)
        return self

    def __exit__(self, *_):
        for process in (self.client, self.server):
            self.end(process)
        for name in (self.here, self.there):
            subprocess.run(["ip", "netns", "del", name], check=False)
        shutil.rmtree(self.dir)

    def link_local(self):
        shown = subprocess.run(["ip", "-n", self.here, "-6", "addr", "show", "dev", "wan0"],
                               stdout=subprocess.PIPE, text=True, check=True).stdout
        return "scope link" in shown and "tentative" not in shown

    def script(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write("#!/bin/sh\nSALLYPORT_DHCP_FILE=%s\n%s" % (self.file, text))
        os.chmod(path, 0o755)

    @staticmethod
    def end(process):
        if process:
            process.kill()
            process.wait()

    def offer(self, *options):
        """The server, from now on: only to clients that say dslforum.org."""
        self.end(self.server)
        self.server = subprocess.Popen(
            ["ip", "netns", "exec", self.there, "dnsmasq", "--keep-in-foreground",
             "--conf-file=/dev/null", "--port=0", "--interface=isp0", "--bind-interfaces",
             "--user=root", "--no-ping",
             "--log-dhcp", "--log-facility=" + os.path.join(self.dir, "server.log"),
             "--pid-file=", "--dhcp-leasefile=" + os.path.join(self.dir, "leases"),
             "--dhcp-range=198.51.100.100,198.51.100.150,255.255.255.0,1h",
             "--dhcp-range=fd00:1::100,fd00:1::200,64,1h",
             "--dhcp-vendorclass=set:cwmp,dslforum.org",
             "--dhcp-vendorclass=set:cwmp,enterprise:3561,dslforum.org"] +
            ["--dhcp-option-force=tag:cwmp," + o for o in options])

    def dhclient(self, family):
        """Asks for a lease."""
        lease = os.path.join(self.dir, "lease" + family)
        if os.path.exists(lease):       # the answer to a mere Confirm has no options
            os.unlink(lease)
        asking = subprocess.Popen(
            ["ip", "netns", "exec", self.here, "dhclient", "-" + family, "-1", "-d", "-cf",
             os.path.join(PACKAGED, "dhclient.conf"), "-sf", os.path.join(self.dir, "hook"),
             "-lf", lease, "-pf", os.path.join(self.dir, "pid"), "wan0"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        before = self.written()
        try:
            until(lambda: self.written() != before, "an answer to dhclient")
        finally:
            self.end(asking)

    def written(self):
        return {e.name: e.inode() for e in os.scandir(os.path.dirname(self.file))
                if "." not in e.name}

    def udhcpc(self):
        self.client = subprocess.Popen(
            ["ip", "netns", "exec", self.here, "udhcpc", "-f", "-i", "wan0", "-A", "1", "-T", "1",
             "-V", "dslforum.org", "-O", "43", "-O", "125", "-s", os.path.join(self.dir, "hook4")],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def renew(self):
        self.client.send_signal(signal.SIGUSR1)


def bare(t, wan, factory=None, **settings):
    """A gateway with nothing but its factory layer, and no ACS in that."""
    gw = t.gateway(url="none", factory={MS + "URL": None, **(factory or {})},
                   settings={"discovery.file": wan.file, **settings})
    gw.wait_up()
    return gw


def first(server, wait=15):
    s = server.session(wait)
    same(s.inform.codes, FIRST, "events")
    return s


def T002_dhcpv4_option_43_names_the_acs(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43(server.url))
        wan.dhclient("4")
        first(server).end()
        same(t.gw.value(MS + "URL"), server.url, "URL")


def T002_a_lease_from_before_the_agent_counts(t):
    server = t.acs()
    with Wan() as wan:
        wan.offer(option43(server.url + "\0"))
        wan.dhclient("4")
        bare(t, wan)
        first(server).end()


def T002_zero_touch_from_the_factory_layer_to_provisioned(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43(server.url))
        wan.udhcpc()
        s = first(server)
        s.call(spv([(MS + "Username", "box-1"), (MS + "PeriodicInformInterval", 4711)], "one"))
        s.end()
        t.gw.ctl("status")              # the agent has come to the end of the session too
        t.gw.reboot(signal.SIGKILL)
        s = server.session()
        same(s.inform.codes, ["1 BOOT"], "events after the power cut")
        same(s.inform.text("RetryCount"), "0", "RetryCount")
        same(s.get(MS + "Username", MS + "PeriodicInformInterval", MS + "ParameterKey"),
             {MS + "Username": "box-1", MS + "PeriodicInformInterval": "4711",
              MS + "ParameterKey": "one"}, "what was provisioned")
        s.end()


def T003_a_renewal_names_another_acs(t):
    old, new = t.acs(), t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43(old.url))
        wan.udhcpc()
        first(old).end()
        wan.offer(option43(new.url))
        wan.renew()
        s = new.session()
        same(s.inform.codes, ["0 BOOTSTRAP"], "events")
        s.end()


def T003_an_acs_that_never_answered_is_given_up(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43("http://127.0.0.1:9/"))
        wan.udhcpc()
        until(lambda: t.log("session failed"), "a failed session")
        wan.offer(option43(server.url))
        wan.renew()
        first(server).end()


def T004_dhcpv4_option_125_names_the_acs(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option125(server.url))
        wan.udhcpc()
        first(server).end()


def T004_option_43_goes_before_option_125(t):
    server, other = t.acs(), t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option125(other.url), option43(server.url))
        wan.dhclient("4")
        first(server).end()
        true(other.quiet(0.3), "a session with the ACS of option 125")


def T005_provisioning_code_and_retry_parameters_of_option_43(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43(server.url, (2, "lab.7"), (3, "12"), (4, "3000")))
        wan.udhcpc()
        s = server.session()
        same(s.inform.codes[:2], FIRST, "events")
        same(s.inform.params[PROVISIONING], "lab.7", "ProvisioningCode")
        same(s.get(WAIT, MULTIPLIER), {WAIT: "12", MULTIPLIER: "3000"}, "retry parameters")
        # What DHCP tells again is no news: the ACS's own values stay.
        s.set({PROVISIONING: "mine", WAIT: 30})
        s.end()
        wan.renew()
        true(server.quiet(1.5), "a session after a renewal that said nothing new")
        same(t.gw.value(PROVISIONING), "mine", "ProvisioningCode after a renewal")
        same(t.gw.value(WAIT), "30", "retry interval after a renewal")


def T006_dhcpv6_option_17_names_the_acs(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option17(server.url))
        wan.dhclient("6")
        first(server).end()


def T007_another_dhcpv6_answer_names_another_acs(t):
    old, new = t.acs(), t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option17(old.url))
        wan.dhclient("6")
        first(old).end()
        wan.offer(option17(new.url))
        wan.dhclient("6")
        s = new.session()
        same(s.inform.codes, ["0 BOOTSTRAP"], "events")
        s.end()


def T008_a_url_set_by_the_acs_is_not_overridden(t):
    server, chosen, other = t.acs(), t.acs(), t.acs()
    with Wan() as wan:
        bare(t, wan)
        wan.offer(option43(server.url))
        wan.udhcpc()
        s = first(server)
        s.set({MS + "URL": chosen.url})
        s.end()
        chosen.session().end()
        wan.offer(option43(other.url, (2, "theirs")))
        wan.renew()
        until(lambda: t.log("but the ACS is known"), "a look at the new lease")
        true(other.quiet(0.3), "a session with the ACS that DHCP named")
        same(t.gw.value(MS + "URL"), chosen.url, "URL")
        same(t.gw.value(PROVISIONING), "", "ProvisioningCode")


def T008_an_answered_acs_of_the_factory_layer_stays(t):
    server, other = t.acs(), t.acs()
    with Wan() as wan:
        bare(t, wan, {MS + "URL": server.url})
        first(server).end()
        wan.offer(option43(other.url))
        wan.udhcpc()
        until(lambda: t.log("but the ACS is known"), "a look at the lease")
        same(t.gw.value(MS + "URL"), server.url, "URL")


DEAD = "http://127.0.0.1:9/"


def T003_a_dead_acs_of_dhcp_and_the_factory_layer_s_have_turns(t):
    """Until one has answered: then the other is not asked again."""
    server = t.acs()
    with Wan() as wan:
        wan.offer(option43(DEAD))
        wan.dhclient("4")
        bare(t, wan, {MS + "URL": server.url})
        true(server.quiet(2), "a session with the factory layer's ACS while DHCP's has its turn")
        first(server, 10).end()
        same(t.gw.value(MS + "URL"), server.url, "URL")
        t.gw.reboot(signal.SIGKILL)
        same(server.session().end().inform.codes, ["1 BOOT"], "events after a power cut")
        wan.dhclient("4")
        true(server.quiet(1), "a session after a lease that says the same")


def T003_after_the_factory_layer_s_turn_comes_dhcp_s_again(t):
    server = t.acs()
    port, url = server.port, server.url
    server.stop()
    t.servers.remove(server)
    t.server = None
    with Wan() as wan:
        wan.offer(option43(url))
        wan.dhclient("4")
        gw = bare(t, wan, {MS + "URL": DEAD})
        until(lambda: gw.value(MS + "URL") == DEAD, "the factory layer's turn")
        server = t.acs(port=port)
        first(server, 15).end()
        same(gw.value(MS + "URL"), url, "URL")


def lost(t, wan, factory, leads):
    """The first ACS sets the URL of another that is dead."""
    server = t.acs()
    bare(t, wan, {MS + "URL": server.url if factory else None})
    if leads:
        wan.offer(option43(server.url))
        wan.dhclient("4")
    s = first(server)
    s.set({MS + "URL": DEAD})
    s.end()
    return server


def T007_an_acs_found_by_dhcp_is_found_again_when_its_successor_is_lost(t):
    with Wan() as wan:
        server = lost(t, wan, False, True)
        true(server.quiet(2), "a session with the first ACS at once: this is no failover")
        same(server.session().end().inform.codes[:1], ["0 BOOTSTRAP"], "events")


def T007_who_did_not_use_dhcp_does_not_fall_back_to_it(t):
    other = t.acs()
    with Wan() as wan:
        server = lost(t, wan, True, False)
        wan.offer(option43(other.url))
        wan.dhclient("4")
        until(lambda: t.log("number 6"), "six failed sessions")
        true(other.quiet(0.2) and server.quiet(0.1), "a session")
        same(t.gw.value(MS + "URL"), DEAD, "URL")


def T008_dhcp_may_not_lead_to_http_unless_that_is_allowed(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan, **{"acs.allow_http": "no"})
        wan.offer(option43(server.url, (2, "theirs")))
        wan.udhcpc()
        until(lambda: t.log("action=dhcp result=refused"), "an audit line")
        true(server.quiet(0.3), "a session over plain http")
        same(t.gw.value(MS + "URL"), "", "URL")
        same(t.gw.value(PROVISIONING), "", "ProvisioningCode")


def T008_a_file_that_others_may_write_is_not_believed(t):
    server = t.acs()
    with Wan() as wan:
        bare(t, wan)
        with open(wan.file + ".new", "w") as f:
            f.write("option43 %s\n" % tlv(1, server.url).hex())
        os.chmod(wan.file + ".new", 0o666)
        os.rename(wan.file + ".new", wan.file)
        until(lambda: t.log("only root may write"), "a refusal")
        same(t.gw.value(MS + "URL"), "", "URL")
