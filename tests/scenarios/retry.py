# SPDX-License-Identifier: Apache-2.0
"""Failed sessions and the wait after them (TR-069 A6 3.2.1.1): TESTPLAN rows 22 to 27."""

import re
import time

import soap
from harness import MS, PROVISIONING, no_sooner, same, true, until, within
from wire import Reply

MIN, MULT = MS + "CWMPRetryMinimumWaitInterval", MS + "CWMPRetryIntervalMultiplier"


def count(s):
    return int(s.inform.text("RetryCount"))


def T022_retry_count_rises_and_returns_to_zero(t):
    t.acs()
    t.gateway()
    for n in range(3):
        s = t.server.wait_session()
        same(count(s), n, "RetryCount")
        s.reply(Reply(503))
        t.server.forget(s)
    s = t.server.wait_session()
    same(count(s), 3, "RetryCount")
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events of the retry")
    s.begin().end()
    s = t.again()
    same(count(s), 0, "RetryCount after a good session")
    s.end()


def planned(t, number):
    """Seconds that the agent means to wait before its try with this number."""
    line = until(lambda: t.log(r"next try in \d+ ms, number %d$" % number), "the end of a session")
    return int(re.search(r"in (\d+) ms", line[-1])[1]) / 1000


def fail(t, s):
    """The session fails; when it began to."""
    start = time.monotonic()
    s.reply(Reply(503))
    t.server.forget(s)
    return start


def waits(t, table, factory):
    """Failing sessions: the waits between them are inside the table, and are waited."""
    t.acs()
    t.gateway(factory=factory)
    s = t.server.wait_session()
    for number, (low, high) in enumerate(table, 1):
        start = fail(t, s)
        wait = planned(t, number)
        within(wait, low, high, "wait %d" % number)
        s = t.server.wait_session()
        no_sooner(start, wait, "try %d" % number)
    s.begin().end()


def T023_waits_grow_as_the_table_says(t):
    waits(t, [(1, 1.5), (1.5, 2.25), (2.25, 3.375)], {MIN: "1", MULT: "1500"})


def T024_minimum_and_multiplier_are_honoured(t):
    waits(t, [(1, 1), (1, 1)], {MIN: "1", MULT: "1000"})


def T024_waits_set_by_the_acs_are_used(t):
    s = t.boot(factory={MIN: "60", MULT: "2000"})
    s.set({MIN: 1, MULT: 1000})
    s.end()
    t.gw.reboot()
    s = t.server.wait_session()
    s.reply(Reply(503))
    t.server.forget(s)
    s = t.server.wait_session()
    same(count(s), 1, "RetryCount")
    s.begin().end()


def T025_reboot_starts_at_the_first_wait_again(t):
    t.acs()
    t.gateway(factory={MIN: "1", MULT: "3000"})
    for n in range(2):
        fail(t, t.server.wait_session())
    within(planned(t, 2), 3, 9, "second wait")
    t.gw.reboot()
    # One may have begun before that
    s = t.server.wait_session()
    if count(s):
        t.server.forget(s)
        s = t.server.wait_session()
    same(count(s), 0, "RetryCount after a reboot")
    start = fail(t, s)
    within(until(lambda: len(t.log(r"number 1$")) == 2 and planned(t, 1), "the end of the session"),
           1, 3, "first wait after a reboot")
    s = t.server.wait_session()
    no_sooner(start, 1, "the session")
    s.begin().end()


def T026_new_event_during_the_wait_starts_a_session_at_once(t):
    s = t.boot(factory={MIN: "600", MULT: "1000"})
    s.end()
    t.knock()
    fail(t, t.server.wait_session())
    t.knock()
    s = t.server.wait_session()
    same(count(s), 1, "RetryCount keeps counting")
    s.begin().end()


def T027_lost_inform_response_is_a_failed_session(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.reply(Reply(drop=True))
    t.server.forget(s)
    s = t.server.wait_session()
    same((s.inform.codes, count(s)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    s.begin().end()


def T027_half_an_inform_response_is_a_failed_session(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.send_inform_response(cut=200)
    t.server.forget(s)
    s = t.server.wait_session()
    same((s.inform.codes, count(s)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    s.begin().end()


def failing(t, reply):
    """What the next session looks like when the Inform is answered with this."""
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.reply(reply)
    t.server.forget(s)
    n = t.server.wait_session()
    same((n.inform.codes, count(n)), (["0 BOOTSTRAP", "1 BOOT"], 1), "events and RetryCount")
    n.begin().end()


def T027_http_500_is_a_failed_session(t):
    """The first contact is tried in cwmp-1-0 too before it has failed."""
    t.acs()
    t.server.next_replies(Reply(500, body=b"oops", headers=[("Content-Type", "text/plain")]),
                          Reply(500))
    t.gateway()
    s = t.server.session()
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
    until(lambda: t.log("session failed"), "a failed session")
    t.servers.remove(server)
    t.server = None
    t.acs(port=port)
    s = t.server.wait_session()
    true(count(s) >= 1, "RetryCount %d" % count(s))
    s.begin().end()


def C12_retry_after_is_waited_for(t):
    t.acs()
    t.server.next_replies(Reply(503, headers=[("Retry-After", "3")]))
    start = time.monotonic()
    t.gateway()
    s = t.server.wait_session()
    no_sooner(start, 3, "the session after Retry-After: 3")
    same(count(s), 1, "RetryCount")
    s.begin().end()


def C12_retry_after_shorter_than_the_table_changes_nothing(t):
    t.acs()
    t.server.next_replies(Reply(503, headers=[("Retry-After", "1")]))
    start = time.monotonic()
    t.gateway(factory={MIN: "2", MULT: "1000"})
    s = t.server.wait_session()
    within(planned(t, 1), 2, 2, "wait")
    no_sooner(start, 2, "the session")
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
        s = t.server.wait_session()
        no_sooner(start, 1, "the session")
        same(count(s), n, "RetryCount")
        same(s.inform.codes, ["2 PERIODIC"], "events")
        s.begin()
    s.end()
    true(t.server.quiet(1.5), "a session after the good one")
