# SPDX-License-Identifier: Apache-2.0
"""Bad input from the ACS: a fault or a failed session, one log line, nothing applied (X1, X2)."""

import gzip
import os
import re
import time

import soap
from harness import MS, PROVISIONING, Failed, Skipped, fault, same, true, until, within
from server import Listener
from wire import Reply, chunked

EVIL = soap.rpc(*soap.set_parameter_values({PROVISIONING: "evil"}, "evil"))
FAULT, FAILED = "fault", "failed session"


def good():
    """A right SetParameterValues, to be spoiled."""
    return soap.envelope(EVIL, "1")


def outcome(t, s, send):
    """What the agent does about it: (FAULT, message) or (FAILED, None)."""
    send()
    conn = s.last.conn
    until(lambda: s.incoming.qsize() or conn.closed.is_set() or t.server.sessions.qsize(),
          "an answer or the end of the session", 20)
    for _ in range(25):
        # the fault may come on a new connection when the server closed this one
        if s.incoming.qsize() or not s.last.conn.closed_by == "acs":
            break
        time.sleep(0.02)
    if s.incoming.qsize():
        msg = s.take()
        same(msg.kind, "fault", "answer to a bad message")
        return FAULT, msg
    return FAILED, None


def hostile(t, body=None, want=(FAULT, FAILED), word=".", codes=None, reply=None, boot=None):
    """One bad reply to the empty POST; then the agent has to be as good as new."""
    s = t.boot(**(boot or {}))
    mark = len(t.gw.lines(name="agent"))
    s.awaiting = ("?", None)
    kind, msg = outcome(t, s, lambda: s.reply(reply) if reply else s.send(body))
    true(kind in want, "%s instead of %s" % (kind, " or ".join(want)))
    if kind == FAULT:
        if codes:
            true(msg.fault.code in codes or msg.fault.faultcode in codes, str(msg.fault))
        s.awaiting = None
        s.end()
    else:
        t.server.forget(s)
        s = t.after_failure()
        same(s.inform.params[PROVISIONING], "", "ProvisioningCode")
        s.end()
    said = until(lambda: t.complaints(mark), "a log line that says what was wrong")
    same(len(said), 1, "log lines: %s" % "; ".join(said))
    true(re.search(word, said[0]), "the log line %r does not say %s" % (said[0], word))
    s = t.again()
    same((s.value(PROVISIONING), s.value(MS + "ParameterKey")), ("", ""), "values")
    s.end()


def X1_not_xml_at_all(t):
    hostile(t, b"hello, this is no XML")


def X1_html_error_page_with_status_200(t):
    hostile(t, b"<html><body><h1>It works!</h1><br></body></html>")


def X1_truncated_message(t):
    hostile(t, good()[:-30])


def X1_tags_that_do_not_match(t):
    hostile(t, good().replace(b"</cwmp:SetParameterValues>", b"</cwmp:SetParameterValue>"))


def X1_something_behind_the_envelope(t):
    hostile(t, good() + b"<more/>")


def X1_undeclared_prefix(t):
    hostile(t, good().replace(b"xmlns:cwmp=", b"xmlns:other="))


def X1_invalid_utf8(t):
    hostile(t, good().replace(b"evil", b"ev\xff\xfeil", 1))


def X1_control_characters_and_nul(t):
    hostile(t, good().replace(b"evil", b"ev\x00\x01il", 1))


def X1_reference_to_a_forbidden_character(t):
    hostile(t, good().replace(b"evil", b"ev&#0;&#x1f;il", 1))


def X1_utf16(t):
    text = good().decode().replace('encoding="UTF-8"', 'encoding="UTF-16"')
    hostile(t, text.encode("utf-16"))


def X1_doctype_alone(t):
    hostile(t, good().replace(b"<soap:Envelope", b"<!DOCTYPE Envelope><soap:Envelope", 1),
            word="(?i)dtd|doctype")


def X1_internal_entity(t):
    hostile(t, good().replace(b"<soap:Envelope", b"<!DOCTYPE x [<!ENTITY e 'evil'>]>"
                              b"<soap:Envelope", 1).replace(b">evil<", b">&e;<"),
            word="(?i)dtd|doctype")


