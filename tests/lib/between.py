# SPDX-License-Identifier: Apache-2.0
"""Between the radio role and hostapd: passes commands on, and spoils the ones that a test names."""

import contextlib
import os
import select
import socket
import threading
import time

# What becomes of a command: refused without being done, refused though it was done, no answer
# though it was done, neither done nor answered.
FAULTS = ("refused", "done-refused", "done-silent", "silent")


class Wire(threading.Thread):
    def __init__(self, hostapd):
        super().__init__(daemon=True)
        self.path, self.real = hostapd.socket, hostapd.socket + ".real"
        self.countdown, self.times, self.fault, self.spoiled = 0, 0, None, []
        self.lock = threading.Lock()
        self.ends = False
        self.notes = []         # what passed since arm()
        os.rename(self.path, self.real)
        self.near = self._socket(self.path)
        os.chown(self.path, hostapd.uid, hostapd.gid)
        os.chmod(self.path, 0o770)
        self.far = self._socket("")

    @staticmethod
    def _socket(path):
        s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        s.bind(path)
        return s

    def arm(self, at, times, fault):
        """From the at-th command on, so many; fault may be a function, to be called once."""
        with self.lock:
            self.countdown, self.times, self.fault, self.spoiled = at, times, fault, []
            self.notes = self.notes[-20:]

    def disarm(self):
        """The commands that met the fault."""
        with self.lock:
            self.times = 0
            return self.spoiled

    def _fault(self, command):
        with self.lock:
            self.countdown -= 1
            if self.countdown > 0 or not self.times:
                return None
            self.times -= 1
            self.spoiled.append(command.split(b" ")[0 if command[:7] != b"IFNAME=" else 1])
            return self.fault

    def run(self):
        while not self.ends:
            if not select.select([self.near], [], [], 0.1)[0]:
                continue
            command, sender = self.near.recvfrom(4096)
            fault = self._fault(command)
            if callable(fault):
                fault()
                fault = None
            answer = None if fault in ("refused", "silent") else self._pass_on(command)
            if fault in ("refused", "done-refused"):
                answer = b"FAIL\n"
            # An empty one is an answer too: INTERFACES when there is none.
            if answer is not None and fault not in ("silent", "done-silent"):
                try:
                    self.near.sendto(answer, sender)
                except OSError as e:        # the role was killed meanwhile
                    self.notes.append(str(e))

    def _pass_on(self, command):
        began = time.monotonic()
        answer = None
        try:
            while select.select([self.far], [], [], 0)[0]:
                self.far.recv(8192)         # one that came too late
            self.far.sendto(command, self.real)
            if select.select([self.far], [], [], 10)[0]:
                answer = self.far.recv(8192)
        except OSError as e:
            self.notes.append(str(e))
        self.notes.append("%s: %r after %.1f s" % (
            b" ".join(command.split(b" ")[:2]).decode(), answer and answer[:20],
            time.monotonic() - began))
        return answer

    def close(self):
        self.ends = True
        self.join()
        os.unlink(self.path)
        os.rename(self.real, self.path)
        self.near.close()
        self.far.close()


@contextlib.contextmanager
def between(hostapd):
    wire = Wire(hostapd)
    wire.start()
    try:
        yield wire
    finally:
        wire.close()
