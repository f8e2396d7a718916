# SPDX-License-Identifier: Apache-2.0
"""A vendor's own objects, added by configuration alone (docs/vendor.md)."""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import connreq
from gateway import USERS
from wire import Reply
from harness import PROVISIONING, fault, same, true, until

BOX = "Device.X_00D09E_Box."
MODEM = BOX + "Modem."
DAEMON = 64720      # the daemon's user
CONF = """# a board with a fan, a label and a modem
daemon modem %d
object %s
parameter Load string file=/proc/loadavg
parameter Label string length=1..16 readWrite file={data}/label
parameter Fan unsignedInt range=0..100 readWrite file={data}/fan
object %s
parameter Apn string length=1..32 readWrite daemon=modem
parameter Signal int range=-120..0 daemon=modem
parameter Mode string values=auto|lte|nr readWrite daemon=modem
""" % (DAEMON, BOX, MODEM)


class Daemon:
    """The vendor's program, in a thread."""

    def __init__(self, run):
        self.path = os.path.join(run, "vendor-modem.sock")
        self.values = {MODEM + "Apn": "internet", MODEM + "Signal": "-80", MODEM + "Mode": "auto"}
        self.asked = []
        self.deaf = False       # keeps all questions to itself
        self.socket = None
        self.connect()

    def connect(self):
        self.close()
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(self.path)
        threading.Thread(target=self.serve, args=[self.socket], daemon=True).start()

    def close(self):
        if self.socket:
            with contextlib.suppress(OSError):      # the agent may be gone
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
        self.socket = None

    def tell(self, path):
        self.socket.sendall(("changed %s\n" % path).encode())

    def serve(self, connection):
        try:
            for line in connection.makefile("r", newline="\n"):
                self.asked.append(line)
                if not self.deaf:
                    connection.sendall((self.answer(line.rstrip("\n")) + "\n").encode())
        except OSError:
            pass

    def answer(self, line):
        word, path, *text = line.split(" ", 2)
        if word == "get":
            return "value " + self.values[path]
        if text[0] == "nowhere":
            return "error there is no such APN"
        self.values[path] = text[0]
        return "ok"


def boot(t, settings=None, more=""):
    """A first session of a box with CONF and more, and its daemon."""
    folder = tempfile.mkdtemp(prefix="sallyport-vendor.")
    data = os.path.join(folder, "data")
    os.chmod(folder, 0o755)
    os.mkdir(data)
    for name, text in (("label", "kitchen\n"), ("fan", "30\n")):
        with open(os.path.join(data, name), "w") as f:
            f.write(text)
    os.chown(data, USERS["agent"], USERS["agent"])
    conf = os.path.join(folder, "vendor.conf")
    with open(conf, "w") as f:
        f.write(CONF.replace("{data}", data) + more)
    s = t.boot(settings={"vendor.file": conf, **(settings or {})})
    return s, data, Daemon(t.gw.run)


def connect(kind, t, name):
    s = socket.socket(socket.AF_UNIX, kind)
    s.connect(os.path.join(t.gw.run, name))
    return s


def read(data, name):
    with open(os.path.join(data, name)) as f:
        return f.read()


def done(data):
    shutil.rmtree(os.path.dirname(data))


def V1_eight_daemons_and_all_who_may_connect_leave_room_for_a_session(t):
    """Each connection is a descriptor of the agent, and the dialer hands it one more; a store that
    is saved wants another."""
    more = ["quiet%d" % i for i in range(7)]
    s, data, daemon = boot(t, more="".join("daemon %s %d\n" % (name, DAEMON) for name in more))
    s.end()
    held = [connect(socket.SOCK_STREAM, t, "vendor-%s.sock" % name) for name in more]
    held += [connect(socket.SOCK_SEQPACKET, t, "ctl.sock") for _ in range(3)]
    held += connreq.half_open(t.connreq_url(), count=4)
    until(lambda: t.log("vendor daemon quiet6 is there"), "the last daemon")
    s = t.again()
    same(s.set({PROVISIONING: "room"}), 0, "Status")
    s.end()
    same(t.gw.agent.statuses, [], "ends of the agent")
    for one in held:
        one.close()
    daemon.close()
    done(data)


