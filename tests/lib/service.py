# SPDX-License-Identifier: Apache-2.0
"""A program that is started again when it ends, as by a service manager."""

import os
import signal
import subprocess
import threading
import time

import procs


class Service:
    """ended(service, status) is called in a thread of its own each time the program ends without
    stop(); it returns True when the program is to be started again, after a pause that grows while
    the program keeps failing at once."""

    FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0

    def __init__(self, name, command, log, ended=None, env=None):
        self.name, self.command, self.log, self.env = name, command, log, env
        self.ended = ended or (lambda service, status: True)
        self.process = None
        self.starts = 0
        self.statuses = []          # of each end that stop() did not ask for
        self._stopping = threading.Event()
        self._thread = None
        self._lock = threading.Lock()

    @property
    def pid(self):
        process = self.process
        return process.pid if process else None

    def start(self):
        self._stopping.clear()
        self._spawn()
        self._thread = threading.Thread(target=self._watch, daemon=True, name=self.name)
        self._thread.start()

    def _spawn(self):
        with self._lock:
            if self._stopping.is_set():
                return
            with open(self.log, "ab") as log:
                # Its own session: what it forks can be ended by one process group.
                self.process = subprocess.Popen(
                    self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                    env=self.env, start_new_session=True)
            self.starts += 1

    def _watch(self):
        pause = self.FIRST_PAUSE
        while True:
            began = time.monotonic()
            process = self.process
            status = process.wait()
            if self._stopping.is_set():
                return
            self.statuses.append(status)
            with open(self.log, "a") as log:
                log.write("# %s[%d] ended: %s\n" % (self.name, process.pid, how(status)))
            # What it forked sees the end by its sockets and has a moment to go by itself.
            self._end_group(process.pid, 2.0)
            if not self.ended(self, status) or self._stopping.is_set():
                return
            quick = time.monotonic() - began < 1.0
            pause = min(pause * 2, self.LONGEST_PAUSE) if quick else self.FIRST_PAUSE
            if self._stopping.wait(pause):
                return
            self._spawn()

    @staticmethod
    def _end_group(pid, patience):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            # Orphans are collected by process 1, which may take its time: only the living count.
            if not procs.group_lives(pid):
                return
            time.sleep(0.005)
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def stop(self, patience=5.0):
        with self._lock:
            self._stopping.set()
        process = self.process
        if process is None:
            return
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(patience)
            except subprocess.TimeoutExpired:
                with open(self.log, "a") as log:
                    log.write("# %s[%d] had to be killed\n" % (self.name, process.pid))
                process.kill()
                process.wait()
        self._end_group(process.pid, 2.0)
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()

    def kill(self, number=signal.SIGKILL):
        os.kill(self.pid, number)

    def running(self):
        return self.process is not None and self.process.poll() is None

    def family(self):
        return procs.family(self.pid) if self.running() else []


def how(status):
    if status < 0:
        return signal.Signals(-status).name
    return "exit status %d" % status
