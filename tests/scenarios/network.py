# SPDX-License-Identifier: Apache-2.0
"""Links, addresses, routes and neighbours change behind the agent's back; the tree agrees with ip.

Each world is a network namespace of the scenario's own, in which gateway and ip run.
"""

import contextlib
import ctypes
import ipaddress
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time

from gateway import Gateway
from harness import Skipped, same, true, until

SEED = int(os.environ.get("SEED") or 1)
ROUNDS = int(os.environ.get("ROUNDS") or 0)     # make soak: the whole counts
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*command, data=None):
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True)
    if done.returncode:
        raise RuntimeError("%s: %s" % (" ".join(command), done.stderr.strip()))
    return done.stdout


def rows_of(values, table):
    """{number: {parameter: value}} of the parameters of a table's rows themselves."""
    out = {}
    for name, value in values.items():
        found = re.match(re.escape(table) + r"(\d+)\.(\w+)$", name)
        if found:
            out.setdefault(int(found[1]), {})[found[2]] = value
    return out


class World:
    """A gateway in a namespace of its own. wan with a default route, lan below a bridge."""

    def __init__(self, **settings):
        self.name = "sp%d.%d" % (os.getpid(), random.randrange(1 << 30))
        run("ip", "netns", "add", self.name)
        self.dir = tempfile.mkdtemp(prefix="sallyport-network.")
        self.batch("""link set lo up
            link add wan type veth peer name wanp
            link add lan type veth peer name lanp
            link set wan up
            link set wanp up
            link set lan up
            link set lanp up
            addr add 192.0.2.2/24 dev wan
            route add default via 192.0.2.1""")
        try:
            self.batch("link add br0 type bridge\nlink set lan master br0\nlink set br0 up")
        except RuntimeError as e:
            self.close()
            raise Skipped("no bridges here: %s" % e)
        self.batch("addr add 198.51.100.1/24 dev br0\naddr add 2001:db8::1/64 dev br0 nodad")
        self.gw = Gateway(settings={"connreq.address": "127.0.0.1", **settings})
        for service in self.gw.services():
            service.command = ["ip", "netns", "exec", self.name] + service.command

    def batch(self, lines):
        text = "\n".join(line.strip() for line in lines.splitlines()) + "\n"
        run("ip", "-n", self.name, "-batch", "-", data=text)

    def ip(self, *command):
        return json.loads(run("ip", "-n", self.name, "-j", "-d", *command) or "[]")

    def start(self):
        self.gw.start()
        self.gw.wait_up()
        return self

    def get(self, path):
        out = {}
        for line in self.gw.ctl("get", path).splitlines():
            name, eq, value = line.partition(" = ")
            if eq:
                out[name] = value
            elif line.endswith(" ="):
                out[line[:-2]] = ""
        return out

    def rows(self, table):
        return rows_of(self.get(table), table)

    def agent(self):
        return self.gw.processes()["agent"]

    def memory(self):
        """Of the agent, without what is shared, in KiB."""
        with open("/proc/%d/status" % self.agent()) as f:
            return int(re.search(r"RssAnon:\s+(\d+)", f.read())[1])

    def close(self):
        if hasattr(self, "gw"):
            self.gw.close()
        subprocess.run(["ip", "netns", "del", self.name], check=False)
        os.rmdir(self.dir) if os.path.isdir(self.dir) and not os.listdir(self.dir) else None


@contextlib.contextmanager
def world(**settings):
    w = World(**settings)
    try:
        yield w.start()
        same([s for service in w.gw.services() for s in service.statuses], [], "ends")
    finally:
        w.close()


OPER = {"UP": "Up", "DOWN": "Down", "LOWERLAYERDOWN": "LowerLayerDown", "DORMANT": "Dormant",
        "NOTPRESENT": "NotPresent"}


def oper(link):
    if link["operstate"] == "UNKNOWN":
        return "Up" if {"UP", "LOWER_UP"} <= set(link["flags"]) else "Down"
    return OPER[link["operstate"]]


def kind(link):
    return link.get("linkinfo", {}).get("info_kind", "")


