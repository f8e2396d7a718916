# SPDX-License-Identifier: Apache-2.0
"""How links lie on each other, bridges, VLANs, where addresses and routes come from, who is there,
name servers: changed behind the agent's back, and compared with what ip tells.

What this kernel has no driver for is a skip here; tests/guest/truth.py runs these in the virtual
gateway, whose kernel has them all.
"""

import calendar
import contextlib
import ipaddress
import json
import os
import time

from harness import Skipped, clock_is_set, same, true, until
from network import World, compare_links, counters, kind, oper, rows_of, run, settle, world

UNKNOWN, FOREVER = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
TABLES = {"IP": "Device.IP.Interface.", "Link": "Device.Ethernet.Link.",
          "VLAN": "Device.Ethernet.VLANTermination.", "Port": "Device.Ethernet.Interface."}


def layers(w):
    """{path: (kind of layer, name of the link)} and {path: row} of all that has layers, and the
    rows of the stack."""
    names, rows = {}, {}
    values = w.get("Device.")
    tables = dict(TABLES)
    for b in rows_of(values, "Device.Bridging.Bridge."):
        tables["BridgePort.%d" % b] = "Device.Bridging.Bridge.%d.Port." % b
    for what, table in tables.items():
        for n, r in rows_of(values, table).items():
            names["%s%d" % (table, n)] = (what.split(".")[0], r["Name"])
            rows["%s%d" % (table, n)] = r
    return names, rows, rows_of(values, "Device.InterfaceStack.")


def stacked(links):
    """What ip says lies on what: {((layer, name), (layer below, name))}"""
    ether = {n: x for n, x in links.items() if x["link_type"] == "ether"}

    def wire(n):
        """The port that a link is, or a VLAN on one."""
        return ("VLAN" if kind(ether[n]) == "vlan" else "Port", n)

    def top(n):
        return ("VLAN", n) if kind(ether[n]) == "vlan" else \
            ("Port", n) if "master" in ether[n] else ("Link", n)

    out = set()
    for n, x in ether.items():
        if kind(x) == "vlan":
            out.add((("VLAN", n), top(x["link"])))
        if "master" in x:
            out.add((("BridgePort", n), wire(n)))
            out.add((("BridgePort", x["master"]), ("BridgePort", n)))
            continue
        out.add((("IP", n), top(n)))
        if kind(x) == "bridge":
            out.add((("Link", n), ("BridgePort", n)))
        elif kind(x) == "veth":
            out.add((("Link", n), ("Port", n)))
    return out


def compare_stack(w):
    wanted = stacked({x["ifname"]: x for x in w.ip("link")})
    names, rows, stack = layers(w)
    have = {(names.get(r["HigherLayer"], r["HigherLayer"]), names.get(r["LowerLayer"],
             r["LowerLayer"])) for r in stack.values()}
    same(have - wanted, set(), "InterfaceStack: not so")
    same(wanted - have, set(), "InterfaceStack: missing")
    below = {(names[path], names[lower]) for path, r in rows.items()
             for lower in r["LowerLayers"].split(",") if lower}
    same(below, wanted, "LowerLayers")


def L7_interfaces_are_stacked_as_the_kernel_stacks_them(t):
    with world() as w:
        settle(w, compare_stack)
        for change in ("link set lan nomaster",
                       "link add v1 type veth peer name v2\nlink set v1 master br0\nlink set v1 up",
                       "link set lan master br0\nlink add br1 type bridge\nlink set v2 master br1",
                       "link set br0 down\nlink set br0 name brx",
                       "link set v2 nomaster\nlink set v2 master brx",
                       "link del br1\nlink del v1"):
            w.batch(change)
            settle(w, compare_stack)


