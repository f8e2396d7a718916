# SPDX-License-Identifier: Apache-2.0
"""kill -9 at seeded moments: what was ordered is told, and what was delivered is not told again.

Each round the ACS orders something and one process is killed, or all of them as a power cut does
it. SEED and ROUNDS choose; a ledger knows what the ACS is owed. What else the store queues is a
line of ORDERS.
"""

import collections
import os
import queue
import random
import re
import signal
import threading
import time

import connreq
import procs
import soap
from harness import BUILD, CONNREQ, LONG, PROVISIONING, Failed, Timeout, same, true
from host import FACTORY_RESET, REBOOT, HostGateway

SEED = int(os.environ.get("SEED") or 1)
ROUNDS = int(os.environ.get("ROUNDS") or 20)
CHECK = os.environ.get("CHECK_DIR") or os.path.join(BUILD, "check")
QUEUED = ("@schedule.", "@reboot.", "@event.")
# What in the end delivers an event; all others: the answer to the Inform
DELIVERED_BY = {"TransferComplete": ("7 TRANSFER COMPLETE", "M Download", "M Upload",
                                     "M ScheduleDownload")}
LATER = {code for codes in DELIVERED_BY.values() for code in codes}
TOLD = ("told", "answering")
ALWAYS = ("order", "ordered", "ended") + TOLD

# rpc: what the ACS asks for; ctl: what somebody at the box does. moments: when it may be struck.
Order = collections.namedtuple("Order", "weight rpc ctl events moments")
ORDERS = {
    "ScheduleInform": Order(4, lambda key: soap.schedule_inform(1, key), None,
                            ["M ScheduleInform"], ALWAYS + ("due",)),
    "Reboot": Order(4, soap.reboot, None, ["M Reboot"], ALWAYS),
    "FactoryReset": Order(1, lambda key: soap.factory_reset(), None, ["0 BOOTSTRAP"], ALWAYS),
    # Comes as a period does
    "period": Order(2, None, lambda key: ("inform",), ["2 PERIODIC"], ("order",) + TOLD),
    "change": Order(2, None, lambda key: ("set", PROVISIONING + "=" + key), ["4 VALUE CHANGE"],
                    ("order",) + TOLD),
}
# Seconds from each moment to the kill: from, to
MOMENTS = {
    "order": (0, 0.03),             # the RPC is on its way
    "ordered": (0, 0.03),           # it was answered
    "ended": (0, 0.5),              # the session is over: a reboot begins
    "due": (0.95, 1.1),             # after the answer: a scheduled Inform becomes an event
    "told": (0, 0),                 # the Inform with the event is here, unanswered
    "answering": (0, 0.02),         # the answer to it is on its way
}


class Gone(Exception):
    """The agent has left the session."""


class Ledger:
    """What the agent owes, and what it may not tell any more."""

    def __init__(self):
        self.owed, self.done, self.wrong = {}, set(), []
        self.ordered_in = {}        # (event, key): the boot
        self.boots = self.resets = 0
        self.counts = collections.Counter()
        self.answers = collections.Counter()
        self.lock = threading.Lock()

    def name(self, code, key):
        """An event with what tells it from its like."""
        own = {"0 BOOTSTRAP": str(self.resets), "1 BOOT": "%d.%d" % (self.boots, self.resets),
               "2 PERIODIC": "", "3 SCHEDULED": ""}
        return code, own.get(code, key)

    def booted(self):
        """1 BOOT is owed till the next boot only."""
        self.owed.pop(self.name("1 BOOT", ""), None)
        self.boots += 1
        self.owed[self.name("1 BOOT", "")] = "boot"

    def ordered(self, order, key, before=None):
        """before: the answers when it was ordered, if it may have been told and answered since."""
        with self.lock:
            for name in [self.name(code, key) for code in ORDERS[order].events]:
                if not before or self.answers[name] == before[name]:
                    self.owed.setdefault(name, "order")

    def told(self, events):
        """An Inform has these, unanswered as yet."""
        codes = [code for code, _ in events]
        if ("M ScheduleInform" in codes) != ("3 SCHEDULED" in codes):
            self.wrong.append("3 SCHEDULED and M ScheduleInform do not go together: %s" % events)
        for code, key in events:
            name = self.name(code, key)
            if name in self.done:
                self.wrong.append("%s %s was told again" % name)
            if code == "M Reboot" and self.ordered_in.get(name) == self.boots:
                self.wrong.append("M Reboot %s was told before the reboot" % key)
            if code != "6 CONNECTION REQUEST":
                self.owed.setdefault(name, "told")

    def answered(self, events):
        with self.lock:
            for name in [self.name(*e) for e in events]:
                self.owed.pop(name, None)
                self.answers[name] += 1

    def confirmed(self, events):
        """The agent went on after the answer, so it knows that they are delivered."""
        for code, key in events:
            if self.name(code, key)[1]:
                self.done.add(self.name(code, key))
            self.counts[code] += 1


