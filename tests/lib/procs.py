# SPDX-License-Identifier: Apache-2.0
"""What /proc says about processes."""

import os

CAP_NAMES = {12: "net_admin", 13: "net_raw", 0: "chown", 1: "dac_override", 5: "kill", 6: "setgid",
             7: "setuid", 8: "setpcap", 21: "sys_admin"}
SECCOMP = {0: "off", 1: "strict", 2: "filter"}


class Status:
    """/proc/PID/status at one moment. Capability sets are ints."""

    def __init__(self, pid):
        self.pid = pid
        self.fields = {}
        with open("/proc/%d/status" % pid) as f:
            for line in f:
                name, _, value = line.partition(":")
                self.fields[name] = value.strip()

    def __getitem__(self, name):
        return self.fields[name]

    @property
    def uids(self):
        return [int(u) for u in self["Uid"].split()]

    @property
    def gids(self):
        return [int(g) for g in self["Gid"].split()]

    @property
    def groups(self):
        return [int(g) for g in self["Groups"].split()]

    def caps(self, which):
        return int(self["Cap" + which], 16)

    @property
    def no_new_privs(self):
        return int(self["NoNewPrivs"])

    @property
    def seccomp(self):
        return int(self["Seccomp"])


def cap_text(mask):
    names = [CAP_NAMES.get(i, str(i)) for i in range(64) if mask >> i & 1]
    if len(names) > 6:
        return "%d capabilities" % len(names)
    return ",".join(names) or "none"


def group_lives(pgid):
    """Is there a process of this group that is not just waiting to be collected?"""
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open("/proc/%s/stat" % name) as f:
                state, _, group = f.read().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(group) == pgid and state not in "ZX":
            return True
    return False


def children(pid):
    try:
        with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
            return [int(c) for c in f.read().split()]
    except OSError:
        return []


def family(pid):
    """pid and all its descendants that are alive."""
    out = [pid]
    for one in out:
        out.extend(children(one))
    return [p for p in out if alive(p)]


def alive(pid):
    """Runs (or sleeps); a zombie does not."""
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def open_files(pid):
    """{descriptor: what it leads to}"""
    base = "/proc/%d/fd" % pid
    out = {}
    for name in os.listdir(base):
        try:
            out[int(name)] = os.readlink("%s/%s" % (base, name))
        except OSError:
            pass
    return out
