# SPDX-License-Identifier: Apache-2.0
"""Changes that could cut the box off from its ACS (docs/confirmed-change.md): the way there goes by
a vendor's modem, and with a wrong APN there is none; or by a row, and without it there is none."""

import contextlib
import os
import random
import signal
import subprocess
import threading
import time

import soap
import transfers
import vendor
from harness import LONG, MS, PROVISIONING, Timeout, same, true, until
from wire import Reply

APN = vendor.MODEM + "Apn"
REASON = "Device.X_00D09E_Agent.LastRevertReason"
KEY = MS + "ParameterKey"
SSID, AP = "Device.WiFi.SSID.", "Device.WiFi.AccessPoint."
PASSPHRASE = "%s%d.Security.KeyPassphrase"
RIGHT, WRONG = "the right passphrase", "the wrong passphrase"


class Way:
    """Connections made while there is no way end without an answer."""

    def __init__(self, t, leads):
        self.leads = leads
        self.outage = False
        self.open = set()
        self.tries = 0
        t.server.intercepts.append(self.meet)

    def meet(self, conn, _):
        if conn.number in self.open:
            return None
        if self.outage or not self.leads():
            self.tries += 1
            return Reply(drop=True)
        self.open.add(conn.number)
        return None


def boot(t, seconds):
    s, data, daemon = vendor.boot(t, {"confirm.paths": "%s %s" % (vendor.MODEM, AP),
                                      "confirm.seconds": str(seconds)})
    return s, data, daemon, Way(t, lambda: daemon.values[APN] != "wrong")


def rows(t):
    """As the store has them: of one that went, lines may be left."""
    return t.gw.stored().get("@rows." + AP, b"").decode()


def passphrase(t, row):
    return t.gw.stored()[PASSPHRASE % (AP, row)].decode()


def waits(t):
    return {k for k in t.gw.stored() if k.startswith("@confirm")}


def done(daemon, data):
    daemon.close()
    vendor.done(data)


def U1_a_change_holds_once_the_acs_answers(t):
    s, data, daemon, _ = boot(t, 3600)
    same(s.set({PROVISIONING: "x", vendor.BOX + "Label": "attic"}, "k0"), 0, "Status")
    same(waits(t), set(), "what waits, of other parameters")
    same(s.set({APN: "ims", PROVISIONING: "y"}, "k1"), 0, "Status")
    same(waits(t), {"@confirm"} | {"@confirm.old." + p for p in (APN, PROVISIONING, KEY)}, "record")
    s.end()                     # its connection is from before, and proves nothing
    s = t.server.session()
    same(s.inform.codes, ["2 PERIODIC"], "the session that confirms")
    until(lambda: not waits(t), "the record goes")
    got = s.get(APN, PROVISIONING, KEY, REASON)
    same([got[p] for p in (APN, PROVISIONING, KEY, REASON)], ["ims", "y", "k1", ""], "values")
    # any HTTP answer will do
    same(s.set({APN: "internet"}, "k2"), 0, "Status")
    t.server.next_replies(Reply(503))
    s.say_nothing()
    until(lambda: not waits(t), "a 503 confirms")
    same(t.after_failure().end().inform.params[KEY], "k2", "ParameterKey")
    # what the modem refuses leaves nothing behind
    s = t.again()
    vendor.fault(9003, s.set, {APN: "nowhere"})
    same(waits(t), set(), "what waits after a fault")
    # who is at the box decides for himself
    same(s.set({APN: "ims"}, "k3"), 0, "Status")
    true(waits(t), "nothing waits")
    t.gw.ctl("set", APN, "internet")
    same(waits(t), set(), "what waits after somebody at the box has set it")
    s.end()
    done(daemon, data)


