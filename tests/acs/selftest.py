#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of the test tool: a right CPE passes, each broken rule is noticed."""

import http.client
import os
import subprocess
import sys
import tempfile
import threading
import unittest

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, HERE)
os.environ["SALLYPORT_RECORD"] = ""     # what a fake CPE says is nothing to validate

import auth             # noqa: E402
import certs            # noqa: E402
import connreq          # noqa: E402
import fakecpe          # noqa: E402
import genieacs         # noqa: E402
import record           # noqa: E402
import rules            # noqa: E402
import script           # noqa: E402
import soap             # noqa: E402
from cwmp import Acs    # noqa: E402
from server import Tls  # noqa: E402
from wire import Reply  # noqa: E402

NAME = "Device.X_TEST_Name"


class Case(unittest.TestCase):
    """Runs a fake CPE against an ACS that plays a dialogue."""

    make = Acs

    def setUp(self):
        self.server = None

    def tearDown(self):
        if self.server:
            self.server.stop()

    def play(self, dialogue=lambda s: s.begin().end(), cpe=None, calls=(), prepare=None, **kw):
        self.server = type(self).make(patience=5.0, **kw)
        if prepare:
            prepare(self.server)
        errors = []

        def drive():
            session = self.server.wait_session(5)
            try:
                dialogue(session)
            except Exception as e:
                errors.append(e)
                session.abandon()
        thread = threading.Thread(target=drive, daemon=True)
        thread.start()
        self.cpe = cpe or fakecpe.FakeCpe(self.server.url)
        if not cpe:
            self.cpe.url = self.cpe.url._replace(netloc="127.0.0.1:%d" % self.server.port)
        self.codes = self.cpe.session(calls)
        thread.join(8)
        if errors:
            raise errors[0]
        return self.server.violations

    def broken(self, text, old=None, new=None, cpe=None, **kw):
        """The CPE replaces old by new in each body: a violation that contains text is noticed."""
        if old is not None:
            def spoil_in(server):
                nonlocal cpe
                cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % server.port)
                cpe.spoil = lambda body: body.replace(old, new)
            self.server = type(self).make(patience=2.0)
            spoil_in(self.server)
            self.server.run(lambda s: s.begin().end(0.3))
            cpe.session()
            found = self.server.violations
        else:
            found = self.play(cpe=cpe, **kw)
        self.assertTrue(any(text in v for v in found), "%r not in %r" % (text, found))