def V1_vendor_objects_are_in_the_tree_and_true(t):
    s, data, daemon = boot(t)
    names = s.names(BOX)
    same({n: w for n, w in names.items() if not n.endswith(".")},
         {BOX + "Load": False, BOX + "Label": True, BOX + "Fan": True, MODEM + "Apn": True,
          MODEM + "Signal": False, MODEM + "Mode": True}, "names")
    typed = s.get_typed(BOX)
    same(typed[MODEM + "Signal"].type, "int", "type")
    with open("/proc/loadavg") as f:
        same(len(typed[BOX + "Load"].text.split()), len(f.read().split()), "Load")
    # the box changes behind the agent's back
    with open(os.path.join(data, "fan.tmp"), "w") as f:
        f.write("55\n")
    os.rename(os.path.join(data, "fan.tmp"), os.path.join(data, "fan"))
    daemon.values[MODEM + "Signal"] = "-61"
    got = s.get(BOX)
    same((got[BOX + "Fan"], got[MODEM + "Signal"]), ("55", "-61"), "values")
    # what is no value of it is not told
    daemon.values[MODEM + "Signal"] = "7"
    fault(9002, s.get, MODEM + "Signal")
    true(MODEM + "Signal" not in s.get(BOX), "a value out of its range is told")
    s.end()
    daemon.close()
    done(data)


def T081_writable_vendor_parameters_are_set(t):
    s, data, daemon = boot(t)
    true(s.set({BOX + "Label": "attic", BOX + "Fan": 70, MODEM + "Apn": "ims",
                MODEM + "Mode": "nr"}) in (0, 1), "Status")
    got = s.get(BOX)
    same([got[n] for n in (BOX + "Label", BOX + "Fan", MODEM + "Apn", MODEM + "Mode")],
         ["attic", "70", "ims", "nr"], "values")
    same((read(data, "label"), read(data, "fan")), ("attic\n", "70\n"), "files")
    same(daemon.values[MODEM + "Apn"], "ims", "what the daemon has")
    s.end()
    daemon.close()
    # the box keeps its values itself
    t.gw.restart()
    t.gw.wait_up()
    daemon.connect()
    same((t.gw.value(BOX + "Label"), t.gw.value(MODEM + "Mode")), ("attic", "nr"), "the values")
    daemon.close()
    done(data)


def T081_a_refused_vendor_parameter_changes_nothing(t):
    s, data, daemon = boot(t)
    before = s.get(BOX)
    for bad in ({BOX + "Fan": 101}, {MODEM + "Mode": "5g"}, {BOX + "Label": ""}):
        detail = fault(9003, s.set, {PROVISIONING: "x", BOX + "Label": "attic", **bad})
        same([p[1] for p in detail.parameters], [9007], "codes")
    # the daemon says no after the files have been written
    detail = fault(9003, s.set, {BOX + "Label": "attic", BOX + "Fan": 1, MODEM + "Mode": "nr",
                                 MODEM + "Apn": "nowhere", PROVISIONING: "x"})
    same([tuple(p[:2]) for p in detail.parameters], [(MODEM + "Apn", 9007)], "faults")
    true("no such APN" in detail.parameters[0][2], "the daemon's reason is not told")
    same({k: v for k, v in s.get(BOX).items() if k != BOX + "Load"},
         {k: v for k, v in before.items() if k != BOX + "Load"}, "values afterwards")
    same((read(data, "label"), daemon.values[MODEM + "Mode"]), ("kitchen\n", "auto"), "the box")
    true(s.value(PROVISIONING) != "x", "another module's value was kept")
    s.end()
    daemon.close()
    done(data)


