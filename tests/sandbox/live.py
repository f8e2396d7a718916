# SPDX-License-Identifier: Apache-2.0
"""What the roles are while they run: the programs as in the field (tests/lib/gateway.py)."""

import os
import re
import socket
import subprocess
import time

import procs
from gateway import BUILD, USERS, Gateway
from lines import Skip, check, equal

NET_ADMIN, KILL = 12, 5
CAPS = {"agent": 0, "dialer": 0, "resolver": 0, "radio": 1 << NET_ADMIN, "station": 0,
        "probe": 0, "system": 0, "helper": 1 << KILL}
UIDS = dict(USERS, resolver=USERS["dialer"], helper=0)
MAX_FILES = 16

# P3: every descriptor that a role holds while nothing goes on, and no other.
GOLDEN = {
    "helper": ["null", "null", "log", "line", "line", "line", "line"],
    "radio": ["null", "null", "log", "line", "listener radio.sock", "client radio.sock",
              "generic netlink", "netlink", "datagrams, abstract name", "bss.conf"],
    "station": ["null", "null", "log", "line", "listener station.sock", "client station.sock",
                "datagrams, abstract name", "inotify"],
    "probe": ["null", "null", "log", "line", "listener probe.sock", "client probe.sock", "raw",
              "raw6"],
    "system": ["null", "null", "log", "line", "listener system.sock", "client system.sock",
               "ended"],
    "dialer": ["null", "null", "log", "epoll", "line", "line"],
    "resolver": ["null", "null", "log", "line"],
}
AGENT_KINDS = {"null", "log", "line", "epoll", "state", "generic netlink", "netlink", "stream",
               "listener ctl.sock", "tcp listener", "tcp"}


def sockets():
    """{inode: what it is}"""
    out = {}
    with open("/proc/net/unix") as f:
        for line in f.read().splitlines()[1:]:
            _, _, _, flags, kind, _, inode, *name = line.split()
            name = name[0] if name else ""
            listens, packets = int(flags, 16) & 0x10000, kind == "0005"
            if listens:
                what = "listener " + os.path.basename(name)
            elif packets:
                what = "client " + os.path.basename(name) if name else "line"
            elif kind == "0002":
                what = "datagrams, abstract name" if name.startswith("@") else "datagrams " + name
            else:
                what = "stream"
            out[int(inode)] = what
    with open("/proc/net/netlink") as f:
        for line in f.read().splitlines()[1:]:
            fields = line.split()
            out[int(fields[-1])] = "generic netlink" if fields[1] == "16" else "netlink"
    for family in ("tcp", "tcp6", "raw", "raw6"):
        if not os.path.exists("/proc/net/" + family):
            continue
        with open("/proc/net/" + family) as f:
            for line in f.read().splitlines()[1:]:
                fields = line.split()
                out[int(fields[9])] = (family if family.startswith("raw") else
                                       "tcp listener" if fields[3] == "0A" else "tcp")
    return out


def files_of(pid):
    known = sockets()
    out = []
    for path in procs.open_files(pid).values():
        match = re.match(r"socket:\[(\d+)\]$", path)
        if match:
            out.append(known.get(int(match[1]), "another socket"))
        elif path == "/dev/null":
            out.append("null")
        elif path.endswith(".log"):
            out.append("log")
        elif path == "anon_inode:[eventpoll]":
            out.append("epoll")
        elif path == "anon_inode:inotify":
            out.append("inotify")
        else:
            out.append(os.path.basename(path))
    return sorted(out)


class Live:
    """One gateway for all tests that only look at it."""

    def __init__(self):
        self.gw = Gateway(acs_url="http://127.0.0.1:9/acs")
        self.gw.start()
        self.gw.wait_up()
        self.pids = self.gw.processes()
        deadline = time.monotonic() + 20
        while not self.locked() and time.monotonic() < deadline:
            time.sleep(0.1)
            self.pids = self.gw.processes()

    def locked(self):
        """All are there, in their sandboxes, and none had to be started twice."""
        try:
            return set(self.pids) >= set(CAPS) and all(
                procs.Status(pid).seccomp == 2 for pid in self.pids.values())
        except OSError:
            return False

    def close(self):
        self.gw.close()

    def pid(self, role):
        check(role in self.pids, "no %s among %s" % (role, self.pids))
        return self.pids[role]

    def roles(self):
        return sorted(self.pids)


