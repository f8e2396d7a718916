#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A cable between two network namespaces that takes its time: two TUN devices called `slow`.

slowlink.py NAMESPACE NAMESPACE MILLISECONDS [DROP]

Each packet comes out MILLISECONDS after it went in, for kernels without sch_netem. With DROP every
ICMP echo request with a sequence number that DROP divides is lost: so that two programs which count
from 1 lose the same ones. Prints "ready", and ends with its standard input.
"""

import collections
import ctypes
import fcntl
import os
import select
import struct
import sys
import time

CLONE_NEWNET, TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x40000000, 0x400454ca, 1, 0x1000


def tun(namespace):
    with open("/run/netns/" + namespace) as f:
        if ctypes.CDLL(None, use_errno=True).setns(f.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"slow", IFF_TUN | IFF_NO_PI))
    return fd


def sequence(packet):
    """Of an echo request; else None."""
    if packet[0] >> 4 == 4:
        at, echo = (packet[0] & 15) * 4, packet[9] == 1 and 8
    else:
        at, echo = 40, packet[6] == 58 and 128
    if not echo or packet[at] != echo:
        return None
    return struct.unpack_from(">H", packet, at + 6)[0]


def main():
    fds = [tun(name) for name in sys.argv[1:3]]
    delay, drop = float(sys.argv[3]) / 1000, int((sys.argv + ["0"])[4])
    try:        # a cable does not wait for its turn on a busy machine
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    except OSError:
        pass
    waiting = collections.deque()       # (when, where, packet): one delay, so in order
    print("ready", flush=True)
    while True:
        left = waiting[0][0] - time.monotonic() if waiting else None
        # The last part is waited for actively: a sleep ends late.
        if left is None or left > 0.0003:
            left = left and left - 0.0003
            readable = select.select(fds + [0], [], [], left)[0]
        else:
            readable = select.select(fds + [0], [], [], 0)[0]
        if 0 in readable:
            return
        for i, fd in enumerate(fds):
            if fd in readable:
                packet = os.read(fd, 65536)
                seq = sequence(packet)
                if not (drop and seq is not None and seq % drop == 0):
                    waiting.append((time.monotonic() + delay, fds[1 - i], packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, fd, packet = waiting.popleft()
            try:
                os.write(fd, packet)
            except OSError:             # the device is down: so is the cable
                pass


if __name__ == "__main__":
    main()
