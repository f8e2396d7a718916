# SPDX-License-Identifier: Apache-2.0
"""Redirects: TESTPLAN rows 43 to 48, SECURITY row N3."""

import auth
import connreq
import soap
from encrypted import ca
from harness import CONNREQ, MS, PROVISIONING, same, true, until
from server import Tls
from wire import Reply


def moved(url, status=302):
    return Reply(status, headers=[("Location", url)])


def elsewhere(t, status, **kw):
    """The Inform is sent on to another server; the whole session goes there."""
    here, there = t.acs(), t.acs(path="/other", **kw)
    here.redirect(there.url, status)
    t.gateway(here)
    s = there.session()
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
    same(s.value(MS + "URL"), here.url, "ManagementServer.URL")
    s.end()
    same(len(here.seen), 1, "POSTs to the first server")
    same({r.target for _, r in there.seen}, {"/other"}, "targets at the second")
    return here, there


def T043_302_redirect_of_the_inform(t):
    elsewhere(t, 302)


def T044_307_redirect_of_the_inform_keeps_method_and_body(t):
    here, there = elsewhere(t, 307)
    first, second = here.seen[0][1], there.seen[0][1]
    same((second.method, second.body), (first.method, first.body), "the Inform")
    same(second.all("Host"), ["localhost:%d" % there.port], "Host")


def T043_next_session_begins_at_the_configured_url(t):
    here, there = elsewhere(t, 302)
    url = there.messages[0].params[MS + "ConnectionRequestURL"]
    connreq.digest(url, *CONNREQ)
    s = here.session()
    same(s.inform.codes, ["6 CONNECTION REQUEST"], "events")
    s.end()


def T045_relative_location(t):
    t.acs()
    t.server.redirect("/else/where?x=1")
    t.gateway()
    s = t.server.session()
    same(s.last.req.target, "/else/where?x=1", "target")
    s.end()


def T045_redirect_from_http_to_https(t):
    good, _ = ca()
    here, there = t.acs(), t.acs(tls=Tls(*good.server()))
    here.redirect(there.url)
    t.gateway(here, settings={"acs.ca_file": good.pem})
    there.session().end()


def T045_redirect_from_https_to_http_is_refused(t):
    good, _ = ca()
    here, there = t.acs(tls=Tls(*good.server())), t.acs()
    here.redirect(there.url)
    t.gateway(here, settings={"acs.ca_file": good.pem})
    s = here.session()
    same(s.inform.text("RetryCount"), "1", "RetryCount")
    s.end()
    same(there.listener.connections, [], "connections to the http server")


def T045_redirect_to_other_schemes_is_refused(t):
    t.acs()
    t.gateway()
    for n, url in enumerate(["file:///etc/passwd", "ftp://127.0.0.1/x", "gopher://127.0.0.1:1/x",
                             "javascript:1", "http://", "http://127.0.0.1:0/", ""]):
        s = t.server.wait_session()
        same(s.inform.text("RetryCount"), str(n), "RetryCount")
        s.reply(moved(url))
        t.server.forget(s)
    t.server.session().end()


def T046_redirect_mid_session(t):
    here, there = t.acs(), t.acs()
    t.gateway(here)
    s = here.session()
    s.set({PROVISIONING: "before"})
    s.post(*soap.get_parameter_values([PROVISIONING]))
    msg = s.take()
    there.adopt(s)
    s.cookies = {}
    s.dialogue.conn = None
    s.reply(moved(there.url, 307))
    again = s.take()
    same(again.raw, msg.raw, "the POST that was sent again")
    s.awaiting = None
    same(s.value(PROVISIONING), "before", "value in the rest of the session")
    s.end()
    until(lambda: not here.listener.open_connections(), "the end of the first connection")


def T046_redirect_of_the_empty_post(t):
    here, there = t.acs(), t.acs()
    t.gateway(here)
    s = here.wait_session()
    s.begin()
    there.adopt(s)
    s.cookies = {}
    s.dialogue.conn = None
    s.reply(moved(there.url))
    same(s.take().kind, "empty", "POST at the second server")
    s.value(PROVISIONING)
    s.end()


def T047_five_redirects_are_followed(t):
    t.acs()
    t.server.next_replies(*[moved("/hop%d" % i) for i in range(5)])
    t.gateway()
    s = t.server.session()
    same(s.last.req.target, "/hop4", "target")
    same(s.inform.text("RetryCount"), "0", "RetryCount")
    s.end()


def T047_endless_redirects_are_stopped(t):
    t.acs()
    stop = []
    t.server.intercepts.append(lambda conn, req: None if stop else moved("/loop"))
    t.gateway()
    t.server.quiet(0.5)
    seen = len(t.server.seen)
    true(6 <= seen <= 12, "%d POSTs in the first half second" % seen)
    stop.append(1)
    s = t.server.session()
    true(int(s.inform.text("RetryCount")) >= 1, "RetryCount")
    s.end()


def T047_redirect_without_location_is_a_failed_session(t):
    t.acs()
    t.server.next_replies(Reply(302))
    t.gateway()
    s = t.server.session()
    same(s.inform.text("RetryCount"), "1", "RetryCount")
    s.end()


def T048_redirect_leaves_url_unchanged_and_gives_no_bootstrap(t):
    here, there = elsewhere(t, 302)
    t.gw.reboot()
    s = here.session()
    same(s.inform.codes, ["1 BOOT"], "events")
    same(s.value(MS + "URL"), here.url, "ManagementServer.URL")
    s.end()


def N3_no_credentials_go_to_another_host_in_clear(t):
    user, password = "acs-user", "acs-password"
    here = t.acs(auth=auth.Auth(user, password, "basic"))
    there = t.acs(auth=auth.Auth(user, password, "basic"), name="127.0.0.1")
    t.gateway(here, factory={MS + "Username": user, MS + "Password": password})
    s = here.session()
    s.end()
    here.intercepts.append(lambda conn, req: moved(there.url))
    t.knock()
    t.server = here
    there.quiet(1.5)
    for _, req in there.seen:
        same(req.all("Authorization"), [], "credentials at the other host")


def T043_cookies_do_not_go_to_another_host(t):
    here, there = t.acs(), t.acs(name="127.0.0.1")
    t.gateway(here)
    s = here.wait_session()
    s.begin(cookies=["session=secret"])
    there.adopt(s)
    s.cookies = {}
    s.dialogue.conn = None
    s.reply(moved(there.url))
    s.take()
    same(s.last.req.cookies(), {}, "cookies at the other host")
    s.end()
