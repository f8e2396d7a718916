# SPDX-License-Identifier: Apache-2.0
"""A network of our own with as many hosts and routes as a benchmark wants."""

import ctypes
import os
import subprocess
import sys

CLONE_NEWNET = 0x40000000


def ip(lines):
    subprocess.run(["ip", "-batch", "-"], input="\n".join(lines) + "\n", text=True, check=True)


def fill(start, end):
    """Hosts and routes, some 25 parameters for each number."""
    ip(["neigh replace 10.7.%d.%d lladdr 02:cc:00:%02x:%02x:01 dev lan nud permanent"
        % (n >> 8, n & 255, n >> 8, n & 255) for n in range(start, end)])
    ip(["route add 172.16.%d.%d/32 via 10.7.0.%d dev lan metric %d"
        % (n >> 8, n & 255, n % 200 + 1, n + 1) for n in range(start, end)])


def enter():
    """This process and what it starts are in a new network namespace, with an interface `lan`."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET):
        sys.exit("no network namespace: %s" % os.strerror(ctypes.get_errno()))
    ip(["link set lo up", "link add lan type veth peer name far", "link set lan up",
        "link set far up", "addr add 10.7.255.1/16 dev lan"])
