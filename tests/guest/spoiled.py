# SPDX-License-Identifier: Apache-2.0
"""Every step of an apply may fail: afterwards kernel, store and tree have the old or the new."""

import os
import random
import time

import procs
import soap
import wifi
from air import access_points, until
from between import FAULTS, between
from lines import Failed, check, equal
from rows import second_bss
from session import Timeout

ONE_SESSION = True
# A command that is not answered costs seconds: those are fewer.
KINDS = FAULTS[:2] * 4 + FAULTS[2:] + ("killed", "blocked")


def state(world, paths):
    """What is asked for: {path: octets}, from the store."""
    stored = world.gateway.stored()
    return {p: stored.get(p) for p in paths}


def change(rng, number, ssid, ap):
    """Some of what needs each kind of step."""
    every = [(wifi.at.ssid + "SSID", "first-%d" % number), (ssid + "SSID", "second-%d" % number),
             (wifi.at.radio + "Channel", (1, 6, 11)[number % 3]),
             (ap + "Security.KeyPassphrase", "passphrase %d" % number),
             (wifi.at.security + "KeyPassphrase", "key of round %d" % number),
             (ap + "IsolationEnable", bool(number % 2)),
             (wifi.at.ap + "MaxAllowedAssociations", 100 + number)]
    return rng.sample(every, rng.randint(1, len(every)))


def on_air():
    return sorted((i.ssid, i.channel) for i in access_points())


def block(phy, blocked):
    """The radio's rfkill switch: the kernel takes its links down, and none up."""
    base = "/sys/class/ieee80211/%s/" % phy
    for name in os.listdir(base):
        if name.startswith("rfkill"):
            with open(base + name + "/soft", "w") as f:
                f.write(str(int(blocked)))


def attempt(world, agent, values):
    """True: the ACS was told that it holds; False: a fault; None: the agent ended instead."""
    with world.talk() as s:
        s.post(*soap.set_parameter_values(values))
        while True:
            try:
                return s.answer(1).kind == "response"
            except Timeout:
                if not procs.alive(agent):
                    return None


class Rounds:
    def __init__(self, world, wire, rng, ssid, ap):
        self.world, self.wire, self.rng, self.ssid, self.ap = world, wire, rng, ssid, ap
        self.names = [wifi.at.ssid + "SSID", ssid + "SSID"]
        self.channel = wifi.at.radio + "Channel"
        self.phy = access_points()[0].phy
        self.kinds, self.told = {}, {}

    def fault(self, what):
        if what == "killed":
            return lambda: self.world.gateway.kill("radio")
        return (lambda: block(self.phy, True)) if what == "blocked" else what

    def go(self, number, what):
        at = self.rng.randint(1, 6)
        times = 1 if what in ("killed", "blocked") else self.rng.choice((1, 1, 1, 2, 4))
        values = change(self.rng, number, self.ssid, self.ap)
        before = state(self.world, self.names + [self.channel])
        agent = self.world.gateway.agent.pid
        self.wire.arm(at, times, self.fault(what))
        told = attempt(self.world, agent, values)
        met = self.wire.disarm()
        text = "round %d: %s from command %d on (%s), answer %s" % (
            number, what, at, b", ".join(met).decode(), told)
        if met:
            self.kinds[what] = self.kinds.get(what, 0) + 1
            self.told[told] = self.told.get(told, 0) + 1
        if what == "blocked":
            block(self.phy, False)
        if what == "killed" and met:        # all are started anew
            check(until(lambda: not procs.alive(agent), 30), text + ": the agent stays")
            self.world.lose()
            self.world.gateway.wait_up(60)
        self.judge(text, before, dict(values), told)

    def judge(self, text, before, wanted, told):
        after = {p: str(wanted[p]).encode() if p in wanted else v for p, v in before.items()}
        ends = {True: [after], False: [before], None: [before, after]}[told]

        def agree():
            now = state(self.world, before)
            return now in ends and on_air() == sorted(
                (now[p], int(now[self.channel])) for p in self.names)
        if not until(agree, 60, 0.2):
            raise Failed("%s; store %s, air %s; before %s, after %s" % (
                text, state(self.world, before), on_air(), before, after))
        stored = state(self.world, before)
        tree = self.world.get(*[p[:p.rindex(".") + 1] for p in self.names], self.channel)
        equal({p: tree[p].encode() for p in before}, stored, text + ": tree")
        for p in self.names:
            equal(tree[p[:-len("SSID")] + "Status"], "Up", text + ": Status")


def R2_a_fault_at_any_step_leaves_the_old_or_the_new(world):
    seed = int(os.environ.get("SEED") or time.time())
    rounds = int(os.environ.get("ROUNDS") or 30)
    print("# seed %d, %d rounds" % (seed, rounds), flush=True)
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    world.set([(wifi.at.radio + "Channel", 1)])
    began = time.monotonic()
    with second_bss(world) as (ssid, ap), between(world.hostapd) as wire:
        rng = random.Random(seed)
        all_rounds = Rounds(world, wire, rng, ssid, ap)
        kinds = [KINDS[number % len(KINDS)] for number in range(rounds)]
        rng.shuffle(kinds)
        try:
            for number, what in enumerate(kinds):
                all_rounds.go(number, what)
        except Exception as e:
            print("# %s" % "; ".join(wire.notes[-40:]), flush=True)
            raise Failed("seed %d: %s" % (seed, e))
    met = sum(all_rounds.kinds.values())
    print("# %d of %d rounds met a fault, in %.0f s: %s; answers: %s" % (
        met, rounds, time.monotonic() - began, all_rounds.kinds, all_rounds.told), flush=True)
    check(met >= rounds // 3, "only %d of %d rounds met a fault" % (met, rounds))
    key = world.gateway.stored()[wifi.at.security + "KeyPassphrase"].decode()
    check(world.station.join(world.kernel_ssid(), key), "no station joins with the stored key")
    wifi.put_on_air(world, "Sallyport", wifi.PASSPHRASE)
    world.set([(wifi.at.ap + "MaxAllowedAssociations", 2007), (wifi.at.radio + "Channel", 1)])
