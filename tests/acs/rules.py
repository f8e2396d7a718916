# SPDX-License-Identifier: Apache-2.0
"""What TR-069 demands of every POST of a CPE. Each function returns a list of violations."""

import re

from lxml import etree

import soap

KNOWN_NS = {soap.CWMP + v for v in ("1-0", "1-1", "1-2")}
TYPES = {"string", "int", "unsignedInt", "long", "unsignedLong", "boolean", "dateTime",
         "base64Binary", "hexBinary", "decimal"}
DATETIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"
LEXICAL = {
    "int": r"-?\d+", "long": r"-?\d+", "unsignedInt": r"\d+", "unsignedLong": r"\d+",
    "boolean": r"0|1|true|false", "dateTime": DATETIME, "hexBinary": r"([0-9A-Fa-f]{2})*",
    "base64Binary": r"[A-Za-z0-9+/=\s]*", "base64": r"[A-Za-z0-9+/=\s]*",
    "decimal": r"-?\d+(\.\d+)?",
}
BOUNDS = {"int": (-2**31, 2**31 - 1), "unsignedInt": (0, 2**32 - 1),
          "long": (-2**63, 2**63 - 1), "unsignedLong": (0, 2**64 - 1)}
EVENTS = {"0 BOOTSTRAP", "1 BOOT", "2 PERIODIC", "3 SCHEDULED", "4 VALUE CHANGE", "5 KICKED",
          "6 CONNECTION REQUEST", "7 TRANSFER COMPLETE", "8 DIAGNOSTICS COMPLETE",
          "9 REQUEST DOWNLOAD", "10 AUTONOMOUS TRANSFER COMPLETE", "11 DU STATE CHANGE COMPLETE",
          "12 AUTONOMOUS DU STATE CHANGE COMPLETE", "13 WAKEUP", "14 HEARTBEAT"}
M_EVENTS = {"M Reboot", "M ScheduleInform", "M Download", "M ScheduleDownload", "M Upload",
            "M ChangeDUState"}
# Device:2 parameters that every Inform carries (forcedInform of TR-181 2.19.1)
FORCED = ["Device.RootDataModelVersion", "Device.DeviceInfo.HardwareVersion",
          "Device.DeviceInfo.SoftwareVersion", "Device.DeviceInfo.ProvisioningCode",
          "Device.ManagementServer.ParameterKey", "Device.ManagementServer.ConnectionRequestURL",
          "Device.ManagementServer.AliasBasedAddressing"]
CLIENT_FAULTS = {9003, 9005, 9006, 9007, 9008}
# Children of each message, in their order; the schema has the rest
SHAPES = {
    "Inform": ["DeviceId", "Event", "MaxEnvelopes", "CurrentTime", "RetryCount", "ParameterList"],
    "GetRPCMethods": [],
    "GetRPCMethodsResponse": ["MethodList"],
    "GetParameterNamesResponse": ["ParameterList"],
    "GetParameterValuesResponse": ["ParameterList"],
    "SetParameterValuesResponse": ["Status"],
    "GetParameterAttributesResponse": ["ParameterList"],
    "SetParameterAttributesResponse": [],
    "AddObjectResponse": ["InstanceNumber", "Status"],
    "DeleteObjectResponse": ["Status"],
    "RebootResponse": [],
    "FactoryResetResponse": [],
    "ScheduleInformResponse": [],
    "DownloadResponse": ["Status", "StartTime", "CompleteTime"],
    "UploadResponse": ["Status", "StartTime", "CompleteTime"],
    "TransferComplete": ["CommandKey", "FaultStruct", "StartTime", "CompleteTime"],
}
# Messages of a CPE whose inside only the schema checks
OTHERS = {"Kicked", "RequestDownload", "AutonomousTransferComplete", "DUStateChangeComplete",
          "AutonomousDUStateChangeComplete", "GetQueuedTransfersResponse",
          "GetAllQueuedTransfersResponse", "ScheduleDownloadResponse", "CancelTransferResponse",
          "ChangeDUStateResponse", "SetVouchersResponse", "GetOptionsResponse"}
ITEMS = {"EventStruct": ["EventCode", "CommandKey"],
         "ParameterValueStruct": ["Name", "Value"],
         "ParameterInfoStruct": ["Name", "Writable"],
         "ParameterAttributeStruct": ["Name", "Notification", "AccessList"],
         "DeviceId": ["Manufacturer", "OUI", "ProductClass", "SerialNumber"]}


def http(req):
    """The HTTP side of one POST."""
    bad = []
    if req.method != "POST":
        bad.append("method %s" % req.method)
    if req.version != "HTTP/1.1":
        bad.append("version %s" % req.version)
    if len(req.all("Host")) != 1:
        bad.append("%d Host headers" % len(req.all("Host")))
    if req.pipelined:
        bad.append("sent more before the answer came (pipelining)")
    if req.chunked:
        bad.append("chunked request, which many servers refuse")
    elif req.get("Content-Length") is None:
        bad.append("no Content-Length")
    action, ctype = req.all("SOAPAction"), req.all("Content-Type")
    if not req.body:
        if action:
            bad.append("empty POST with SOAPAction")
        if ctype:
            bad.append("empty POST with Content-Type %s" % ctype)
        return bad
    if action != [""]:
        bad.append("SOAPAction has to be there once and empty: %s" % action)
    if len(ctype) != 1 or not re.fullmatch(r'text/xml(;\s*charset="?utf-8"?)?', ctype[0], re.I):
        bad.append("Content-Type %s" % ctype)
    return bad


