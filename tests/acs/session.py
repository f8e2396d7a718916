# SPDX-License-Identifier: Apache-2.0
"""One CWMP session as the ACS drives it, step by step, from the caller's thread."""

import itertools
import queue
import threading
import time

import rules
import soap
from soap import CwmpFault
from wire import Reply


# Seconds to wait for what a busy machine may take its time over: what is waited for comes at once
# or not at all.
LONG = 30.0


class Timeout(Exception):
    """The agent did not do in time what the caller waited for."""


class Exchange:
    """One POST that waits for its reply."""

    def __init__(self, conn, req, msg):
        self.conn = conn
        self.req = req
        self.msg = msg
        self.reply = queue.Queue(1)


class Session:
    """From the Inform to the end. Helpers send a request and wait for the agent's answer to it.

    A helper named like an RPC raises CwmpFault when the agent answers with a fault.
    """

    numbers = itertools.count(1)

    def __init__(self, acs, inform):
        self.acs = acs
        self.number = next(self.numbers)
        self.inform = inform
        self.cookies = {}           # what the agent has to bring along
        self.dialogue = rules.Dialogue()
        self.awaiting = None        # (method, id) the agent has to answer
        self.pending = None         # the Exchange that waits for our reply
        self.incoming = queue.Queue()
        self.requests = []          # what the agent called after its Inform
        self.ids = itertools.count(1)
        self.ns = acs.ns or inform.ns
        self.over = threading.Event()
        self.repeat = False         # the Inform was answered with 8005 and has to come again
        self.last = None
        self.rpcs = 0
        self.hold = acs.hold_requests   # HoldRequests=1 in each envelope that goes out

    # Called from the connection's thread

    def deliver(self, exchange):
        """Hand a POST to the caller and wait for what shall be answered."""
        self.incoming.put(exchange)
        deadline = time.monotonic() + self.acs.patience
        while time.monotonic() < deadline:
            try:
                return exchange.reply.get(timeout=0.01)
            except queue.Empty:
                if exchange.conn.peer_left():
                    exchange.conn.end("cpe")
                    return None
        return None

    # Called by whoever drives the session

    def take(self, timeout=None):
        """The next POST of the agent, as a Message."""
        try:
            ex = self.incoming.get(timeout=timeout or self.acs.patience)
        except queue.Empty:
            raise Timeout("the agent sent nothing more in session %d" % self.number)
        self.pending = self.last = ex
        return ex.msg

    def reply(self, reply):
        """Answer the POST that is pending with a Reply as it is."""
        ex, self.pending = self.pending, None
        if ex is None:
            raise RuntimeError("nothing to reply to")
        ex.reply.put(reply)

    def _finish(self, reply, how):
        reply.headers = reply.headers + list(how.pop("http", []))
        for name, value in how.items():
            if not hasattr(reply, name):
                raise TypeError("no such way to reply: %s" % name)
            setattr(reply, name, value)
        return reply

    def send(self, body, **how):
        """Reply 200 with these octets. Keywords: http (more HTTP headers), fields of Reply."""
        base = self.acs.shape_reply(Reply(body=body))
        self.reply(self._finish(base, how))

    def envelope(self, content, cwmp_id=None, headers=()):
        headers = list(headers)
        if self.hold:
            headers.append(soap.header("HoldRequests", 1, "1"))
        return soap.envelope(content, cwmp_id, self.ns, headers)

    def accept(self, headers=(), cookies=None, **how):
        """Answer the Inform. Returns the message that comes next."""
        self.send_inform_response(headers, cookies, **how)
        return self.take()

    def send_inform_response(self, headers=(), cookies=None, **how):
        """Answer the Inform without waiting for what comes next."""
        set_cookies = self.acs.session_cookies(self) if cookies is None else cookies
        lines = []
        for text in set_cookies:
            name, _, value = text.split(";")[0].partition("=")
            self.cookies[name.strip()] = value.strip()
            lines.append(("Set-Cookie", text))
        self.acs.bind(self)
        how["http"] = list(how.get("http", [])) + lines
        extra = list(headers)
        if self.acs.use_version:
            extra.append(soap.header("UseCWMPVersion", self.acs.use_version, "1"))
        if self.acs.session_timeout:
            extra.append(soap.header("SessionTimeout", self.acs.session_timeout, "0"))
        self.send(self.envelope(soap.inform_response(), self.inform.id, extra), **how)

    def begin(self, **kw):
        """Answer the Inform and whatever the agent calls, until its empty POST."""
        self.settle(self.accept(**kw))
        return self

    def retry_inform(self):
        """Fault 8005 to the Inform; returns the Inform that has to follow."""
        self.repeat = True
        self.dialogue = rules.Dialogue()
        self.send(self.envelope(soap.fault(8005, "Retry request"), self.inform.id))
        self.inform = self.take()
        self.repeat = False
        return self.inform

    def settle(self, msg):
        """Answer the agent's own calls, starting with msg, until it has none."""
        while msg.kind == "request":
            self.requests.append(msg)
            self.answer_call(msg)
            msg = self.take()
        return msg

    def answer_call(self, msg):
        """Answer one call of the agent as this ACS does."""
        self.acs.say("agent calls %s" % msg.method)
        body = self.acs.answer_for(msg)
        if isinstance(body, int):
            if body == 8005:
                self.dialogue.ids.discard(msg.id)
            self.send(self.envelope(soap.fault(body, "Method not supported"), msg.id))
        else:
            self.send(self.envelope(body, msg.id))

    def post(self, name, arguments="", cwmp_id="auto", headers=(), **how):
        """Send a request without waiting for the answer."""
        if cwmp_id == "auto":
            cwmp_id = "acs-%d-%d" % (self.number, next(self.ids))
        self.awaiting = (name, cwmp_id)
        self.rpcs += 1
        self.acs.say("-> %s" % name)
        self.send(self.envelope(soap.rpc(name, arguments), cwmp_id, headers), **how)

    def ask(self, rpc, **how):
        """Send a request, (name, arguments); returns the response or fault, whichever comes."""
        self.post(*rpc, **how)
        return self.answer()

    def answer(self, timeout=None):
        msg = self.take(timeout)
        self.awaiting = None
        self.acs.say("<- %s" % msg)
        return msg

    def call(self, rpc, **how):
        msg = self.ask(rpc, **how)
        if msg.kind == "fault":
            raise CwmpFault(msg.fault)
        return msg

    def ask_raw(self, body, **how):
        """Send these octets as the reply; what comes back may have any ID and type."""
        self.awaiting = ("?", None)
        self.send(body, **how)
        msg = self.take()
        self.awaiting = None
        return msg

    def methods(self):
        return self.call(soap.get_rpc_methods()).methods

    def names(self, path="", next_level=False):
        return dict(self.call(soap.get_parameter_names(path, next_level)).names)

    def get(self, *names):
        """{name: text}."""
        return self.call(soap.get_parameter_values(names)).params

    def get_typed(self, *names):
        """{name: Value(type, text)}."""
        return dict(self.call(soap.get_parameter_values(names)).values)

    def value(self, name):
        return self.get(name)[name]

    def set(self, values, key=""):
        return self.call(soap.set_parameter_values(values, key)).status

    def add(self, path, key=""):
        return self.call(soap.add_object(path, key)).instance

    def delete(self, path, key=""):
        return self.call(soap.delete_object(path, key)).status

    def attributes(self, *names):
        return self.call(soap.get_parameter_attributes(names)).attributes

    def set_attributes(self, items):
        self.call(soap.set_parameter_attributes(items, self.acs.genieacs))

    def say_nothing(self, **how):
        """The empty reply that says the ACS has no more requests."""
        how.setdefault("status", 204)
        self.reply(self._finish(self.acs.shape_reply(Reply()), how))

    def end(self, wait=LONG, **how):
        """No more requests. The agent has to close the connection now."""
        self.say_nothing(**how)
        return self.ended(wait)

    def ended(self, wait=LONG):
        conn = self.last.conn
        if not conn.closed.wait(wait):
            self.acs.violation("the agent kept its connection open after the session")
        elif self.incoming.qsize():
            self.acs.violation("the agent sent %s after the end" % self.incoming.get().msg)
        self.acs.forget(self)
        return self

    def abandon(self):
        """Break the connection off in the middle of an answer."""
        if self.pending:
            half = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n<"
            self.reply(Reply(raw=half, close_silently=True))
        self.acs.forget(self)
