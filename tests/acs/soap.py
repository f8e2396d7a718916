# SPDX-License-Identifier: Apache-2.0
"""CWMP envelopes: strict reading of what the agent sends, writing of what an ACS sends."""

import re
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ENC = "http://schemas.xmlsoap.org/soap/encoding/"
XSD = "http://www.w3.org/2001/XMLSchema"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
CWMP = "urn:dslforum-org:cwmp-"
UNKNOWN_TIME = "0001-01-01T00:00:00Z"


class Malformed(Exception):
    """Not an envelope that may be looked at further."""


@dataclass
class Fault:
    code: int                   # the CWMP fault code; 0 when there is only a SOAP fault
    string: str
    faultcode: str              # Client, Server, MustUnderstand, VersionMismatch
    faultstring: str
    parameters: list = field(default_factory=list)      # [(name, code, string)]

    def __str__(self):
        text = "fault %s %s" % (self.code or self.faultcode, self.string or self.faultstring)
        for p in self.parameters:
            text += "; %s: %d %s" % p
        return text


class CwmpFault(Exception):
    """Raised by the session's helpers when the agent answers with a fault."""

    def __init__(self, fault):
        super().__init__(str(fault))
        self.fault = fault
        self.code = fault.code


@dataclass
class Value:
    type: str                   # local name of the xsi:type, None when there was none
    text: str


class Message:
    """One POST of the agent. kind: empty, request, response or fault."""

    def __init__(self, body):
        self.raw = body
        self.kind = "empty"
        self.method = None
        self.id = None
        self.ns = None
        self.headers = []       # lxml elements
        self.el = None          # the RPC element or the Fault
        self.root = None
        if body:
            self._parse(body)

    def _parse(self, body):
        parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        try:
            self.root = etree.fromstring(body, parser)
        except etree.XMLSyntaxError as e:
            raise Malformed("not well-formed: %s" % e)
        info = self.root.getroottree().docinfo
        if info.doctype:
            raise Malformed("the message has a DOCTYPE")
        if (info.encoding or "UTF-8").upper() != "UTF-8":
            raise Malformed("encoding %s" % info.encoding)
        if self.root.tag != "{%s}Envelope" % SOAP:
            raise Malformed("root element %s" % self.root.tag)
        kids = [c.tag for c in self.root if isinstance(c.tag, str)]
        head, main = "{%s}Header" % SOAP, "{%s}Body" % SOAP
        if kids not in ([head, main], [main]):
            raise Malformed("children of Envelope: %s" % kids)
        header = self.root.find(head)
        self.headers = [] if header is None else list(header)
        ids = [h for h in self.headers if local(h) == "ID"]
        self.id = ids[0].text or "" if ids else None
        inside = list(self.root.find(main))
        if len(inside) != 1:
            raise Malformed("%d elements in the Body" % len(inside))
        self.el = inside[0]
        self._classify()

    def _classify(self):
        ns, name = etree.QName(self.el).namespace, local(self.el)
        if ns == SOAP and name == "Fault":
            self.kind = "fault"
            inner = [e for e in self.el.iter() if local(e) == "Fault" and e is not self.el]
            self.ns = etree.QName(inner[0]).namespace if inner else None
            return
        self.ns = ns
        if not (ns or "").startswith(CWMP):
            raise Malformed("%s is not in a cwmp namespace: %r" % (name, ns))
        if name.endswith("Response"):
            self.kind, self.method = "response", name[:-8]
        else:
            self.kind, self.method = "request", name

    def __str__(self):
        if self.kind == "fault":
            return str(self.fault)
        if self.kind == "response":
            return self.method + "Response"
        return self.method or "empty"

    def text(self, path, default=None):
        return self.el.findtext(path, default)

    @property
    def fault(self):
        if self.kind != "fault":
            return None
        code = (self.el.findtext("faultcode") or "").split(":")[-1]
        f = Fault(0, "", code, self.el.findtext("faultstring") or "")
        inner = self.el.find("detail/{%s}Fault" % self.ns) if self.ns else None
        if inner is not None:
            f.code = number(inner.findtext("FaultCode"))
            f.string = inner.findtext("FaultString") or ""
            for p in inner.findall("SetParameterValuesFault"):
                f.parameters.append((p.findtext("ParameterName"), number(p.findtext("FaultCode")),
                                     p.findtext("FaultString") or ""))
        return f

    @property
    def values(self):
        """[(name, Value)] of a ParameterList."""
        out = []
        for p in self.el.findall("ParameterList/ParameterValueStruct"):
            v = p.find("Value")
            t = v.get("{%s}type" % XSI) if v is not None else None
            text = v.text or "" if v is not None else None
            out.append((p.findtext("Name"), Value(t and t.split(":")[-1], text)))
        return out

    @property
    def params(self):
        """{name: text} of a ParameterList."""
        return {name: v.text for name, v in self.values}

    @property
    def names(self):
        """[(name, writable)] of a GetParameterNamesResponse."""
        return [(p.findtext("Name"), p.findtext("Writable") in ("1", "true"))
                for p in self.el.findall("ParameterList/ParameterInfoStruct")]

    @property
    def attributes(self):
        """{name: (notification, [access list])} of a GetParameterAttributesResponse."""
        out = {}
        for p in self.el.findall("ParameterList/ParameterAttributeStruct"):
            access = [e.text or "" for e in p.findall("AccessList/string")]
            out[p.findtext("Name")] = (number(p.findtext("Notification")), access)
        return out

    @property
    def methods(self):
        return [e.text for e in self.el.findall("MethodList/string")]

    @property
    def status(self):
        return number(self.text("Status"))

    @property
    def instance(self):
        return number(self.text("InstanceNumber"))

    @property
    def events(self):
        """[(code, command key)] of an Inform."""
        return [(e.findtext("EventCode"), e.findtext("CommandKey") or "")
                for e in self.el.findall("Event/EventStruct")]

    @property
    def codes(self):
        return [code for code, _ in self.events]

    @property
    def queued(self):
        """[{element: text}] of a TransferList."""
        return [{local(e): e.text or "" for e in item} for item in self.el.find("TransferList")]

    @property
    def device_id(self):
        return {local(e): e.text or "" for e in self.el.find("DeviceId")}


