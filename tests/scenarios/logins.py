# SPDX-License-Identifier: Apache-2.0
"""Authentication at the ACS: TESTPLAN rows 41 and 42 (OD-128 test 1)."""

import auth
import soap
from harness import MS, PROVISIONING, same, true

USER, PASSWORD = "acs-user", "acs-password"
FACTORY = {MS + "Username": USER, MS + "Password": PASSWORD}


def login(t, scheme, rpcs=3, factory=FACTORY, **kw):
    demand = auth.Auth(USER, PASSWORD, scheme, **kw)
    t.acs(auth=demand)
    t.gateway(factory=factory)
    s = t.server.session()
    for _ in range(rpcs):
        s.value(PROVISIONING)
    s.end()
    return demand


def T041_basic_authentication(t):
    same(login(t, "basic").challenges, 1, "challenges")


def T041_no_credentials_are_sent_unasked(t):
    t.acs()
    t.gateway(factory=FACTORY)
    s = t.server.session()
    s.value(PROVISIONING)
    s.end()
    for _, req in t.server.seen:
        same(req.all("Authorization"), [], "Authorization without a challenge")


def digest(t, scheme, **kw):
    demand = login(t, scheme, **kw)
    same(demand.challenges, 1, "challenges")
    counts = [int(p["nc"], 16) for p in demand.seen if "nc" in p]
    same(counts, list(range(1, len(demand.seen) + 1)) if demand.qop else [], "nc of the requests")
    return demand


def T042_digest_md5(t):
    demand = digest(t, "MD5")
    same({p["qop"] for p in demand.seen}, {"auth"}, "qop")


def T042_digest_md5_sess(t):
    digest(t, "MD5-sess")


def T042_digest_sha_256(t):
    digest(t, "SHA-256")


def T042_digest_without_qop_as_in_rfc_2069(t):
    digest(t, "MD5", qop=None)


def T042_digest_with_auth_and_auth_int_offered(t):
    digest(t, "MD5", qop="auth,auth-int")


def T042_stale_nonce_is_replaced_without_a_new_session(t):
    demand = login(t, "MD5", rpcs=5, uses_per_nonce=2)
    true(demand.stale_sent >= 2, "only %d stale challenges" % demand.stale_sent)
    same([m.method for m in t.server.messages].count("Inform"), 1, "Informs that were let in")


def T042_challenge_in_the_middle_of_the_session(t):
    demand = auth.Auth(USER, PASSWORD, "MD5")
    t.acs(auth=demand)
    t.gateway(factory=FACTORY)
    s = t.server.session()
    s.value(PROVISIONING)
    demand.nonces.clear()
    s.value(PROVISIONING)
    # One that the forgotten nonce got, and one more when the agent asks from the beginning.
    true(2 <= demand.challenges <= 3, "%d challenges" % demand.challenges)
    s.end()


def T039_a_new_connection_needs_no_new_login(t):
    demand = auth.Auth(USER, PASSWORD, "MD5")
    t.acs(auth=demand)
    t.gateway(factory=FACTORY)
    s = t.server.session()
    for _ in range(3):
        s.ask(soap.get_parameter_values([PROVISIONING]), close=True)
    s.end()
    true(len(t.server.listener.connections) >= 4, "connections")
    same((demand.challenges, len(demand.seen)), (1, len(t.server.messages)), "challenges, POSTs")


def T042_user_and_password_with_quotes_and_umlauts(t):
    user, password = 'a "quoted" \\ \u00fcser', 'p:a"s\\s \u20ac'
    t.acs(auth=auth.Auth(user, password, "MD5"))
    t.gateway(factory={MS + "Username": user, MS + "Password": password})
    t.server.session().end()


def T041_wrong_password_is_a_failed_session_not_a_storm(t):
    demand = auth.Auth(USER, "other", "MD5")
    t.acs(auth=demand)
    t.gateway(factory=FACTORY)
    true(t.server.quiet(2.6), "a session with the wrong password")
    true(2 <= len(t.server.seen) <= 8, "%d POSTs in 2.6 s" % len(t.server.seen))
    demand.password = PASSWORD
    s = t.server.session()
    true(int(s.inform.text("RetryCount")) >= 1, "RetryCount %s" % s.inform.text("RetryCount"))
    s.end()


def T041_credentials_set_by_the_acs_are_used_in_the_next_session(t):
    demand = auth.Auth(USER, PASSWORD, "MD5")
    t.acs(auth=demand)
    t.gateway(factory=FACTORY)
    s = t.server.session()
    s.set({MS + "Username": "new-user", MS + "Password": "new-password"})
    s.value(PROVISIONING)
    s.end()
    demand.user, demand.password = "new-user", "new-password"
    demand.nonces.clear()
    t.again().end()


def T041_passwords_are_not_readable(t):
    s = t.boot(factory=FACTORY)
    same(s.value(MS + "Username"), USER, "Username")
    same(s.value(MS + "Password"), "", "Password")
    same(s.value(MS + "ConnectionRequestPassword"), "", "ConnectionRequestPassword")
    true(b"-password" not in s.last.req.body, "a password is in the answer")
    s.end()
