# SPDX-License-Identifier: Apache-2.0
"""packaging/procd as procd would use it. (packaging/systemd: tests/guest/systemd.py.)"""

import os
import shlex
import signal
import subprocess

import procs
import soap
from gateway import ROOT
from harness import same, true, until

PROCD = os.path.join(ROOT, "packaging/procd")
# What /etc/rc.common offers to a script, and nothing done
STUBS = """
procd_open_instance() { echo "instance $*"; }
procd_set_param() { echo "param $*"; }
procd_close_instance() { echo close; }
mkdir() { echo "mkdir $*"; }
chown() { echo "chown $*"; }
chmod() { echo "chmod $*"; }
"""


def instances(config):
    """{name: its command}, and the commands for folders, when procd starts the service."""
    with open(os.path.join(PROCD, "sallyport")) as f:
        script = f.read()
    done = subprocess.run(["sh", "-eu"], input="%s\n%s\nCONF=%s\nstart_service\n" % (
        STUBS, script, shlex.quote(config)), stdout=subprocess.PIPE, text=True, check=True)
    out, folders, name = {}, [], None
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word == "instance":
            name = rest
        elif line.startswith("param command "):
            out[name] = rest.split()[1:]
        elif line == "param respawn 3600 1 0":
            folders.append("respawn " + name)
        elif word not in ("param", "close"):
            folders.append(line)
    return out, folders


def procd(t):
    """A gateway whose helper and agent are started as the script says. reboot is a program that
    notes its call; the gateway itself takes the status for the reboot then."""
    t.acs()
    gw = t.gateway(start=False)
    commands, done = instances(gw.config)
    same(sorted(commands), ["agent", "helper"], "instances")
    same([d for d in done if d.startswith("respawn")], ["respawn helper", "respawn agent"],
         "instances that are started again")
    for folder in (gw.run, gw.state):
        true("mkdir -p " + folder in done, "%s is not made: %s" % (folder, done))
    here = {"/usr/sbin/sallyport-run": os.path.join(PROCD, "sallyport-run"),
            "/usr/sbin/sallyport-helper": gw.program("helper"),
            "/usr/sbin/sallyport-agent": gw.program("agent")}
    fake = os.path.join(gw.dir, "bin")
    os.mkdir(fake)
    with open(os.path.join(fake, "reboot"), "w") as f:
        f.write("#!/bin/sh\necho called >> %s/reboots\n" % gw.dir)
    os.chmod(os.path.join(fake, "reboot"), 0o755)
    for service in (gw.helper, gw.agent):
        service.command = [here.get(w, w) for w in commands[service.name]]
        service.env = dict(os.environ, PATH=fake + os.pathsep + os.environ["PATH"])
    gw.start()
    return t.server.session()


def reboots(gw):
    path = os.path.join(gw.dir, "reboots")
    return open(path).read().count("called") if os.path.exists(path) else 0


def T098_procd_reboots_the_box_when_the_helper_asks_for_it(t):
    s = procd(t)
    s.call(soap.reboot("by procd"))
    s.end()
    s = t.server.session()
    same(sorted(s.inform.events), [("1 BOOT", ""), ("M Reboot", "by procd")], "events")
    same(reboots(t.gw), 1, "calls of reboot")
    s.call(soap.factory_reset())
    s.end()
    same(t.server.session().end().inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
    same(reboots(t.gw), 2, "calls of reboot")


def T098_procd_stops_the_helper_and_a_crash_is_no_reboot(t):
    procd(t).end()
    pid = t.gw.helper.pid               # of the script
    helper = procs.children(pid)[0]
    os.kill(helper, signal.SIGSEGV)
    until(lambda: t.gw.helper.pid != pid and t.gw.processes().get("system"), "a new helper")
    same(t.gw.helper.statuses, [128 + signal.SIGSEGV], "how the script ended")
    t.gw.wait_up()
    family = t.gw.helper.family()
    t.gw.stop()
    same([p for p in family if procs.alive(p)], [], "what is left of the helper")
    same(reboots(t.gw), 0, "calls of reboot")
    t.gw.helper.statuses.clear()
    t.gw.agent.statuses.clear()
