# SPDX-License-Identifier: Apache-2.0
"""What takes half a minute and more."""

import time

from harness import PROVISIONING, same, true, within


def T030_agent_waits_at_least_30_s_for_an_answer(t):
    t.acs(patience=100)
    t.gateway()
    s = t.server.session()
    start = time.monotonic()
    conn = s.last.conn
    true(conn.closed.wait(95), "the agent waits for ever")
    # It counts from its POST, we from when we have seen it.
    within(time.monotonic() - start, 29.5, 90, "seconds until it gave up")
    t.server.forget(s)
    t.after_failure().end()


def T030_answer_after_28_s_is_taken(t):
    t.acs(patience=100)
    t.gateway()
    s = t.server.session()
    time.sleep(28)
    same(s.value(PROVISIONING), "", "value")
    s.end()