def X1_billion_laughs(t):
    lines = [b'<!ENTITY a0 "evil">'] + [b'<!ENTITY a%d "%s">' % (i, b"&a%d;" % (i - 1) * 10)
                                        for i in range(1, 12)]
    body = good().replace(b"<soap:Envelope", b"<!DOCTYPE x [" + b"".join(lines) +
                          b"]><soap:Envelope", 1).replace(b">evil<", b">&a11;<")
    start = time.monotonic()
    hostile(t, body, word="(?i)dtd|doctype")
    within(time.monotonic() - start, 0, 60, "seconds")


def X1_external_entity_is_not_fetched(t):
    fetched = []
    web = Listener(lambda conn, req: fetched.append(req.target))
    body = good().replace(b"<soap:Envelope", (
        "<!DOCTYPE x SYSTEM 'http://127.0.0.1:%d/dtd' [<!ENTITY e SYSTEM 'file:///etc/passwd'>"
        "<!ENTITY f SYSTEM 'http://127.0.0.1:%d/f'>]><soap:Envelope" % (web.port, web.port)
    ).encode(), 1).replace(b">evil<", b">&e;&f;<")
    try:
        hostile(t, body, word="(?i)dtd|doctype")
    finally:
        web.stop()
    same(fetched, [], "requests for the entity")
    same(web.connections, [], "connections for the entity")


def X1_undefined_entity(t):
    hostile(t, good().replace(b">evil<", b">&evil;<"))


def X1_processing_instruction(t):
    """A stylesheet instruction has no place in SOAP 1.1."""
    hostile(t, good().replace(b"<soap:Envelope", b"<?xml-stylesheet href='x'?><soap:Envelope", 1))


def X1_xinclude_does_nothing(t):
    s = t.boot()
    include = ('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/hostname" '
               'parse="text"/>')
    body = good().replace(b">evil<", b">" + include.encode() + b"<")
    kind, _ = outcome(t, s, lambda: (setattr(s, "awaiting", ("?", None)), s.send(body)))
    s.awaiting = None
    if kind == FAULT:
        same(s.value(PROVISIONING), "", "value")
        s.end()
    else:
        t.server.forget(s)
        s = t.after_failure()
        same(s.value(PROVISIONING), "", "value")
        s.end()


def nested(depth):
    return good().replace(b">evil<", b">" + b"<a>" * depth + b"</a>" * depth + b"<", 1)


def X2_nesting_of_two_hundred_thousand(t):
    start = time.monotonic()
    hostile(t, nested(200000), word="(?i)deep|depth|nest")
    within(time.monotonic() - start, 0, 60, "seconds")


def X2_nesting_just_over_the_limit(t):
    hostile(t, nested(40), word="(?i)deep|depth|nest")


def X2_body_over_the_limit(t):
    hostile(t, soap.envelope(EVIL + " " * (6 << 20), "1"), word="(?i)big|large|long|limit|exceed")


def X2_endless_chunked_body(t):
    s = t.boot()
    mark = len(t.gw.lines(name="agent"))
    before = resident(t)
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    kind, _ = outcome(t, s, lambda: s.reply(Reply(raw=head + piece * 600)))
    same(kind, FAILED, "outcome")
    grown = resident(t) - before
    true(grown < 16 << 20 or os.environ.get("SAN"), "the agent grew by %d KiB" % (grown >> 10))
    t.server.forget(s)
    t.after_failure().end()
    same(len(t.complaints(mark)), 1, "log lines: %s" % t.complaints(mark))


def X2_gzip_bomb(t):
    bomb = gzip.compress(b"<a>" + b" " * (200 << 20), 9)
    head = ("HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Encoding: gzip\r\n"
            "Content-Length: %d\r\n\r\n" % len(bomb)).encode()
    hostile(t, reply=Reply(raw=head + bomb), want=(FAILED,))


def X2_gzip_that_is_none(t):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 9\r\n\r\n"
    hostile(t, reply=Reply(raw=head + b"not gzip!"), want=(FAILED,))


def X2_a_hundred_thousand_attributes(t):
    many = b" ".join(b"a%d='x'" % i for i in range(100000))
    hostile(t, good().replace(b"<Name>", b"<Name " + many + b">"))


