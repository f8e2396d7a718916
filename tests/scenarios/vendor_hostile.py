# SPDX-License-Identifier: Apache-2.0
"""What a vendor's daemon may do wrong, by mistake or not, and files that are none."""

import os
import socket
import subprocess
import time

from gateway import USERS
from harness import Failed, fault, same, true, until
from vendor import BOX, MODEM, Daemon, boot, done

# Each is a whole answer to "get"; the agent hangs up on all of them.
ANSWERS = {
    "a line without an end": b"value " + b"x" * 70000,
    "a line that is too long": b"value " + b"x" * 9000 + b"\n",
    "a control octet": b"value inter\x01net\n",
    "a NUL": b"value inter\0net\n",
    "no UTF-8": b"value caf\xe9\n",
    "a surrogate": b"value \xed\xa0\x80\n",
    "an escape that is none": b"value a\\x41\n",
    "a wrong word": b"VALUE internet\n",
    "another kind of answer": b"ok\n",
    "an empty line": b"\n",
    "half a line, and the end": b"value inter",
}
# These keep to the protocol, and are no value of the parameter.
VALUES = {MODEM + "Signal": ("", "x", "-80 1", "-80.5", "-121", "1", "0x10", "9" * 400),
          MODEM + "Mode": ("", "AUTO", "auto,lte"), MODEM + "Apn": ("", "x" * 33)}


class Hostile(Daemon):
    """Gives ready octets; None: what an honest one says."""

    octets = None
    slowly = False

    def serve(self, connection):
        try:
            for line in connection.makefile("r", newline="\n"):
                octets = self.octets
                if octets is None:
                    octets = (self.answer(line.rstrip("\n")) + "\n").encode()
                for i in range(len(octets)) if self.slowly else ():
                    connection.sendall(octets[i:i + 1])
                    time.sleep(0.3)
                if not self.slowly:
                    connection.sendall(octets)
                    if not octets.endswith(b"\n"):
                        connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def hostile(t):
    s, data, daemon = boot(t)
    daemon.close()
    until(lambda: t.log("vendor daemon modem: has gone"), "its end is noticed")
    daemon.__class__ = Hostile
    return s, data, daemon


def honest(daemon, s):
    """It is started anew, as itself."""
    daemon.octets, daemon.slowly = None, False
    daemon.connect()
    same(s.value(MODEM + "Apn"), daemon.values[MODEM + "Apn"], "an honest daemon's value")


def V6_a_hostile_vendor_daemon_harms_its_own_parameters_alone(t):
    s, data, daemon = hostile(t)
    agent = t.gw.processes()["agent"]
    for what, octets in ANSWERS.items():
        daemon.octets = octets
        daemon.connect()
        try:
            fault(9002, s.get, MODEM + "Apn")
        except Failed as e:
            raise Failed("%s: %s" % (what, e))
        same(s.value(BOX + "Fan"), "30", "a file's value after " + what)
        honest(daemon, s)
    daemon.octets, daemon.slowly = b"value internet\n", True
    daemon.connect()
    fault(9002, s.get, MODEM + "Apn")       # one octet at a time is not in time
    true(t.log("vendor daemon modem: takes too long"), "nothing was said of it")
    honest(daemon, s)
    same(t.gw.processes()["agent"], agent, "the agent's process")
    s.end()
    daemon.close()
    done(data)


def V6_what_is_no_value_of_a_vendor_parameter_is_not_told(t):
    s, data, daemon = boot(t)
    for path, values in VALUES.items():
        good = daemon.values[path]
        for value in values:
            daemon.values[path] = value
            try:
                fault(9002, s.get, path)
            except Failed as e:
                raise Failed("%s = %.40r: %s" % (path, value, e))
            true(path not in s.get(MODEM), "%s = %.40r is told with the others" % (path, value))
        daemon.values[path] = good
    same(len(s.get(MODEM)), 3, "afterwards")
    s.end()
    daemon.close()
    done(data)


def V6_a_vendor_file_that_is_none_is_no_value(t):
    s, data, daemon = boot(t)
    path = os.path.join(data, "label")
    secret = os.path.join(os.path.dirname(data), "secret")
    with open(secret, "w") as f:
        f.write("out of bounds\n")

    def put(content):
        with open(path + ".tmp", "wb") as f:
            f.write(content)
        os.rename(path + ".tmp", path)

    def make(function, *args):
        os.unlink(path)
        function(*args)

    for what, act in (("nothing", lambda: make(lambda: None)),
                      ("a folder", lambda: os.mkdir(path)),
                      ("a FIFO", lambda: (os.rmdir(path), os.mkfifo(path))),
                      ("a link out of its folder", lambda: make(os.symlink, secret, path)),
                      ("a device", lambda: make(os.symlink, "/dev/zero", path)),
                      ("10 MiB", lambda: (os.unlink(path), put(b"x" * (10 << 20)))),
                      ("two lines", lambda: put(b"a\nb\n" * 9)),
                      ("control octets", lambda: put(b"a\x1b[2Jb\n")),
                      ("no UTF-8", lambda: put(b"\xff\xfe\n"))):
        act()
        try:
            fault(9002, s.get, BOX + "Label")
        except Failed as e:
            raise Failed("%s: %s" % (what, e))
        true(BOX + "Label" not in s.get(BOX), "%s is told with the others" % what)
    put(b"attic\n")
    same(s.value(BOX + "Label"), "attic", "afterwards")
    s.end()
    daemon.close()
    done(data)


def V7_an_entry_of_proc_is_read_and_written(t):
    """Of a process that belongs to the agent's user, so that the kernel lets it."""
    p = subprocess.Popen(["setpriv", "--reuid=%d" % USERS["agent"], "--regid=%d" % USERS["agent"],
                          "--clear-groups", "sleep", "1000"])
    entry = "/proc/%d/oom_score_adj" % p.pid
    try:
        until(lambda: os.stat(entry).st_uid == USERS["agent"], "the process of the agent's user")
        s, data, daemon = boot(t, more="object Device.X_00D09E_Proc.\n"
                               "parameter Reluctance int range=-1000..1000 readWrite file=%s\n"
                               % entry)
        path = "Device.X_00D09E_Proc.Reluctance"
        with open(entry) as f:
            same(s.value(path), f.read().strip(), "the first value")
        with open(entry, "w") as f:     # behind the agent's back
            f.write("17\n")
        same(s.value(path), "17", "the value")
        true(s.set([(path, 300, "xsd:int")]) in (0, 1), "Status")
        with open(entry) as f:
            same(f.read(), "300\n", "what the kernel has")
        same(s.get_typed(path)[path].type, "int", "type")
        # the kernel refuses it: less than it was allowed before needs a capability
        detail = fault(9003, s.set, [(path, -500, "xsd:int")])
        same([tuple(x[:2]) for x in detail.parameters], [(path, 9002)], "faults")
        fault(9003, s.set, [(path, 1001, "xsd:int")])
        with open(entry) as f:
            same(f.read(), "300\n", "what the kernel has after refusals")
        s.end()
        daemon.close()
        done(data)
    finally:
        p.kill()
        p.wait()
