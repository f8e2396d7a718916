# SPDX-License-Identifier: Apache-2.0
"""HTTP as servers really speak it: TESTPLAN rows 37 to 40, and gzip."""


import soap
from harness import MS, PROVISIONING, same, true
from wire import Reply

RPC = soap.get_parameter_values([PROVISIONING])


def T037_several_cookies_are_returned_in_every_post(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.begin(cookies=["session=abc123; Path=/", "lb=node-7", "JSESSIONID=\"q=1\"; HttpOnly"])
    for _ in range(3):
        s.value(PROVISIONING)
        same(s.last.req.cookies(), {"session": "abc123", "lb": "node-7", "JSESSIONID": '"q=1"'},
             "cookies")
    s.end()


def T037_cookies_are_gone_in_the_next_session(t):
    t.boot(cookies=["session=first; Path=/; Max-Age=3600"]).end()
    s = t.again()
    inform = [r for _, r in t.server.seen if b"CONNECTION REQUEST" in r.body][0]
    same(inform.all("Cookie"), [], "cookies in the Inform of the next session")
    s.end()


def T037_cookies_of_512_octets_and_more(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    s.begin(cookies=["session=%s" % ("x" * 600), "other=%s" % ("y" * 3000)])
    s.value(PROVISIONING)
    s.end()


def T037_cookie_with_the_path_of_the_url(t):
    t.acs(path="/cwmp/acs")
    t.gateway()
    s = t.server.wait_session()
    s.begin(cookies=["session=a; Path=/cwmp", "exact=b; Path=/cwmp/acs"])
    s.value(PROVISIONING)
    s.end()


def T037_cookie_of_another_path_is_not_sent(t):
    s = t.boot(cookies=["session=a"])
    s.ask(RPC, http=[("Set-Cookie", "ui=c; Path=/ui")])
    true("ui" not in s.last.req.cookies(), "a cookie of another path was sent")
    s.end()


def T037_cookie_changed_and_removed_in_the_session(t):
    s = t.boot(cookies=["session=a", "step=1"])
    s.cookies["step"] = "2"
    s.ask(RPC, http=[("Set-Cookie", "step=2")])
    del s.cookies["step"]
    s.ask(RPC, http=[("Set-Cookie", "step=2; Max-Age=0")])
    true("step" not in s.last.req.cookies(), "a cookie that was deleted came back")
    s.end()


def T037_cookie_of_a_401_is_returned(t):
    """Some servers begin their session with the challenge."""
    import auth
    t.acs(auth=auth.Auth("acs-user", "acs-password"))
    challenge = t.server.auth.challenge
    t.server.next_replies(Reply(401, headers=[("WWW-Authenticate", challenge()),
                                              ("Set-Cookie", "early=1")]))
    t.gateway(factory={MS + "Username": "acs-user", MS + "Password": "acs-password"})
    s = t.server.wait_session()
    same(s.last.req.cookies(), {"early": "1"}, "cookies of the second Inform")
    s.begin().end()


def T038_chunked_responses(t):
    t.acs()
    t.server.chunk = 11
    t.gateway()
    s = t.server.session()
    for size in (1, 7, 100000):
        same(s.ask(RPC, chunk=size).kind, "response", "answer to chunks of %d" % size)
    same(s.ask(RPC, chunk=50, trailers=[("X-Trailer", "1")]).kind, "response", "with a trailer")
    s.end(status=200, chunk=0)


def T038_body_that_arrives_in_drips(t):
    s = t.boot()
    same(s.ask(RPC, drip=(40, 0.005)).kind, "response", "answer")
    s.end()


def T038_gzip_responses_though_not_asked_for(t):
    t.acs()
    t.server.gzip = True
    t.gateway()
    s = t.server.session()
    same(s.ask(RPC).kind, "response", "gzip")
    same(s.ask(RPC, chunk=9).kind, "response", "gzip in chunks")
    s.end()


def T039_connection_close_mid_session(t):
    s = t.boot(close=True)
    first = s.last.conn
    for _ in range(3):
        s.ask(RPC, close=True)
    true(s.last.conn is not first, "no new connection")
    s.end(close=True)
    same(len(t.server.listener.connections), 5, "connections")


def T039_close_without_announcement_between_messages(t):
    """A server may close an idle connection; the POST is sent again on a new one."""
    s = t.boot(close_silently=True)
    same(s.ask(RPC).kind, "response", "answer on the new connection")
    s.end()


def T039_http_1_0_keep_alive_and_close(t):
    s = t.boot()
    same(s.ask(RPC, keep_alive_http10=True).kind, "response", "answer")
    t.allowed.append("version HTTP/1.0")        # RFC 7230 2.6: it may speak down to such a server
    s.end()


def T039_body_that_ends_with_the_connection(t):
    s = t.boot()
    same(s.ask(RPC, length=-1, close=True).kind, "response", "answer")
    s.end()


def T039_the_connection_is_kept_through_the_session(t):
    s = t.boot()
    for _ in range(5):
        s.ask(RPC)
    s.end()
    same(len(t.server.listener.connections), 1, "connections")


def T040_100_continue_before_the_answer(t):
    s = t.boot()
    for _ in range(2):
        msg = s.ask(RPC, before=b"HTTP/1.1 100 Continue\r\n\r\n")
        same(msg.kind, "response", "answer")
    s.end(before=b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n")


def T040_response_of_a_megabyte(t):
    s = t.boot()
    names = [PROVISIONING] * 16000
    msg = s.ask(soap.get_parameter_values(names))
    true(len(s.last.req.body) > 1 << 20, "the answer is only %d octets" % len(s.last.req.body))
    same(len(msg.values), 16000, "values")
    s.end()


def T040_request_of_a_megabyte_indented(t):
    s = t.boot()
    body = s.envelope(soap.rpc(*soap.get_parameter_values([PROVISIONING] * 9000)), "1")
    body = body.replace(b"<string>", b"\n" + b" " * 80 + b"<string>")
    true(len(body) > 1 << 20, "only %d octets" % len(body))
    msg = s.ask_raw(body)
    same((msg.kind, len(msg.values)), ("response", 9000), "answer")
    s.end()


def T036_content_type_of_the_server_may_vary(t):
    s = t.boot()
    for kind in ("text/xml", "TEXT/XML; charset=UTF-8", 'text/xml;charset="utf-8"',
                 "application/soap+xml; charset=utf-8"):
        same(s.ask(RPC, http=[("Content-Type", kind)]).kind, "response", kind)
    s.end()


def T035_host_header_names_the_server(t):
    s = t.boot()
    same(s.last.req.all("Host"), ["localhost:%d" % t.server.port], "Host")
    same(s.last.req.target, "/acs", "target")
    s.end()


def T035_url_with_a_query_is_asked_for_as_it_is(t):
    t.acs(path="/a%20b/acs;v=1?device=1&x=%2F")
    t.gateway()
    s = t.server.session()
    same(s.last.req.target, "/a%20b/acs;v=1?device=1&x=%2F", "target")
    s.end()
