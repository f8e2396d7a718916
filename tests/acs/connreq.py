# SPDX-License-Identifier: Apache-2.0
"""Connection requests: what an ACS sends to the CPE, and what it should not send."""

import re
import socket
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

import auth


@dataclass
class Answer:
    status: int
    headers: list
    body: bytes
    seconds: float

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def challenges(self):
        return auth.split_challenges(self.all("WWW-Authenticate"))


class Refused(Exception):
    """No HTTP answer: the connection was refused, reset, or closed without a word."""


def exchange(host, port, octets, timeout=20.0):
    """Send octets on a new connection; the Answer, as long as it is one."""
    start = time.monotonic()
    try:
        with socket.create_connection((host, port), timeout) as s:
            s.sendall(octets)
            return read_answer(s, start)
    except (ConnectionError, TimeoutError) as e:
        raise Refused("%s:%d: %s" % (host, port, e))


def read_answer(sock, start):
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(4096)
        if not more:
            raise Refused("closed after %d octets" % len(data))
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    m = re.fullmatch(r"HTTP/1\.[01] (\d{3}).*", lines[0])
    if not m:
        raise Refused("status line %r" % lines[0])
    headers = [tuple(p.strip() for p in line.split(":", 1)) for line in lines[1:]]
    length = [int(v) for n, v in headers if n.lower() == "content-length"]
    while length and len(body) < length[0]:
        more = sock.recv(4096)
        if not more:
            break
        body += more
    return Answer(int(m[1]), headers, body, time.monotonic() - start)


def request(url, method="GET", path=None, headers=(), body=b"", version="HTTP/1.1"):
    """The octets of one request."""
    u = urlsplit(url)
    target = path if path is not None else (u.path or "/") + ("?" + u.query if u.query else "")
    lines = ["%s %s %s" % (method, target, version), "Host: %s" % u.netloc]
    lines += ["%s: %s" % h for h in headers]
    if body:
        lines.append("Content-Length: %d" % len(body))
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body


def plain(url, timeout=20.0, **kw):
    """One request without credentials."""
    u = urlsplit(url)
    return exchange(u.hostname, u.port or 80, request(url, **kw), timeout)


def digest(url, user, password, timeout=20.0, path=None, method="GET", body=b"", pick=None,
           keep=None, **override):
    """Ask, take the challenge, ask again with credentials. Returns the last Answer.

    override replaces fields of the Authorization header (nc=..., nonce=...). pick(challenges)
    chooses among several. keep, a dict, receives the challenge and the octets sent, for replays.
    """
    u = urlsplit(url)
    first = plain(url, timeout, path=path, method=method, body=body)
    if first.status != 401:
        return first
    offered = first.challenges()
    if not offered:
        raise Refused("401 without a challenge")
    challenge = (pick or (lambda c: c[0]))(offered)[1]
    target = path if path is not None else (u.path or "/") + ("?" + u.query if u.query else "")
    header = auth.digest_header(challenge, user, password, method, target, **override)
    octets = request(url, method, path, [("Authorization", header)], body)
    if keep is not None:
        keep.update(challenge=challenge, octets=octets, header=header)
    return exchange(u.hostname, u.port or 80, octets, timeout)


def as_genieacs(url, user, password):
    """As GenieACS asks: 2 s for each answer, one MD5 challenge. None, or why it gave up."""
    try:
        first = plain(url, 2.0)
        if first.status in (200, 204):
            return None
        if first.status != 401:
            return "unexpected answer %d" % first.status
        challenges = first.challenges()
        if len(challenges) != 1:
            return "%d challenges in one 401" % len(challenges)
        scheme, p = challenges[0]
        if scheme != "digest" or p.get("algorithm", "MD5").upper() != "MD5":
            return "challenge %s %s" % (scheme, p.get("algorithm"))
        u = urlsplit(url)
        target = (u.path or "/") + ("?" + u.query if u.query else "")
        header = auth.digest_header(p, user, password, "GET", target)
        octets = request(url, headers=[("Authorization", header)])
        answer = exchange(u.hostname, u.port, octets, 2.0)
        if answer.status in (200, 204):
            return None
        if answer.status != 503:
            return "unexpected answer %d" % answer.status
        return "Device is offline"
    except Refused:
        return "Device is offline"


def half_open(url, octets=b"GET /", count=1):
    """Connections that never finish their request. The caller closes them."""
    u = urlsplit(url)
    out = []
    for _ in range(count):
        s = socket.create_connection((u.hostname, u.port or 80), 5.0)
        if octets:
            s.sendall(octets)
        out.append(s)
    return out
