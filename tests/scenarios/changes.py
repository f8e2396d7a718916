# SPDX-License-Identifier: Apache-2.0
"""What the network does by itself, the ACS that watches it hears (TESTPLAN rows 15 and 16)."""

import os
import subprocess

from harness import same, true
from network import rows_of
from wan import World

STACK, HOSTS = "Device.InterfaceStackNumberOfEntries", "Device.Hosts.HostNumberOfEntries"
ROUTES = "Device.Routing.Router.1.IPv4ForwardingNumberOfEntries"


def batch(w, *lines):
    """All at once: what follows from each other comes as one burst of events."""
    subprocess.run(["ip", "-n", w.here, "-batch", "-"], input="\n".join(lines) + "\n", text=True,
                   check=True)


def row(values, table, name):
    return next("%s%d." % (table, n) for n, r in rows_of(values, table).items()
                if r["Name"] == name)


def told(server, name, value):
    """Sessions by value changes until one says that it has this value; there may be others on the
    way, where what was done at once has come in pieces."""
    seen = None
    while seen != value:
        s = server.session()
        same(s.inform.codes, ["4 VALUE CHANGE"], "events")
        seen = s.inform.params.get(name, seen)
        if seen == value:
            same(s.value(name), value, "%s, read" % name)
        s.end()


def written(path):
    return os.stat(path).st_ino, os.stat(path).st_mtime_ns


def T015_what_changes_in_the_network_is_told(t):
    with World() as w:
        w.ipv4()
        batch(w, "link add lan0 type veth peer name lan1", "link set lan0 up", "link set lan1 up",
              "addr add 10.1.1.1/24 dev lan0")
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        s = server.session()
        values = s.get("Device.")
        port = row(values, "Device.Ethernet.Interface.", "lan0") + "Status"
        addresses = row(values, "Device.IP.Interface.", "lan0") + "IPv4AddressNumberOfEntries"
        link = row(values, "Device.Ethernet.Link.", "lan0") + "MTU"
        s.set_attributes([(n, 2, None) for n in (STACK, HOSTS, ROUTES, port, addresses, link)])
        s.end()
        for lines, name, value in (
                (["neigh add 10.1.1.9 lladdr 02:aa:00:00:00:01 dev lan0 nud permanent"],
                 HOSTS, int(values[HOSTS]) + 1),
                (["addr add 10.1.1.2/32 dev lan0"], addresses, int(values[addresses]) + 1),
                (["route add 10.55.0.0/16 via 10.1.1.9", "route add blackhole 10.56.0.0/16"],
                 ROUTES, int(values[ROUTES]) + 2),
                (["link set lan0 mtu 1400"], link, 1400),
                (["link add v1 type veth peer name v2"], STACK, int(values[STACK]) + 4),
                (["link set lan1 down"], port, "LowerLayerDown")):
            batch(w, *lines)
            told(server, name, str(value))
        true(server.quiet(2), "a session without a reason")


def T016_what_changed_in_the_network_goes_with_the_next_session(t):
    with World() as w:
        w.ipv4()
        server = w.acs(t, "10.9.9.9")
        w.gateway(t, server.url)
        s = server.session()
        name = row(s.get("Device."), "Device.IP.Interface.", "mgmt0") + "IPv4Address.1.IPAddress"
        same(s.value(name), "192.168.1.2", "IPAddress")
        s.set_attributes([("Device.IP.", 1, None)])
        s.end()
        batch(w, "addr del 192.168.1.2/24 dev mgmt0", "addr add 192.168.1.2/24 dev mgmt0 "
              "valid_lft 600 preferred_lft 300")
        true(server.quiet(2), "a session for a passive notification")
        true(w.knock(s.inform.params["Device.ManagementServer.ConnectionRequestURL"]) in (200, 204),
             "a connection request")
        s = server.session()
        same(s.inform.codes, ["4 VALUE CHANGE", "6 CONNECTION REQUEST"], "events")
        same(s.inform.params.get(name.replace("IPAddress", "AddressingType")), "DHCP",
             "AddressingType in the Inform")
        s.end()


def T016_neighbours_that_come_and_go_cost_no_write(t):
    """Anybody on the LAN can make up MAC addresses: rows are saved when their numbers are told."""
    with World() as w:
        w.ipv4()
        batch(w, "link add lan0 type veth peer name lan1", "link set lan0 up", "link set lan1 up",
              "addr add 10.1.1.1/24 dev lan0")
        server = w.acs(t, "10.9.9.9")
        gw = w.gateway(t, server.url)
        s = server.session()
        s.set_attributes([("Device.Hosts.", 1, None)])
        s.end()
        path = os.path.join(gw.state, "state")
        before = None
        while before != written(path):      # what the session has left to write
            before = written(path)
            true(server.quiet(2), "a session without a reason")
        for i in range(5):
            batch(w, *["neigh replace 10.1.1.%d lladdr 02:bb:00:00:%02x:%02x dev lan0 "
                       "nud permanent" % (n + 2, i, n) for n in range(20)])
            # meanwhile it looks at them
            true(server.quiet(0.8), "a session for a passive notification")
        same(written(path), before, "the state file")
        true(w.knock(s.inform.params["Device.ManagementServer.ConnectionRequestURL"]) in (200, 204),
             "a connection request")
        s = server.session()
        same(s.inform.params.get(HOSTS), "20", "hosts in the Inform")
        rows = s.names("Device.Hosts.Host.", True)
        with open(path) as f:
            kept = f.read()
        same([n for n in rows if "@key.%s = " % n.rstrip(".") not in kept], [], "told, not kept")
        s.end()