def compare_bridges(w):
    links = {x["ifname"]: x for x in w.ip("link")}
    bridges = w.rows("Device.Bridging.Bridge.")
    same(w.gw.value("Device.Bridging.BridgeNumberOfEntries"), str(len(bridges)), "their number")
    for n, r in bridges.items():
        link = links[r["Name"]]
        data, up = link["linkinfo"]["info_data"], "UP" in link["flags"]
        same((r["Enable"], r["Status"]), ("true", "Enabled") if up else ("false", "Disabled"),
             "state of %s" % r["Name"])
        same(r["AgingTime"], str(data["ageing_time"] // 100), "AgingTime of %s" % r["Name"])
        same(r["Standard"], "802.1Q-2011" if data["vlan_filtering"] else "802.1D-2004", "Standard")
        ports = w.rows("Device.Bridging.Bridge.%d.Port." % n)
        same(r["PortNumberOfEntries"], str(len(ports)), "ports of %s" % r["Name"])
        for p in ports.values():
            link = links[p["Name"]]
            same(p["ManagementPort"], str(p["Name"] == r["Name"]).lower(), "ManagementPort")
            same((p["Enable"], p["Status"]), (str("UP" in link["flags"]).lower(), oper(link)),
                 "state of %s" % p["Name"])


def L7_bridges_are_as_ip_tells_them_also_after_changes(t):
    with world() as w:
        settle(w, compare_bridges)
        for change in ("link set br0 type bridge ageing_time 12000",
                       "link set br0 down",
                       "link set br0 up\nlink add v1 type veth peer name v2\n"
                       "link set v1 master br0",
                       "link add br1 type bridge ageing_time 200000\nlink set v2 master br1",
                       "link set v1 up\nlink set v2 up\nlink set br1 up",
                       "link del br1"):
            w.batch(change)
            settle(w, compare_bridges, compare_links)


def L7_last_change_counts_from_the_change(t):
    with world() as w:
        name = next("Device.Ethernet.Interface.%d." % n for n, r in
                    w.rows("Device.Ethernet.Interface.").items() if r["Name"] == "wan")
        began = time.monotonic()        # after the agent's start
        time.sleep(2.1)
        true(int(w.gw.value(name + "LastChange")) >= 2, "it did not stay as it was")
        changed = time.monotonic()
        w.batch("link set wan down")
        settle(w, compare_links)
        told = int(w.gw.value(name + "LastChange"))
        true(told <= time.monotonic() - changed, "%d s since a change that is younger" % told)
        true(told < time.monotonic() - began - 2, "the change was not seen")


def add_vlans(w):
    try:
        w.batch("link add link wan name wan.7 type vlan id 7")
    except RuntimeError as e:
        raise Skipped("no VLANs here: %s" % e)
    w.batch("link set wan.7 up\naddr add 203.0.113.7/24 dev wan.7")


def compare_vlans(w):
    links = {x["ifname"]: x for x in w.ip("link") if kind(x) == "vlan"}
    rows = {r["Name"]: r for r in w.rows("Device.Ethernet.VLANTermination.").values()}
    same(sorted(rows), sorted(links), "VLANTermination")
    same(w.gw.value("Device.Ethernet.VLANTerminationNumberOfEntries"), str(len(links)), "number")
    for name, r in rows.items():
        data = links[name]["linkinfo"]["info_data"]
        same((r["VLANID"], r["TPID"]), (str(data["id"]), str({
            "802.1Q": 0x8100, "802.1ad": 0x88a8}[data["protocol"]])), name)
        same((r["Enable"], r["Status"]), (str("UP" in links[name]["flags"]).lower(),
                                          oper(links[name])), "state of %s" % name)


def compare_sent(w):
    """What is counted on while it is read lies between two looks."""
    def sent():
        return counters(w)["wan.7"]["tx"]["packets"]

    number = next(n for n, r in w.rows("Device.Ethernet.VLANTermination.").items()
                  if r["Name"] == "wan.7")
    before = sent()
    got = int(w.gw.value("Device.Ethernet.VLANTermination.%d.Stats.PacketsSent" % number))
    true(before <= got <= sent() and got >= 200, "%d packets, %d before" % (got, before))


def L7_vlans_are_as_ip_tells_them_also_after_changes(t):
    with world() as w:
        add_vlans(w)
        settle(w, compare_vlans, compare_stack, compare_links)
        run("ip", "netns", "exec", w.name, "/usr/bin/python3", "-c",
            "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)\n"
            "for i in range(200): s.sendto(b'x' * 100, ('203.0.113.255', 9))")
        settle(w, compare_sent)
        for change in ("link add link br0 name br0.9 type vlan id 9 protocol 802.1ad",
                       "link set br0.9 up\nlink add link wan.7 name inner type vlan id 4094",
                       "link add link lan name lan.5 type vlan id 5\nlink set lan.5 master br0",
                       "link set wan.7 down\nlink set br0.9 down\nlink set br0.9 name trunk",
                       "link del wan.7\nlink set lan.5 nomaster",
                       "link del lan.5\nlink del trunk"):
            w.batch(change)
            settle(w, compare_vlans, compare_stack)


def seconds_left(text):
    """Till a moment in the tree; None: forever, or nobody knows."""
    if text in (UNKNOWN, FOREVER):
        return None
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ")) - time.time()


def same_end(text, left, what):
    """left is what ip says: seconds, or 4294967295."""
    if left == 0xffffffff:
        same(text, FOREVER, what)
    elif not clock_is_set():
        same(text, UNKNOWN, what)
    else:       # ip looked at it before or after
        true(abs(seconds_left(text) - left) <= 5, "%s: %s with %d s left" % (what, text, left))


def compare_origins(w):
    """Where addresses come from, and how long they live."""
    there = {(x["ifname"], a["local"]): a for x in w.ip("addr") for a in x.get("addr_info", [])
             if "master" not in x}
    tree = w.get("Device.IP.Interface.")
    for number, interface in rows_of(tree, "Device.IP.Interface.").items():
        base = "Device.IP.Interface.%d." % number
        prefixes = {base + "IPv6Prefix.%d" % n: r["Prefix"]
                    for n, r in rows_of(tree, base + "IPv6Prefix.").items()}
        for r in rows_of(tree, base + "IPv4Address.").values():
            a = there.pop((interface["Name"], r["IPAddress"]))
            want = ("AutoIP" if a["local"].startswith("169.254.") else "DHCP" if a.get("dynamic")
                    else "Static")
            same(r["AddressingType"], want, "AddressingType of " + a["local"])
        for r in rows_of(tree, base + "IPv6Address.").values():
            a = there.pop((interface["Name"], r["IPAddress"]))
            want = ("WellKnown" if a["local"] == "::1" else "AutoConfigured"
                    if a["scope"] == "link" else "Static" if not a.get("dynamic") else
                    "DHCPv6" if a["prefixlen"] == 128 else "AutoConfigured")
            same(r["Origin"], want, "Origin of " + a["local"])
            same_end(r["ValidLifetime"], a["valid_life_time"], "ValidLifetime of " + a["local"])
            same_end(r["PreferredLifetime"], a["preferred_life_time"], "PreferredLifetime")
            inside = [p for p, text in prefixes.items()
                      if ipaddress.ip_address(a["local"]) in ipaddress.ip_network(text)]
            same(r["Prefix"] in inside if inside else r["Prefix"], True if inside else "",
                 "Prefix of " + a["local"])
    same(sorted(there), [], "addresses that are missing")


def on_link(w, names):
    """{(link, prefix): route} of the prefixes that ip knows to be on a link."""
    out = {}
    for r in json.loads(run("ip", "-6", "-n", w.name, "-j", "-d", "route") or "[]"):
        net = None if r["dst"] == "default" else ipaddress.ip_network(r["dst"])
        if net and 0 < net.prefixlen < 128 and r["protocol"] in ("kernel", "ra") and \
                "gateway" not in r and r["dev"] in names:
            out[(r["dev"], str(net))] = r
    return out


def compare_prefixes(w):
    tree = w.get("Device.IP.Interface.")
    have = {}
    for n, interface in rows_of(tree, "Device.IP.Interface.").items():
        for r in rows_of(tree, "Device.IP.Interface.%d.IPv6Prefix." % n).values():
            have[(interface["Name"], r["Prefix"])] = r
    names = {r["Name"] for r in rows_of(tree, "Device.IP.Interface.").values()}
    want = on_link(w, names)
    same(set(have), set(want), "IPv6Prefix")
    addresses = [(x["ifname"], a) for x in w.ip("-6", "addr") for a in x.get("addr_info", [])]
    for (name, prefix), r in have.items():
        route = want[(name, prefix)]
        same(r["Origin"], "WellKnown" if prefix.startswith("fe80:") else "RouterAdvertisement"
             if "expires" in route or route["protocol"] == "ra" else "Static",
             "Origin of " + prefix)
        lives = [a["valid_life_time"] for n, a in addresses if n == name and
                 ipaddress.ip_address(a["local"]) in ipaddress.ip_network(prefix)]
        if lives:
            same_end(r["ValidLifetime"], max(lives), "ValidLifetime of " + prefix)


def L7_addresses_and_prefixes_say_where_they_come_from(t):
    with world() as w:
        settle(w, compare_origins, compare_prefixes)
        for change in ("addr add 203.0.113.9/24 dev wan valid_lft 3600 preferred_lft 1800",
                       "addr add 169.254.7.7/16 dev wan",
                       "addr add 2001:db8:9::1/64 dev wan nodad valid_lft 7200 preferred_lft 3600\n"
                       "addr add 2001:db8:9::2/128 dev wan nodad valid_lft 500 preferred_lft 400",
                       "addr change 203.0.113.9/24 dev wan valid_lft forever "
                       "preferred_lft forever\n"
                       "addr change 2001:db8:9::1/64 dev wan valid_lft 9000 preferred_lft 9000",
                       "addr del 169.254.7.7/16 dev wan\naddr del 2001:db8:9::1/64 dev wan",
                       "link set wan down"):
            w.batch(change)
            settle(w, compare_origins, compare_prefixes)


def compare_route_origins(w):
    """Origin, StaticRoute and ExpirationTime of each route."""
    names = {"dhcp": ("DHCPv4", "DHCPv6"), "ospf": ("OSPF", "OSPF"), "rip": ("RIP", "RIPng"),
             "ra": ("Static", "RA")}
    for six, table in ((0, "IPv4Forwarding"), (1, "IPv6Forwarding")):
        want = []
        for r in json.loads(run("ip", "-6" if six else "-4", "-n", w.name, "-j", "-d", "route")):
            dst = "" if r["dst"] == "default" else str(ipaddress.ip_network(r["dst"]))
            origin = names.get(r["protocol"], ("Static", "Static"))[six]
            left = r.get("expires", 0xffffffff)
            for _ in r.get("nexthops", [r]):
                want.append((dst, origin, r["protocol"] in ("static", "boot"), left))
        have = []
        for r in w.rows("Device.Routing.Router.1.%s." % table).values():
            dst = r["DestIPPrefix"] if six else r["DestIPAddress"] and str(ipaddress.ip_network(
                "%s/%s" % (r["DestIPAddress"], r["DestSubnetMask"])))
            have.append((dst, r["Origin"], None if six else r["StaticRoute"] == "true",
                         r.get("ExpirationTime")))
        same(sorted(x[:2] for x in have), sorted(x[:2] for x in want), "Origin")
        if not six:
            same(sorted(x[::2] for x in have), sorted(x[::2] for x in want), "StaticRoute")
        for dst, origin, _, end in have if six else ():
            ends = [x[3] for x in want if x[:2] == (dst, origin)]
            if len(ends) == 1:
                same_end(end, ends[0], "ExpirationTime of " + dst)


def L7_routes_say_where_they_come_from(t):
    with world() as w:
        settle(w, compare_route_origins)
        for change in ("route add 10.1.0.0/16 via 192.0.2.9 proto dhcp metric 5\n"
                       "route add 10.2.0.0/16 via 192.0.2.9 proto ospf\n"
                       "route add 10.3.0.0/16 via 192.0.2.9 proto static",
                       "route add 2001:db8:70::/48 via 2001:db8::9 proto ra expires 600\n"
                       "route add 2001:db8:71::/48 via 2001:db8::9 proto dhcp",
                       "route replace 10.1.0.0/16 via 192.0.2.9 proto rip metric 5",
                       "route del 10.2.0.0/16\nroute del 2001:db8:70::/48"):
            w.batch(change)
            settle(w, compare_route_origins)


def hosts(w):
    return {r["PhysAddress"]: r for r in w.rows("Device.Hosts.Host.").values()}


def compare_activity(w, known):
    """Active is who the kernel has not given up, on a link with carrier. Whom it has given up it
    tells without the MAC address, which is known from before."""
    up = {x["ifname"] for x in w.ip("link") if "LOWER_UP" in x["flags"]}
    there = {known[n["dst"]]: n for n in w.ip("neigh") if n["dst"] in known}
    got = hosts(w)
    same(sorted(got), sorted(there), "hosts")
    for mac, n in there.items():
        alive = {"REACHABLE", "STALE", "DELAY", "PROBE", "PERMANENT"} & set(n["state"])
        same(got[mac]["Active"], str(bool(alive) and n["dev"] in up).lower(), "Active of " + mac)


def L7_hosts_are_active_as_the_kernel_sees_them_and_say_since_when(t):
    first, second = "02:AA:00:00:00:01", "02:AA:00:00:00:02"
    known = {"198.51.100.20": first, "198.51.100.21": second}

    def compare(w):
        compare_activity(w, known)

    with world() as w:
        table = w.rows("Device.IP.Interface.")
        bridge = next("Device.IP.Interface.%d" % n for n, r in table.items() if r["Name"] == "br0")
        began = int(time.time())
        w.batch("\n".join("neigh add %s lladdr %s dev br0 nud permanent" % pair
                          for pair in known.items()))
        settle(w, compare)
        before = hosts(w)
        same([before[first][n] for n in ("IPAddress", "Layer3Interface")],
             ["198.51.100.20", bridge], "the first host")
        time.sleep(1.1)
        changed = int(time.time())
        # a neighbour that did not answer; its address is known still
        w.batch("neigh change 198.51.100.20 lladdr %s dev br0 nud failed" % first)
        settle(w, compare)
        after = hosts(w)
        same((after[first]["Active"], after[second]["Active"]), ("false", "true"), "Active")
        same(after[second]["ActiveLastChange"], before[second]["ActiveLastChange"], "the other's")
        if clock_is_set():
            for text, low in ((before[first]["ActiveLastChange"], began),
                              (after[first]["ActiveLastChange"], changed)):
                at = calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
                true(low <= at <= time.time() + 1, "ActiveLastChange %s" % text)
        else:
            same(after[first]["ActiveLastChange"], UNKNOWN, "an unknown time is told")
        w.batch("link set lan down")    # no carrier on the bridge: nobody is there
        settle(w, compare)
        same({r["Active"] for r in hosts(w).values()}, {"false"}, "without carrier")


@contextlib.contextmanager
def resolv_conf(w, *servers):
    """ip netns exec puts it over /etc/resolv.conf; it is written where it is."""
    folder = os.path.join("/etc/netns", w.name)
    os.makedirs(folder)

    def write(*servers):
        with open(os.path.join(folder, "resolv.conf"), "w") as f:
            f.write("".join("nameserver %s\n" % s for s in servers))

    write(*servers)
    try:
        yield write
    finally:
        os.unlink(os.path.join(folder, "resolv.conf"))
        os.rmdir(folder)


def L1_name_servers_are_those_of_resolv_conf(t):
    w = World()
    table = "Device.DNS.Client.Server."

    def told():
        return [r["DNSServer"] for r in w.rows(table).values()]

    try:
        with resolv_conf(w, "192.0.2.53", "2001:db8::53") as write:
            w.start()
            until(lambda: told() == ["192.0.2.53", "2001:db8::53"], "the first servers")
            write("198.51.100.53", "2001:db8::53")
            # the one that stays keeps its number
            until(lambda: [(n, r["DNSServer"]) for n, r in sorted(w.rows(table).items())] ==
                  [(2, "2001:db8::53"), (3, "198.51.100.53")], "the new ones", 10)
            same(w.gw.value("Device.DNS.Client.ServerNumberOfEntries"), "2", "their number")
    finally:
        w.close()


def L7_counters_of_entries_count_the_rows(t):
    with world() as w:
        w.batch("neigh add 198.51.100.20 lladdr 02:aa:00:00:00:14 dev br0 nud permanent")

        def compare(w):
            values = w.get("Device.")
            counts = {n[:-len("NumberOfEntries")]: v for n, v in values.items()
                      if n.endswith("NumberOfEntries")}
            for table, count in counts.items():
                rows = {n[len(table) + 1:].split(".")[0] for n in values
                        if n.startswith(table + ".")}
                same(count, str(len(rows)), table)
            true(len(counts) > 30, "only %d tables" % len(counts))

        settle(w, compare)
        w.batch("link add v1 type veth peer name v2\nlink set v1 master br0\nlink del wan")
        settle(w, compare)


def compare_ipv6(w):
    """Where the kernel's own switches are."""
    off = {}
    for link in w.ip("link"):
        path = "/proc/sys/net/ipv6/conf/%s/disable_ipv6" % link["ifname"]
        off[link["ifname"]] = run("ip", "netns", "exec", w.name, "cat", path).strip() == "1"
    tree = w.get("Device.IP.")
    for r in rows_of(tree, "Device.IP.Interface.").values():
        same(r["IPv6Enable"], str(not off[r["Name"]]).lower(), "IPv6Enable of " + r["Name"])
    on = not all(off.values())
    same([tree["Device.IP." + n] for n in ("IPv6Enable", "IPv6Status")],
         ["true", "Enabled"] if on else ["false", "Disabled"], "IPv6 as a whole")


def L7_ipv6_is_on_where_the_kernel_has_it_on(t):
    with world() as w:
        settle(w, compare_ipv6)
        for key, value in (("wan", 1), ("all", 1), ("br0", 0), ("all", 0)):
            run("ip", "netns", "exec", w.name, "sysctl", "-q", "-w",
                "net.ipv6.conf.%s.disable_ipv6=%d" % (key, value))
            settle(w, compare_ipv6, compare_origins)


def L7_upstream_is_the_port_of_the_default_route(t):
    with world() as w:
        def upstream(*names):
            def compare(w):
                same(sorted(r["Name"] for r in w.rows("Device.Ethernet.Interface.").values()
                            if r["Upstream"] == "true"), sorted(names), "Upstream")
            settle(w, compare)

        upstream("wan")
        w.batch("route del default")
        upstream()
        # now the port of the bridge leads there
        w.batch("route add default via 198.51.100.9")
        upstream("lan")
        w.batch("link set lan nomaster\nroute add default via 192.0.2.1 metric 5")
        upstream("wan")