def X2_attribute_of_a_megabyte(t):
    hostile(t, good().replace(b"<Name>", b"<Name a='" + b"x" * (1 << 20) + b"'>"))


def X2_half_a_million_elements(t):
    hostile(t, soap.envelope(soap.rpc("SetParameterValues", "<ParameterList>" + "<a/>" * 500000 +
                                      "</ParameterList>" + soap.tag("ParameterKey", "evil")), "1"))


def X2_long_names(t):
    hostile(t, good().replace(b"SetParameterValues", b"S" * 70000))


def X1_wrong_soap_namespace(t):
    hostile(t, good().replace(soap.SOAP.encode(), b"http://www.w3.org/2003/05/soap-envelope"))


def X1_no_body(t):
    hostile(t, re.sub(rb"<soap:Body>.*</soap:Body>", b"", good()))


def X1_empty_body(t):
    hostile(t, re.sub(rb"<soap:Body>.*</soap:Body>", b"<soap:Body/>", good()))


def X1_two_requests_in_one_body(t):
    hostile(t, soap.envelope(EVIL + EVIL, "1"))


def X1_unqualified_method(t):
    hostile(t, good().replace(b"<cwmp:Set", b"<Set").replace(b"</cwmp:Set", b"</Set"))


def X1_method_in_a_strange_namespace(t):
    hostile(t, good().replace(b"urn:dslforum-org:cwmp-1-2", b"urn:dslforum-org:dslf-9"))


def X1_response_that_nobody_asked_for(t):
    hostile(t, soap.envelope(soap.inform_response(), "1"), codes=(9000, 9003, "Client", "Server"))


def X1_fault_that_nobody_asked_for(t):
    hostile(t, soap.envelope(soap.fault(8002, "x"), "1"), codes=(9000, 9003, "Client", "Server"))


def inform_answer(t, body):
    """The bad message in place of the InformResponse: the session fails, BOOTSTRAP stays."""
    t.acs()
    t.gateway()
    s = t.server.wait_session()
    kind, _ = outcome(t, s, lambda: s.send(body))
    same(kind, FAILED, "outcome")
    t.server.forget(s)
    s = t.server.wait_session()
    same((s.inform.codes, s.inform.text("RetryCount")), (["0 BOOTSTRAP", "1 BOOT"], "1"),
         "events and RetryCount")
    same(len(t.complaints()), 1, "log lines: %s" % "; ".join(t.complaints()))
    s.begin()
    same(s.value(PROVISIONING), "", "value")
    s.end()


def X1_garbage_instead_of_the_inform_response(t):
    inform_answer(t, b"\x00\x01\x02garbage")


def X1_request_instead_of_the_inform_response(t):
    inform_answer(t, good())


def X1_other_response_instead_of_the_inform_response(t):
    inform_answer(t, soap.envelope(soap.rpc("TransferCompleteResponse"), "1"))


def X1_doctype_in_the_inform_response(t):
    inform_answer(t, soap.envelope(soap.inform_response(), "1").replace(
        b"<soap:Envelope", b"<!DOCTYPE x><soap:Envelope", 1))


def http(t, raw, want=(FAILED,)):
    hostile(t, reply=Reply(raw=raw, close_silently=True), want=want)


def X2_status_line_that_is_none(t):
    http(t, b"FTP/1.0 200 fine\r\n\r\n" + b"x" * 100)


def X2_header_of_a_megabyte(t):
    http(t, b"HTTP/1.1 200 OK\r\nX: " + b"x" * (1 << 20) + b"\r\nContent-Length: 0\r\n\r\n")


def X2_ten_thousand_headers(t):
    http(t, b"HTTP/1.1 200 OK\r\n" + b"X-Y: zzzzzzzzzzzzzzzzzz\r\n" * 10000 +
         b"Content-Length: 0\r\n\r\n")


