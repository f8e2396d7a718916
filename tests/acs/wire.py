# SPDX-License-Identifier: Apache-2.0
"""HTTP/1.1 as the ACS side sees it on the wire: strict reading, replies that may misbehave."""

import gzip
import re
import socket
import ssl
import time
from dataclasses import dataclass, field

HEAD_MAX = 64 * 1024
BODY_MAX = 64 * 1024 * 1024

REASONS = {100: "Continue", 200: "OK", 204: "No Content", 302: "Found", 307: "Temporary Redirect",
           400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           500: "Internal Server Error", 503: "Service Unavailable"}


class BadRequest(Exception):
    """The peer sent something that is not HTTP/1.1."""


@dataclass
class Request:
    method: str
    target: str
    version: str
    headers: list
    body: bytes = b""
    chunked: bool = False
    at: float = 0.0
    pipelined: bool = False

    def get(self, name, default=None):
        for n, v in self.headers:
            if n.lower() == name.lower():
                return v
        return default

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    @property
    def path(self):
        return self.target.split("?", 1)[0]

    def cookies(self):
        """Name to value of every cookie that came, in whatever header lines."""
        out = {}
        for line in self.all("Cookie"):
            for part in line.split(";"):
                name, eq, value = part.strip().partition("=")
                if eq and not name.startswith("$"):
                    out[name] = value
        return out


@dataclass
class Reply:
    """What goes back. `raw` replaces everything; the other fields bend one thing each."""
    status: int = 200
    body: bytes = b""
    headers: list = field(default_factory=list)
    reason: str = None
    chunk: int = 0              # send chunked, in pieces of this size
    trailers: list = field(default_factory=list)
    gzip: bool = False
    close: bool = False         # Connection: close, and close after the reply
    close_silently: bool = False    # close without announcing it
    keep_alive_http10: bool = False  # answer as HTTP/1.0 with Connection: keep-alive
    delay: float = 0.0          # before the first byte
    before: bytes = b""         # sent ahead of the head, e.g. 100-continue
    drip: tuple = None          # (octets, seconds): the body goes out slowly
    cut: int = None             # only so many octets of the whole, then close
    length: int = None          # a Content-Length that may lie; -1: none at all
    raw: bytes = None
    drop: bool = False          # close without a word
    hang: float = 0.0           # say nothing for so long, then close

    def head_and_body(self):
        body = gzip.compress(self.body, mtime=0) if self.gzip and self.body else self.body
        headers = list(self.headers)
        names = {n.lower() for n, _ in headers}
        if self.gzip and self.body:
            headers.append(("Content-Encoding", "gzip"))
        if self.body and "content-type" not in names:
            headers.append(("Content-Type", 'text/xml; charset="utf-8"'))
        if self.close:
            headers.append(("Connection", "close"))
        if self.keep_alive_http10:
            headers.append(("Connection", "keep-alive"))
        if self.chunk:
            headers.append(("Transfer-Encoding", "chunked"))
            body = chunked(body, self.chunk, self.trailers)
        elif self.length is None:
            if self.status != 204 or self.body:
                headers.append(("Content-Length", str(len(body))))
        elif self.length >= 0:
            headers.append(("Content-Length", str(self.length)))
        reason = self.reason if self.reason is not None else REASONS.get(self.status, "Other")
        version = "HTTP/1.0" if self.keep_alive_http10 else "HTTP/1.1"
        lines = ["%s %d %s" % (version, self.status, reason)]
        lines += ["%s: %s" % h for h in headers]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"), body


def chunked(data, size, trailers=()):
    out = []
    for i in range(0, len(data), size):
        piece = data[i:i + size]
        out.append(b"%x\r\n%s\r\n" % (len(piece), piece))
    out.append(b"0\r\n")
    out += [("%s: %s\r\n" % t).encode("latin-1") for t in trailers]
    out.append(b"\r\n")
    return b"".join(out)