class Standard(Case):
    def test_a_right_session_has_no_violation(self):
        def dialogue(s):
            s.begin()
            self.assertEqual(s.inform.codes, ["0 BOOTSTRAP", "1 BOOT"])
            self.assertEqual(s.names("", True), {"Device.": True})
            s.set({NAME: "<&>\u00e4"})
            self.assertEqual(s.value(NAME), "<&>\u00e4")
            s.end()
        self.assertEqual(self.play(dialogue), [])

    def test_faults_are_raised_with_their_code(self):
        def dialogue(s):
            s.begin()
            with self.assertRaises(soap.CwmpFault) as e:
                s.get("Device.Nope")
            self.assertEqual(e.exception.code, 9005)
            self.assertEqual(s.ask(("Frobnicate", "")).fault.code, 9000)
            s.end()
        self.assertEqual(self.play(dialogue), [])

    def test_own_calls_of_the_agent_are_answered(self):
        seen = []

        def dialogue(s):
            seen.extend(m.method for m in s.begin().requests)
            s.end()
        self.play(dialogue, calls=[("GetRPCMethods",)])
        self.assertEqual(seen, ["GetRPCMethods"])
        self.assertEqual(self.server.violations, [])

    def test_chunked_gzip_and_closing_replies_are_readable(self):
        def dialogue(s):
            s.begin(chunk=7)
            s.call(soap.get_rpc_methods(), gzip=True)
            s.call(soap.get_rpc_methods(), close=True)
            s.call(soap.get_rpc_methods(), drip=(50, 0.001))
            s.end()
        self.assertEqual(self.play(dialogue), [])

    def test_each_broken_rule_is_noticed(self):
        for text, old, new in [
                ("mustUnderstand", b'soap:mustUnderstand="1"', b'soap:mustUnderstand="0"'),
                ("arrayType", b"EventStruct[2]", b"EventStruct[3]"),
                ("without xsi:type", b' xsi:type="xsd:boolean"', b""),
                ("is not a boolean", b">0</Value>", b">no</Value>"),
                ("not be qualified", b"MaxEnvelopes>", b"cwmp:MaxEnvelopes>"),
                ("OUI", b"00D09E", b"00d09e"),
                ("not well-formed", b"</soap:Body>", b""),
                ("DOCTYPE", b"<soap:Envelope", b"<!DOCTYPE x><soap:Envelope"),
                ("2 elements in the Body", b"</soap:Body>", b"<x/></soap:Body>"),
                ("an event twice", b"1 BOOT<", b"0 BOOTSTRAP<"),
                ("event '1 BOOTED'", b"1 BOOT<", b"1 BOOTED<"),
                ("CurrentTime", b"2026-01-01T", b"2026-1-1T"),
                ("ParameterKey 0 times", b".ParameterKey", b".OtherKey"),
                ("namespace", b"cwmp-1-2", b"cwmp-1-4"),
                ("encoding", b'encoding="UTF-8"', b'encoding="ISO-8859-1"')]:
            with self.subTest(text):
                self.broken(text, old, new)
                self.server.stop()

    def http_rule(self, text, **fields):
        self.server = Acs(patience=2.0)
        self.server.run(lambda s: s.begin().end(0.3))
        cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port)
        for name, value in fields.items():
            setattr(cpe, name, value)
        cpe.session()
        found = self.server.violations
        self.server.stop()
        self.assertTrue(any(text in v for v in found), "%r not in %r" % (text, found))

    def test_http_rules(self):
        self.http_rule("empty POST with SOAPAction", empty_extra=[("SOAPAction", "")])
        self.http_rule("empty POST with Content-Type", empty_extra=[("Content-Type", "text/xml")])
        self.http_rule("SOAPAction", extra=[("SOAPAction", '""')])
        self.http_rule("without cookie", send_cookies=False)

    def test_an_answer_must_echo_id_and_type(self):
        def wrong(spoiled):
            def dialogue(s):
                s.begin()
                s.ask(soap.get_rpc_methods())
                s.end()
            self.server = Acs(patience=2.0)
            self.server.run(dialogue)
            cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port)
            cpe.spoil = spoiled
            cpe.session()
            return self.server.violations
        found = wrong(lambda b: b.replace(b">acs-", b">bcs-"))
        self.assertTrue(any("has ID" in v for v in found), found)
        self.server.stop()
        found = wrong(lambda b: b.replace(b"GetRPCMethodsResponse", b"RebootResponse"))
        self.assertTrue(any("RebootResponse to GetRPCMethods" in v for v in found), found)

    def test_a_connection_beside_one_that_is_open_is_noticed(self):
        kept = []

        class Two(fakecpe.FakeCpe):
            def post(self, body=b""):
                kept.append(self.sock)
                self.connect()
                return super().post(body)
        self.server = Acs(patience=2.0)
        self.server.run(lambda s: s.begin().end(0.3))
        Two("http://127.0.0.1:%d/acs" % self.server.port).session()
        self.assertTrue(any("while the first is open" in v for v in self.server.violations),
                        self.server.violations)
        for sock in kept:
            if sock:
                sock.close()

    def test_a_connection_left_open_is_noticed(self):
        cpe = fakecpe.FakeCpe("http://127.0.0.1:1/acs")
        self.server = Acs(patience=2.0)
        cpe.url = cpe.url._replace(netloc="127.0.0.1:%d" % self.server.port)
        cpe.close = lambda: None
        thread = threading.Thread(target=lambda: self.server.session(2).end(0.2))
        thread.start()
        cpe.session()
        thread.join()
        self.assertIn("the agent kept its connection open after the session",
                      self.server.violations)


