# SPDX-License-Identifier: Apache-2.0
"""An idle gateway sleeps and writes nothing: what the scheduler says of each role, in make soak."""

import os
import re
import time

import wifi
from lines import Skip, check, equal

PER_MINUTE = 2
REPORT = "/run/out/idle.txt"


def switches(world):
    """{role: how often it went to sleep}"""
    out = {}
    for role, pid in world.gateway.processes().items():
        with open("/proc/%d/status" % pid) as f:
            out[role] = int(re.search(r"\nvoluntary_ctxt_switches:\s+(\d+)", f.read())[1])
    return out


def files(world):
    """All that the gateway could write, its logs too."""
    out = {}
    for folder, _, names in os.walk(world.gateway.dir):
        for name in names:
            path = os.path.join(folder, name)
            out[path] = os.lstat(path).st_mtime_ns
    return out


def idle(world, seconds, what):
    time.sleep(10)                      # what the session before has set going
    before, written = switches(world), files(world)
    time.sleep(seconds)
    after, now = switches(world), files(world)
    per_minute = {r: (after[r] - before[r]) * 60 / seconds for r in before}
    with open(REPORT, "a") as f:
        f.write("%s, %d s: wake-ups per minute\n" % (what, seconds))
        for role, rate in sorted(per_minute.items()):
            f.write("  %-10s %5.1f\n" % (role, rate))
        f.write("  files written: %d\n" % len([p for p in now if now[p] != written.get(p)]))
    equal(after.keys(), before.keys(), "roles")
    equal(now, written, "files of the gateway")
    often = {r: n for r, n in per_minute.items() if n > PER_MINUTE}
    check(not often, "wake-ups per minute: %s" % often)


def soak_only():
    if not os.environ.get("ROUNDS"):
        raise Skip("takes ten minutes: make soak")


def L4_idle_for_ten_minutes(world):
    soak_only()
    world.set([(wifi.at.ap + "Enable", False)])
    idle(world, 600, "radios, and no access point")


def L4_idle_with_an_access_point_on_the_air(world):
    soak_only()
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    idle(world, 240, "an access point on the air")