def old_session(t, why, killed=False):
    """One with the values before, which says so. Of an agent that was killed on the way back, one
    that its failed sessions left may begin before the daemon is there to take them."""
    s = t.server.session()
    if killed and s.inform.codes == ["2 PERIODIC"]:
        s.end()
        s = t.server.session()
    true("4 VALUE CHANGE" in s.inform.codes, "events: %s" % s.inform.codes)
    reason = s.inform.params[REASON]
    true(reason.startswith((vendor.MODEM, AP)) and why in reason, reason)
    same(s.inform.params[KEY], "k1", "ParameterKey")
    got = s.get(APN, PROVISIONING)
    same((got[APN], got[PROVISIONING]), ("internet", "before"), "values")
    s.end()


def U2_a_change_that_cuts_off_is_taken_back(t):
    s, data, daemon, way = boot(t, 2)
    s.set({PROVISIONING: "before"}, "k1")
    same(s.set({APN: "wrong", PROVISIONING: "after"}, "k2"), 0, "Status")
    same(daemon.values[APN], "wrong", "the modem's APN")
    s.end()
    old_session(t, "are tried")
    tries = way.tries
    true(tries, "the ACS was not called with the new values")
    old_session(t, "taken back")
    true(way.tries > tries, "the change was not tried once more")
    until(lambda: not waits(t), "the record goes")
    same(daemon.values[APN], "internet", "the modem's APN")
    done(daemon, data)


def outage(t):
    """A harmless change, and then there is no ACS any more."""
    s, data, daemon, way = boot(t, 2)
    s.set({PROVISIONING: "before"}, "k1")
    row = s.add(AP, "k1")
    same(s.set({APN: "ims", PROVISIONING: "after", PASSPHRASE % (AP, row): RIGHT}, "k2"), 0,
         "Status")
    way.outage = True
    way.open.clear()
    s.abandon()
    return data, daemon, way


def holds(t, daemon, why):
    s = t.server.session()
    true("4 VALUE CHANGE" in s.inform.codes, "events: %s" % s.inform.codes)
    true(why in s.inform.params[REASON], s.inform.params[REASON])
    got = s.get(APN, PROVISIONING, KEY)
    same([got[p] for p in (APN, PROVISIONING, KEY)], ["ims", "after", "k2"], "values")
    s.end()
    until(lambda: not waits(t), "the record goes")
    same(daemon.values[APN], "ims", "the modem's APN")
    same((rows(t), passphrase(t, 1)), ("1", RIGHT), "the row")


def U3_an_outage_of_the_acs_takes_nothing_back(t):
    data, daemon, way = outage(t)
    until(lambda: daemon.values[APN] == "internet", "the values before are tried")
    until(lambda: rows(t) == "", "the row goes")
    until(lambda: not waits(t), "the change holds again")
    way.outage = False
    holds(t, daemon, "either")
    done(daemon, data)


def U3_nor_does_one_that_ends_meanwhile(t):
    data, daemon, way = outage(t)
    answer = daemon.answer

    def first(line):
        if line.startswith("set"):
            way.outage = False
        return answer(line)
    daemon.answer = first
    old_session(t, "are tried")
    holds(t, daemon, "once more")
    done(daemon, data)


def connect(daemon):
    """The daemon comes as soon as the agent is up again."""
    def there():
        with contextlib.suppress(OSError):
            daemon.connect()
            return True
    until(there, "the agent listens to its daemon")


def U4_a_kill_does_not_forget_what_waits(t):
    s, data, daemon, _ = boot(t, 2)
    s.set({PROVISIONING: "before"}, "k1")
    # in the middle of the way back: the modem has done it, and the store does not know
    answer, done_once = daemon.answer, threading.Event()

    def stuck(line):
        said = answer(line)
        if line.startswith("set") and line.endswith(" internet"):
            done_once.set()
            time.sleep(60)
        return said
    daemon.answer = stuck
    same(s.set({APN: "wrong", PROVISIONING: "after"}, "k2"), 0, "Status")
    s.abandon()
    t.gw.restart(signal.SIGKILL)
    connect(daemon)
    true(done_once.wait(LONG), "it does not go back")
    daemon.answer = answer
    t.gw.restart(signal.SIGKILL)
    connect(daemon)
    old_session(t, "are tried", killed=True)
    old_session(t, "taken back")
    until(lambda: not waits(t), "the record goes")
    done(daemon, data)


