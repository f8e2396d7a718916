# SPDX-License-Identifier: Apache-2.0
"""The course of a session: TESTPLAN rows 28 to 36."""

import soap
from harness import MS, PROVISIONING, same, true


def T028_session_ends_on_empty_200(t):
    s = t.boot()
    s.end(status=200)
    true(t.server.quiet(1.5), "the session was repeated")


def T028_session_ends_on_204(t):
    s = t.boot()
    s.end(status=204)
    true(t.server.quiet(1.5), "the session was repeated")


def T028_session_ends_on_204_without_any_length(t):
    s = t.boot()
    s.end(raw=b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n")
    true(t.server.quiet(1.5), "the session was repeated")


def T028_session_ends_on_an_empty_chunked_200(t):
    s = t.boot()
    s.end(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
    true(t.server.quiet(1.5), "the session was repeated")


def T028_session_ends_after_an_rpc(t):
    s = t.boot()
    s.value(PROVISIONING)
    s.end(status=200)
    true(t.server.quiet(1.5), "the session was repeated")


def T029_empty_post_has_no_soapaction_and_no_content_type(t):
    s = t.boot()
    req = s.last.req
    same(req.body, b"", "body")
    same(req.all("SOAPAction") + req.all("Content-Type"), [], "headers of the empty POST")
    same(req.all("Content-Length"), ["0"], "Content-Length")
    s.end()


def T033_strange_id_is_echoed(t):
    s = t.boot()
    for ident in ("1", "", "a b", "<&>\"'", "\u00e4\u20ac\U0001f600", "x" * 200, "0", "-1"):
        msg = s.ask(soap.get_parameter_values([PROVISIONING]), cwmp_id=ident)
        same((msg.kind, msg.id), ("response", ident), "answer to ID %r" % ident)
    s.end()


def T033_fault_echoes_the_id_too(t):
    s = t.boot()
    msg = s.ask(soap.get_parameter_values(["Device.Nope"]), cwmp_id="fault-id")
    same((msg.kind, msg.id), ("fault", "fault-id"), "answer")
    s.end()


def T033_request_without_id_is_answered_without(t):
    s = t.boot()
    msg = s.ask(soap.get_parameter_values([PROVISIONING]), cwmp_id=None)
    same((msg.kind, msg.id), ("response", None), "answer")
    s.end()


def T034_unknown_must_understand_header_is_a_soap_fault(t):
    s = t.boot()
    strange = '<x:Strange xmlns:x="urn:strange" soap:mustUnderstand="1">1</x:Strange>'
    msg = s.ask(soap.set_parameter_values({PROVISIONING: "no"}), headers=[strange])
    same(msg.kind, "fault", "answer")
    same(msg.fault.faultcode, "MustUnderstand", "faultcode")
    same(s.value(PROVISIONING), "", "a value that must not have been set")
    s.end()


def T034_unknown_header_without_must_understand_is_ignored(t):
    s = t.boot()
    for mu in ("", ' soap:mustUnderstand="0"'):
        strange = '<x:Strange xmlns:x="urn:strange"%s><y/></x:Strange>' % mu
        msg = s.ask(soap.get_parameter_values([PROVISIONING]), headers=[strange])
        same(msg.kind, "response", "answer")
    s.end()


def T034_no_more_requests_header_of_2004_is_ignored(t):
    s = t.boot()
    msg = s.ask(soap.get_parameter_values([PROVISIONING]),
                headers=[soap.header("NoMoreRequests", 1)])
    same(msg.kind, "response", "answer")
    s.end()


def T035_soapaction_is_there_and_empty(t):
    s = t.boot()
    seen = [t.server.seen[0][1]]
    s.value(PROVISIONING)
    seen.append(s.last.req)
    s.ask(("Frobnicate", ""))
    seen.append(s.last.req)
    for req in seen:
        same(req.all("SOAPAction"), [""], "SOAPAction")
    s.end()


def T036_content_type_is_text_xml_utf8(t):
    s = t.boot()
    s.value(PROVISIONING)
    kinds = s.last.req.all("Content-Type")
    same(len(kinds), 1, "Content-Type headers")
    same(kinds[0].lower().replace('"', "").replace(" ", ""), "text/xml;charset=utf-8", "type")
    s.end()


def T013_nothing_is_sent_before_the_inform_is_answered(t):
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    true(t.server.quiet(0.5), "another session while the Inform waits")
    true(s.incoming.empty(), "something was sent before the answer to the Inform")
    same(len(t.server.listener.connections), 1, "connections")
    s.begin().end()


def C12_envelopes_of_other_servers_are_understood(t):
    """Prefixes, encodingStyle, default namespaces, comments and blanks as servers write them."""
    s = t.boot()
    name = b"Device.DeviceInfo.ProvisioningCode"
    styles = [
        b"""<?xml version='1.0' encoding='utf-8'?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
 xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ns1="urn:dslforum-org:cwmp-1-0"
 SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">
 <SOAP-ENV:Header><ns1:ID SOAP-ENV:mustUnderstand="1">%(id)s</ns1:ID></SOAP-ENV:Header>
 <SOAP-ENV:Body><ns1:GetParameterValues><ParameterNames SOAP-ENC:arrayType="xsd:string[1]"
 xsi:type="SOAP-ENC:Array"><string xsi:type="xsd:string">%(name)s</string></ParameterNames>
 </ns1:GetParameterValues></SOAP-ENV:Body></SOAP-ENV:Envelope>""",
        b"""<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header>
<c:ID xmlns:c="urn:dslforum-org:cwmp-1-2" mustUnderstand="1">%(id)s</c:ID></Header><Body>
<!-- a comment --><GetParameterValues xmlns="urn:dslforum-org:cwmp-1-2">
<ParameterNames xmlns=""><string>%(name)s</string></ParameterNames>
</GetParameterValues></Body></Envelope>""",
        b"""<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"
 xmlns:cwmp="urn:dslforum-org:cwmp-1-2"><s:Header><cwmp:ID s:mustUnderstand="1"
>%(id)s</cwmp:ID></s:Header><s:Body><cwmp:GetParameterValues><ParameterNames>
<string><![CDATA[%(name)s]]></string></ParameterNames></cwmp:GetParameterValues>
</s:Body></s:Envelope>"""]
    for n, style in enumerate(styles):
        body = style.replace(b"%(name)s", name).replace(b"%(id)s", b"id%d" % n)
        msg = s.ask_raw(body)
        same((msg.kind, msg.id), ("response", "id%d" % n), "answer to style %d" % n)
        same(list(msg.params), [name.decode()], "names in the answer to style %d" % n)
    t.allowed.append("namespace changed")
    s.end()


def T054_get_rpc_methods_lists_what_is_there(t):
    s = t.boot()
    methods = s.methods()
    same(len(set(methods)), len(methods), "a method twice")
    for method in ("GetRPCMethods", "SetParameterValues", "GetParameterValues",
                   "GetParameterNames", "SetParameterAttributes", "GetParameterAttributes",
                   "AddObject", "DeleteObject", "Reboot", "Download", "Upload", "FactoryReset",
                   "ScheduleInform", "GetAllQueuedTransfers", "ScheduleDownload",
                   "CancelTransfer"):
        true(method in methods, "%s is not listed" % method)
    s.end()


def T054_every_listed_method_is_implemented(t):
    s = t.boot()
    for method in s.methods():
        if method in ("Reboot", "FactoryReset"):
            continue
        msg = s.ask((method, ""))
        if msg.kind == "fault":
            true(msg.fault.code != 9000, "%s is listed but answered with 9000" % method)
    s.end()


def T026_one_session_at_a_time(t):
    """Several reasons at once give one session after the other, never two."""
    s = t.boot()
    s.set({MS + "PeriodicInformEnable": True, MS + "PeriodicInformInterval": 1})
    s.end()
    s = t.server.wait_session()
    t.knock()
    true(t.server.quiet(1.2), "a second session beside the first")
    s.begin()
    s.set({MS + "PeriodicInformEnable": False})
    s.end()
    n = t.server.session()
    true("6 CONNECTION REQUEST" in n.inform.codes, "events %s" % n.inform.codes)
    n.end()
