# SPDX-License-Identifier: Apache-2.0
"""TLS to the ACS: TESTPLAN rows 49, 50, 52, 53 and SECURITY rows N1, N3."""

import atexit
import os
import shutil
import ssl
import threading

import procs
from certs import Ca
from harness import PROVISIONING, Failed, Skipped, clock_is_set, same, true, until
from server import Tls

lock = threading.Lock()
shared = {}


def ca():
    """One CA for all scenarios of this run; a second one that nobody trusts."""
    with lock:
        if not shared:
            shared["good"], shared["other"] = Ca(), Ca(name="CA that nobody trusts")
            for c in shared.values():
                atexit.register(shutil.rmtree, c.dir, True)
        return shared["good"], shared["other"]


def start(t, tls, settings=None, **kw):
    good, _ = ca()
    server = t.acs(tls=tls, **kw)
    t.gateway(server, settings={"acs.allow_http": "no", "acs.ca_file": good.pem,
                                **(settings or {})})
    return server


def T049_session_with_a_trusted_certificate(t):
    good, _ = ca()
    start(t, Tls(*good.server()))
    s = t.server.session()
    same(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"], "events")
    same(s.last.conn.sni, "localhost", "server name indicated")
    s.set({PROVISIONING: "over TLS"})
    same(s.value(PROVISIONING), "over TLS", "value")
    same(len(t.server.listener.connections), 1, "connections")
    s.end()
    t.again().end()


def T049_address_instead_of_a_name(t):
    good, _ = ca()
    start(t, Tls(*good.server()), name="127.0.0.1")
    t.server.session().end()


def T049_connection_close_in_a_tls_session(t):
    good, _ = ca()
    start(t, Tls(*good.server()))
    s = t.server.session(close=True)
    s.ask(("GetRPCMethods", ""), close=True)
    s.end()


def refused(t, cert, settings=None, word="certificate"):
    """The handshake fails, nothing is said to this server, the log says why."""
    server = start(t, Tls(*cert), settings)
    until(lambda: server.tls_failures, "a TLS handshake that fails")
    true(server.quiet(0.3), "a session with this certificate")
    same(server.seen, [], "requests sent to it")
    until(lambda: t.log(r"(?i)%s|TLS|SSL" % word), "a log line that says why")
    true(t.gw.running(), "the agent ended")


def T050_untrusted_ca_is_refused(t):
    refused(t, ca()[1].server())


def T050_self_signed_certificate_is_refused(t):
    refused(t, ca()[0].self_signed())


def T050_expired_certificate_is_refused(t):
    refused(t, ca()[0].expired())


def T050_not_yet_valid_certificate_is_refused(t):
    if not clock_is_set():
        raise Skipped("this machine's clock is not synchronized")
    refused(t, ca()[0].not_yet_valid())


def T051_dates_are_not_checked_while_the_clock_is_not_set(t):
    if clock_is_set():
        raise Skipped("this machine's clock is synchronized")
    good, _ = ca()
    start(t, Tls(*good.not_yet_valid()))
    t.server.session().end()
    same(len(t.log("dates of certificates are not checked")), 1, "log lines about it")


def T050_other_host_name_is_refused(t):
    refused(t, ca()[0].wrong_host())


def T050_certificate_for_clients_is_refused(t):
    refused(t, ca()[0].wrong_usage())


def T050_without_a_ca_nothing_is_trusted(t):
    refused(t, ca()[0].server(), {"acs.ca_file": ""})


def T050_refused_certificate_counts_as_a_failed_session(t):
    good, other = ca()
    server = start(t, Tls(*other.server()))
    until(lambda: server.tls_failures, "a TLS handshake that fails")
    server.listener.tls = Tls(*good.server())
    s = server.session()
    true(int(s.inform.text("RetryCount")) >= 1, "RetryCount %s" % s.inform.text("RetryCount"))
    s.end()


def version(t, low, high):
    good, _ = ca()
    start(t, Tls(*good.server(), lowest=low, highest=high))


def T052_tls_1_2_is_spoken(t):
    version(t, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2)
    s = t.server.session()
    same(s.last.conn.tls_version, "TLSv1.2", "version")
    true("GCM" in s.last.conn.tls_cipher or "CHACHA" in s.last.conn.tls_cipher, "not AEAD: %s" %
         s.last.conn.tls_cipher)
    s.end()


def T052_tls_1_3_is_spoken(t):
    version(t, ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_3)
    s = t.server.session()
    same(s.last.conn.tls_version, "TLSv1.3", "version")
    s.end()


def too_old(t, low, high):
    version(t, low, high)
    until(lambda: t.server.tls_failures, "a TLS handshake that fails")
    true(t.server.quiet(0.3), "a session over an old protocol")
    same(t.server.seen, [], "requests")


def T052_tls_1_1_is_refused(t):
    too_old(t, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def T052_tls_1_0_is_refused(t):
    too_old(t, ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1)


CBC = "AES128-SHA"


def T052_cbc_suite_of_old_servers_is_refused_by_default(t):
    good, _ = ca()
    start(t, Tls(*good.server_rsa(), highest=ssl.TLSVersion.TLSv1_2, ciphers=CBC))
    until(lambda: t.server.tls_failures, "a TLS handshake that fails")
    same(t.server.seen, [], "requests")


def T052_cbc_suite_is_spoken_when_set(t):
    good, _ = ca()
    start(t, Tls(*good.server_rsa(), highest=ssl.TLSVersion.TLSv1_2, ciphers=CBC),
          {"acs.tls_compat": "yes"})
    s = t.server.session()
    same(s.last.conn.tls_cipher, CBC, "cipher")
    s.end()


def T053_client_certificate_is_shown(t):
    good, _ = ca()
    cert, key = good.client()
    os.chmod(key, 0o644)
    start(t, Tls(*good.server(), client_ca=good.pem), {"acs.cert_file": cert, "acs.key_file": key})
    s = t.server.session()
    subject = dict(x[0] for x in s.last.conn.client_cert["subject"])
    same(subject["commonName"], "client", "subject of the client's certificate")
    s.end()


def N2_the_client_s_key_is_read_before_the_sandbox_and_never_again(t):
    good, _ = ca()
    cert, key = good.client("once")
    os.chmod(key, 0o600)        # root's, which the agent is no more when it speaks
    start(t, Tls(*good.server(), client_ca=good.pem), {"acs.cert_file": cert, "acs.key_file": key})
    t.server.session().end()
    held = procs.open_files(t.gw.processes()["agent"]).values()
    same([f for f in held if f in (cert, key)], [], "descriptors")
    os.remove(key)
    t.again().end()


def T053_server_that_wants_a_certificate_is_a_failed_session_without_one(t):
    good, _ = ca()
    start(t, Tls(*good.server(), client_ca=good.pem))
    until(lambda: t.server.tls_failures, "a TLS handshake that fails")
    true(t.server.quiet(0.3), "a session without client certificate")


def N3_plain_http_is_refused_unless_it_is_allowed(t):
    t.acs()
    t.gateway(settings={"acs.allow_http": "no"})
    true(t.server.quiet(1), "a session over plain http")
    same(t.server.seen, [], "requests")
    true(t.log(r"(?i)http"), "no log line says why")


def N3_proxy_variables_are_ignored(t):
    t.acs()
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        if os.environ.get(name):
            raise Failed("the test cannot run with %s set" % name)
    gw = t.gateway(start=False)
    gw.agent.env = dict(os.environ, http_proxy="http://127.0.0.1:1",
                        all_proxy="http://127.0.0.1:1")
    gw.start()
    t.server.session().end()


def N1_nothing_is_said_before_the_name_was_checked(t):
    good, _ = ca()
    server = start(t, Tls(*good.wrong_host()))
    until(lambda: server.tls_failures, "a TLS handshake that fails")
    same(sum(c.requests for c in server.listener.connections), 0, "requests")
    true(server.quiet(0.2), "a session")
