# SPDX-License-Identifier: Apache-2.0
"""A taken-over agent against the role that holds real radios (tests/sandbox/evil_agent.c)."""

import os
import subprocess
import time

from air import access_points, run
from gateway import BUILD, USERS
from lines import Skip, check, equal


def kernel_state():
    """All that the radio role could change: interfaces, channels, power, regulatory domain."""
    lines = (run("iw", "dev") + run("iw", "reg", "get")).splitlines()
    # Counters of the interface's queues come with `iw dev` too.
    return [line for line in lines if "multicast TXQ" not in line and
            not line.strip().split("\t")[0].isdigit()]


def wiphy():
    with open("/sys/class/ieee80211/%s/index" % access_points()[0].phy) as f:
        return f.read().strip()


def I5_a_taken_over_agent_changes_nothing(world):
    program = os.path.join(BUILD, "tests/sandbox/evil_agent")
    if not os.path.exists(program):
        raise Skip("evil_agent is not built: make sandbox-tests")
    gw = world.gateway
    helpers = {k: v for k, v in gw.processes().items() if k in ("helper", "radio")}
    number = wiphy()
    gw.agent.stop()
    before, air = kernel_state(), [a.ssid for a in access_points()]
    try:
        done = subprocess.run([program, os.path.join(gw.run, "radio.sock"), str(USERS["agent"])],
                              env=dict(os.environ, WIPHY=number), stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True, timeout=240, check=False)
        time.sleep(2)
        after, air_after = kernel_state(), [a.ssid for a in access_points()]
    finally:
        gw.agent.start()
    bad = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
    check(not bad and done.returncode == 0, "; ".join(bad) or "ended with %d" % done.returncode)
    equal(after, before, "what the kernel says")
    equal(air_after, air, "the access points")
    now = {k: v for k, v in gw.processes().items() if k in helpers}
    equal(now, helpers, "the helper's processes")
    gw.wait_up()