class Authentication(Case):
    def with_auth(self, scheme, **kw):
        demand = auth.Auth("user", "secret", scheme, **kw)
        cpe = fakecpe.FakeCpe("http://127.0.0.1:1/acs", ("user", "secret"))

        def prepare(server):
            cpe.url = cpe.url._replace(netloc="127.0.0.1:%d" % server.port)
        found = self.play(lambda s: (s.begin(), s.methods(), s.end()), cpe, prepare=prepare,
                          auth=demand)
        self.server.stop()
        self.assertEqual(found, [])
        return demand

    def test_every_scheme(self):
        for scheme in ("basic", "MD5", "MD5-sess", "SHA-256", "SHA-256-sess"):
            with self.subTest(scheme):
                self.assertEqual(self.with_auth(scheme).challenges, 1)

    def test_digest_agrees_with_the_example_of_rfc_2617(self):
        p = {"realm": "testrealm@host.com", "nonce": "dcd98b7102dd2f0e8b11d0f600bfb0c093",
             "uri": "/dir/index.html", "qop": "auth", "nc": "00000001", "cnonce": "0a4f113b"}
        got = auth.digest_response(p, "Mufasa", "Circle Of Life", "GET")
        self.assertEqual(got, "6629fae49393a05397450978507c4ef1")

    def test_a_stale_nonce_is_challenged_again(self):
        self.assertEqual(self.with_auth("MD5", uses_per_nonce=2).stale_sent, 1)

    def test_wrong_password_never_starts_a_session(self):
        self.server = Acs(auth=auth.Auth("user", "other"))
        cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port, ("user", "secret"))
        self.assertEqual(cpe.session(), [401])
        self.assertTrue(self.server.sessions.empty())


class Transport(Case):
    def test_tls_and_the_bad_certificates(self):
        with tempfile.TemporaryDirectory() as d:
            ca = certs.Ca(d)
            for kind, good in [("server", True), ("server_rsa", True), ("wrong_host", False),
                               ("expired", False), ("not_yet_valid", False), ("self_signed", False),
                               ("wrong_usage", False)]:
                server = Acs(tls=Tls(*getattr(ca, kind)()))
                server.run(lambda s: s.begin().end())
                cpe = fakecpe.FakeCpe(server.url, ca=ca.pem)
                if good:
                    self.assertEqual(cpe.session(), [200, 204])
                    self.assertEqual(server.listener.connections[0].sni, "localhost")
                else:
                    with self.assertRaises(OSError):
                        cpe.session()
                self.assertEqual(server.violations, [])
                server.stop()

    def test_client_certificate_is_demanded(self):
        with tempfile.TemporaryDirectory() as d:
            ca = certs.Ca(d)
            server = Acs(tls=Tls(*ca.server(), client_ca=ca.pem))
            server.run(lambda s: s.begin().end())
            self.assertEqual(fakecpe.FakeCpe(server.url, ca=ca.pem, client=ca.client()).session(),
                             [200, 204])
            with self.assertRaises(OSError):
                fakecpe.FakeCpe(server.url, ca=ca.pem).session()
            server.stop()

    def test_replies_that_were_queued_go_first(self):
        self.server = Acs()
        self.server.next_replies(Reply(503, headers=[("Retry-After", "60")]), Reply(drop=True))
        cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port)
        self.assertEqual(cpe.post(cpe.inform())[0], 503)
        with self.assertRaises(OSError):
            cpe.post(cpe.inform())