def serve(session):
    try:
        session.begin()
        session.end()
    except Timeout:                 # its agent was killed
        session.abandon()


def settle(t):
    """Serves every session at once, those of killed agents beside the living, until nothing
    waits any more."""
    deadline = time.monotonic() + 4 * LONG
    while waits(t) or not t.server.sessions.empty():
        true(time.monotonic() < deadline, "something waits for ever: %s" % waits(t))
        with contextlib.suppress(Timeout):
            threading.Thread(target=serve, args=[t.server.wait_session(1)], daemon=True).start()


def U4_kills_at_any_moment_end_with_the_values_before(t):
    seed = int(os.environ.get("SEED") or time.time())
    rounds = int(os.environ.get("ROUNDS") or 2)
    rng = random.Random(seed)
    s, data, daemon, _ = boot(t, 1)
    first = s.add(AP)
    s.set({"%s%d.Alias" % (AP, first): "way", PASSPHRASE % (AP, first): RIGHT}, "k0")
    s.end()
    s = t.server.session()
    until(lambda: not waits(t), "the first rows are confirmed")
    for number in range(rounds):
        s.set({PROVISIONING: "before"}, "k1")
        s.delete("%s%d." % (AP, first), "k2")
        row = s.add(AP, "k2")
        same(s.set({APN: "wrong", PROVISIONING: "after", "%s%d.Alias" % (AP, row): "way",
                    PASSPHRASE % (AP, row): WRONG}, "k2"), 0, "Status")
        s.abandon()
        for _ in range(rng.randint(1, 3)):
            time.sleep(rng.uniform(0, 1.5))
            t.gw.restart(signal.SIGKILL)
            connect(daemon)
        settle(t)
        what = "seed %d, round %d" % (seed, number)
        same([t.gw.value(p) for p in (APN, PROVISIONING, KEY)], ["internet", "before", "k1"], what)
        same(daemon.values[APN], "internet", what + ": the modem's APN")
        same(rows(t), str(first), what + ": rows")
        kept = {k: v.decode() for k, v in t.gw.stored().items() if k.startswith(AP)}
        same(kept, {"%s%d.Alias" % (AP, first): "way", PASSPHRASE % (AP, first): RIGHT}, what)
        t.knock()
        s = t.server.session()
    s.end()
    done(daemon, data)


def U5_paths_that_cannot_be_guarded_end_the_start(t):
    t.boot().end()
    t.gw.stop()
    with open(t.gw.config) as f:
        config = f.read()
    for paths in ("Device.DeviceInfo.Manufacturer", "Device.Time. Device.No.Such"):
        with open(t.gw.config, "w") as f:
            f.write("%sconfirm.paths = %s\n" % (config, paths))
        p = subprocess.run([t.gw.program("agent"), "-c", t.gw.config], stderr=subprocess.PIPE,
                           text=True, timeout=60)
        true(p.returncode == 1 and "confirm.paths: " + paths.split()[-1] in p.stderr, p.stderr)


def whole(s):
    """Rows and attributes of both tables; the counters of statistics and what the kernel says
    are none of them."""
    got = s.get(AP, SSID)
    return got, s.attributes(AP, SSID)


def rows_session(t, why, want):
    """With the rows of before, every one of them."""
    s = t.server.session()
    true("4 VALUE CHANGE" in s.inform.codes, "events: %s" % s.inform.codes)
    reason = s.inform.params[REASON]
    true(reason.startswith((AP, SSID)) and why in reason, reason)
    same(s.inform.params[KEY], "k1", "ParameterKey")
    same(whole(s), want, "rows")
    same((rows(t), passphrase(t, 1)), ("1", RIGHT), "the key")
    return s