def compare_links(w):
    links = {x["ifname"]: x for x in w.ip("link")}
    ports = {r["Name"]: r for r in w.rows("Device.Ethernet.Interface.").values()}
    wanted = sorted(n for n, x in links.items() if kind(x) in ("veth", "") and
                    x["link_type"] == "ether")
    same(sorted(ports), wanted, "Ethernet.Interface")
    for name, r in ports.items():
        same(r["Status"], oper(links[name]), "Status of %s" % name)
        same(r["Enable"], "true" if "UP" in links[name]["flags"] else "false", "Enable")
        same(r["MACAddress"].lower(), links[name]["address"], "MACAddress of %s" % name)
    layer2 = {r["Name"]: r for r in w.rows("Device.Ethernet.Link.").values()}
    same(sorted(layer2), sorted(n for n, x in links.items() if "master" not in x and
                                x["link_type"] == "ether" and kind(x) != "vlan"), "Ethernet.Link")
    for name, r in layer2.items():
        same(r["MTU"], str(links[name]["mtu"]), "MTU of %s" % name)
    layer3 = {r["Name"]: r for r in w.rows("Device.IP.Interface.").values()}
    same(sorted(layer3), sorted(n for n, x in links.items() if "master" not in x), "IP.Interface")
    bridges = w.rows("Device.Bridging.Bridge.")
    same(sorted(r["Name"] for r in bridges.values()),
         sorted(n for n, x in links.items() if kind(x) == "bridge"), "Bridge")
    for number, r in bridges.items():
        rows = w.rows("Device.Bridging.Bridge.%d.Port." % number).values()
        same(sorted(p["Name"] for p in rows), sorted(
            [r["Name"]] + [n for n, x in links.items() if x.get("master") == r["Name"]]), "Port")
        for p in rows:
            data = links[p["Name"]].get("linkinfo", {}).get("info_slave_data")
            if data:
                same(p["PortState"].lower(), data["state"], "PortState of %s" % p["Name"])


# What ethtool(8) asks by ioctl: SIOCETHTOOL, ETHTOOL_GSET.
GSET = """
import ctypes, fcntl, socket, struct, sys
room = ctypes.create_string_buffer(struct.pack("=I40x", 1))
ifreq = struct.pack("16sQ16x", sys.argv[1].encode(), ctypes.addressof(room))
fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8946, ifreq)
low, duplex, autoneg, high = struct.unpack("=12xHB3xB9xH14x", room.raw[:44])
print(high << 16 | low, duplex, autoneg)
"""


def compare_speeds(w):
    for r in w.rows("Device.Ethernet.Interface.").values():
        done = subprocess.run(["ip", "netns", "exec", w.name, "/usr/bin/python3", "-c", GSET,
                               r["Name"]], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True)
        if done.returncode:
            true("CurrentBitRate" not in r, "a rate that the driver does not know")
            continue
        speed, duplex, autoneg = [int(v) for v in done.stdout.split()]
        speed = speed if speed < 1 << 31 else 0
        duplex = {0: "Half", 1: "Full"}.get(duplex, "Unknown")
        same((r["CurrentBitRate"], r["CurrentDuplexMode"]), (str(speed), duplex), "in use")
        if autoneg:
            same((r["MaxBitRate"], r["DuplexMode"]), ("-1", "Auto"), "settings")
        elif speed and duplex != "Unknown":
            same((r["MaxBitRate"], r["DuplexMode"]), (str(speed), duplex), "settings")


def counters(w):
    return {x["ifname"]: x["stats64"] for x in json.loads(
        run("ip", "-n", w.name, "-j", "-s", "link"))}


def compare_counters(w):
    """What is counted on while it is read lies between two looks."""
    stats = {"BytesSent": ("tx", "bytes"), "BytesReceived": ("rx", "bytes"),
             "PacketsSent": ("tx", "packets"), "PacketsReceived": ("rx", "packets"),
             "ErrorsSent": ("tx", "errors"), "ErrorsReceived": ("rx", "errors"),
             "DiscardPacketsSent": ("tx", "dropped"), "DiscardPacketsReceived": ("rx", "dropped")}
    for table in ("Device.Ethernet.Interface.", "Device.Ethernet.Link.", "Device.IP.Interface."):
        names = {n: r["Name"] for n, r in w.rows(table).items()}
        before = counters(w)
        got = {n: w.get("%s%d.Stats." % (table, n)) for n in names}
        after = counters(w)
        for n, name in names.items():
            for parameter, (way, what) in stats.items():
                value = int(got[n]["%s%d.Stats.%s" % (table, n, parameter)])
                true(before[name][way][what] <= value <= after[name][way][what],
                     "%s of %s: %d" % (parameter, name, value))


