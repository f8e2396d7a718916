# SPDX-License-Identifier: Apache-2.0
"""Connection requests: TESTPLAN rows 105 to 111, SECURITY rows N5 and N6."""

import base64
import sys
import time
from urllib.parse import urlsplit

import auth
import connreq
import soap
from harness import CONNREQ, MS, PROVISIONING, Failed, same, true, until, within
from wire import Reply

CR = "6 CONNECTION REQUEST"


def ready(t, **kw):
    """A gateway after its first session; its connection-request URL."""
    t.boot(**kw).end()
    return t.connreq_url()


def no_session(t, seconds=0.4):
    true(t.server.quiet(seconds), "a session although nobody with credentials asked for one")


def T105_connection_request_is_answered_before_the_session(t):
    url = ready(t)
    answer = connreq.digest(url, *CONNREQ)
    true(answer.status in (200, 204), "status %d" % answer.status)
    same(answer.body, b"", "body")
    s = t.server.wait_session()
    same(s.inform.events, [(CR, "")], "events")
    s.begin().end()
    no_session(t)


def T105_a_request_becomes_an_inform_within_a_second(t):
    """The best of a few: a busy machine may disturb one."""
    url = ready(t)
    took = []
    for _ in range(10):
        start = time.monotonic()
        connreq.digest(url, *CONNREQ)
        s = t.server.wait_session()
        took.append(time.monotonic() - start)
        s.begin().end()
    true(min(took) < 1, "seconds from the request to the Inform: %s" % took)
    print("# request to Inform: %.0f to %.0f ms, median %.0f" % tuple(
        1000 * x for x in (min(took), max(took), sorted(took)[5])), file=sys.stderr)


def T105_the_challenge_is_one_md5_digest_with_qop(t):
    answer = connreq.plain(ready(t))
    same(answer.status, 401, "status")
    challenges = answer.challenges()
    same([c[0] for c in challenges], ["digest"], "challenges")
    p = challenges[0][1]
    same(p.get("algorithm", "MD5").upper(), "MD5", "algorithm")
    true("auth" in p.get("qop", "").split(","), "qop %r" % p.get("qop"))
    true(len(p["nonce"]) >= 16 and p["realm"], "challenge %s" % p)


def T105_sha_256_when_it_is_set(t):
    url = ready(t, settings={"connreq.sha256": "yes"})
    kept = {}
    same(connreq.digest(url, *CONNREQ, keep=kept).status in (200, 204), True, "accepted")
    same(kept["challenge"]["algorithm"], "SHA-256", "algorithm")
    t.server.session().end()


def T105_unknown_query_string_and_headers_are_ignored(t):
    url = ready(t)
    path = urlsplit(url).path
    answer = connreq.digest(url, *CONNREQ, path=path + "?x=1&y=%20")
    true(answer.status in (200, 204), "status with a query %d" % answer.status)
    t.server.session().end()


def T105_old_http_1_0_client(t):
    url = ready(t)
    same(connreq.plain(url, version="HTTP/1.0").status, 401, "status")


def T105_credentials_set_by_the_acs_are_good_at_once(t):
    s = t.boot()
    s.set({MS + "ConnectionRequestUsername": "new", MS + "ConnectionRequestPassword": "secret-2"})
    s.end()
    url = t.connreq_url()
    same(connreq.digest(url, *CONNREQ).status, 401, "old credentials")
    no_session(t)
    true(connreq.digest(url, "new", "secret-2").status in (200, 204), "new credentials refused")
    t.server.session().end()
    true(not t.log("secret-2"), "the password is in the log")


def T106_no_credentials_are_401_and_no_session(t):
    url = ready(t)
    for _ in range(3):
        answer = connreq.plain(url)
        same((answer.status, answer.body), (401, b""), "answer")
    no_session(t)


def T106_bad_credentials_are_401_and_no_session(t):
    url = ready(t)
    basic = base64.b64encode(b"cr-user:cr-password").decode()
    for answer in (
            connreq.digest(url, CONNREQ[0], "wrong"), connreq.digest(url, "wrong", CONNREQ[1]),
            connreq.digest(url, CONNREQ[0], ""), connreq.digest(url, "", ""),
            connreq.digest(url, *CONNREQ, response="0" * 32),
            connreq.digest(url, *CONNREQ, response=""),
            connreq.digest(url, *CONNREQ, nonce="0" * 64),
            connreq.digest(url, *CONNREQ, realm="another"),
            connreq.digest(url, *CONNREQ, uri="/another"),
            connreq.plain(url, headers=[("Authorization", "Basic " + basic)]),
            connreq.plain(url, headers=[("Authorization", "Digest")]),
            connreq.plain(url, headers=[("Authorization", 'Digest username="cr-user"')])):
        true(answer.status in (400, 401), "status %d" % answer.status)
    no_session(t)