class Reader:
    """Takes requests off a socket. Nothing lenient: a bare LF or a folded header is an error."""

    def __init__(self, sock):
        self.sock = sock
        self.buf = b""

    def _more(self):
        data = self.sock.recv(65536)
        self.buf += data
        return len(data)

    def _line_end(self, marker, limit):
        while marker not in self.buf:
            if len(self.buf) > limit:
                raise BadRequest("head longer than %d octets" % limit)
            if not self._more():
                if self.buf:
                    raise BadRequest("connection closed inside a message")
                return None
        at = self.buf.index(marker)
        out, self.buf = self.buf[:at], self.buf[at + len(marker):]
        return out

    def _exactly(self, n):
        while len(self.buf) < n:
            if not self._more():
                raise BadRequest("connection closed inside a body")
        out, self.buf = self.buf[:n], self.buf[n:]
        return out

    def head(self):
        """The request without its body, or None when the peer closed between messages."""
        raw = self._line_end(b"\r\n\r\n", HEAD_MAX)
        if raw is None:
            return None
        lines = raw.decode("latin-1").split("\r\n")
        m = re.fullmatch(r"([A-Z]+) (\S+) (HTTP/1\.[01])", lines[0])
        if not m:
            raise BadRequest("request line %r" % lines[0])
        headers = []
        for line in lines[1:]:
            h = re.fullmatch(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*", line)
            if not h or "\n" in line:
                raise BadRequest("header line %r" % line)
            headers.append(h.groups())
        return Request(m[1], m[2], m[3], headers, at=time.monotonic())

    def body(self, req):
        if "chunked" in (req.get("Transfer-Encoding") or "").lower():
            req.chunked = True
            req.body = self._chunks()
            return
        lengths = req.all("Content-Length")
        if len(lengths) > 1 or (lengths and not lengths[0].isdigit()):
            raise BadRequest("Content-Length %r" % lengths)
        n = int(lengths[0]) if lengths else 0
        if n > BODY_MAX:
            raise BadRequest("body of %d octets" % n)
        req.body = self._exactly(n)

    def _chunks(self):
        out = []
        while True:
            line = self._line_end(b"\r\n", 4096)
            if line is None:
                raise BadRequest("connection closed inside a chunk")
            size = int(line.split(b";")[0], 16)
            if size == 0:
                break
            out.append(self._exactly(size))
            if self._exactly(2) != b"\r\n":
                raise BadRequest("chunk without its end")
        while self._line_end(b"\r\n", 4096):
            pass
        return b"".join(out)

    def early_data(self):
        """True when the peer sent more before it had its answer (pipelining)."""
        if self.buf:
            return True
        timeout = self.sock.gettimeout()
        try:
            self.sock.settimeout(0)
            self.buf += self.sock.recv(65536)
        except (BlockingIOError, OSError):
            pass
        finally:
            self.sock.settimeout(timeout)
        return bool(self.buf)


def send_reply(sock, reply, wait=time.sleep):
    """Write a reply; returns True when the connection stays open."""
    if reply.delay:
        wait(reply.delay)
    if reply.hang:
        wait(reply.hang)
        return False
    if reply.drop:
        return False
    if reply.raw is not None:
        head, body = b"", reply.raw
    else:
        head, body = reply.head_and_body()
    whole = reply.before + head
    try:
        if reply.cut is not None:
            sock.sendall((whole + body)[:reply.cut])
            return False
        if reply.drip and body:
            sock.sendall(whole)
            size, pause = reply.drip
            for i in range(0, len(body), size):
                sock.sendall(body[i:i + size])
                wait(pause)
        elif reply.close_silently and not isinstance(sock, ssl.SSLSocket):
            # The end goes in the segment with the last octets: no request can cross with it.
            sock.sendall(whole + body, socket.MSG_MORE)
        else:
            sock.sendall(whole + body)
    except (BrokenPipeError, ConnectionResetError, socket.timeout):
        return False
    return not (reply.close or reply.close_silently)
