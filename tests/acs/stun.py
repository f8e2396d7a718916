# SPDX-License-Identifier: Apache-2.0
"""A classic STUN server (RFC 3489, TR-069 Annex G) and a NAT, both on loopback, in threads."""

import hashlib
import hmac
import select
import socket
import struct
import threading
import time

MAPPED, RESPONSE, USERNAME, INTEGRITY, ERROR = 1, 2, 6, 8, 9
BINDING, CHANGE = 0xc001, 0xc002


def attribute(kind, value):
    return struct.pack(">HH", kind, len(value)) + value


def address(kind, where):
    return attribute(kind, struct.pack(">HH4s", 1, where[1], socket.inet_aton(where[0])))


def sign(message, password):
    """MESSAGE-INTEGRITY as RFC 3489 11.2.8 has it: filled up to whole blocks of 64."""
    head = message[:2] + struct.pack(">H", len(message) - 20 + 24) + message[4:]
    mac = hmac.new(password.encode(), head + bytes(-len(head) % 64), hashlib.sha1).digest()
    return head + attribute(INTEGRITY, mac)


class Request:
    def __init__(self, data, source):
        self.data, self.source, self.at = data, source, time.monotonic()
        self.kind, length = struct.unpack(">HH", data[:4])
        self.id = data[4:20]
        if length != len(data) - 20:
            raise ValueError("length %d of a message of %d octets" % (length, len(data)))
        self.attributes, at = {}, 20
        while at < len(data):
            kind, n = struct.unpack(">HH", data[at:at + 4])
            if n % 4 or at + 4 + n > len(data):
                raise ValueError("attribute %#x with %d octets" % (kind, n))
            self.attributes[kind] = data[at + 4:at + 4 + n]
            at += 4 + n

    def genuine(self, password):
        return INTEGRITY in self.attributes and sign(self.data[:-24], password) == self.data


class Looping:
    def __init__(self):
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.loop, daemon=True)

    def loop(self):
        while not self.stopping.is_set():
            for s in select.select(self.sockets(), [], [], 0.05)[0]:
                try:
                    data, source = s.recvfrom(4096)
                except OSError:
                    continue
                self.heard(s, data, source)

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for s in self.sockets():
            s.close()


def every(moments, period):
    """Two of them in a row are so far apart. A busy machine may disturb others."""
    return any(-0.1 <= b - a - period < 0.4 for a, b in zip(moments, moments[1:]))


def udp(host="127.0.0.1"):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((host, 0))
    return s


class StunServer(Looping):
    """user: (name, password) that it insists on; answer(request) may give what to send instead."""

    def __init__(self, user=None, host="127.0.0.1"):
        super().__init__()
        self.user, self.requests, self.wrong, self.silent = user, [], [], False
        self.socket = udp(host)
        self.port = self.socket.getsockname()[1]
        self.thread.start()

    def sockets(self):
        return [self.socket]

    def heard(self, s, data, source):
        try:
            r = Request(data, source)
        except (ValueError, struct.error) as e:
            self.wrong.append("%s: %s" % (e, data.hex()))
            return
        self.requests.append(r)
        if self.silent:
            return
        to = source
        if RESPONSE in r.attributes:
            _, port, ip = struct.unpack(">HH4s", r.attributes[RESPONSE])
            to = (socket.inet_ntoa(ip), port)
        s.sendto(self.reply(r, source), to)

    def reply(self, r, source):
        if not self.user:
            return self.message(0x101, r, address(MAPPED, source))
        name = self.user[0].encode()
        if (not r.genuine(self.user[1]) or
                r.attributes.get(USERNAME) != name + b" " * (-len(name) % 4)):
            return self.message(0x111, r, attribute(ERROR, b"\0\0\x04\x01" + b"Unauthorized"))
        return sign(self.message(0x101, r, address(MAPPED, source)), self.user[1])

    @staticmethod
    def message(kind, r, body):
        return struct.pack(">HH", kind, len(body)) + r.id + body


class Nat(Looping):
    """Everything sent to .port goes to the server from a port of its own per source, which is
    forgotten `life` seconds after the last packet from inside. It lets in from anywhere."""

    def __init__(self, server, life=60.0):
        super().__init__()
        self.server, self.life = ("127.0.0.1", server), life
        self.inside = udp()
        self.port = self.inside.getsockname()[1]
        self.map = {}           # source inside: [socket outside, last packet from inside]
        self.thread.start()

    def sockets(self):
        return [self.inside] + [m[0] for m in list(self.map.values())]

    def heard(self, s, data, source):
        now = time.monotonic()
        for inner, (outer, last) in list(self.map.items()):
            if now - last > self.life:
                del self.map[inner]
                outer.close()
        if s is self.inside:
            m = self.map.setdefault(source, [None, now])
            m[0] = m[0] or udp()
            m[1] = now
            m[0].sendto(data, self.server)
            return
        for inner, (outer, _) in self.map.items():
            if outer is s:
                self.inside.sendto(data, inner)

    def forget(self):
        """As after a power cut of the NAT: other ports from now on."""
        for m in self.map.values():
            m[1] = -1e9


def request(user, password, ts=None, ident=1, cn="abcdef", **wrong):
    """A UDP connection request as ACSs send it."""
    ts = int(time.time()) if ts is None else ts
    text = "%s%s%s%s" % (ts, ident, user, cn)
    sig = hmac.new(password.encode(), text.encode(), hashlib.sha1).hexdigest().upper()
    return ("GET http://192.0.2.1:3478?ts=%s&id=%s&un=%s&cn=%s&sig=%s HTTP/1.1\r\n"
            "Host: 192.0.2.1:3478\r\n\r\n" % (wrong.get("ts", ts), ident, user, cn,
                                              wrong.get("sig", sig))).encode()


def send(address_text, *datagrams):
    host, port = address_text.rsplit(":", 1)
    with udp() as s:
        for d in datagrams:
            s.sendto(d, (host, int(port)))