def T106_same_answer_for_a_wrong_user_and_a_wrong_password(t):
    url = ready(t)
    a, b = connreq.digest(url, "nobody", "x"), connreq.digest(url, CONNREQ[0], "x")
    same([n for n, _ in a.headers], [n for n, _ in b.headers], "headers")
    same((a.status, a.body), (b.status, b.body), "answer")


def T106_with_no_password_set_nobody_is_let_in(t):
    t.boot(factory={MS + "ConnectionRequestUsername": "",
                    MS + "ConnectionRequestPassword": ""}).end()
    url = t.connreq_url()
    if not url:
        return
    for user, password in (("", ""), CONNREQ):
        try:
            answer = connreq.digest(url, user, password)
        except connreq.Refused:
            continue
        true(answer.status >= 400, "status %d" % answer.status)
    no_session(t)


def T107_wrong_path_is_404_and_no_session(t):
    url = ready(t)
    path = urlsplit(url).path
    for other in ("/", "/other", path + "/", path + "x", path[:-1], "//" + path, path.swapcase(),
                  "/.." + path):
        if other in ("", path):
            continue
        same(connreq.plain(url, path=other).status, 404, "status for %s" % other)
        same(connreq.digest(url, *CONNREQ, path=other).status, 404, "with credentials")
    no_session(t)


def T108_during_a_session_200_and_exactly_one_more_session(t):
    s = t.boot()
    url = t.connreq_url()
    for _ in range(3):
        answer = connreq.digest(url, *CONNREQ)
        true(answer.status in (200, 204), "status %d" % answer.status)
    same(s.value(PROVISIONING), "", "the session goes on")
    true(t.server.sessions.empty(), "a session beside the first")
    s.end()
    n = t.server.session()
    same(n.inform.events, [(CR, "")], "events")
    n.end()
    no_session(t, 0.6)