class Genie(Case):
    make = genieacs.GenieAcs

    def test_a_right_session_passes(self):
        def dialogue(s):
            s.begin()
            values, rpcs = genieacs.refresh(s)
            self.assertEqual(set(values), set(fakecpe.TREE))
            self.assertEqual(rpcs, 3)
            s.end()
        self.assertEqual(self.play(dialogue), [])

    def raw(self):
        self.server = genieacs.GenieAcs(patience=2.0)
        self.server.run(lambda s: s.begin().end(0.3))
        return fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port)

    def test_unknown_calls_get_8000(self):
        cpe = self.raw()
        cpe.post(cpe.inform())
        body = cpe.post(cpe.envelope(soap.rpc("Kicked")))[2]
        self.assertEqual(soap.Message(body).fault.code, 8000)

    def test_no_cookie_is_400(self):
        cpe = self.raw()
        cpe.send_cookies = False
        cpe.post(cpe.inform())
        self.assertEqual(cpe.post()[0], 400)

    def test_parallel_connection_is_400(self):
        cpe = self.raw()
        cpe.post(cpe.inform())
        first, cpe.sock = cpe.sock, None
        self.assertEqual(cpe.post()[0], 400)
        first.close()

    def test_a_call_after_the_empty_post_is_400(self):
        cpe = self.raw()
        cpe.post(cpe.inform())
        for s in self.server.active:
            s.dialogue.empty_seen = True
        self.assertEqual(cpe.post(cpe.envelope(soap.rpc("GetRPCMethods")))[0], 400)

    def test_namespace_1_4_and_empty_oui_are_refused_and_busy_is_503(self):
        cpe = self.raw()
        cpe.ns = soap.CWMP + "1-4"
        self.assertEqual(cpe.post(cpe.inform())[0], 400)
        cpe.ns = soap.CWMP + "1-0"
        self.assertEqual(cpe.post(cpe.inform(oui=""))[0], 500)
        self.server.busy = 1
        status, headers, _ = cpe.post(cpe.inform())
        self.assertEqual((status, dict(headers)["Retry-After"]), (503, "60"))

    def test_a_1_0_server_answers_1_2_with_500(self):
        self.server = genieacs.OldAcs()
        self.server.run(lambda s: s.begin().end())
        cpe = fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port)
        self.assertEqual(cpe.session(), [500])
        cpe.ns = soap.CWMP + "1-0"
        self.assertEqual(cpe.session(), [200, 204])


class ConnectionRequests(unittest.TestCase):
    def setUp(self):
        self.port = fakecpe.ConnReqServer("cr", "pw")

    def tearDown(self):
        self.port.stop()

    def test_digest_client(self):
        self.assertEqual(connreq.plain(self.port.url).status, 401)
        self.assertEqual(connreq.digest(self.port.url, "cr", "pw").status, 204)
        self.assertEqual(connreq.digest(self.port.url, "cr", "no").status, 401)
        self.assertEqual(connreq.digest(self.port.url, "cr", "pw", nonce="made-up").status, 401)

    def test_genieacs_is_confused_by_two_challenges(self):
        self.assertIsNone(connreq.as_genieacs(self.port.url, "cr", "pw"))
        self.port.two_challenges = True
        self.assertEqual(connreq.as_genieacs(self.port.url, "cr", "pw"), "2 challenges in one 401")

    def test_nobody_there(self):
        self.port.stop()
        self.assertEqual(connreq.as_genieacs(self.port.url, "cr", "pw"), "Device is offline")