def compare_addresses(w):
    have, want = set(), set()
    for number, r in w.rows("Device.IP.Interface.").items():
        base = "Device.IP.Interface.%d." % number
        for a in w.rows(base + "IPv4Address.").values():
            net = ipaddress.ip_network("0.0.0.0/" + a["SubnetMask"])
            have.add((r["Name"], a["IPAddress"], net.prefixlen))
        for a in w.rows(base + "IPv6Address.").values():
            have.add((r["Name"], a["IPAddress"], a["IPAddressStatus"]))
    for link in w.ip("addr"):
        # a member of a bridge is no IP.Interface, though it keeps its link-local address
        for a in link.get("addr_info", []) if "master" not in link else []:
            if a["family"] == "inet":
                want.add((link["ifname"], a["local"], a["prefixlen"]))
            else:
                status = ("Duplicate" if a.get("dadfailed") else "Tentative" if a.get("tentative")
                          else "Deprecated" if a.get("deprecated") else "Preferred")
                want.add((link["ifname"], a["local"], status))
    same(have - want, set(), "addresses that are not there")
    same(want - have, set(), "addresses that are missing")


def compare_routes(w):
    name = {"Device.IP.Interface.%d" % n: r["Name"]
            for n, r in w.rows("Device.IP.Interface.").items()}
    have, want = [], []
    for r in w.rows("Device.Routing.Router.1.IPv4Forwarding.").values():
        dst = ("%s/%s" % (r["DestIPAddress"], r["DestSubnetMask"]) if r["DestIPAddress"]
               else "0.0.0.0/0")
        have.append((str(ipaddress.ip_network(dst)), r["GatewayIPAddress"],
                     name.get(r["Interface"], ""), int(r["ForwardingMetric"]), r["Type"]))
    for r in w.rows("Device.Routing.Router.1.IPv6Forwarding.").values():
        have.append((r["DestIPPrefix"] or "::/0", r["NextHop"], name.get(r["Interface"], ""),
                     int(r["ForwardingMetric"]), r["Type"]))
    for family in ("-4", "-6"):
        for r in json.loads(run("ip", family, "-n", w.name, "-j", "-d", "route") or "[]"):
            dst = r["dst"]
            if dst == "default":
                dst = "0.0.0.0/0" if family == "-4" else "::/0"
            # a route to a member of a bridge has no IP.Interface
            dev = r.get("dev", "")
            kinds = {"unicast": "Normal", "blackhole": "Blackhole", "prohibit": "Prohibit",
                     "unreachable": "Unreachable"}
            for hop in r.get("nexthops", [r]):
                want.append((str(ipaddress.ip_network(dst)), hop.get("gateway", ""),
                             hop.get("dev", dev) if hop.get("dev", dev) in name.values() else "",
                             r.get("metric", -1), kinds[r.get("type", "unicast")]))
    same([r for r in have if r not in want], [], "routes that are not there")
    same([r for r in want if r not in have], [], "routes that are missing")
    same(len(have), len(want), "routes")


def neighbours(w):
    """{MAC: addresses} on the LAN, as ip tells them."""
    out = {}
    for n in w.ip("neigh"):
        if n["dev"] not in ("wan", "lo") and "lladdr" in n and "NOARP" not in n["state"]:
            out.setdefault(n["lladdr"].upper(), set()).add(n["dst"])
    return {m: a for m, a in out.items() if not int(m[1], 16) & 1}


def compare_hosts(w):
    have = {}
    for number, r in w.rows("Device.Hosts.Host.").items():
        base = "Device.Hosts.Host.%d." % number
        have[r["PhysAddress"]] = {a["IPAddress"] for t in ("IPv4Address.", "IPv6Address.")
                                  for a in w.rows(base + t).values()}
    same(have, neighbours(w), "hosts")


