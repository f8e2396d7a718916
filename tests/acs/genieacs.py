# SPDX-License-Identifier: Apache-2.0
"""Dialects: servers in the field that are not as patient as the standard."""

import secrets

import soap
from cwmp import Acs
from wire import Reply

RPC_LIMIT = 255
NAMES_PER_RPC = 32


class GenieAcs(Acs):
    """Behaves as GenieACS 1.2 was seen to.

    Fault 8000 to every call but four; 400 "Bad session state" to a call after the empty POST;
    400 to a POST without the session cookie or from a parallel connection; gzip whether asked
    for or not; namespaces 1-0, 1-1, 1-2 and 1-3 only; falls over an empty OUI or serial number;
    drops a socket that idles for 30 s; gives up after 255 requests in a session.
    """

    genieacs = True
    methods = ["Inform", "GetRPCMethods", "TransferComplete", "RequestDownload"]
    namespaces = {soap.CWMP + v for v in ("1-0", "1-1", "1-2", "1-3")}

    def __init__(self, *args, **kw):
        kw.setdefault("idle", 30.0)
        super().__init__(*args, **kw)
        self.gzip = True
        self.busy = 0               # so many Informs get 503 with Retry-After: 60
        self.bound = {}             # session -> connection that it runs on
        self.devices = {}           # id -> number of sessions

    def session_cookies(self, session):
        return ["session=%s" % secrets.token_hex(8)]

    def bind(self, session):
        self.bound[session] = session.last.conn

    def refuse(self, session, conn, req, msg):
        if msg.method == "Inform" and msg.kind == "request":
            return self._refuse_inform(session, msg)
        got = req.cookies()
        if not session.cookies or any(got.get(n) != v for n, v in session.cookies.items()):
            self.violation("%s without the session cookie" % msg)
            return self._bad("Invalid session")
        first = self.bound.get(session)
        if first is not conn and first is not None and not first.closed.is_set():
            self.violation("%s on a parallel connection" % msg)
            return self._bad("Invalid session")
        if msg.kind == "request" and session.dialogue.empty_seen:
            self.violation("%s called after the empty POST" % msg)
            return self._bad("Bad session state")
        if session.rpcs >= RPC_LIMIT:
            self.violation("the session needs more than %d RPCs" % RPC_LIMIT)
            return Reply(drop=True)
        self.bound[session] = conn
        return None

    def _refuse_inform(self, session, msg):
        if self.busy > 0:
            self.busy -= 1
            self._drop(session)
            return Reply(503, headers=[("Retry-After", "60")], close=True)
        if msg.ns not in self.namespaces:
            self._drop(session)
            return self._bad("Unsupported CWMP version")
        ident = msg.device_id
        if not ident.get("OUI") or not ident.get("SerialNumber"):
            self._drop(session)
            return Reply(500, close=True)
        key = "-".join(ident[k] for k in ("OUI", "ProductClass", "SerialNumber") if ident.get(k))
        self.devices[key] = self.devices.get(key, 0) + 1
        return None

    def _drop(self, session):
        self.forget(session)
        kept = []
        while not self.sessions.empty():
            s = self.sessions.get()
            if s is not session:
                kept.append(s)
        for s in kept:
            self.sessions.put(s)

    @staticmethod
    def _bad(text):
        return Reply(400, body=text.encode(), headers=[("Content-Type", "text/plain")], close=True)


class OldAcs(Acs):
    """Knows cwmp-1-0 only and answers anything else with HTTP 500, as Magma does."""

    methods = ["Inform", "GetRPCMethods", "TransferComplete"]

    def converse(self, conn, req):
        if req.body and soap.CWMP.encode() + b"1-0" not in req.body:
            self.refused.append((500, req))
            return Reply(500, close=True)
        return super().converse(conn, req)


DIALECTS = {"standard": Acs, "genieacs": GenieAcs, "old": OldAcs}


def refresh(session, root="Device."):
    """Read the whole tree as GenieACS does: names level by level, then 32 values at a time.

    Returns ({name: text}, number of RPCs).
    """
    before = session.rpcs
    todo, leaves, writable = [root], [], {}
    while todo:
        path = todo.pop(0)
        for name, rw in session.names(path, True).items():
            writable[name] = rw
            (todo if name.endswith(".") else leaves).append(name)
    values = {}
    for i in range(0, len(leaves), NAMES_PER_RPC):
        values.update(session.get(*leaves[i:i + NAMES_PER_RPC]))
    missing = [n for n in leaves if n not in values]
    if missing:
        session.acs.violation("listed but not readable: %s" % ", ".join(missing[:5]))
    return values, session.rpcs - before


def first_contact(session, connreq=("cr-user", "cr-password"), interval=300):
    """What the default provision does to a new device."""
    base = "Device.ManagementServer."
    session.names(base, True)
    session.get(base + "ConnectionRequestURL", base + "PeriodicInformInterval")
    session.set([(base + "ConnectionRequestUsername", connreq[0], "xsd:string"),
                 (base + "ConnectionRequestPassword", connreq[1], "xsd:string")])
    session.set([(base + "PeriodicInformEnable", "true", "xsd:boolean"),
                 (base + "PeriodicInformInterval", str(interval), "xsd:unsignedInt"),
                 (base + "PeriodicInformTime", "1970-01-01T00:17:36.000Z", "xsd:dateTime")])


__all__ = ["GenieAcs", "OldAcs", "DIALECTS", "refresh", "first_contact"]
