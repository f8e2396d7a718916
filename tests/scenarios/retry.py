# SPDX-License-Identifier: Apache-2.0
"""Failed sessions and the wait after them (TR-069 A6 3.2.1.1): TESTPLAN rows 22 to 27."""

import time

import soap
from harness import MS, PROVISIONING, same, true, within
from wire import Reply

MIN, MULT = MS + "CWMPRetryMinimumWaitInterval", MS + "CWMPRetryIntervalMultiplier"


def count(s):
    return int(s.inform.text("RetryCount"))


def T022_retry_count_rises_and_returns_to_zero(t):
    t.acs()
    t.gateway()
    for n in range(3):
        s = t.server.wait_session(3)
        same(count(s), n, "RetryCount")
        s.reply(Reply(503))
        t.server.forget(s)
    s = t.server.wait_session(3)
    same(count(s), 3, "RetryCount")
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events of the retry")
    s.begin().end()
    s = t.again()
    same(count(s), 0, "RetryCount after a good session")
    s.end()


def waits(t, n, factory):
    """Seconds between n + 1 failing sessions."""
    t.acs()
    t.gateway(factory=factory)
    out, before = [], None
    for i in range(n + 1):
        s = t.server.wait_session(12)
        now = time.monotonic()
        if before is not None:
            out.append(now - before)
        s.reply(Reply(503))
        t.server.forget(s)
        before = time.monotonic()
    return out


def T023_waits_grow_as_the_table_says(t):
    got = waits(t, 3, {MIN: "1", MULT: "1500"})
    for i, (low, high) in enumerate([(1, 1.5), (1.5, 2.25), (2.25, 3.375)]):
        within(got[i], low - 0.05, high + 0.3, "wait %d" % (i + 1))


def T024_minimum_and_multiplier_are_honoured(t):
    got = waits(t, 2, {MIN: "1", MULT: "1000"})
    for i, wait in enumerate(got):
        within(wait, 0.95, 1.3, "wait %d" % (i + 1))


def T024_waits_set_by_the_acs_are_used(t):
    s = t.boot(factory={MIN: "60", MULT: "2000"})
    s.set({MIN: 1, MULT: 1000})
    s.end()
    t.gw.reboot()
    s = t.server.wait_session()
    s.reply(Reply(503))
    t.server.forget(s)
    s = t.server.wait_session(2)
    same(count(s), 1, "RetryCount")
    s.begin().end()


def T025_reboot_starts_at_the_first_wait_again(t):
    t.acs()
    t.gateway(factory={MIN: "1", MULT: "3000"})
    for n in range(2):
        s = t.server.wait_session(5)
        s.reply(Reply(503))
        t.server.forget(s)
    t.gw.reboot()
    s = t.server.wait_session(5)
    same(count(s), 0, "RetryCount after a reboot")
    s.reply(Reply(503))
    t.server.forget(s)
    start = time.monotonic()
    s = t.server.wait_session(5)
    within(time.monotonic() - start, 0.9, 3.4, "first wait after a reboot")
    s.begin().end()


def T026_new_event_during_the_wait_starts_a_session_at_once(t):
    s = t.boot(factory={MIN: "30", MULT: "1000"})
    s.end()
    t.knock()
    s = t.server.wait_session()
    s.reply(Reply(503))
    t.server.forget(s)
    time.sleep(0.1)
    start = time.monotonic()
    t.knock()
    s = t.server.wait_session(2)
    within(time.monotonic() - start, 0, 1, "seconds to the session")
    same(count(s), 1, "RetryCount keeps counting")
    s.begin().end()


def T027_lost_inform_response_is_a_failed_session(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.reply(Reply(drop=True))
    t.server.forget(s)
    s = t.server.wait_session(3)
    same((s.inform.codes, count(s)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    s.begin().end()


def T027_half_an_inform_response_is_a_failed_session(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.send_inform_response(cut=200)
    t.server.forget(s)
    s = t.server.wait_session(3)
    same((s.inform.codes, count(s)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    s.begin().end()


def failing(t, reply):
    """What the next session looks like when the Inform is answered with this."""
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.reply(reply)
    conn = s.last.conn
    t.server.forget(s)
    true(conn.closed.wait(1) or True, "")
    n = t.server.wait_session(4)
    same((n.inform.codes, count(n)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    n.begin().end()


def T027_http_500_is_a_failed_session(t):
    """The first contact is tried in cwmp-1-0 too before it has failed."""
    t.acs()
    t.server.next_replies(Reply(500, body=b"oops", headers=[("Content-Type", "text/plain")]),
                          Reply(500))
    t.gateway()
    s = t.server.session(4)
    same((s.inform.codes, count(s)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    s.end()
    same([soap.Message(r.body).ns[-3:] for _, r in t.server.seen[:3]], ["1-2", "1-0", "1-2"],
         "namespaces of the three Informs")


def T027_http_404_is_a_failed_session(t):
    failing(t, Reply(404))


def T027_empty_200_to_the_inform_is_a_failed_session(t):
    failing(t, Reply(200))


def T027_204_to_the_inform_is_a_failed_session(t):
    failing(t, Reply(204))


def T027_other_fault_to_the_inform_is_a_failed_session(t):
    failing(t, Reply(200, soap.envelope(soap.fault(8002, "Internal error"), "1")))


def T027_fault_8005_repeats_the_inform_in_the_session(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    msg = s.retry_inform()
    same(msg.method, "Inform", "POST after fault 8005")
    same(msg.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
    same(msg.text("RetryCount"), "0", "RetryCount")
    s.begin().end()


def T027_nobody_listening_is_a_failed_session(t):
    server = t.acs()
    url, port = server.url, server.port
    server.stop()
    t.gateway(url=url)
    time.sleep(0.5)
    t.servers.remove(server)
    t.server = None
    t.acs(port=port)
    s = t.server.wait_session(4)
    true(count(s) >= 1, "RetryCount %d" % count(s))
    s.begin().end()


def C12_retry_after_is_waited_for(t):
    t.acs()
    t.server.next_replies(Reply(503, headers=[("Retry-After", "3")]))
    start = time.monotonic()
    t.gateway()
    s = t.server.wait_session(6)
    within(time.monotonic() - start, 2.95, 4.5, "wait after Retry-After: 3")
    same(count(s), 1, "RetryCount")
    s.begin().end()


def C12_retry_after_shorter_than_the_table_changes_nothing(t):
    t.acs()
    t.server.next_replies(Reply(503, headers=[("Retry-After", "1")]))
    start = time.monotonic()
    t.gateway(factory={MIN: "2", MULT: "1000"})
    s = t.server.wait_session(6)
    within(time.monotonic() - start, 1.95, 3, "wait")
    s.begin().end()


def T019_changes_of_answered_rpcs_stay_though_the_session_fails(t):
    s = t.boot()
    s.set({PROVISIONING: "kept"}, "key-1")
    s.abandon()
    s = t.after_failure()
    same(s.inform.params[MS + "ParameterKey"], "key-1", "ParameterKey")
    same(s.value(PROVISIONING), "kept", "value set before the failure")
    s.end()


def T022_session_that_broke_after_its_inform_is_retried(t):
    """Its events are delivered; the ACS may still have had requests (3.2.1.1)."""
    s = t.boot()
    for n in (1, 2):
        start = time.monotonic()
        s.abandon()
        s = t.server.wait_session(4)
        within(time.monotonic() - start, 0.95, 2, "wait")
        same(count(s), n, "RetryCount")
        same(s.inform.codes, ["2 PERIODIC"], "events")
        s.begin()
    s.end()
    true(t.server.quiet(1.5), "a session after the good one")