def T108_before_the_inform_is_answered(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    true(connreq.digest(t.connreq_url(), *CONNREQ).status in (200, 204), "refused")
    s.begin().end()
    n = t.server.session()
    same(n.inform.events, [(CR, "")], "events")
    n.end()
    no_session(t)


def T109_flood_without_credentials_is_limited_with_503(t):
    url = ready(t, settings={"connreq.unauth_per_minute": "20"})
    seen = [connreq.plain(url) for _ in range(60)]
    codes = {a.status for a in seen}
    same(codes, {401, 503}, "answers")
    refused = [a for a in seen if a.status == 503]
    true(len(refused) >= 20, "only %d refused" % len(refused))
    same([a.all("Retry-After") for a in refused if a.all("Retry-After")], [], "Retry-After")
    no_session(t)


def T109_authenticated_requests_are_not_limited(t):
    url = ready(t, settings={"connreq.unauth_per_minute": "40"})
    for _ in range(12):
        true(connreq.digest(url, *CONNREQ).status in (200, 204), "refused")
        t.server.session().end()


def T110_replay_is_refused(t):
    url = ready(t)
    kept = {}
    true(connreq.digest(url, *CONNREQ, keep=kept).status in (200, 204), "refused")
    t.server.session().end()
    u = urlsplit(url)
    for _ in range(3):
        answer = connreq.exchange(u.hostname, u.port, kept["octets"])
        same(answer.status, 401, "a replay")
    no_session(t)


def T110_count_has_to_rise(t):
    url = ready(t)
    kept = {}
    true(connreq.digest(url, *CONNREQ, keep=kept).status in (200, 204), "refused")
    t.server.session().end()
    u = urlsplit(url)

    def again(nc):
        header = auth.digest_header(kept["challenge"], *CONNREQ, "GET", u.path, nc=nc)
        return connreq.exchange(u.hostname, u.port,
                                connreq.request(url, headers=[("Authorization", header)])).status
    same(again(1), 401, "the same count with another cnonce")
    true(again(2) in (200, 204, 401), "a higher count")


def T110_replay_after_a_restart_is_refused(t):
    url = ready(t)
    kept = {}
    true(connreq.digest(url, *CONNREQ, keep=kept).status in (200, 204), "refused")
    t.server.session().end()
    t.gw.restart()
    u = urlsplit(url)

    def answer():
        try:
            return connreq.exchange(u.hostname, u.port, kept["octets"])
        except connreq.Refused:
            return None
    same(until(answer, "the port is open again").status, 401, "a replay")
    no_session(t)


def T111_connection_request_is_not_retried(t):
    ready(t)
    t.knock()
    s = t.server.wait_session()
    same(s.inform.codes, [CR], "events")
    s.reply(Reply(500))
    t.server.forget(s)
    true(t.server.quiet(2.5), "6 CONNECTION REQUEST was retried")


def N6_half_open_connections_block_nobody(t):
    url = ready(t)
    sockets = connreq.half_open(url, b"GET /", 20) + connreq.half_open(url, b"", 20)
    start = time.monotonic()
    for _ in range(10):
        try:
            answer = connreq.digest(url, *CONNREQ)
            break
        except connreq.Refused:
            continue
    else:
        raise Failed("no answer behind half-open connections")
    true(answer.status in (200, 204), "status %d" % answer.status)
    t.server.session().end()
    within(time.monotonic() - start, 0, 25, "seconds")
    for s in sockets:
        s.close()


def N6_slow_request_is_cut_off(t):
    url = ready(t)
    s = connreq.half_open(url, b"GET / HTTP/1.1\r\n")[0]
    start = time.monotonic()
    s.settimeout(60)
    try:
        while s.recv(100):
            pass
    except ConnectionError:
        pass
    within(time.monotonic() - start, 0.5, 50, "seconds until it is cut off")
    s.close()


def N6_post_and_soap_are_refused_there(t):
    url = ready(t)
    body = soap.envelope(soap.rpc("FactoryReset"), "1")
    for method in ("POST", "PUT", "HEAD", "OPTIONS", "DELETE", "TRACE", "CONNECT", "X"):
        try:
            answer = connreq.plain(url, method=method, body=body if method == "POST" else b"")
            true(400 <= answer.status < 600, "%s: status %d" % (method, answer.status))
        except connreq.Refused:
            pass
    try:
        answer = connreq.digest(url, *CONNREQ, method="POST", body=body)
        true(answer.status >= 400, "POST with credentials: status %d" % answer.status)
    except connreq.Refused:
        pass
    no_session(t)


def N6_garbage_is_refused_and_harmless(t):
    url = ready(t)
    u = urlsplit(url)
    line = b"GET " + u.path.encode() + b" HTTP/1.1\r\n"
    for octets in (
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200, b"\r\n\r\n",
            b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", line + b"no colon\r\n\r\n",
            line + b": empty\r\n\r\n", line + b"A: " + b"x" * 5000 + b"\r\n\r\n",
            line + b"A: b\r\n" * 500 + b"\r\n", line + b"Authorization: Digest " +
            b'username="' + b"x" * 1500 + b'"\r\n\r\n', line + b"A: \x00\xff\r\n\r\n",
            line + b" folded\r\n\r\n", b"GET " + b"/" * 1900 + b" HTTP/1.1\r\n\r\n"):
        try:
            answer = connreq.exchange(u.hostname, u.port, octets, 1.0)
            true(answer.status >= 400, "status %d for %.40r" % (answer.status, octets))
        except connreq.Refused:
            pass
    no_session(t)
    t.again().end()


def N6_pipelined_second_request_is_not_answered_with_a_session(t):
    url = ready(t)
    u = urlsplit(url)
    one = connreq.request(url)
    answer = connreq.exchange(u.hostname, u.port, one + one)
    same(answer.status, 401, "status")
    no_session(t)


def T105_disabled_by_its_parameter_the_port_is_closed(t):
    name = MS + "HTTPConnectionRequestEnable"
    s = t.boot()
    url = t.connreq_url()
    true(name in s.names(MS, True), "%s is missing" % name)
    s.set({name: False})
    same(s.value(MS + "ConnectionRequestURL"), "", "ConnectionRequestURL")
    s.end()

    def closed():
        try:
            connreq.plain(url)
        except connreq.Refused:
            return True
        return False
    until(closed, "the port is closed")


def T105_url_is_random_and_differs_between_devices(t):
    a = ready(t)
    gw = t.gw
    t.gateway()
    s = t.server.session()
    b = s.inform.params[MS + "ConnectionRequestURL"]
    s.end()
    t.gw = gw
    pa, pb = urlsplit(a).path, urlsplit(b).path
    true(pa != pb, "two devices with the path %s" % pa)
    true(len(pa) >= 9, "path %s" % pa)