def envelope(msg):
    """Header, namespaces, arrays and typed values of one envelope."""
    bad = header(msg)
    if msg.ns is not None and msg.ns not in KNOWN_NS:
        bad.append("namespace %s" % msg.ns)
    name = soap.local(msg.el)
    if msg.kind != "fault" and name not in SHAPES and name not in OTHERS:
        bad.append("a CPE does not send %s" % name)
    for el in msg.root.iter():
        if not isinstance(el.tag, str):
            bad.append("comment or processing instruction in a message")
            continue
        ns = etree.QName(el).namespace
        if ns is not None and ns != soap.SOAP and ns != msg.ns and \
                (msg.ns is not None or ns not in KNOWN_NS):
            bad.append("%s is in namespace %s" % (soap.local(el), ns))
    inside = msg.el.iter() if msg.kind != "fault" else []
    for el in inside:
        if el is not msg.el and etree.QName(el).namespace is not None:
            bad.append("argument %s must not be qualified" % soap.local(el))
    for el in msg.root.iter():
        bad += arrays(el)
        bad += children(el)
    if msg.kind == "fault":
        bad += fault(msg)
    for name, value in msg.values if msg.kind != "fault" else []:
        bad += typed(name, value)
    if msg.method == "Inform":
        bad += inform(msg)
    return bad


def header(msg):
    bad = []
    seen = [soap.local(h) for h in msg.headers]
    for h in msg.headers:
        name, mu = soap.local(h), h.get("{%s}mustUnderstand" % soap.SOAP)
        if name == "ID":
            if mu != "1":
                bad.append("ID with mustUnderstand %s" % mu)
        elif name in ("SupportedCWMPVersions", "SessionTimeout"):
            if mu not in (None, "0"):
                bad.append("%s with mustUnderstand %s" % (name, mu))
        else:
            bad.append("header %s does not come from a CPE" % name)
    for name in set(seen):
        if seen.count(name) > 1:
            bad.append("header %s more than once" % name)
    for h in msg.headers:
        if soap.local(h) == "SupportedCWMPVersions":
            if not re.fullmatch(r"1\.[0-9](,1\.[0-9])*", h.text or ""):
                bad.append("SupportedCWMPVersions %r" % h.text)
    return bad


def arrays(el):
    at = el.get("{%s}arrayType" % soap.ENC)
    name = soap.local(el)
    if (el.get("{%s}type" % soap.XSI) or "").endswith(":Array"):
        return ["%s has xsi:type Array, which the schema forbids" % name]
    if at is None:
        kids = {soap.local(c) for c in el}
        lists = {"Event", "ParameterList", "MethodList", "AccessList", "ParameterNames"}
        if name in lists or kids & {"ParameterValueStruct", "EventStruct", "ParameterInfoStruct"}:
            return ["%s without arrayType" % name]
        return []
    m = re.fullmatch(r"(\w+):(\w+)\[(\d+)\]", at)
    if not m or m[1] not in el.nsmap:
        return ["%s: arrayType %r" % (name, at)]
    bad = []
    want = soap.XSD if m[2] == "string" else None
    if want and el.nsmap[m[1]] != want:
        bad.append("%s: arrayType %r is not xsd:string" % (name, at))
    if int(m[3]) != len(el):
        bad.append("%s: arrayType %s with %d elements" % (name, at, len(el)))
    if {soap.local(c) for c in el} - {m[2]}:
        bad.append("%s: elements do not fit arrayType %s" % (name, at))
    return bad


def children(el):
    name = soap.local(el)
    qualified = etree.QName(el).namespace
    want = SHAPES.get(name) if qualified and qualified != soap.SOAP else ITEMS.get(name)
    if want is None:
        return []
    got = [soap.local(c) for c in el]
    return [] if got == want else ["%s holds %s, wants %s" % (name, got, want)]


def typed(name, value):
    if not name:
        return ["a parameter without name"]
    if value.type is None:
        return ["%s: Value without xsi:type" % name]
    if value.type not in TYPES and value.type != "base64":
        return ["%s: xsi:type %s" % (name, value.type)]
    text = value.text
    if value.type in LEXICAL and not re.fullmatch(LEXICAL[value.type], text):
        return ["%s: %r is not a %s" % (name, text, value.type)]
    if value.type in BOUNDS:
        low, high = BOUNDS[value.type]
        if not low <= int(text) <= high:
            return ["%s: %s is outside %s" % (name, text, value.type)]
    return []


