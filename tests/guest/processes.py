# SPDX-License-Identifier: Apache-2.0
"""What the kernel says about the roles while they work."""

import os

import procs
from air import NET_ADMIN, NET_RAW
from gateway import USERS
from lines import check, equal

ALL_SETS = ("Inh", "Prm", "Eff", "Bnd", "Amb")
MAX_FILES = 16


def status(world, role):
    found = world.gateway.processes()
    check(role in found, "no process of %s among %s" % (role, found))
    return procs.Status(found[role])


def locked(world, role):
    s = status(world, role)
    equal(s.uids, [USERS[role]] * 4, "uids of " + role)
    equal(s.gids[1], USERS[role], "gid of " + role)
    equal(s.no_new_privs, 1, "NoNewPrivs of " + role)
    equal(s.seccomp, 2, "Seccomp of " + role)
    return s


def P1_agent_dialer_and_station_role_have_no_capability_at_all(world):
    for role in ("agent", "dialer", "station"):
        s = locked(world, role)
        for which in ALL_SETS:
            equal(s.caps(which), 0, "Cap%s of %s" % (which, role))


def P2_radio_role_has_exactly_net_admin(world):
    s = locked(world, "radio")
    for which in ("Eff", "Prm", "Bnd"):
        equal(s.caps(which), 1 << NET_ADMIN, "Cap" + which)
    for which in ("Inh", "Amb"):
        equal(s.caps(which), 0, "Cap" + which)


def P3_radio_role_holds_few_files(world):
    files = procs.open_files(status(world, "radio").pid)
    check(len(files) <= MAX_FILES, "%d open files: %s" % (len(files), files))


def P7_hostapd_and_wpa_supplicant_have_exactly_net_admin_and_net_raw(world):
    for name, program in (("hostapd", world.hostapd), ("supplicant", world.supplicant)):
        s = procs.Status(program.pid)
        equal(s.uids, [USERS[name]] * 4, "uids of " + name)
        for which in ("Eff", "Prm", "Bnd"):
            equal(s.caps(which), 1 << NET_ADMIN | 1 << NET_RAW, "Cap%s of %s" % (which, name))


def S9_roles_can_neither_fork_nor_dump(world):
    for role in ("agent", "dialer", "radio", "station"):
        pid = status(world, role).pid
        with open("/proc/%d/limits" % pid) as f:
            limits = {line[:26].strip(): line[26:].split()[:2] for line in f}
        equal(limits["Max processes"][1], "0", "RLIMIT_NPROC of " + role)
        equal(limits["Max core file size"][1], "0", "RLIMIT_CORE of " + role)
        most = 72 if role == "agent" else 32        # lib/limits.h
        check(int(limits["Max open files"][1]) <= most, "RLIMIT_NOFILE of %s is %s" % (
            role, limits["Max open files"]))
        # a process that is not dumpable has its /proc files owned by root
        equal(os.stat("/proc/%d/maps" % pid).st_uid, 0, "owner of /proc/PID of " + role)