def U6_rows_that_cut_off_are_taken_back(t):
    s = t.boot(settings={"confirm.paths": AP, "confirm.seconds": "2"})
    seen = []

    def leads():
        stored = t.gw.stored()
        if stored.get("@rows." + AP) != b"2":
            return True
        seen.append(stored[SSID + "1.SSID"])
        return False
    Way(t, leads)
    s.add(AP)
    s.add(SSID)
    s.set({AP + "1.Alias": "way", AP + "1.SSIDReference": SSID + "1", SSID + "1.SSID": "before",
           PASSPHRASE % (AP, 1): RIGHT}, "k1")
    s.set_attributes([(AP + "1.WMMEnable", 1, None)])
    s.end()
    s = t.server.session()
    until(lambda: not waits(t), "the rows are confirmed")
    want = whole(s)
    # another row in its place, and what the first one led to goes along
    s.delete(AP + "1.", "k2")
    same(s.add(AP, "k3"), 2, "the new row")
    s.set({AP + "2.Alias": "way", AP + "2.SSIDReference": SSID + "1", PASSPHRASE % (AP, 2): WRONG},
          "k4")
    s.set({SSID + "1.SSID": "after"}, "k5")
    other = whole(s)
    s.end()
    s = rows_session(t, "are tried", want)
    del seen[:]
    s.end()
    s = rows_session(t, "taken back", want)
    same(set(seen), {b"after"}, "the change, tried once more with all that belongs to it")
    until(lambda: not waits(t), "the record goes")
    same([k for k in t.gw.stored() if AP + "2." in k], [], "lines of the row that is gone")
    true(other != want, "the change was none")
    same(s.add(AP), 3, "a number that nobody had")
    s.end()
    t.server.session().end()
    same([line for line in t.gw.lines() if RIGHT in line or WRONG in line], [], "keys in the log")


def U6_a_deleted_row_on_the_way_comes_back(t):
    """What a covered row refers to is covered, also when it is deleted."""
    s = t.boot(settings={"confirm.paths": AP, "confirm.seconds": "3600"})
    s.add(AP)
    s.add(SSID)
    s.add(SSID)
    s.set({AP + "1.SSIDReference": SSID + "2"}, "k1")
    s.end()
    s = t.server.session()
    until(lambda: not waits(t), "the rows are confirmed")
    s.set({SSID + "1.SSID": "nobody's"}, "k2")
    same(waits(t), set(), "what waits, of a row that nothing refers to")
    s.set({SSID + "2.SSID": "the way"}, "k3")
    same(waits(t), {"@confirm"} | {"@confirm.old." + p for p in (SSID + "2.SSID", KEY)}, "record")
    s.end()
    s = t.server.session()
    until(lambda: not waits(t), "it is confirmed")
    s.delete(SSID + "2.", "k4")
    same(waits(t), {"@confirm"} | {"@confirm.old." + p for p in
                                   (SSID + "2.", AP + "1.SSIDReference", KEY)}, "record")
    true(SSID + "2.SSID" in t.gw.stored(), "the lines of the row are gone")
    s.end()
    s = t.server.session()
    until(lambda: not waits(t), "it is confirmed")
    true(SSID + "2.SSID" not in t.gw.stored(), "the lines of the row stay")
    s.end()


def U7_a_restored_configuration_decides(t):
    server = t.files()
    s = transfers.start(t, {"confirm.paths": PROVISIONING, "confirm.seconds": "3600"})
    s, server.files["/b"] = transfers.backup(t, s, server)
    ways = [True]
    Way(t, lambda: ways[0])
    s.set({PROVISIONING: "after"}, "k1")
    true(waits(t), "nothing waits")
    s.call(soap.download(transfers.CONFIG, server.url + "/b", "down"))
    ways[0] = False
    s.end()
    until(lambda: not waits(t), "the restoration ends the waiting")
    true(t.log("action=restore result=done"), "something else has ended it")
    until(lambda: len(t.log("session with .*1 BOOT")) > 1, "the box has begun anew")
    ways[0] = True
    s = t.server.session()
    true("M Download" in s.inform.codes, "events: %s" % s.inform.codes)
    same(s.get(PROVISIONING, REASON), {PROVISIONING: "", REASON: ""}, "values")
    s.end()
