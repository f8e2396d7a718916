# SPDX-License-Identifier: Apache-2.0
"""The flash role as the agent sees it, for machines without flash: counts what it is given.

It stands in for helper/flash.c where the agent is under test; the real role, on simulated NAND, is
tested in tests/guest/. Structs are those of ipc/flash.h, numbers those of ipc/messages.def.
"""

import array
import errno
import hashlib
import os
import re
import socket
import struct
import threading

HERE = os.path.dirname(os.path.realpath(__file__))
HEAD = struct.Struct("<IHHHHIiI")
MAGIC, VERSION, REPLY = 0x59504c53, 1, 2
BEGUN, RESULT = struct.Struct("<IIQII64s96s"), struct.Struct("<I96s")
SLOTS = struct.Struct("<10I64s64s68s")
MANIFEST = struct.Struct("<8sII64s64sIIQI92x")
CONFIRMED, TRIAL, WENT_BACK, ARMED = range(4)


def numbers():
    """{name: number of the operation}"""
    with open(os.path.join(HERE, "../../ipc/messages.def"), encoding="utf-8") as f:
        names = re.findall(r"^IPC_(?:OP|EVENT)\((\w+)", f.read(), re.M)
    return {name: i for i, name in enumerate(names)}


class FlashRole:
    """Two slots; slot 0 runs at first. listen() for each boot of the box."""

    def __init__(self):
        self.names = {n: name for name, n in numbers().items()}
        self.versions, self.running, self.trial, self.reason = ["1", ""], 0, CONFIRMED, ""
        self.whole = [1, 1]
        self.vouched = []           # (enum slot_fact, what ails), each time
        self.armed = []             # versions, each time that one was armed
        self.payload = 0            # bytes of the newest image that were taken
        self.sums = None
        self.refused = set()        # names of what comes too fast
        self.turned_away = []       # how often was vouched before each that did
        self.listener = None
        self.watch = lambda name: None

    def listen(self, path, uid):
        self.close()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        os.chown(path, 0, uid)
        os.chmod(path, 0o660)
        self.listener.listen(4)
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()

    def close(self):
        if self.listener:
            self.listener.shutdown(socket.SHUT_RDWR)
            self.listener.close()
            self.listener = None

    def booted(self):
        """Another boot of the box: what is armed runs now."""
        if self.trial == ARMED:
            self.running, self.trial = 1 - self.running, TRIAL
        self.vouched.clear()

    def goes_back(self, reason):
        """The boot loader has the slot before started: the next boot finds it so."""
        self.running, self.trial, self.reason = 1 - self.running, WENT_BACK, reason

    def _accept(self, listener):
        while True:
            try:
                conn, _ = listener.accept()
            except OSError:
                return
            self.sums = None        # what a client before had not finished is forgotten
            threading.Thread(target=self._serve, args=(conn,), daemon=True).start()

    def _serve(self, conn):
        with conn:
            while True:
                try:
                    data, extra, _, _ = conn.recvmsg(4096, socket.CMSG_SPACE(4))
                except OSError:
                    return
                if not data:
                    return
                head, fds = HEAD.unpack(data[:HEAD.size]), array.array("i")
                for _, _, raw in extra:
                    fds.frombytes(raw[:4])
                name = self.names[head[3]]
                payload = getattr(self, name.lower())(data[HEAD.size:], *fds)
                status = 0
                if name in self.refused:
                    status, payload = -errno.EAGAIN, bytes(len(payload))
                    self.turned_away.append(len(self.vouched))
                for fd in fds:
                    os.close(fd)
                self.watch(name)
                try:
                    conn.send(HEAD.pack(MAGIC, VERSION, REPLY, head[3], 0, head[5], status,
                                        len(payload)) + payload)
                except OSError:
                    return

    @staticmethod
    def _read(fd, size):
        out, at = [], 0
        while at < size:
            out.append(os.pread(fd, 1 << 20, at))
            at += len(out[-1])
        return b"".join(out)

    def image_begin(self, body, fd):
        data = self._read(fd, struct.unpack("<I", body)[0])
        _, _, length, _, version, counter, chunk, payload, chunks = MANIFEST.unpack(data[:256])
        self.sums = [data[256 + 32 * i:288 + 32 * i] for i in range(chunks)]
        self.version, self.payload = version.rstrip(b"\0").decode(), 0
        assert len(data) == length + 72
        if self.trial == TRIAL:
            return BEGUN.pack(4, 0, 0, 0, 0, b"", b"the running image is on trial")
        self.whole[1 - self.running] = 0
        return BEGUN.pack(0, chunk, payload, chunks, counter, version, b"")

    def image_chunk(self, body, fd):
        index, size = struct.unpack("<II", body)
        data = self._read(fd, size)
        if hashlib.sha256(data).digest() != self.sums[index]:
            return RESULT.pack(1, b"not the signed chunk")
        self.payload += size
        return RESULT.pack(0, b"")

    def image_arm(self, body):
        self.versions[1 - self.running], self.whole[1 - self.running] = self.version, 1
        self.trial = ARMED
        self.armed.append(self.version)
        return RESULT.pack(0, b"")

    def image_abort(self, body):
        self.sums = None
        return b""

    def slot_read(self, body):
        boot = 1 - self.running if self.trial == ARMED else self.running
        facts = self.vouched[-1][0] if self.vouched and self.trial == TRIAL else 0
        return SLOTS.pack(boot, self.running, self.trial, 1, 0, 3, facts, 0, *self.whole,
                          *(v.encode() for v in self.versions), self.reason.encode())

    def slot_vouch(self, body):
        facts, ails = struct.unpack("<I68s", body)
        self.vouched.append((facts, ails.rstrip(b"\0").decode()))
        if self.trial == TRIAL and struct.unpack("<I", body[:4])[0] == 3:
            self.trial = CONFIRMED
        return b""

    def slot_reported(self, body):
        self.trial, self.reason = CONFIRMED, ""
        return b""

    def slot_fall_back(self, body):
        return b""
