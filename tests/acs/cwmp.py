# SPDX-License-Identifier: Apache-2.0
"""The scripted ACS as a library: a listener, its sessions, and what the agent did wrong."""

import queue
import secrets
import sys
import threading
import time

import record
import rules
import server
import soap
from session import LONG, Exchange, Session, Timeout
from wire import Reply

ACS_METHODS = ["Inform", "GetRPCMethods", "TransferComplete", "AutonomousTransferComplete",
               "RequestDownload", "Kicked", "DUStateChangeComplete",
               "AutonomousDUStateChangeComplete"]


class Acs:
    """Listens at once. Sessions wait in a queue until wait_session() takes them.

    Every POST is checked against rules.py; what is wrong is in .violations.
    """

    genieacs = False
    # Calls of the CPE that this server knows; others get fault 8000
    methods = ACS_METHODS

    def __init__(self, host="127.0.0.1", port=0, tls=None, auth=None, name="localhost",
                 path="/acs", log=None, patience=LONG, idle=60.0):
        self.auth = auth
        self.path = path
        self.patience = patience
        self.log = log                  # function(text), or None
        self.ns = None                  # answer in this namespace; None: that of the Inform
        self.use_version = None         # UseCWMPVersion header in the InformResponse
        self.session_timeout = None     # SessionTimeout header in the InformResponse
        self.hold_requests = False      # HoldRequests=1 in each envelope of a session
        self.cookies = True             # a session cookie, or functions may replace session_cookies
        self.gzip = False
        self.chunk = 0
        self.violations = []
        self.seen = []                  # every (connection, request) in order
        self.messages = []              # every parsed message
        self.tls_failures = []
        self.refused = []               # HTTP answers given without a session: (status, request)
        self.sessions = queue.Queue()
        self.active = []
        self.lock = threading.Lock()
        self.intercepts = []            # function(connection, request) -> Reply or None
        self.adopted = None
        self.record = record.directory()
        self.listener = server.Listener(self.handle, host, port, tls, self._bad_http,
                                        self.tls_failures.append, idle)
        self.port = self.listener.port
        shown = name if host in ("127.0.0.1", "::1", "0.0.0.0") else host
        self.url = "%s://%s:%d%s" % ("https" if tls else "http", shown, self.port, path)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.stop()

    def stop(self):
        self.listener.stop()

    def say(self, text):
        if self.log:
            self.log(text)

    def violation(self, text):
        with self.lock:
            self.violations.append(text)
        self.say("VIOLATION: " + text)

    def _bad_http(self, conn, why):
        self.violation("connection %d: %s" % (conn.number, why))

    # Ways to bend the next answers

    def next_replies(self, *replies):
        """These go out to the next POSTs, whatever they are, ahead of everything else."""
        todo = list(replies)
        self.intercepts.append(lambda conn, req: todo.pop(0) if todo else None)

    def redirect(self, url, status=302, times=1):
        self.next_replies(*[Reply(status, headers=[("Location", url)]) for _ in range(times)])

    # What a request meets, in this order

    def handle(self, conn, req):
        self.seen.append((conn, req))
        record.save(req.body, self.record)
        for intercept in list(self.intercepts):
            reply = intercept(conn, req)
            if reply is not None:
                self.refused.append((reply.status, req))
                return reply
        if self.auth:
            verdict = self.auth.check(req)
            for text in self.auth.problems:
                self.violation(text)
            self.auth.problems.clear()
            if verdict != "ok":
                self.refused.append((401, req))
                challenge = self.auth.challenge(verdict == "stale")
                return Reply(401, headers=[("WWW-Authenticate", challenge)])
        return self.converse(conn, req)

    def converse(self, conn, req):
        for text in rules.http(req):
            self.violation("HTTP: " + text)
        try:
            msg = soap.Message(req.body)
        except soap.Malformed as e:
            self.violation("envelope: %s" % e)
            return Reply(400)
        if req.body:
            for text in rules.envelope(msg):
                self.violation("%s: %s" % (msg, text))
        with self.lock:
            self.messages.append(msg)
            session = self.find(conn, req, msg)
        if session is None:
            if msg.method != "Inform" or msg.kind != "request":
                self.violation("%s outside of a session" % msg)
                return Reply(400)
            session = Session(self, msg)
            self.active.append(session)
            self.introduce(session)
        early = self.refuse(session, conn, req, msg)
        if early is not None:
            self.refused.append((early.status, req))
            return early
        for text in session.dialogue.post(conn, req, msg, session.cookies, session.awaiting):
            self.violation(text)
        return session.deliver(Exchange(conn, req, msg))

    def introduce(self, session):
        """A new session: queue it for whoever plays the ACS."""
        self.say("session %d: Inform %s" % (session.number, ", ".join(
            "%s %s" % e if e[1] else e[0] for e in session.inform.events)))
        self.sessions.put(session)

    def refuse(self, session, conn, req, msg):
        """A Reply when this server would not even look at the POST."""
        return None

    def find(self, conn, req, msg):
        """The session a POST belongs to: by cookie, else by connection."""
        if self.adopted is not None:
            session, self.adopted = self.adopted, None
            self.active.append(session)
            return session
        got = req.cookies()
        for s in self.active:
            if s.cookies and all(got.get(n) == v for n, v in s.cookies.items()):
                return s
        if msg.method == "Inform" and msg.kind == "request":
            again = [s for s in self.active if s.repeat]
            return again[0] if again else None
        for s in self.active:
            if s.last and s.last.conn is conn:
                return s
        return self.active[-1] if self.active else None

    def adopt(self, session):
        """The next POST here continues a session that began elsewhere (after a redirect)."""
        session.acs = self
        self.adopted = session

    def bind(self, session):
        """The session's InformResponse is about to go out."""

    def forget(self, session):
        session.over.set()
        if session in self.active:
            self.active.remove(session)

    # Dialect

    def session_cookies(self, session):
        return ["session=%s" % secrets.token_hex(8)] if self.cookies else []

    def shape_reply(self, reply):
        reply.gzip = self.gzip
        reply.chunk = self.chunk
        return reply

    def answer_for(self, msg):
        """Body content that answers a call of the agent, or a fault code."""
        if msg.method not in self.methods:
            return 8000
        if msg.method == "GetRPCMethods":
            return soap.rpc("GetRPCMethodsResponse", soap.array(
                "MethodList", "xsd:string", [soap.tag("string", m) for m in self.methods]))
        if msg.method == "Kicked":
            return soap.rpc("KickedResponse", soap.tag("NextURL", "http://localhost/"))
        return soap.rpc(msg.method + "Response")

    # Waiting

    def wait_session(self, timeout=LONG):
        """The next session; its Inform is still unanswered."""
        try:
            session = self.sessions.get(timeout=timeout)
        except queue.Empty:
            raise Timeout("no Inform within %g s" % timeout)
        session.take()
        return session

    def session(self, timeout=LONG, **kw):
        """The next session, up to the agent's empty POST."""
        return self.wait_session(timeout).begin(**kw)

    def quiet(self, seconds):
        """True when no new session begins for so long. A session that does stays queued."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.sessions.empty():
                return False
            time.sleep(0.02)
        return True

    def run(self, dialogue):
        """Play dialogue(session) for every session, in a thread of its own, until stop()."""
        def loop():
            while not self.listener.stopping.is_set():
                try:
                    session = self.wait_session(0.5)
                except Timeout:
                    continue
                try:
                    dialogue(session)
                except Exception as e:      # one bad session must not end the server
                    self.say("session %d: %s: %s" % (session.number, type(e).__name__, e))
                    session.abandon()
        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        return thread


def to_stdout(text):
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