def V2_a_vendor_daemon_may_go_hang_and_come_back(t):
    s, data, daemon = boot(t)
    daemon.close()
    until(lambda: t.log("vendor daemon modem: has gone"), "its end is noticed")
    fault(9002, s.get, MODEM + "Apn")
    true(BOX + "Fan" in s.get("Device."), "the rest of the tree")
    daemon.connect()
    same(s.value(MODEM + "Apn"), "internet", "after it came back")
    daemon.deaf = True
    start = time.monotonic()
    s.get(BOX)
    true(time.monotonic() - start < 10, "a deaf daemon costs more than its deadline")
    daemon.deaf = False
    daemon.connect()
    same(s.value(MODEM + "Apn"), "internet", "after it heard again")
    s.end()
    daemon.close()
    done(data)


def V3_a_vendor_daemon_tells_of_changes(t):
    s, data, daemon = boot(t)
    s.set_attributes([(MODEM + "Apn", 2, None)])
    s.end()
    daemon.values[MODEM + "Apn"] = "roaming"
    daemon.tell(MODEM + "Apn")
    s = t.server.session()
    same((s.inform.codes, s.inform.params.get(MODEM + "Apn")), (["4 VALUE CHANGE"], "roaming"),
         "the Inform")
    s.end()
    daemon.close()
    done(data)


def V4_only_its_user_can_be_the_vendor_daemon(t):
    s, data, daemon = boot(t)
    script = ("import socket\ns = socket.socket(socket.AF_UNIX)\n"
              "try:\n  s.connect(%r)\n  s.settimeout(3)\n  print(repr(s.recv(1)))\n"
              "except PermissionError:\n  print('denied')" % daemon.path)
    for uid, want in ((DAEMON + 1, ["denied", "b''"]), (DAEMON, ["timed out"])):
        p = subprocess.run(["setpriv", "--reuid=%d" % uid, "--regid=%d" % uid, "--clear-groups",
                            "/usr/bin/python3", "-c", script.replace("3)", "0.5)")],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        said = p.stdout.strip() or p.stderr.strip().splitlines()[-1]
        true(any(said.endswith(w) for w in want), "uid %d: %r" % (uid, said))
    s.end()
    daemon.close()
    done(data)


def V5_a_wrong_vendor_file_keeps_the_agent_from_starting(t):
    folder = tempfile.mkdtemp(prefix="sallyport-vendor.")
    path = os.path.join(folder, "vendor.conf")
    gw = t.gateway(url="http://127.0.0.1:1/", settings={"vendor.file": path}, start=False)
    for text, reason in ((CONF.replace("range=0..100", "range=0..x"), ":6: range="),
                         (CONF.replace("modem %d" % DAEMON, "modem nobodyknows"),
                          "no user nobodyknows"), (CONF, "")):
        with open(path, "w") as f:
            f.write(text.replace("{data}", "/run/no/data"))
        p = subprocess.run([gw.program("agent"), "-c", gw.config, "--check-config"],
                           stderr=subprocess.PIPE, text=True, timeout=20)
        true(bool(p.returncode) == bool(reason) and reason in p.stderr,
             "%r: %r" % (reason, p.stderr))
    shutil.rmtree(folder)


def X1_the_agent_tells_what_failed_and_when_it_tries_again(t):
    s = t.boot()
    s.end()
    t.server.next_replies(Reply(503))
    t.knock()
    own = "Device.X_00D09E_Agent."
    until(lambda: t.gw.value(own + "LastSessionFailure"), "a failure")
    true("503" in t.gw.value(own + "LastSessionFailure"), "LastSessionFailure")
    true(not t.gw.value(own + "NextSessionRetry").startswith("0001") or
         t.gw.value("Device.Time.Status") != "Synchronized", "NextSessionRetry")
    s = t.after_failure()
    same(s.value(own + "LastRevertReason"), "", "LastRevertReason")
    s.end()
    until(lambda: t.gw.value(own + "NextSessionRetry").startswith("0001"), "no try is to come")