def local(el):
    return etree.QName(el).localname if isinstance(el.tag, str) else ""


def number(text):
    return int(text) if text and re.fullmatch(r"-?\d+", text) else -1


# Writing

class Long(int):
    """An xsd:unsignedLong."""


def qtype(value):
    """The xsi:type that a plain Python value asks for."""
    if isinstance(value, Long):
        return "xsd:unsignedLong"
    if isinstance(value, bool):
        return "xsd:boolean"
    if isinstance(value, int):
        return "xsd:unsignedInt" if value >= 0 else "xsd:int"
    return "xsd:string"


def lexical(value):
    return str(int(value)) if isinstance(value, bool) else str(value)


def tag(name, content=""):
    return "<%s>%s</%s>" % (name, escape(lexical(content)), name)


def array(name, item, items, count=None):
    return '<%s soapenc:arrayType="%s[%d]">%s</%s>' % (
        name, item, len(items) if count is None else count, "".join(items), name)


def value_struct(name, value, xtype="auto"):
    if xtype == "auto":
        xtype = qtype(value)
    attribute = ' xsi:type="%s"' % xtype if xtype else ""
    return "<ParameterValueStruct>%s<Value%s>%s</Value></ParameterValueStruct>" % (
        tag("Name", name), attribute, escape(lexical(value)))


def get_rpc_methods():
    return "GetRPCMethods", ""


def get_parameter_names(path="", next_level=False):
    return "GetParameterNames", tag("ParameterPath", path) + tag("NextLevel", bool(next_level))


def get_parameter_values(names):
    return "GetParameterValues", array("ParameterNames", "xsd:string",
                                       [tag("string", n) for n in names])


def set_parameter_values(values, key=""):
    """values: {name: value} or a list of (name, value) or (name, value, xsi type)."""
    items = values.items() if isinstance(values, dict) else values
    return "SetParameterValues", array("ParameterList", "cwmp:ParameterValueStruct",
                                       [value_struct(*v) for v in items]) + tag("ParameterKey", key)


def add_object(path, key=""):
    return "AddObject", tag("ObjectName", path) + tag("ParameterKey", key)


def delete_object(path, key=""):
    return "DeleteObject", tag("ObjectName", path) + tag("ParameterKey", key)


def get_parameter_attributes(names):
    return "GetParameterAttributes", array("ParameterNames", "xsd:string",
                                           [tag("string", n) for n in names])