def settle(w, *compare):
    """All of it is true at once; the kernel itself needs a moment (tentative addresses)."""
    for c in compare or (compare_links, compare_speeds, compare_addresses, compare_routes,
                         compare_hosts):
        deadline = time.monotonic() + 30
        while True:
            try:
                c(w)
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def L1_network_is_as_ip_tells_it_also_after_changes(t):
    with world() as w:
        settle(w)
        for change in (
                "link set wan down",
                "link set wan up\nroute add default via 192.0.2.1",
                "link set lan nomaster",
                "link set lan master br0\nlink set br0 mtu 1400",
                "link set lan address 02:00:00:00:77:01",
                "addr add 203.0.113.5/28 dev wan valid_lft 600 preferred_lft 300\n"
                "addr add 2001:db8:5::5/128 dev wan nodad valid_lft 600 preferred_lft 0",
                "route add 10.1.0.0/16 metric 7 nexthop via 192.0.2.9 nexthop via 198.51.100.9\n"
                "route add blackhole 10.66.0.0/16\nroute replace default via 192.0.2.3 metric 3\n"
                "-6 route add 2001:db8:77::/48 via 2001:db8::99",
                "neigh add 198.51.100.20 lladdr 02:aa:00:00:00:14 dev br0 nud stale\n"
                "neigh add 2001:db8::20 lladdr 02:aa:00:00:00:14 dev br0 nud permanent\n"
                "neigh add 192.0.2.77 lladdr 02:bb:00:00:00:01 dev wan nud permanent",
                "addr del 203.0.113.5/28 dev wan\nroute del blackhole 10.66.0.0/16",
                "neigh del 198.51.100.20 dev br0\nlink add v1 type veth peer name v2",
                "link del v1",
                "link set lan name lan9"):
            w.batch(change.replace("\n-6 route", "\nroute"))
            settle(w)


def L1_counters_are_those_of_ip(t):
    with world() as w:
        for _ in range(3):
            # answered by nobody, and sent all the same
            subprocess.run(["ip", "netns", "exec", w.name, "/usr/bin/python3", "-c",
                            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
                            "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
                            "for a in ('192.0.2.255', '198.51.100.255'):\n"
                            "  for i in range(200): s.sendto(b'x' * 100, (a, 9))"], check=True)
            settle(w, compare_counters)
        sent = [int(v) for k, v in w.get("Device.Ethernet.Interface.").items()
                if k.endswith("Stats.PacketsSent")]
        true(max(sent) >= 600, "nothing was counted: %s" % sent)


def L1_instances_keep_their_numbers_over_a_restart(t):
    with world() as w:
        before = {k: v for k, v in w.get("Device.").items() if re.search(r"\.(Name|IPAddress)$", k)
                  and "Process" not in k}
        w.gw.stop()
        w.batch("link add aaa type veth peer name aab")     # sorts and comes in elsewhere
        w.gw.start()
        w.gw.wait_up()
        after = w.get("Device.")
        same({k: after.get(k) for k in before}, before, "names of the same rows")


def L1_hosts_have_ports_and_names_of_leases(t):
    folder = tempfile.mkdtemp(prefix="sallyport-leases.")
    os.chmod(folder, 0o755)
    path = os.path.join(folder, "leases")
    with open(path, "w") as f:
        f.write("0 02:aa:00:00:00:14 198.51.100.20 laptop *\n"
                "0 02:aa:00:00:00:15 198.51.100.21 printer *\n")
    with world(**{"hosts.leases": path}) as w:
        w.batch("neigh add 198.51.100.20 lladdr 02:aa:00:00:00:14 dev br0 nud permanent")
        run("bridge", "-n", w.name, "fdb", "add", "02:aa:00:00:00:14", "dev", "lan", "master",
            "dynamic")
        hosts = {r["HostName"]: r for r in w.rows("Device.Hosts.Host.").values()}
        same(sorted(hosts), ["laptop", "printer"], "names")
        port = next("Device.Ethernet.Interface.%d" % n for n, r in
                    w.rows("Device.Ethernet.Interface.").items() if r["Name"] == "lan")
        same((hosts["laptop"]["Active"], hosts["laptop"]["Layer1Interface"],
              hosts["laptop"]["InterfaceType"]), ("true", port, "Ethernet"), "laptop")
        same((hosts["printer"]["Active"], hosts["printer"]["IPAddress"]),
             ("false", "198.51.100.21"), "printer")
        # the server replaces its file
        with open(path + ".new", "w") as f:
            f.write("0 02:aa:00:00:00:14 198.51.100.20 desktop *\n")
        os.rename(path + ".new", path)
        same([r["HostName"] for r in w.rows("Device.Hosts.Host.").values()], ["desktop"], "names")


