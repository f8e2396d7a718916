# SPDX-License-Identifier: Apache-2.0
"""kill -9 at seeded moments of a transfer's life: none lost, none told twice, none done twice.

Each round the ACS orders up to three transfers, and one process is killed, or all of them as a
power cut does it. SEED and ROUNDS choose (make soak). The ledger is that of durable.py.
"""

import collections
import os
import queue
import random
import re
import time

import durable
import files
import flashrole
import images
import soap
import transfers
from harness import LONG, PROVISIONING, Failed, same, true, until

ROUNDS = int(os.environ.get("ROUNDS") or 30)
CONFIG, LOG = transfers.CONFIG, transfers.LOG
# How a transfer is asked for, its event, the fault that it has to end with
Order = collections.namedtuple("Order", "weight rpc event fault")
ORDERS = {
    "restore": Order(4, lambda url, key: soap.download(CONFIG, url + "/backup", key),
                     "M Download", 0),
    "broken": Order(2, lambda url, key: soap.download(CONFIG, url + "/broken", key),
                    "M Download", 0),
    "missing": Order(2, lambda url, key: soap.download(CONFIG, url + "/nothing", key),
                     "M Download", 9016),
    "delayed": Order(2, lambda url, key: soap.download(CONFIG, url + "/nothing", key, delay=1),
                     "M Download", 9016),
    "window": Order(1, lambda url, key: soap.schedule_download(
        CONFIG, url + "/nothing", [(1, 3600, "2 Immediately", 0)], key),
        "M ScheduleDownload", 9016),
    "image": Order(3, lambda url, key: soap.download(images.IMAGE, url + "/image." + key, key),
                   "M Download", 0),
    "backup": Order(0, lambda url, key: soap.upload(
        "1 Vendor Configuration File", url + "/b", key), "M Upload", 0),
    "upload": Order(3, lambda url, key: soap.upload(LOG, url + "/log", key), "M Upload", 0),
}
RESTORES = ("restore", "broken")
# Seconds from each moment to the kill: from, to
MOMENTS = dict(durable.MOMENTS, asked=(0, 0), served=(0, 0.03), applied=(0, 0.3),
               due=(0.95, 1.2), IMAGE_CHUNK=(0, 0.01), IMAGE_ARM=(0, 0.2))
VICTIMS = ["agent", "agent", "agent", "helper", "dialer", "power"]


class Ledger(durable.Ledger):
    def __init__(self):
        super().__init__()
        self.faults = {}            # key: what TransferComplete said

    def name(self, code, key):
        # A restoration changes what the ACS is told of, to the same value each time.
        return super().name(code, "" if code == "4 VALUE CHANGE" else key)

    def owes(self, order, key):
        with self.lock:
            self.owed.setdefault(self.name("7 TRANSFER COMPLETE", ""), "order")
            self.owed.setdefault(self.name(ORDERS[order].event, key), "order")


class Box(images.Flashed, durable.Box):
    pass