def all_are_there(live):
    check(live.locked(), "%s\n%s" % (live.pids, live.gw.tail()))
    ends = {s.name: s.statuses for s in (live.gw.helper, live.gw.agent) if s.statuses}
    check(not ends, "%s\n%s" % (ends, live.gw.tail()))


def P1_P2_status(live, role):
    s = procs.Status(live.pid(role))
    equal(s.uids, [UIDS[role]] * 4, "Uid")
    equal(s.no_new_privs, 1, "NoNewPrivs")
    equal(s.seccomp, 2, "Seccomp")
    for which in ("Eff", "Prm", "Bnd"):
        equal(s.caps(which), CAPS[role], "Cap" + which)
    for which in ("Inh", "Amb"):
        equal(s.caps(which), 0, "Cap" + which)
    groups = {"radio": [USERS["hostapd"]], "station": [USERS["supplicant"]]}
    equal(s.groups, groups.get(role, []), "supplementary groups")
    equal(s["Threads"], "1", "threads")


def P3_descriptors(live, role):
    found = files_of(live.pid(role))
    check(len(found) <= MAX_FILES or role == "agent", "%d: %s" % (len(found), found))
    if role in GOLDEN:
        equal(found, sorted(GOLDEN[role]), "the list")
    else:
        # How many is a matter of what goes on; of what kind is not.
        strange = set(found) - AGENT_KINDS - {"client %s.sock" % role for role in CAPS}
        check(not strange, "what is %s?" % sorted(strange))


def K2_core_and_memory(live, role):
    """Not dumpable: neither its memory nor its environment is another process's of the same uid."""
    pid, uid = live.pid(role), UIDS[role] or None
    for name in ("mem", "maps", "environ"):
        done = subprocess.run(["cat", "/proc/%d/%s" % (pid, name)], user=uid, group=uid,
                              extra_groups=[], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False)
        check(done.returncode != 0, "/proc/%d/%s can be read by its own user" % (pid, name))


def nothing_is_inherited():
    """P3, K2: a file that the caller left open, a standard error that is none, and a variable by
    which libcurl and OpenSSL would write down the keys of each connection."""
    gw = Gateway(acs_url="https://127.0.0.1:9/acs")
    keys, left = os.path.join(gw.dir, "keys"), os.path.join(gw.dir, "left-open")
    try:
        for service in (gw.helper, gw.agent):
            service.env = dict(os.environ, SSLKEYLOGFILE=keys)
            service.command[:0] = ["sh", "-c", 'exec 7>>"$0" 2>&-; exec "$@"', left]
        gw.start()
        gw.wait_up()
        deadline = time.monotonic() + 20
        while not set(CAPS) <= set(gw.processes()) and time.monotonic() < deadline:
            time.sleep(0.1)
        live = gw.processes()
        check(set(CAPS) <= set(live), "only %s\n%s" % (sorted(live), gw.tail()))
        for role, pid in live.items():
            files = procs.open_files(pid)
            check(left not in files.values(), "%s has %s" % (role, left))
            equal([files[n] for n in (0, 1, 2)], ["/dev/null"] * 3, "the first files of " + role)
        check(not os.path.exists(keys), "keys are written into a file")
    finally:
        gw.close()


def knock(path, uid=None, gid=None):
    """Connects as somebody: "refused" (no right to connect), "closed", or "kept"."""
    pid = os.fork()
    if not pid:
        status = 9
        try:
            if uid is not None:
                os.setgroups([])
                os.setresgid(gid, gid, gid)
                os.setresuid(uid, uid, uid)
            s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            s.settimeout(2)
            try:
                s.connect(path)
                status = 1 if s.recv(1) == b"" else 3
            except TimeoutError:
                status = 2
            except ConnectionError:
                status = 1
            except PermissionError:
                status = 0
        finally:
            os._exit(status)
    return {0: "refused", 1: "closed", 2: "kept", 3: "answered"}.get(
        os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), "broken")


def I1_only_the_agent_s_uid(live):
    path = os.path.join(live.gw.run, "radio.sock")
    mode = os.stat(path)
    equal((mode.st_mode & 0o7777, mode.st_uid, mode.st_gid), (0o660, 0, USERS["agent"]),
          "mode, owner and group of the socket")
    equal(knock(path, 64799, 64799), "refused", "a stranger")
    equal(knock(path, USERS["dialer"], USERS["dialer"]), "refused", "the dialer")
    # The right group is not enough; nor is root.
    equal(knock(path, 64799, USERS["agent"]), "closed", "a stranger of the agent's group")
    equal(knock(path), "closed", "root")