class ByHand(unittest.TestCase):
    SCRIPT = """
GetParameterValues %(n)s
expect %(n)s old
SetParameterValues key=k %(n)s="new name"
GetParameterValues %(n)s
expect %(n)s new name
Reboot now
expect-fault 9000
session
expect-event 1 BOOT
expect-fault 9005
"""

    def test_a_script_is_played_and_its_failures_reported(self):
        with tempfile.NamedTemporaryFile("w", suffix=".acs") as f:
            f.write(self.SCRIPT % {"n": NAME})
            f.flush()
            p = subprocess.Popen([os.path.join(HERE, "acs.py"), "--listen", "127.0.0.1:0", "--once",
                                  "--timeout", "5", "--script", f.name],
                                 stdout=subprocess.PIPE, text=True)
            url = p.stdout.readline().split()[-1].replace("localhost", "127.0.0.1")
            cpe = fakecpe.FakeCpe(url)
            cpe.session()
            cpe.session()
            out = p.stdout.read()
            self.assertEqual(p.wait(), 1)
        self.assertIn("  %s = new name" % NAME, out)
        self.assertEqual(out.count("FAILED"), 1, out)
        self.assertIn("instead of fault 9005", out)

    def test_a_typing_error_is_found_before_listening(self):
        with self.assertRaises(script.ScriptError):
            script.parse("GetParameterValue x")


class Samples(unittest.TestCase):
    """rules.py against the sample messages of ../shared/spec: the good pass, the bad do not."""

    DIR = os.path.join(HERE, "..", "..", "..", "shared", "spec", "samples")
    # a parameter that TR-181 lacks or limits is no business of rules.py, nor are these figures
    BEYOND = {"bad-tc-9013.xml", "dm-bad.xml"}
    # names of older data models
    OLD = {"inform-good-1-0.xml", "inform-good-1-1.xml"}
    FROM_ACS = {"cdus-good.xml", "sched-download-good.xml"}

    @unittest.skipUnless(os.path.isdir(DIR), "../shared/spec is not there")
    def test_samples(self):
        for name in sorted(set(os.listdir(self.DIR)) - self.BEYOND - self.OLD - self.FROM_ACS):
            with self.subTest(name), open(os.path.join(self.DIR, name), "rb") as f:
                try:
                    found = rules.envelope(soap.Message(f.read()))
                except soap.Malformed as e:
                    found = [str(e)]
                if "good" in name:
                    self.assertEqual(found, [])
                else:
                    self.assertNotEqual(found, [])


class Recording(unittest.TestCase):
    def test_each_envelope_is_kept_once(self):
        with tempfile.TemporaryDirectory() as d:
            one = soap.envelope(soap.rpc("RebootResponse"), "1")
            self.assertTrue(record.save(one, d).startswith(os.path.join(d, "RebootResponse-")))
            self.assertIsNone(record.save(soap.envelope(soap.rpc("RebootResponse"), "2"), d))
            two = soap.envelope(soap.rpc("DeleteObjectResponse"), "1")
            self.assertIsNotNone(record.save(two, d))
            self.assertEqual(len(os.listdir(d)), 2)

    def test_many_who_keep_the_same_envelope_at_once_do_not_disturb_each_other(self):
        failed, ready = [], threading.Barrier(8)

        def keep(d, rounds):
            for n in range(rounds):
                ready.wait()
                try:
                    record.save(soap.envelope(soap.rpc("RebootResponse", "<n>%d</n>" % n), "1"), d)
                except OSError as e:
                    failed.append(e)
        with tempfile.TemporaryDirectory() as d:
            threads = [threading.Thread(target=keep, args=(d, 100)) for _ in range(8)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            self.assertEqual(failed, [])
            self.assertEqual(len(os.listdir(d)), 100)


class OwnFault(Case):
    def test_an_error_of_the_server_itself_is_not_blamed_on_the_agent(self):
        for error in (OSError("disk full"), ValueError("a slip")):
            def fail(conn, req):
                raise error
            self.server = Acs(patience=1.0)
            self.server.intercepts.append(fail)
            with self.assertRaises(http.client.RemoteDisconnected):
                fakecpe.FakeCpe("http://127.0.0.1:%d/acs" % self.server.port).session()
            self.server.stop()
            self.assertTrue(any(str(error) in v for v in self.server.violations), error)


if __name__ == "__main__":
    unittest.main(warnings="ignore")