class Play(durable.Play):
    """The ACS, a file server and the box."""

    def __init__(self, t):
        self.server = t.acs()
        t.allowed.append("connection closed inside")   # by a kill
        self.files = t.files()
        self.files.watch = self.watch
        self.ledger = Ledger()
        self.role = flashrole.FlashRole()
        self.role.watch = lambda name: self.reached(name)
        self.box = Box(self.server.url, self.ledger, transfers.with_files(t))
        self.box.fit(self.role)
        self.orders, self.kill, self.asked = [], None, queue.Queue()
        self.answered, self.wanted, self.value = [], None, ""
        t.gateways.append(self.box)
        t.gw = self.box
        self.server.run(self.session)
        self.box.start()

    def watch(self, moment):
        self.reached(moment)
        if moment == "served":
            self.reached("applied")

    def calls(self, s, msg, events):
        """As durable.py's, and what each call says."""
        while msg.kind == "request":
            key = msg.text("CommandKey")
            if msg.method == "TransferComplete":
                fault = int(msg.text("FaultStruct/FaultCode"))
                if self.ledger.faults.setdefault(key, fault) != fault:
                    self.ledger.wrong.append("%s ended twice: %d" % (key, fault))
            told = [e for e in events if e[0] in durable.DELIVERED_BY.get(msg.method, ())]
            told = [e for e in told if e[1] in (key, "")]
            self.ledger.answered(told)
            s.answer_call(msg)
            msg = self.take(s)
            self.ledger.confirmed(told)
        return msg

    def give_orders(self, s):
        while self.orders:
            order, key = self.orders.pop(0)
            s.post(*ORDERS[order].rpc(self.files.url, key))
            self.reached("order")
            msg = self.take(s)
            s.awaiting = None
            if msg.kind != "response":
                raise Failed("%s: %s" % (order, msg))
            self.ledger.owes(order, key)
            self.answered.append(key)
            self.reached("ordered")
            self.reached("due")
        if self.wanted is not None:
            s.post(*soap.set_parameter_values({PROVISIONING: self.wanted}))
            if self.take(s).kind == "response":
                self.value, self.wanted = self.wanted, None
            s.awaiting = None

    def calm(self):
        # Looked at first: what is told while the rest is looked at was not calm before.
        if [k for k in self.box.stored() if k.startswith("@transfer.")] or not super().calm():
            return False
        if self.role.trial == flashrole.TRIAL:
            # Killed after the report and before its session ended: there is nothing more to tell,
            # and it is the ACS that looks how the image does.
            self.ask()
        return self.role.trial == flashrole.CONFIRMED

    def found(self):
        # The agent may meet only now that somebody was killed.
        return until(lambda: [v for v in [self.box.value(PROVISIONING)] if v is not None],
                     "an answer of the agent")[0]

    def set_value(self, value):
        self.wanted = value
        self.ask()
        self.asked.get(timeout=LONG)
        same(self.value, value, "value that the ACS has set")

    def back_up(self):
        """A backup with a value of its own."""
        self.set_value("backup")
        self.settle("the value")
        self.orders = [("backup", "first")]
        self.ask()
        self.settle("the backup")
        data = self.files.puts[-1][1]
        self.files.files.update({"/backup": data, "/broken": data})

    def check(self, orders, keys):
        """Reports and effects of one round."""
        ends = [v.decode() for k, v in self.box.stored().items()
                if re.fullmatch(r"@keep\.transfer\.\d+\.key", k)]
        for order, key in orders:
            if key in self.answered:
                same(self.ledger.faults.get(key), ORDERS[order].fault, "%s %s" % (order, key))
                same(ends.count(key), 1, "lines of %s in the history" % key)
            true(ends.count(key) <= 1, "%s is in the history twice" % key)
            if order == "image" and key in self.ledger.faults:
                same(self.role.armed.count(key), 1, "times that %s was armed" % key)
        restored = [k for o, k in orders if o in RESTORES and k in self.ledger.faults]
        same(self.found(), "backup" if restored else self.value, "value")

    def round(self, rng, number):
        names = rng.choices(list(ORDERS), [o.weight for o in ORDERS.values()],
                            k=rng.choice((1, 1, 2, 3)))
        orders = [(name, "k%d.%d" % (number, i)) for i, name in enumerate(names)]
        self.files.bends.clear()
        for name, key in orders:
            if name == "image":
                self.files.files["/image." + key] = images.image(key, 1 << 18, 1 << 16)
        self.files.bend("/broken", *[files.cut(rng.randrange(1, 150)) for _ in names])
        moments = ["order", "ordered", "ended", "told", "answering", "asked", "served"]
        moments += ["due"] * any(n in ("delayed", "window") for n in names)
        moments += ["IMAGE_CHUNK", "IMAGE_ARM", "IMAGE_ARM"] * ("image" in names)
        moments += ["applied"] * 2 * any(n in RESTORES for n in names)
        moment, victim = rng.choice(moments), rng.choice(VICTIMS)
        kill = durable.Kill(self.box, victim, moment, rng.uniform(*MOMENTS[moment]))
        what = "round %d: %s, %s" % (number, " and ".join(names), kill)
        try:
            self.set_value("r%d" % number)
            self.settle("the value")
            self.orders, self.kill = list(orders), kill
            self.ask()
            true(kill.over.wait(LONG), "the moment did not come")
            self.kill = None
            self.box.wait_up()
            self.orders = []
            self.settle(what)
            self.nothing_more(what)
            self.check(orders, self.answered)
        except (Failed, RuntimeError, OSError, queue.Empty) as e:
            raise Failed("seed %d, %s: %s" % (durable.SEED, what, str(e) or type(e).__name__))
        return [*names, victim, moment]


def R2_kill_at_any_moment_of_a_transfer_neither_loses_nor_repeats_it(t):
    play = Play(t)
    rng = random.Random("%d transfers" % durable.SEED)
    play.settle("the start")
    play.back_up()
    seen = collections.Counter()
    began = time.monotonic()
    for number in range(ROUNDS):
        seen.update(play.round(rng, number))
    lines = ["seed %d, %d kills in %d s, %d transfers reported, each once" % (
        durable.SEED, ROUNDS, time.monotonic() - began, len(play.ledger.faults))]
    lines += ["%5d %s" % (n, k) for k, n in sorted(seen.items())]
    os.makedirs(durable.CHECK, exist_ok=True)
    with open(os.path.join(durable.CHECK, "transfer-kills.txt"), "w") as f:
        f.write("".join(line + "\n" for line in lines))