def set_parameter_attributes(items, genieacs=False):
    """items: (name, notification or None, access list or None); None: no change.

    GenieACS leaves Notification empty when it does not change it.
    """
    out = []
    for name, notification, access in items:
        empty = "" if genieacs else "0"
        out.append("<SetParameterAttributesStruct>" + tag("Name", name) +
                   tag("NotificationChange", notification is not None) +
                   tag("Notification", empty if notification is None else notification) +
                   tag("AccessListChange", access is not None) +
                   array("AccessList", "xsd:string", [tag("string", a) for a in access or []]) +
                   "</SetParameterAttributesStruct>")
    return "SetParameterAttributes", array("ParameterList", "cwmp:SetParameterAttributesStruct",
                                           out)


def reboot(key=""):
    return "Reboot", tag("CommandKey", key)


def factory_reset():
    return "FactoryReset", ""


def schedule_inform(delay, key=""):
    return "ScheduleInform", tag("DelaySeconds", delay) + tag("CommandKey", key)


def download(file_type, url, key="", user="", password="", size=0, target="", delay=0):
    return "Download", (tag("CommandKey", key) + tag("FileType", file_type) + tag("URL", url) +
                        tag("Username", user) + tag("Password", password) + tag("FileSize", size) +
                        tag("TargetFileName", target) + tag("DelaySeconds", delay) +
                        tag("SuccessURL") + tag("FailureURL"))


def upload(file_type, url, key="", user="", password="", delay=0):
    return "Upload", (tag("CommandKey", key) + tag("FileType", file_type) + tag("URL", url) +
                      tag("Username", user) + tag("Password", password) +
                      tag("DelaySeconds", delay))


def schedule_download(file_type, url, windows, key="", user="", password="", size=0, target="",
                      message=""):
    """windows: [(start, end, mode, retries)]."""
    items = ["<TimeWindowStruct>" + tag("WindowStart", start) + tag("WindowEnd", end) +
             tag("WindowMode", mode) + tag("UserMessage", message) + tag("MaxRetries", retries) +
             "</TimeWindowStruct>" for start, end, mode, retries in windows]
    return "ScheduleDownload", (tag("CommandKey", key) + tag("FileType", file_type) +
                                tag("URL", url) + tag("Username", user) +
                                tag("Password", password) + tag("FileSize", size) +
                                tag("TargetFileName", target) +
                                array("TimeWindowList", "cwmp:TimeWindowStruct", items))


def cancel_transfer(key):
    return "CancelTransfer", tag("CommandKey", key)


def get_queued_transfers():
    return "GetQueuedTransfers", ""


def get_all_queued_transfers():
    return "GetAllQueuedTransfers", ""


def header(name, text, must_understand=None, ns="cwmp"):
    mu = ' soap:mustUnderstand="%s"' % must_understand if must_understand is not None else ""
    return "<%s:%s%s>%s</%s:%s>" % (ns, name, mu, escape(str(text)), ns, name)


def envelope(content, cwmp_id=None, ns=CWMP + "1-2", headers=()):
    """Bytes of an envelope around the Body content; headers are ready XML."""
    head = [header("ID", cwmp_id, "1")] if cwmp_id is not None else []
    head += list(headers)
    return ('<?xml version="1.0" encoding="UTF-8"?>\n'
            '<soap:Envelope xmlns:soap="%s" xmlns:soapenc="%s" xmlns:xsd="%s" xmlns:xsi="%s" '
            'xmlns:cwmp="%s"><soap:Header>%s</soap:Header><soap:Body>%s</soap:Body>'
            '</soap:Envelope>' % (SOAP, ENC, XSD, XSI, ns, "".join(head), content)).encode("utf-8")


def rpc(name, arguments=""):
    return "<cwmp:%s>%s</cwmp:%s>" % (name, arguments, name)


def inform_response():
    return rpc("InformResponse", tag("MaxEnvelopes", 1))


def fault(code, string="", faultcode="Client"):
    """A SOAP Fault with CWMP detail, as an ACS sends it."""
    return ("<soap:Fault><faultcode>%s</faultcode><faultstring>CWMP fault</faultstring><detail>"
            "<cwmp:Fault>%s%s</cwmp:Fault></detail></soap:Fault>" %
            (faultcode, tag("FaultCode", code), tag("FaultString", string)))
