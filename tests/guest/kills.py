# SPDX-License-Identifier: Apache-2.0
"""kill -9 of agent or helper in a SetParameterValues: the old or the new, everywhere."""

import os
import random
import signal
import threading
import time

import procs
import soap
import wifi
from air import until
from lines import Failed, check, equal
from session import Timeout

VICTIMS = ("agent", "radio", "helper", "dialer")


def victim_pid(world, name):
    if name == "helper":
        return world.gateway.helper.pid
    return world.gateway.processes().get(name)


def one_round(world, rng, number, span):
    path = wifi.at.ssid + "SSID"
    old = world.kernel_ssid()
    new = b"kill-%03d-%06x" % (number, rng.randrange(1 << 24))
    victim = rng.choice(VICTIMS[:3] if number % 5 else VICTIMS)
    moment = rng.uniform(0, span)
    what = "round %d: %s killed after %.0f ms" % (number, victim, moment * 1000)

    s = world.session()
    pid = victim_pid(world, victim)
    check(pid, what + ": not running")
    killer = threading.Timer(moment, os.kill, (pid, signal.SIGKILL))
    s.post(*soap.set_parameter_values([(path, new.decode(), "xsd:string")]))
    killer.start()
    answered = False
    try:
        answered = s.answer(moment + 0.5).kind == "response"
    except Timeout:
        pass
    killer.join()
    s.abandon()
    check(until(lambda: not procs.alive(pid), 60), what + ": survived")
    world.gateway.wait_up(20)

    def agree():
        got = (world.gateway.stored().get(path), world.kernel_ssid())
        return got[0] == got[1] and got[0] in (old, new) and got
    if not until(agree, 15):
        raise Failed("%s: store %r, kernel %r; old %r, new %r\n%s" % (
            what, world.gateway.stored().get(path), world.kernel_ssid(), old, new,
            world.gateway.tail()))
    now = world.kernel_ssid()
    check(not answered or now == new, what + ": a change that was answered is gone")
    with world.talk() as s:
        equal(s.value(path).encode(), now, what + ": GetParameterValues")
    seen = [b.ssid for b in world.station.scan(world.frequency()) if b.ssid in (old, new)]
    equal(seen, [now], what + ": a station's scan")
    return now == new


def normal_span(world):
    """How long a SetParameterValues takes when nobody is killed."""
    spans = []
    for number in range(3):
        with world.talk() as s:
            began = time.monotonic()
            s.set([(wifi.at.ssid + "SSID", "span-%d" % number, "xsd:string")])
            spans.append(time.monotonic() - began)
    return max(spans)


def R1_kill_during_a_set_leaves_the_old_or_the_new(world):
    seed = int(os.environ.get("SEED") or time.time())
    rounds = int(os.environ.get("ROUNDS") or 20)
    rng = random.Random(seed)
    wifi.put_on_air(world, "span", wifi.PASSPHRASE)
    span = normal_span(world) * 1.3
    print("# seed %d, %d rounds, within %.0f ms" % (seed, rounds, span * 1000), flush=True)
    new = 0
    for number in range(rounds):
        try:
            new += one_round(world, rng, number, span)
        except Exception as e:
            raise Failed("seed %d, span %.0f ms: %s" % (seed, span * 1000, e))
    print("# %d of %d rounds ended with the new SSID" % (new, rounds), flush=True)
    check(world.station.join(world.kernel_ssid(), wifi.PASSPHRASE), "no station joins afterwards")