class Kill:
    """One kill -9, at a moment."""

    def __init__(self, box, victim, moment, delay):
        self.box, self.victim, self.moment, self.delay = box, victim, moment, delay
        self.lock, self.armed, self.over = threading.Lock(), True, threading.Event()
        self.agent = None           # that which will end because of it

    def __str__(self):
        return "%s killed %.0f ms after %s" % (self.victim, self.delay * 1000, self.moment)

    def reached(self, moment):
        with self.lock:
            if not self.armed or moment != self.moment:
                return
            self.armed = False
        if self.delay:
            threading.Timer(self.delay, self.strike).start()
        else:
            self.strike()

    def strike(self):
        agent = self.box.agent.pid
        if self.box.strike(self.victim):
            self.agent = agent
        self.over.set()


class Box(HostGateway):
    """A gateway that is killed on purpose, and knows its boots."""

    def __init__(self, url, ledger, settings=None):
        super().__init__(url, settings)
        self.ledger, self.turn, self.strange = ledger, threading.RLock(), []

    def start(self):
        self.ledger.booted()
        super().start()

    def reboot(self, number=None):
        with self.turn:
            super().reboot(number)

    def strike(self, victim):
        """Was there anything to strike?"""
        if victim == "power":
            self.reboot(signal.SIGKILL)
            return False
        pid = self.helper.pid if victim == "helper" else self.processes().get(victim)
        if not pid or not procs.alive(pid):
            return False
        os.kill(pid, signal.SIGKILL)
        return True

    def deaths(self):
        """Who is killed, and who ends because of it."""
        expected = {self.helper: (-signal.SIGKILL, 1, REBOOT, FACTORY_RESET),
                    self.agent: (-signal.SIGKILL, 1)}
        return ["%s: %d" % (s.name, status) for s in expected for status in s.statuses
                if status not in expected[s]]


