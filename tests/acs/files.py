# SPDX-License-Identifier: Apache-2.0
"""A file server for downloads and uploads, with Range, that can be told to misbehave."""

import hashlib
import re
import threading

import server
from wire import Reply


class FileServer:
    """files: {path: octets} to be fetched; puts: [(path, octets)] that came and were taken.

    bend(path, function, ...): each of the next answers for path goes through a function
    (reply -> reply), in order; None leaves one as it is.
    """

    def __init__(self, files=None, auth=None, tls=None, name="localhost", host="127.0.0.1"):
        self.files = dict(files or {})
        self.auth = auth
        self.puts = []
        self.requests = []          # in order, challenges too
        self.bends = {}
        self.etags = True
        self.lock = threading.Lock()
        self.bad = []
        self.watch = lambda moment: None    # "asked" and "served": who wants to know
        self.listener = server.Listener(self.handle, host, 0, tls,
                                        lambda conn, why: self.bad.append(why))
        self.port = self.listener.port
        self.url = "%s://%s:%d" % ("https" if tls else "http", name, self.port)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    def stop(self):
        self.listener.stop()

    def bend(self, path, *functions):
        self.bends.setdefault(path, []).extend(functions)

    def gets(self, path):
        return [r for r in self.requests if r.method == "GET" and r.path == path]

    def handle(self, conn, req):
        self.watch("asked")
        reply = self.answer(req)
        self.watch("served")
        return reply

    def answer(self, req):
        with self.lock:
            self.requests.append(req)
            if self.auth and self.auth.check(req) != "ok":
                return Reply(401, headers=[("WWW-Authenticate", self.auth.challenge())])
            reply = self.put(req) if req.method == "PUT" else self.get(req)
            todo = self.bends.get(req.path)
            bend = todo.pop(0) if todo else None
        return bend(reply) if bend else reply

    def put(self, req):
        self.puts.append((req.path, req.body))
        return Reply(201)

    def get(self, req):
        data = self.files.get(req.path)
        if data is None:
            return Reply(404, body=b"no such file")
        etag = '"%s"' % hashlib.sha256(data).hexdigest()[:16]
        headers = [("Content-Type", "application/octet-stream")]
        if self.etags:
            headers.append(("ETag", etag))
        m = re.fullmatch(r"bytes=(\d+)-", req.get("Range") or "")
        if not m or req.get("If-Range") not in (None, etag) or int(m[1]) >= len(data):
            return Reply(200, body=data, headers=headers)
        start = int(m[1])
        headers.append(("Content-Range", "bytes %d-%d/%d" % (start, len(data) - 1, len(data))))
        return Reply(206, body=data[start:], headers=headers)


def cut(octets):
    """The connection ends after so many octets of the body."""
    def bend(reply):
        head, _ = reply.head_and_body()
        reply.cut = len(head) + octets
        return reply
    return bend


def slow(size, pause):
    def bend(reply):
        reply.drip = (size, pause)
        return reply
    return bend


def status(code):
    return lambda reply: Reply(code, body=b"an error page")


def endless(reply):
    """A body that says of itself that it is far too long."""
    reply.body *= 1 + (64 << 20) // max(1, len(reply.body))
    reply.length = -1
    reply.close_silently = True
    return reply


def says(length):
    """A Content-Length that is not the body's."""
    def bend(reply):
        reply.length = length
        reply.close_silently = True
        return reply
    return bend