def I1_one_client(live):
    path = os.path.join(live.gw.run, "radio.sock")
    equal(knock(path, USERS["agent"], USERS["agent"]), "closed", "a second client")
    # And the first goes on.
    check(live.gw.agent.running(), "the agent is gone")


def the_sandbox_has_no_switch():
    """S10: nothing in the environment, and no option, is looked at on the way into the sandbox."""
    done = subprocess.run(["nm", "-A", os.path.join(BUILD, "seccomp/built-in.a")],
                          stdout=subprocess.PIPE, text=True, check=True)
    bad = [line for line in done.stdout.splitlines()
           if re.search(r" U .*(getenv|getopt)| [Tt] sb_report$", line)]
    check(not bad, "; ".join(bad))
    here = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
    for name in os.listdir(os.path.join(here, "configs")):
        with open(os.path.join(here, "configs", name)) as f:
            check(name == "debug_defconfig" or "CONFIG_SANDBOX_DEBUG=y" not in f.read(), name)


def a_role_that_dies_ends_the_helper(live):
    """Also how it is seen from outside: the agent ends, and all start anew."""
    before = dict(live.pids)
    os.kill(live.pid("radio"), 9)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        now = live.gw.processes()
        if set(now) >= set(before) and not set(now.values()) & set(before.values()) - {
                before["dialer"], before["resolver"]}:
            live.pids = now
            return
        time.sleep(0.1)
    check(False, "before: %s, after 20 s: %s" % (before, live.gw.processes()))


def start_fails(step, program):
    """S10 with the real programs: exit status, and no socket to serve anybody."""
    with_step = [os.path.join(BUILD, "tests/sandbox/fails"), "--exec", step]
    gw = Gateway(acs_url="http://127.0.0.1:9/acs")
    try:
        os.makedirs(gw.run, exist_ok=True)
        os.makedirs(gw.state, exist_ok=True)
        os.chown(gw.run, 0, USERS["agent"])
        os.chmod(gw.run, 0o3771)
        os.chown(gw.state, USERS["agent"], USERS["agent"])
        gw._new_boot()
        if program == "agent":
            gw.helper.start()
            gw._wait_socket("radio.sock", gw.helper)
            time.sleep(0.3)
        done = subprocess.run(with_step + [gw.program(program), "-c", gw.config],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, errors="replace", timeout=20,
                              check=False)
        check(done.returncode == 1, "exit status %d" % done.returncode)
        check("sandbox" in done.stderr, "the log does not say what failed: " + done.stderr[-300:])
    except subprocess.TimeoutExpired:
        check(False, "it runs")
    finally:
        gw.close()


def works_without_landlock():
    """S8 on an older kernel: all roles work in roots of their own, and see nothing else there."""
    gw = Gateway(acs_url="http://127.0.0.1:9/acs")
    old = [os.path.join(BUILD, "tests/sandbox/fails"), "--old"]
    for service in (gw.helper, gw.agent):
        service.command[:0] = old
    try:
        gw.start()
        gw.wait_up()
        live = gw.processes()
        for role in ("agent", "dialer", "resolver", "radio", "station", "probe", "system"):
            check(role in live, "no %s\n%s" % (role, gw.tail()))
            root = "/proc/%d/root" % live[role]
            seen = sorted(os.listdir(root))
            check("bin" not in seen and "home" not in seen and "root" not in seen,
                  "%s sees %s" % (role, seen))
            equal(procs.Status(live[role]).seccomp, 2, "Seccomp of " + role)
            # They send to sockets that others make, here in the gateway's folder.
            sends = role in ("radio", "station")
            equal(os.path.isfile(root + gw.config), sends, "can %s see that folder" % role)
            check(not sends or os.stat(os.path.dirname(root + gw.dir)).st_mode & 1,
                  "%s cannot go to that folder" % role)
        equal(gw.agent.statuses + gw.helper.statuses, [], "ends")
    finally:
        gw.close()


def steps():
    done = subprocess.run([os.path.join(BUILD, "tests/sandbox/fails"), "--list"],
                          stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.split()


def landlock():
    try:
        with open("/sys/kernel/security/lsm") as f:
            return "landlock" in f.read()
    except OSError:
        return True


def skip_without_landlock(step):
    if step.startswith("landlock") and not landlock():
        raise Skip("no Landlock here")
