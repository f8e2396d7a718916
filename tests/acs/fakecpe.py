# SPDX-License-Identifier: Apache-2.0
"""A tiny CPE, right by default, that breaks any one rule on demand. Only for selftest.py."""

import re
import socket
import ssl
from urllib.parse import urlsplit

import auth
import rules
import soap
import wire

TREE = {"Device.DeviceInfo.ProvisioningCode": "", "Device.X_TEST_Name": "old"}


class FakeCpe:
    """spoil(octets of the body) and headers let a test break one thing in a message."""

    def __init__(self, url, credentials=None, ca=None, client=None):
        self.url = urlsplit(url)
        self.sock = None
        self.cookies = {}
        self.credentials = credentials
        self.challenge = None
        self.nc = 0
        self.ca = ca
        self.client = client
        self.ids = 0
        self.ns = soap.CWMP + "1-2"
        self.tree = dict(TREE)
        self.spoil = lambda body: body
        self.send_cookies = True
        self.extra = []             # headers added to each POST with a body
        self.empty_extra = []       # to each empty POST

    def connect(self):
        self.sock = socket.create_connection((self.url.hostname, self.url.port), 5)
        if self.url.scheme == "https":
            ctx = ssl.create_default_context(cafile=self.ca)
            if self.client:
                ctx.load_cert_chain(*self.client)
            self.sock = ctx.wrap_socket(self.sock, server_hostname=self.url.hostname)

    def close(self):
        if self.sock:
            self.sock.close()
        self.sock = None

    def post(self, body=b""):
        """(status, headers, body) of the answer; answers a 401 once."""
        for _ in range(3):
            answer = self._post(body)
            if answer[0] != 401 or not self.credentials:
                return answer
            offered = [v for n, v in answer[1] if n.lower() == "www-authenticate"]
            self.challenge = auth.split_challenges(offered)[0]
            self.nc = 0
        return answer

    def _post(self, body):
        if self.sock is None:
            self.connect()
        lines = ["POST %s HTTP/1.1" % self.url.path, "Host: %s" % self.url.netloc,
                 "Content-Length: %d" % len(body)]
        headers = [("SOAPAction", ""), ("Content-Type", "text/xml; charset=utf-8")] + self.extra \
            if body else self.empty_extra
        lines += ["%s: %s" % h for h in headers]
        if self.cookies and self.send_cookies:
            lines.append("Cookie: " + "; ".join("%s=%s" % c for c in self.cookies.items()))
        if self.challenge:
            self.nc += 1
            lines.append("Authorization: " + self._authorization())
        self.sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode() + body)
        return self._answer()

    def _authorization(self):
        scheme, p = self.challenge
        user, password = self.credentials
        if scheme == "basic":
            import base64
            return "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()
        return auth.digest_header(p, user, password, "POST", self.url.path, self.nc)

    def _answer(self):
        import http.client
        r = http.client.HTTPResponse(self.sock, method="POST")
        r.begin()
        body = r.read()
        if r.getheader("Content-Encoding") == "gzip":
            import gzip
            body = gzip.decompress(body)
        for line in r.headers.get_all("Set-Cookie") or []:
            name, _, value = line.split(";")[0].partition("=")
            self.cookies[name] = value
        if (r.getheader("Connection") or "").lower() == "close":
            self.close()
        return r.status, r.getheaders(), body

    def envelope(self, content, ident=None):
        if ident is None:
            self.ids += 1
            ident = str(self.ids)
        return self.spoil(soap.envelope(content, ident, self.ns))

    def inform(self, events=(("0 BOOTSTRAP", ""), ("1 BOOT", "")), oui="00D09E", extra=()):
        values = [soap.value_struct(n, False if n.endswith("Addressing") else "2.19")
                  for n in rules.FORCED] + [soap.value_struct(*e) for e in extra]
        items = ["<EventStruct>%s%s</EventStruct>" %
                 (soap.tag("EventCode", c), soap.tag("CommandKey", k)) for c, k in events]
        return self.envelope(soap.rpc("Inform", (
            "<DeviceId>" + soap.tag("Manufacturer", "Test") + soap.tag("OUI", oui) +
            soap.tag("ProductClass", "fake") + soap.tag("SerialNumber", "1") + "</DeviceId>" +
            soap.array("Event", "cwmp:EventStruct", items) + soap.tag("MaxEnvelopes", 1) +
            soap.tag("CurrentTime", "2026-01-01T00:00:00Z") + soap.tag("RetryCount", 0) +
            soap.array("ParameterList", "cwmp:ParameterValueStruct", values))))

    def session(self, calls=()):
        """A whole session; returns the HTTP status codes."""
        codes = [self.post(self.inform())[0]]
        for call in calls:
            codes.append(self.post(self.envelope(soap.rpc(*call)))[0])
        body = b""
        while codes[-1] == 200:
            status, _, answer = self.post(body)
            codes.append(status)
            if not answer:
                break
            body = self.respond(answer)
        self.close()
        self.cookies.clear()
        return codes

    def respond(self, answer):
        msg = soap.Message(answer)
        handler = getattr(self, msg.method, None)
        if handler is None:
            return self.envelope(soap.fault(9000, "Method not supported", "soap:Server"), msg.id)
        return self.envelope(handler(msg), msg.id)

    def GetRPCMethods(self, msg):
        return soap.rpc("GetRPCMethodsResponse", soap.array(
            "MethodList", "xsd:string", [soap.tag("string", "GetRPCMethods")]))

    def GetParameterNames(self, msg):
        path = msg.text("ParameterPath") or ""
        names = [n for n in self.tree if n.startswith(path)]
        if msg.text("NextLevel") == "1":
            names = sorted({path + re.match(r"[^.]*\.?", n[len(path):])[0] for n in names})
        items = ["<ParameterInfoStruct>%s%s</ParameterInfoStruct>" %
                 (soap.tag("Name", n), soap.tag("Writable", True)) for n in names]
        return soap.rpc("GetParameterNamesResponse",
                        soap.array("ParameterList", "cwmp:ParameterInfoStruct", items))

    def GetParameterValues(self, msg):
        asked = [e.text for e in msg.el.findall("ParameterNames/string")]
        if any(n not in self.tree for n in asked):
            return soap.fault(9005, "unknown", "soap:Client")
        items = [soap.value_struct(n, self.tree[n]) for n in asked]
        return soap.rpc("GetParameterValuesResponse",
                        soap.array("ParameterList", "cwmp:ParameterValueStruct", items))

    def SetParameterValues(self, msg):
        self.tree.update(msg.params)
        return soap.rpc("SetParameterValuesResponse", soap.tag("Status", 0))


class ConnReqServer:
    """A connection-request port to try connreq.py against."""

    def __init__(self, user, password):
        import server
        self.auth = auth.Auth(user, password)
        self.two_challenges = False
        self.listener = server.Listener(self.handle)
        self.url = "http://127.0.0.1:%d/cr" % self.listener.port

    def handle(self, conn, req):
        if self.auth.check(req) == "ok":
            return wire.Reply(204, close=True)
        challenges = [self.auth.challenge() for _ in range(2 if self.two_challenges else 1)]
        return wire.Reply(401, headers=[("WWW-Authenticate", c) for c in challenges], close=True)

    def stop(self):
        self.listener.stop()
