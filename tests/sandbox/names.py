# SPDX-License-Identifier: Apache-2.0
"""S11 for the resolver: glibc does all that it does for names under the resolver's filter.

Run in namespaces of its own (unshare -mn): a name server on 127.0.0.53 answers by UDP and TCP.

    names.py PROGRAM UID      prints what went wrong; nothing when all is well
"""

import ctypes
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

HERE, HERE6, UDP_MAX = "127.0.0.53", "::1", 512
A, AAAA = 1, 28
EAGAIN, ENOENT = 11, 2


def question(packet):
    """(name, type, where the question ends)"""
    labels, at = [], 12
    while packet[at]:
        labels.append(packet[at + 1:at + 1 + packet[at]].decode())
        at += 1 + packet[at]
    return ".".join(labels), struct.unpack_from(">H", packet, at + 1)[0], at + 5


def records(name, kind):
    """Addresses, or None: no such name."""
    if name == "one.test":
        return [b"\xc0\x00\x02\x01"] if kind == A else []
    if name == "both.test":
        return [b"\xc0\x00\x02\x02"] if kind == A else [bytes(15) + b"\x02"]
    if name == "many.test":                     # more than a datagram holds
        return [bytes((192, 0, 2, n)) for n in range(60)] if kind == A else []
    return None


def answer(packet, tcp):
    name, kind, end = question(packet)
    if name == "mute.test":
        return None
    if name == "change.test":                   # as DHCP does it: other server, other options
        with open("/etc/resolv.conf", "w") as f:
            f.write("nameserver %s\noptions edns0 trust-ad\n" % HERE6)
    if name == "broken.test":
        return packet[:2] + b"\x81\x80" + os.urandom(40)
    found = records(name, kind)
    body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(r)) + r
                    for r in found or [])
    flags = 0x8180 | (3 if found is None else 0)
    if not tcp and end + len(body) > UDP_MAX:
        flags, body, found = flags | 0x0200, b"", []
    return (packet[:2] + struct.pack(">HHHHH", flags, 1, len(found or []), 0, 0) +
            packet[12:end] + body)


def serve_udp(s):
    while True:
        packet, peer = s.recvfrom(4096)
        reply = answer(packet, False)
        if reply:
            s.sendto(reply, peer)


def serve_tcp(s):
    while True:
        c, _ = s.accept()
        with c:
            while True:
                head = c.recv(2)
                if len(head) < 2:
                    break
                reply = answer(c.recv(struct.unpack(">H", head)[0]), True)
                c.sendall(struct.pack(">H", len(reply)) + reply)


def serve():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for family, address in ((socket.AF_INET, HERE), (socket.AF_INET6, HERE6)):
        udp = socket.socket(family, socket.SOCK_DGRAM)
        tcp = socket.socket(family, socket.SOCK_STREAM)
        for s in (udp, tcp):
            s.bind((address, 53))
        tcp.listen()
        threading.Thread(target=serve_udp, args=(udp,), daemon=True).start()
        threading.Thread(target=serve_tcp, args=(tcp,), daemon=True).start()


def mount_over(path, text):
    with tempfile.NamedTemporaryFile("w", delete=False) as f:
        f.write(text)
    os.chmod(f.name, 0o644)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(f.name.encode(), path.encode(), None, 4096, None):
        raise OSError(ctypes.get_errno(), "mount over " + path)
    os.unlink(f.name)


EXPECTED = [
    ("localhost", 0, 1),
    ("192.0.2.9", 0, 1),
    ("2001:db8::9", 0, 1),
    ("one.test", 0, 1),
    ("both.test", 0, 2),
    ("many.test", 0, 8),            # truncated by UDP, asked again by TCP; cut to what fits
    ("nowhere.test", -ENOENT, 0),
    ("broken.test", -EAGAIN, 0),
    ("mute.test", -EAGAIN, 0),
    ("one.test", 0, 1),             # after all of that it still works
    ("x" * 250, -ENOENT, 0),
    ("change.test", -ENOENT, 0),    # from here on by IPv6
    ("both.test", 0, 2),
    ("many.test", 0, 8),
]


def main():
    program, uid = sys.argv[1:]
    mount_over("/etc/resolv.conf", "nameserver %s\n" % HERE)
    mount_over("/etc/hosts", "127.0.0.1 localhost\n::1 localhost\n")
    serve()
    done = subprocess.run([program, uid, *(name for name, _, _ in EXPECTED)],
                          stdout=subprocess.PIPE, text=True, timeout=60, check=False)
    lines = done.stdout.splitlines()
    for number, (name, status, least) in enumerate(EXPECTED):
        got = lines[number].split() if number < len(lines) else ["nothing"]
        if got[1:2] != [str(status)] or int(got[2]) < least:
            print("%s: %s instead of status %d" % (name[:20], " ".join(got[1:]), status))


main()