def L1_a_row_that_cannot_be_set_takes_what_it_is(t):
    with world() as w:
        row = "Device.IP.Interface.1."
        for name in (row + "Enable", row + "LowerLayers", row + "IPv4Address.1.IPAddress"):
            w.gw.ctl("set", "%s=%s" % (name, w.gw.value(name)))
        before = w.gw.value(row + "IPv4Address.1.IPAddress")
        done = subprocess.run([os.path.join(w.gw.build, "sallyportctl"), "set",
                               row + "IPv4Address.1.IPAddress=192.0.2.99"],
                              env=w.gw.environment(), stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        true(done.returncode and before in done.stdout, "answer %r" % done.stdout)
        same(w.gw.value(row + "IPv4Address.1.IPAddress"), before, "IPAddress")


def L2_a_link_that_flaps_costs_no_memory_and_ends_right(t):
    times = 1000 if ROUNDS else 150
    with world() as w:
        w.get("Device.")
        before = None
        for i in range(times):
            w.batch("link set wan down\nlink set wan up\naddr add 203.0.113.%d/32 dev wan" % (
                i % 200 + 1) if i < 200 else "link set wan down\nlink set wan up")
            if i % 10 == 9:
                w.get("Device.Ethernet.")
            if i == times // 3:
                before = w.memory()
        settle(w)
        after = w.memory()
        print("# flapped %d times: %d KiB, %d" % (times, before, after), file=sys.stderr)
        true(after <= before * 1.25 + 512, "%d KiB, before %d" % (after, before))


def L3_ten_thousand_neighbours_come_and_go_and_the_tree_is_right(t):
    count = 10000 if ROUNDS else 2000
    rng = random.Random(SEED)
    with world() as w:
        w.batch("addr add 10.0.0.1/8 dev br0")
        sizes, there = [], set()
        for _ in range(4):
            there = set(rng.sample(range(65536), count))
            lines = ["neigh replace 10.7.%d.%d lladdr 02:cc:00:%02x:%02x:01 dev br0 nud permanent"
                     % (n >> 8, n & 255, n >> 8, n & 255) for n in there]
            w.batch("\n".join(lines))
            until(lambda: int(w.gw.value("Device.Hosts.HostNumberOfEntries")) == count,
                  "%d hosts" % count, 120)
            gone = rng.sample(sorted(there), count - 50)
            w.batch("\n".join("neigh del 10.7.%d.%d dev br0" % (n >> 8, n & 255) for n in gone))
            settle(w, compare_hosts)
            run("ip", "-n", w.name, "neigh", "flush", "dev", "br0", "nud", "permanent")
            settle(w, compare_hosts)
            sizes.append(w.memory())
        print("# %d hosts, KiB after each round: %s" % (count, sizes), file=sys.stderr)
        true(sizes[-1] <= sizes[1] * 1.25 + 1024, "KiB after each round: %s" % sizes)


def L3_what_the_kernel_could_not_tell_is_read_anew(t):
    """ENOBUFS: the agent stands still while more happens than its socket holds."""
    with world() as w:
        w.get("Device.")
        w.batch("addr add 10.0.0.1/8 dev br0")
        agent = w.agent()

        def lost():
            with open("/proc/%d/net/netlink" % agent) as f:
                return sum(int(line.split()[8]) for line in f.read().splitlines()[1:])
        before = lost()
        os.kill(agent, signal.SIGSTOP)
        try:
            for n in range(100):
                w.batch("\n".join("neigh replace 10.%d.%d.1 lladdr 02:cc:%02x:%02x:00:01 dev br0 "
                                  "nud permanent" % (n, i, n, i) for i in range(100)))
                if lost() > before + 100:
                    break
            true(lost() > before, "its socket holds ten thousand events")
            run("ip", "-n", w.name, "neigh", "flush", "dev", "br0", "nud", "permanent")
            w.batch("link set wan down\naddr add 203.0.113.9/32 dev lan\nlink set lan mtu 1400")
        finally:
            os.kill(agent, signal.SIGCONT)
        settle(w)


def L4_an_idle_agent_sleeps_and_writes_nothing(t):
    seconds = 600 if ROUNDS else 60
    with world() as w:
        w.get("Device.")
        time.sleep(6)           # what the start has set going
        state = os.path.join(w.gw.state, "state")

        def switches():
            out = {}
            for role, pid in w.gw.processes().items():
                with open("/proc/%d/status" % pid) as f:
                    text = f.read()
                out[role] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", text)[1])
            return out

        def files():
            return {n: os.stat(os.path.join(w.gw.state, n)).st_mtime_ns
                    for n in os.listdir(w.gw.state)}

        true(os.path.exists(state), "no state was written")
        before, written = switches(), files()
        time.sleep(seconds)
        after = switches()
        same(files(), written, "files of the state folder")
        often = {r: after[r] - before[r] for r in before
                 if after[r] - before[r] > 2 * seconds / 60}
        same(often, {}, "wake-ups in %d s of those with more than two a minute" % seconds)
