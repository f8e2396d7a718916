# SPDX-License-Identifier: Apache-2.0
"""HoldRequests, SessionTimeout, calls of the agent: TESTPLAN rows 31, 32 and 55."""

import time

import soap
from harness import PROVISIONING, no_sooner, same, true


def methods(s):
    """The calls of the agent in this session, in order."""
    return [m.method for m in s.requests]


def T055_agent_asks_for_the_methods_of_the_server_once(t):
    s = t.boot()
    same(methods(s), ["GetRPCMethods"], "calls at the first contact")
    s.end()
    s = t.again()
    same(methods(s), [], "calls in the second session")
    s.end()
    t.gw.reboot()
    s = t.server.session()
    same(methods(s), [], "calls after a reboot, with nothing that waits")
    s.end()


def T055_refusal_8000_of_get_rpc_methods_is_accepted(t):
    t.acs().methods = ["Inform", "TransferComplete"]
    t.gateway()
    s = t.server.session()
    same(methods(s), ["GetRPCMethods"], "calls")
    s.end()
    s = t.again()
    same(methods(s), [], "calls after the refusal")
    s.end()


def T027_fault_8005_repeats_a_call(t):
    t.acs()
    answers = [8005, 8005]
    right = t.server.answer_for
    t.server.answer_for = lambda msg: answers.pop() if answers else right(msg)
    t.gateway()
    s = t.server.session()
    same(methods(s), ["GetRPCMethods"] * 3, "calls")
    s.end()


def T032_hold_requests_holds_own_calls_and_answers_the_acs(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.hold = True
    msg = s.accept()
    same(msg.kind, "empty", "POST while requests are held")
    s.value(PROVISIONING)
    same(s.last.msg.kind, "response", "answer while requests are held")
    s.hold = False
    s.say_nothing()         # no request either: now the agent may
    s.settle(s.take())
    same(methods(s), ["GetRPCMethods"], "calls that were held")
    s.end()


def T031_session_timeout_header_is_obeyed(t):
    t.acs()
    t.server.session_timeout = 2
    t.gateway()
    s = t.server.session()
    start = time.monotonic()
    conn = s.last.conn
    true(conn.closed.wait(25), "the agent waits longer than SessionTimeout")
    no_sooner(start, 1.8, "its end")
    t.server.forget(s)
    t.server.session_timeout = None
    t.after_failure().end()


def T031_answer_just_before_the_session_timeout_counts(t):
    t.acs()
    t.server.session_timeout = 4
    t.gateway()
    s = t.server.session()
    same(s.ask(soap.get_parameter_values([PROVISIONING]), delay=2).kind, "response", "answer")
    s.end()


def T033_ids_of_own_calls_are_unique(t):
    s = t.boot()
    ids = [s.inform.id] + [m.id for m in s.requests]
    same((len(ids), len(set(ids))), (2, 2), "IDs %s" % ids)
    s.end()