def X2_cookies_without_end(t):
    """Of a path that is never asked for: none of them comes back, but each is kept."""
    def cookies(i):
        return [("Set-Cookie", "c%dn%d=%s; Path=/x" % (i, n, "z" * 4000)) for n in range(15)]
    rpc = soap.get_parameter_values([PROVISIONING])
    s = t.boot()
    mark = len(t.gw.lines(name="agent"))
    for i in range(4):
        s.ask(rpc, http=cookies(i))
    # those that it has already are no more
    s.ask(rpc, http=cookies(0))
    kind, _ = outcome(t, s, lambda: s.post(*rpc, http=cookies(4)))
    same(kind, FAILED, "what became of it")
    t.server.forget(s)
    t.after_failure().end()
    true(any("cookies" in line for line in t.complaints(mark)), "the log does not say why")


def X2_chunk_size_that_is_none(t):
    http(t, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n0\r\n\r\n")


def X2_chunk_size_of_many_digits(t):
    http(t, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nxx\r\n")


def X2_negative_content_length(t):
    http(t, b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")


def X2_body_shorter_than_its_length(t):
    http(t, b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n" %
         (len(good()) + 50) + good())


def X2_length_that_cuts_the_message(t):
    hostile(t, reply=Reply(body=good(), length=len(good()) - 20, close=True))


def X2_connection_cut_in_a_chunk(t):
    whole = chunked(good(), 100)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n"
    hostile(t, reply=Reply(raw=head + whole, cut=len(head) + len(whole) - 60), want=(FAILED,))


def X2_forty_bad_messages_in_a_row_leave_no_trace(t):
    """Memory, descriptors and the next session are as before."""
    t.boot(settings={"connreq.unauth_per_minute": "1000"}).end()
    bad = [good()[:-30], b"x", good().replace(b"<soap:Envelope", b"<!DOCTYPE x><soap:Envelope"),
           nested(100)]
    before = None
    for i in range(40):
        s = t.again()
        kind, _ = outcome(t, s, lambda: (setattr(s, "awaiting", ("?", None)), s.send(bad[i % 4])))
        if kind == FAULT:
            s.awaiting = None
            s.end()
        else:
            t.server.forget(s)
            t.after_failure().end()
        if i == 10:
            before = resident(t), descriptors(t)
    if not os.environ.get("SAN"):       # sanitizers keep what was freed
        true(resident(t) - before[0] < 2 << 20, "memory rose from %d to %d" %
             (before[0], resident(t)))
    same(descriptors(t), before[1], "open descriptors")


def resident(t):
    """Octets of the agent in memory."""
    with open("/proc/%d/statm" % t.gw.agent.pid) as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def descriptors(t):
    return len(os.listdir("/proc/%d/fd" % t.gw.agent.pid))


def in_memory(pid, octets):
    """Are they in anything that a process can write to?"""
    with open("/proc/%d/maps" % pid) as maps, open("/proc/%d/mem" % pid, "rb", 0) as memory:
        for line in maps:
            low, high = (int(x, 16) for x in line.split()[0].split("-"))
            if line.split()[1].startswith("rw"):
                memory.seek(low)
                if octets in memory.read(high - low):
                    return True
    return False


def K3_what_was_read_of_a_message_is_wiped(t):
    """A password that was refused; one that was taken is kept, and shows that the search finds."""
    if os.environ.get("SAN"):
        raise Skipped("a sanitizer has too much memory to be searched")
    s = t.boot()
    s.set({MS + "Password": "canary-taken"})
    fault(9003, s.set, {MS + "Password": "canary-refused" + "x" * 300})
    s.end()
    until(lambda: not in_memory(t.gw.agent.pid, b"Value\0canary-refused"), "a clean memory")
    true(in_memory(t.gw.agent.pid, b"canary-taken"), "the search finds nothing at all")


def K1_secrets_are_in_no_log_and_no_message(t):
    words = ["canary-acs-pw", "canary-cr-pw"]
    s = t.boot(factory={MS + "Password": words[0]})
    s.set({MS + "ConnectionRequestPassword": words[1]})
    s.ask(soap.set_parameter_values([(MS + "ConnectionRequestPassword", words[1] + "x" * 300),
                                     (MS + "Password", words[0], "xsd:boolean")]))
    for _, req in t.server.seen:
        for word in words:
            if word.encode() in req.body:
                raise Failed("%s is in a message" % word)
    s.end()
    for line in t.gw.lines():
        for word in words:
            true(word not in line, "a secret is in the log: %s" % line)