class Play:
    """The ACS, which takes every session, and the box."""

    def __init__(self, t):
        self.server = t.acs()
        t.allowed.append("connection closed inside")   # by a kill
        self.ledger = Ledger()
        self.box = Box(self.server.url, self.ledger)
        t.gateways.append(self.box)
        t.gw = self.box
        self.orders, self.kill, self.asked = [], None, queue.Queue()
        self.server.run(self.session)
        self.box.start()

    def reached(self, moment):
        if self.kill:
            self.kill.reached(moment)

    @staticmethod
    def take(s):
        """The agent's next POST; Gone when it has left."""
        deadline = time.monotonic() + LONG
        while time.monotonic() < deadline:
            if s.incoming.empty() and s.last.conn.closed.is_set():
                break
            try:
                return s.take(0.02)
            except Timeout:
                pass
        raise Gone

    def session(self, s):
        try:
            self.converse(s)
        except Gone:
            pass
        finally:
            self.server.forget(s)

    def converse(self, s):
        ledger = self.ledger
        # A change is known by the value that it tells.
        events = [(code, s.inform.params[PROVISIONING] if code == "4 VALUE CHANGE" else key)
                  for code, key in s.inform.events]
        mine = [e for e in events if e[0] not in LATER]
        wanted = any(e[0] not in ("1 BOOT", "6 CONNECTION REQUEST") for e in events)
        ledger.told(events)
        if wanted:
            self.reached("told")
            self.reached("answering")
        if s.last.conn.peer_left():
            raise Gone
        ledger.answered(mine)
        s.send_inform_response()
        msg = self.take(s)
        ledger.confirmed(mine)
        msg = self.calls(s, msg, events)
        if [e[0] for e in events] == ["6 CONNECTION REQUEST"]:
            self.give_orders(s)
        s.say_nothing()
        self.reached("ended")
        if not s.last.conn.closed.wait(LONG):
            ledger.wrong.append("the agent did not end the session")
        self.asked.put(events)

    def calls(self, s, msg, events):
        """Answers the agent's own calls, which deliver what belongs to them."""
        while msg.kind == "request":
            key = msg.text("CommandKey")
            told = [e for e in events if e[0] in DELIVERED_BY.get(msg.method, ()) and
                    e[1] in (key, "")]
            self.ledger.answered(told)
            s.answer_call(msg)
            msg = self.take(s)
            self.ledger.confirmed(told)
        return msg

    def give_orders(self, s):
        while self.orders:
            order, key = self.orders.pop(0)
            self.ledger.resets += order == "FactoryReset"
            for code in ORDERS[order].events:
                self.ledger.ordered_in[code, key] = self.ledger.boots
            s.post(*ORDERS[order].rpc(key))
            self.reached("order")
            msg = self.take(s)
            s.awaiting = None
            if msg.kind != "response":
                raise Failed("%s: %s" % (order, msg))
            self.ledger.ordered(order, key)
            self.reached("ordered")
            self.reached("due")

    # From the scenario's thread

    def ask(self):
        """A session by a connection request: nothing else may be told in it."""
        while not self.asked.empty():
            self.asked.get()
        deadline = time.monotonic() + LONG
        while True:
            url = self.box.connreq_url(30)
            try:
                same(connreq.digest(url, *CONNREQ).status, 200, "connection request")
                return
            except connreq.Refused:     # it is just being started again
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def nothing_more(self, what):
        """Nothing is told that was told before."""
        while True:
            agent, deadline = self.box.agent.pid, time.monotonic() + LONG
            self.ask()
            while self.asked.empty() and self.box.agent.pid == agent:
                true(time.monotonic() < deadline, "no session afterwards")
                time.sleep(0.01)
            if not self.asked.empty():
                same(self.asked.get(), [("6 CONNECTION REQUEST", "")], "events afterwards")
                return
            # It had not met yet that somebody was killed.
            self.box.wait_up()
            self.settle(what)

    def at_the_box(self, order, *command):
        before = self.ledger.answers.copy()
        self.reached("order")
        try:
            self.box.ctl(*command)
        except RuntimeError:            # killed before its answer
            return
        self.ledger.ordered(order, command[-1].rpartition("=")[2], before)

    def calm(self):
        """Nothing is queued, nothing runs, and the ACS has heard it all."""
        ledger = self.ledger
        if ledger.wrong:
            raise Failed("; ".join(ledger.wrong))
        return (not ledger.owed and self.box.running() and not self.server.active and
                not [k for k in self.box.stored() if k.startswith(QUEUED)] and self.idle())

    def idle(self):
        """So the agent says."""
        try:
            status = self.box.ctl("status")
        except RuntimeError:
            return False
        return all(re.search(p, status, re.M) for p in (
            r"^session[ :=]+none", r"^events_pending[ :=]+0$"))

    def settle(self, what, seconds=60):
        deadline = time.monotonic() + seconds
        while not self.calm():
            if time.monotonic() > deadline:
                raise Failed("%s: still owed %s, queued %s" % (what, self.ledger.owed, {
                    k: v for k, v in self.box.stored().items() if k.startswith(QUEUED)}))
            time.sleep(0.02)

    def round(self, rng, number, victims):
        order = rng.choices(list(ORDERS), [o.weight for o in ORDERS.values()])[0]
        how, key = ORDERS[order], "k%d" % number
        orders = [(order, key)]
        if order == "Reboot" and rng.random() < 0.5:
            orders.insert(rng.randrange(2), ("ScheduleInform", "s%d" % number))
        moment = rng.choice(how.moments)
        kill = Kill(self.box, rng.choice(victims), moment, rng.uniform(*MOMENTS[moment]))
        what = "round %d: %s, %s" % (number, " and ".join(o for o, _ in orders), kill)
        self.kill = kill
        try:
            if how.ctl:
                self.at_the_box(order, *how.ctl(key))
            else:
                self.orders = orders
                self.ask()
            true(kill.over.wait(LONG), "the moment did not come")
            self.kill = None
            # One that was just starting may not have met the helper that is gone.
            deadline = time.monotonic() + 2
            while self.box.agent.pid == kill.agent and time.monotonic() < deadline:
                time.sleep(0.01)
            self.box.wait_up()
            self.orders = []            # what it did not come to
            self.settle(what)
            self.nothing_more(what)
        except (Failed, RuntimeError, OSError, queue.Empty) as e:
            raise Failed("seed %d, %s: %s" % (SEED, what, str(e) or type(e).__name__))
        return order, kill.victim, moment


def rounds(t, victims):
    play = Play(t)
    rng = random.Random("%d %s" % (SEED, victims))
    play.settle("the start")
    seen = collections.Counter()
    began = time.monotonic()
    for number in range(ROUNDS // 2):
        seen.update(play.round(rng, number, victims))
    report(victims, play.ledger, seen, time.monotonic() - began)


def report(victims, ledger, seen, seconds):
    """For whoever wants to know what the seed has chosen."""
    lines = ["seed %d, %d rounds in %d s, %d boots of the box" % (
        SEED, ROUNDS // 2, seconds, ledger.boots)]
    lines += ["%5d rounds with %s" % (seen[k], k) for k in [*ORDERS, *victims, *MOMENTS]]
    lines += ["%5d delivered: %s" % (n, k) for k, n in sorted(ledger.counts.items())]
    os.makedirs(CHECK, exist_ok=True)
    with open(os.path.join(CHECK, "queue-kills-%s.txt" % "-".join(victims)), "w") as f:
        f.write("".join(line + "\n" for line in lines))


def R2_kill_of_the_agent_neither_loses_nor_repeats_an_event(t):
    rounds(t, ["agent", "dialer"])


def R2_kill_of_the_helper_or_of_all_neither_loses_nor_repeats_an_event(t):
    rounds(t, ["helper", "system", "power"])