def fault(msg):
    bad = []
    f = msg.fault
    code = msg.el.findtext("faultcode") or ""
    prefix, colon, name = code.rpartition(":")
    if colon and msg.el.find("faultcode").nsmap.get(prefix) != soap.SOAP:
        bad.append("faultcode %s: prefix not bound to the SOAP namespace" % code)
    if name in ("MustUnderstand", "VersionMismatch"):
        if f.code:
            bad.append("%s fault with a CWMP detail" % name)
        return bad
    if name not in ("Client", "Server"):
        bad.append("faultcode %r" % code)
    if msg.el.find("detail") is None:
        return bad      # a plain SOAP fault
    if f.faultstring != "CWMP fault":
        bad.append("faultstring %r" % f.faultstring)
    if not 9000 <= f.code <= 9899:
        bad.append("CWMP fault code %r" % f.code)
    if f.parameters and f.code != 9003:
        bad.append("SetParameterValuesFault under fault %d" % f.code)
    if (name == "Client") != (f.code in CLIENT_FAULTS):
        bad.append("faultcode %s with %d" % (name, f.code))
    for pname, pcode, _ in f.parameters:
        if pcode not in (9001, 9002, 9005, 9006, 9007, 9008):
            bad.append("%s: fault %d inside SetParameterValuesFault" % (pname, pcode))
    return bad


def inform(msg):
    bad = []
    ident = msg.device_id
    if not re.fullmatch(r"[0-9A-F]{6}", ident.get("OUI", "")):
        bad.append("OUI %r" % ident.get("OUI"))
    for part in ("Manufacturer", "SerialNumber"):
        if not ident.get(part):
            bad.append("DeviceId without %s" % part)
    for part, text in ident.items():
        if len(text) > 64:
            bad.append("%s longer than 64" % part)
    if not 1 <= len(msg.events) <= 64:
        bad.append("%d events" % len(msg.events))
    if len(set(msg.events)) != len(msg.events):
        bad.append("an event twice: %s" % msg.events)
    for code, key in msg.events:
        if code in EVENTS:
            if key:
                bad.append("event %s with command key %r" % (code, key))
        elif code not in M_EVENTS and not re.match(r"(M )?X_?", code or ""):
            bad.append("event %r" % code)
        if len(key) > 32:
            bad.append("command key longer than 32")
    if msg.text("MaxEnvelopes") != "1":
        bad.append("MaxEnvelopes %s" % msg.text("MaxEnvelopes"))
    if not re.fullmatch(DATETIME, msg.text("CurrentTime") or ""):
        bad.append("CurrentTime %r" % msg.text("CurrentTime"))
    if not re.fullmatch(r"\d+", msg.text("RetryCount") or ""):
        bad.append("RetryCount %r" % msg.text("RetryCount"))
    names = [n for n, _ in msg.values]
    for name in FORCED:
        if names.count(name) != 1:
            bad.append("Inform has %s %d times" % (name, names.count(name)))
    for name in set(names):
        if names.count(name) > 1 and name not in FORCED:
            bad.append("Inform has %s %d times" % (name, names.count(name)))
    if "4 VALUE CHANGE" in msg.codes and not names:
        bad.append("4 VALUE CHANGE without a parameter")
    return bad


class Dialogue:
    """The rules that span a session: order, IDs, cookies, connections."""

    def __init__(self):
        self.posts = 0
        self.ids = set()
        self.ns = None
        self.conn = None
        self.empty_seen = False

    def post(self, conn, req, msg, cookies, awaiting):
        """awaiting: (method, id) of the ACS's request that this POST has to answer, or None."""
        bad = []
        self.posts += 1
        got = req.cookies()
        for name, value in cookies.items():
            if name not in got:
                bad.append("POST %d (%s) without cookie %s" % (self.posts, msg, name))
            elif got[name] != value:
                bad.append("cookie %s is %r, was set to %r" % (name, got[name], value))
        if self.conn is not None and self.conn is not conn and not (
                self.conn.closing or self.conn.peer_left()):
            bad.append("POST %d on another connection while the first is open" % self.posts)
        self.conn = conn
        if (self.posts == 1) != (msg.method == "Inform" and msg.kind == "request"):
            bad.append("POST %d is %s" % (self.posts, msg))
        if msg.ns is not None:
            if self.ns is not None and msg.ns != self.ns:
                bad.append("namespace changed to %s in the session" % msg.ns)
            self.ns = msg.ns
        return bad + self._order(msg, awaiting)

    def _order(self, msg, awaiting):
        bad = []
        if awaiting is None:
            if msg.kind in ("response", "fault"):
                bad.append("%s although nothing was asked" % msg)
            if msg.kind == "request":
                if msg.id is None:
                    bad.append("request %s without an ID" % msg)
                elif msg.id in self.ids:
                    bad.append("ID %r used twice in the session" % msg.id)
                self.ids.add(msg.id)
            if msg.kind == "empty":
                self.empty_seen = True
            return bad
        method, ident = awaiting
        if method == "?":       # something that is no proper request was sent
            return []
        if msg.kind not in ("response", "fault"):
            return ["%s instead of an answer to %s" % (msg, method)]
        if msg.kind == "response" and msg.method != method:
            bad.append("%sResponse to %s" % (msg.method, method))
        if msg.id != ident:
            bad.append("%s has ID %r, the request had %r" % (msg, msg.id, ident))
        return bad
