# SPDX-License-Identifier: Apache-2.0
"""The units as they are shipped, under systemd as process 1 of a namespace: what dies is started
again, and the helper's reserved statuses start the box anew."""

import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import time
import uuid

import files
import procs
import soap
from air import NET_ADMIN, NET_RAW, Control, interfaces, run, until
from cwmp import Acs
from gateway import BUILD, ROOT, free_port
from lines import check, equal

PACKAGED = os.path.join(ROOT, "packaging/systemd")
UNITS = "/etc/systemd/system"
CONF = "/etc/sallyport/sallyport.conf"
OUT = "/run/systemd-test"
SUPPLICANT_FILE = "/etc/sallyport/wpa_supplicant.conf"
SLOW = 180     # seconds: systemd in an emulated machine
BASE = "Device.ManagementServer."
# Of the distribution's own services only this has to be there
KEPT = ("systemd-journald",)
JOURNAL = "/run/sallyport-journal/journal"
BOOT = """#!/bin/sh
export container=other
mkdir -p /run/log/journal
systemd-tmpfiles --create --prefix=/run/log/journal --prefix=/var/log/journal
systemd-tmpfiles --create %s/sallyport.tmpfiles
exec /lib/systemd/systemd --unit=sallyport-test.target --log-level=info --log-target=console \
	--show-status=no
""" % PACKAGED


def write(path, text, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, mode)


def install(acs, **more):
    """As make install, with a configuration for this place. The root here is thrown away."""
    for name in ("agent", "helper"):
        shutil.copy(os.path.join(BUILD, "sallyport-" + name), "/usr/sbin")
    shutil.rmtree("/var/lib/sallyport", ignore_errors=True)     # of another test
    subprocess.run(["systemd-sysusers", PACKAGED + "/sallyport.sysusers"], check=True)
    for wants in glob.glob("/lib/systemd/system/*.target.wants/*"):
        unit = os.path.basename(wants)
        if not unit.startswith(KEPT) and not os.path.lexists(os.path.join(UNITS, unit)):
            os.symlink("/dev/null", os.path.join(UNITS, unit))
    for unit in glob.glob(PACKAGED + "/*.service"):
        shutil.copy(unit, UNITS)
        write("%s/%s.d/log.conf" % (UNITS, os.path.basename(unit)),
              "[Service]\nStandardError=append:%s/log\n" % OUT)
    write(UNITS + "/sallyport-test.target", "[Unit]\nWants=sallyport-agent.service "
          "sallyport-journal.service sallyport-supplicant.service\n")
    own = {"acs.allow_http": "yes", "dialer.allow_loopback": "yes", "system.min_uptime": "0",
           "connreq.port": str(free_port()), "boot_id.file": OUT + "/boot_id", "user.radio": None,
           **more}
    with open(ROOT + "/etc/sallyport.conf") as f:
        lines = [line for line in f if line.partition("=")[0].strip() not in own]
    lines += ["%s = %s\n" % (k, v) for k, v in own.items() if v]
    write(CONF, "".join(lines))
    shutil.copy(ROOT + "/etc/wpa_supplicant.conf", SUPPLICANT_FILE)
    write("/etc/sallyport/factory.conf", "sallyport-state 1\n" + "".join(
        "%s = %s\n" % line for line in (
            ("Device.DeviceInfo.Manufacturer", "Example"),
            ("Device.DeviceInfo.ManufacturerOUI", "00D09E"),
            ("Device.DeviceInfo.SerialNumber", "SD0001"),
            ("Device.DeviceInfo.ModelName", "box"),
            ("Device.DeviceInfo.HardwareVersion", "1"),
            (BASE + "URL", acs.url), (BASE + "CWMPRetryMinimumWaitInterval", "1"))))
    os.chown("/etc/sallyport/factory.conf", 0, pwd.getpwnam("sallyport").pw_gid)
    write(OUT + "/boot", BOOT, 0o755)


class Box:
    """From power on to power off."""

    def __init__(self):
        write(OUT + "/boot_id", "%s\n" % uuid.uuid4())
        self.console = open(OUT + "/console", "ab")
        self.process = subprocess.Popen(
            ["unshare", "--pid", "--fork", "--mount", "--mount-proc", "--cgroup", "--kill-child",
             OUT + "/boot"], stdin=subprocess.DEVNULL, stdout=self.console, stderr=self.console)

    def pid(self, user):
        uid = pwd.getpwnam(user).pw_uid
        for pid in procs.family(self.process.pid):
            with contextlib.suppress(OSError):
                if procs.Status(pid).uids[1] == uid:
                    return pid
        return None

    def killed_comes_back(self, victim, also):
        pids = [self.pid(user) for user in (victim, also)]
        check(all(pids), "%s and %s: %s" % (victim, also, pids))
        os.kill(pids[0], signal.SIGKILL)
        check(until(lambda: self.pid(victim) not in (None, pids[0]), SLOW), victim + " stays away")
        check(until(lambda: self.pid(also) not in (None, pids[1]), SLOW), also + " stays away")

    def off(self):
        """The kernel ends process 1 of a namespace by SIGHUP when that asks for a reboot."""
        check(until(lambda: self.process.poll() is not None, SLOW), "no reboot")
        equal(self.process.returncode, -signal.SIGHUP, "how process 1 ended")

    def close(self):
        pids = list(procs.family(self.process.pid))
        self.process.kill()
        self.process.wait()
        until(lambda: not any(procs.alive(pid) for pid in pids), SLOW)
        self.console.close()


@contextlib.contextmanager
def box():
    b = Box()
    try:
        yield b
    finally:
        b.close()


def wpa_supplicant_works_in_its_unit(b):
    """Under the unit's filter, with two capabilities, and for nobody but its group."""
    program = Control("/run/sallyport-supplicant/global")
    check(until(program.answers, SLOW), "wpa_supplicant does not answer")
    uid = pwd.getpwnam("wpa_supplicant").pw_uid
    for path, mode in (os.path.dirname(program.socket), 0o750), (program.socket, 0o770):
        there = os.stat(path)
        equal((there.st_uid, there.st_gid, there.st_mode & 0o777), (uid, uid, mode),
              "owner and mode of " + path)
    equal(procs.Status(b.pid("wpa_supplicant")).caps("Prm"), 1 << NET_ADMIN | 1 << NET_RAW,
          "CapPrm")
    run("iw", "phy", interfaces()[0].phy, "interface", "add", "unit0", "type", "managed")
    try:
        for command in ("INTERFACE_ADD unit0\t%s\tnl80211" % SUPPLICANT_FILE,
                        "IFNAME=unit0 SCAN", "INTERFACE_REMOVE unit0"):
            equal(program.ask(command, 30), "OK\n", command)
        equal(program.ask("INTERFACES"), "", "interfaces, without one for Wi-Fi Direct")
    finally:
        run("iw", "dev", "unit0", "del")


def T098_systemd_starts_the_box_anew_when_the_helper_asks_for_it(world):
    with Acs() as acs:
        install(acs)
        with box() as b:
            s = acs.session(SLOW)
            equal(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
            s.end()
            wpa_supplicant_works_in_its_unit(b)
            # One that dies is no reboot. The agent cannot go on without the helper.
            b.killed_comes_back("sallyport-system", "sallyport")
            acs.forget(s)
            until(lambda: os.path.exists("/run/sallyport/ctl.sock"), 20)
            s = order(acs, soap.reboot("systemd"))
            b.off()
        with box() as b:
            s = acs.session(SLOW)
            # A slow box is asked for a session twice, and still owes the second
            equal(sorted(e for e in s.inform.events if e[0] != "2 PERIODIC"),
                  [("1 BOOT", ""), ("M Reboot", "systemd")], "events")
            s.call(soap.factory_reset())
            s.end()
            b.off()
        with box() as b:
            equal(acs.session(SLOW).end().inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
        equal(acs.violations, [], "broken rules")


def order(acs, rpc):
    """In a session that somebody at the box asks for."""
    def asked():
        return subprocess.run([os.path.join(BUILD, "sallyportctl"), "inform"], env=dict(
            os.environ, SALLYPORT_CTL="/run/sallyport/ctl.sock"), check=False).returncode == 0
    check(until(asked, SLOW), "the agent does not answer")
    s = acs.session(SLOW)
    s.call(rpc)
    return s.end()


# The last: its box is still ending when it returns.
def T120_the_journal_is_uploaded(world):
    with Acs() as acs, files.FileServer() as server:
        install(acs, **{"log.system": JOURNAL, "transfer.allow_http": "yes"})
        with box():
            s = acs.session(180)
            check(until(lambda: os.path.getsize(JOURNAL), 180), "nothing is in %s" % JOURNAL)
            equal(s.value("Device.DeviceInfo.VendorLogFile.2.Name"), "journal", "its name")
            s.call(soap.upload("4 Vendor Log File 2", server.url + "/journal", "k"))
            s.end()
            s = acs.session(180)
            equal(sorted(s.inform.events), [("7 TRANSFER COMPLETE", ""), ("M Upload", "k")],
                  "events")
            s.end()
        for field in (b"\n__REALTIME_TIMESTAMP=", b"\nMESSAGE="):
            check(field in server.puts[-1][1], "%s is not in what came: %r" % (
                field, server.puts[-1][1][:200]))
