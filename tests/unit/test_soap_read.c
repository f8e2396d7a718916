/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/soap/read.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"

#define HEAD                                                              \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'" \
	" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"          \
	" xmlns:c='urn:dslforum-org:cwmp-1-2'>"
#define BODY(x) HEAD "<s:Body>" x "</s:Body></s:Envelope>"
#define FULL(h, x) HEAD "<s:Header>" h "</s:Header><s:Body>" x "</s:Body></s:Envelope>"

static struct soap_reader *reader;
static struct soap_msg msg;

static int set_up(void **state)
{
	soap_warm_up();
	reader = soap_reader_new();
	return reader ? 0 : -1;
}

static int tear_down(void **state)
{
	soap_reader_free(reader);
	return 0;
}

static enum soap_error read_text(const char *text)
{
	return soap_read(reader, text, strlen(text), &msg);
}

static void request_is_read_with_its_id_and_arguments(void **state)
{
	const struct soap_node *n;
	bool next;

	assert_int_equal(read_text(FULL("<c:ID s:mustUnderstand='1'>a&lt;7</c:ID>"
					"<c:HoldRequests s:mustUnderstand='1'>1</c:HoldRequests>",
					"<c:GetParameterNames>\n"
					"  <ParameterPath>Device.<!-- x -->WiFi.</ParameterPath>\n"
					"  <NextLevel> true </NextLevel>\n"
					"</c:GetParameterNames>")),
			 SOAP_OK);
	assert_int_equal(msg.kind, SOAP_CALL);
	assert_int_equal(msg.version, CWMP_1_2);
	assert_string_equal(msg.id, "a<7");
	assert_true(msg.hold_requests);
	assert_string_equal(msg.method, "GetParameterNames");
	n = soap_find(&msg, msg.body, "ParameterPath");
	assert_non_null(n);
	assert_string_equal(soap_text(&msg, n), "Device.WiFi.");
	assert_int_equal(n->len, strlen("Device.WiFi."));
	assert_int_equal(soap_bool(&msg, soap_find(&msg, msg.body, "NextLevel"), &next), 0);
	assert_true(next);
	assert_null(soap_find(&msg, msg.body, "NoSuch"));
	assert_null(soap_find(&msg, NULL, "NoSuch"));
	assert_int_equal(soap_bool(&msg, NULL, &next), -EINVAL);
	assert_null(soap_next(&msg, soap_find(&msg, msg.body, "NextLevel")));
}

static void absent_header_and_id_are_fine(void **state)
{
	assert_int_equal(read_text(BODY("<c:GetRPCMethods/>")), SOAP_OK);
	assert_null(msg.id);
	assert_false(msg.hold_requests);
	assert_string_equal(msg.method, "GetRPCMethods");
	assert_null(soap_first(&msg, msg.body));
}

static void namespace_gives_the_version(void **state)
{
	static const struct {
		const char *ns;
		uint8_t version;
	} cases[] = {
		{ "urn:dslforum-org:cwmp-1-0", CWMP_1_0 },
		{ "urn:dslforum-org:cwmp-1-1", CWMP_1_1 },
		{ "urn:dslforum-org:cwmp-1-2", CWMP_1_2 },
		{ "urn:dslforum-org:cwmp-1-3", CWMP_1_2 },
		{ "urn:dslforum-org:cwmp-1-4", CWMP_1_2 },
		{ "urn:dslforum-org:cwmp-1-5", CWMP_UNKNOWN },
		{ "urn:dslforum-org:cwmp-1-20", CWMP_UNKNOWN },
		{ "urn:dslforum-org:cwmp-1-", CWMP_UNKNOWN },
		{ "urn:else", CWMP_UNKNOWN },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buf_ struct buf b;

		buf_init(&b, 4096);
		buf_printf(&b,
			   "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
			   "<s:Body><x:InformResponse xmlns:x='%s'/></s:Body></s:Envelope>",
			   cases[i].ns);
		assert_int_equal(soap_read(reader, b.data, b.len, &msg), SOAP_OK);
		assert_int_equal(msg.version, cases[i].version);
		assert_int_equal(msg.kind, SOAP_RESPONSE);
		assert_int_equal(msg.method_len, strlen("Inform"));
	}
}

static void types_of_values_are_known_by_their_local_name(void **state)
{
	static const struct {
		const char *name;
		uint8_t type;
	} cases[] = {
		{ " xsi:type='xsd:string'", SOAP_T_STRING },
		{ " xsi:type='int'", SOAP_T_INT },
		{ " xsi:type='unbound:unsignedInt'", SOAP_T_UINT },
		{ " xsi:type='xsd:boolean'", SOAP_T_BOOL },
		{ " xsi:type='soapenc:base64'", SOAP_T_BASE64 },
		{ " xsi:type='xsd:base64Binary'", SOAP_T_BASE64 },
		{ " xsi:type='xsd:strin'", SOAP_T_OTHER },
		{ " xsi:type='xsd:stringy'", SOAP_T_OTHER },
		{ " xsi:type=''", SOAP_T_OTHER },
		{ " type='xsd:string'", SOAP_T_NONE },
		{ "", SOAP_T_NONE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_buf_ struct buf b;

		buf_init(&b, 4096);
		buf_printf(&b, HEAD "<s:Body><c:X><Value%s>1</Value></c:X></s:Body></s:Envelope>",
			   cases[i].name);
		assert_int_equal(soap_read(reader, b.data, b.len, &msg), SOAP_OK);
		assert_int_equal(soap_first(&msg, msg.body)->type, cases[i].type);
	}
}

static void text_keeps_every_character(void **state)
{
	assert_int_equal(read_text(BODY("<c:X><V>  a\n&#13;&#9;&amp;<![CDATA[<&]]>\xc3\xa9 </V>"
					"<E></E></c:X>")),
			 SOAP_OK);
	assert_string_equal(soap_text(&msg, soap_first(&msg, msg.body)), "  a\n\r\t&<&\xc3\xa9 ");
	assert_string_equal(soap_text(&msg, soap_find(&msg, msg.body, "E")), "");
	assert_string_equal(soap_text(&msg, msg.body), "");
}

static void headers_that_are_not_understood_are_told_apart(void **state)
{
	assert_int_equal(read_text(FULL("<c:Odd s:mustUnderstand='0'>1</c:Odd>"
					"<x:Odd xmlns:x='urn:x'/>",
					"<c:A/>")),
			 SOAP_OK);
	assert_null(msg.not_understood);
	assert_int_equal(read_text(FULL("<x:Odd xmlns:x='urn:x' s:mustUnderstand='1'/>", "<c:A/>")),
			 SOAP_OK);
	assert_string_equal(msg.not_understood, "Odd");
	/* Ours by name, but not of CWMP's namespace */
	assert_int_equal(
		read_text(FULL("<x:ID xmlns:x='urn:x' s:mustUnderstand='1'>7</x:ID>", "<c:A/>")),
		SOAP_OK);
	assert_string_equal(msg.not_understood, "ID");
	assert_null(msg.id);
	assert_int_equal(
		read_text(FULL("<x:Odd xmlns:x='urn:x' s:mustUnderstand='1' s:actor='urn:y'/>",
			       "<c:A/>")),
		SOAP_OK);
	assert_null(msg.not_understood);
	assert_int_equal(
		read_text(FULL("<c:NoMoreRequests s:mustUnderstand='1'>0</c:NoMoreRequests>"
			       "<c:UseCWMPVersion s:mustUnderstand='1'>1.4</c:UseCWMPVersion>"
			       "<c:SessionTimeout>90</c:SessionTimeout>",
			       "<c:A/>")),
		SOAP_OK);
	assert_null(msg.not_understood);
	assert_string_equal(msg.use_version, "1.4");
	assert_true(msg.has_session_timeout);
	assert_int_equal(msg.session_timeout, 90);
}

static void faults_are_read(void **state)
{
	assert_int_equal(
		read_text(BODY("<s:Fault><faultcode>Client</faultcode>"
			       "<faultstring>CWMP fault</faultstring><detail><c:Fault>"
			       "<FaultCode>8005</FaultCode><FaultString>again</FaultString>"
			       "</c:Fault></detail></s:Fault>")),
		SOAP_OK);
	assert_int_equal(msg.kind, SOAP_FAULT);
	assert_int_equal(msg.fault_code, 8005);
	assert_string_equal(msg.fault_text, "again");
	assert_int_equal(read_text(BODY("<s:Fault><faultcode>s:VersionMismatch</faultcode>"
					"<faultstring>no</faultstring></s:Fault>")),
			 SOAP_OK);
	assert_int_equal(msg.fault_code, 0);
	assert_string_equal(msg.fault_text, "no");
	assert_int_equal(read_text(BODY("<s:Fault/>")), SOAP_OK);
	assert_string_equal(msg.fault_text, "");
}

static void X1_dtd_entities_and_instructions_are_refused(void **state)
{
	static const char *const wrong[] = {
		"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/shadow'>]>" BODY("<c:A>&x;</c:A>"),
		"<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/x.dtd'>" BODY("<c:A/>"),
		"<!DOCTYPE a>" BODY("<c:A/>"),
		"<!DOCTYPE a [<!ENTITY a 'x'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>"
		"<!ENTITY c '&b;&b;&b;&b;&b;&b;&b;&b;'>]>" BODY("<c:A>&c;</c:A>"),
		"<?xml-stylesheet href='x'?>" BODY("<c:A/>"),
		BODY("<c:A><?php x ?></c:A>"),
		BODY("<c:A>&nbsp;</c:A>"),
		BODY("<c:A v='&foo;'/>"),
		BODY("<c:A>&#0;</c:A>"),
		BODY("<c:A>&#x1;</c:A>"),
		BODY("<c:A>&#xd800;</c:A>"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(read_text(wrong[i]), SOAP_EXML);
		assert_true(strlen(soap_why(reader)) > 5);
	}
	assert_int_equal(read_text("<?xml version='1.0' encoding='utf-8' standalone='yes'?>" BODY(
				 "<c:A>&lt;&gt;&amp;&quot;&apos;</c:A>")),
			 SOAP_OK);
	assert_string_equal(soap_text(&msg, msg.body), "<>&\"'");
}

static void X1_xinclude_is_only_an_element(void **state)
{
	assert_int_equal(
		read_text(BODY("<c:A><xi:include xmlns:xi='http://www.w3.org/2001/XInclude'"
			       " href='file:///etc/shadow'/></c:A>")),
		SOAP_OK);
	assert_string_equal(soap_text(&msg, soap_first(&msg, msg.body)), "");
}

static void only_utf8_is_read(void **state)
{
	static const char utf16[] = "\xff\xfe<\0a\0/\0>\0";
	static const char bare16[] = "<\0a\0/\0>\0";
	static const char ebcdic[] = "\x4c\x6f\xa7\x94\x93\x40";

	assert_int_equal(soap_read(reader, utf16, sizeof(utf16) - 1, &msg), SOAP_EXML);
	assert_int_equal(soap_read(reader, bare16, sizeof(bare16) - 1, &msg), SOAP_EXML);
	assert_int_equal(soap_read(reader, ebcdic, sizeof(ebcdic) - 1, &msg), SOAP_EXML);
	assert_int_equal(read_text(BODY("<c:A>\xe9</c:A>")), SOAP_EXML);
	assert_int_equal(read_text(BODY("<c:A>\xe0\x80\x8a</c:A>")), SOAP_EXML);
	assert_int_equal(read_text(BODY("<c:A>\x01</c:A>")), SOAP_EXML);
	/* The declaration is not believed: the bytes are. */
	assert_int_equal(read_text("<?xml version='1.0' encoding='EUC-JP'?>" BODY("<c:A/>")),
			 SOAP_OK);
	assert_int_equal(read_text("<?xml version='1.0' encoding='ISO-8859-1'?>" BODY(
				 "<c:A>\xc3\xa9</c:A>")),
			 SOAP_OK);
	assert_string_equal(soap_text(&msg, msg.body), "\xc3\xa9");
	assert_int_equal(read_text("\xef\xbb\xbf" BODY("<c:A/>")), SOAP_OK);
	assert_int_equal(read_text("\r\n " BODY("<c:A/>") "\n"), SOAP_OK);
}

static void what_is_no_envelope_is_refused(void **state)
{
	static const struct {
		const char *text;
		enum soap_error e;
	} cases[] = {
		{ "", SOAP_EXML },
		{ " ", SOAP_EXML },
		{ "<", SOAP_EXML },
		{ "hello", SOAP_EXML },
		{ "<a>", SOAP_EXML },
		{ "<a></b>", SOAP_EXML },
		{ "<a/><b/>", SOAP_EXML },
		{ "<a/>x", SOAP_EXML },
		{ BODY("<c:A></c:B>"), SOAP_EXML },
		{ HEAD "<s:Body><c:A/>", SOAP_EXML },
		{ "<html><body>log in here</body></html>", SOAP_EENVELOPE },
		{ HEAD "</s:Envelope>", SOAP_EENVELOPE },
		{ BODY(""), SOAP_EENVELOPE },
		{ BODY("text"), SOAP_EENVELOPE },
		{ BODY("<c:A/><c:B/>"), SOAP_EENVELOPE },
		{ HEAD "<s:Header/></s:Envelope>", SOAP_EENVELOPE },
		{ HEAD "<c:Body><c:A/></c:Body></s:Envelope>", SOAP_EENVELOPE },
		{ "<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'/>",
		  SOAP_EVERSION },
		{ "<Envelope/>", SOAP_EVERSION },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(read_text(cases[i].text), cases[i].e);
}

static void every_truncation_is_refused(void **state)
{
	static const char whole[] =
		"<?xml version='1.0'?>" FULL("<c:ID s:mustUnderstand='1'>7</c:ID>",
					     "<c:A><B>&lt;\xc3\xa9</B><![CDATA[x]]></c:A>");

	for (size_t n = 0; n < sizeof(whole) - 1; n++) {
		/* Its own block, so that a sanitizer sees a read behind the end. */
		_cleanup_free_ char *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, whole, n);
		assert_int_equal(soap_read(reader, copy, n, &msg), SOAP_EXML);
	}
	assert_int_equal(soap_read(reader, whole, sizeof(whole) - 1, &msg), SOAP_OK);
}

static void repeat(struct buf *b, const char *text, size_t n)
{
	while (n--)
		buf_puts(b, text);
}

/* Reads HEAD <Body><c:A> before x middle x after </c:A></Body></Envelope>. */
static enum soap_error read_repeated(const char *before, const char *x, size_t n, const char *after,
				     const char *y)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 64u << 20);
	buf_puts(&b, HEAD "<s:Body><c:A>");
	buf_puts(&b, before);
	repeat(&b, x, n);
	buf_puts(&b, after);
	if (y)
		repeat(&b, y, n);
	buf_puts(&b, "</c:A></s:Body></s:Envelope>");
	assert_false(b.failed);
	return soap_read(reader, b.data, b.len, &msg);
}

static void X2_depth_is_limited(void **state)
{
	assert_int_equal(read_repeated("", "<d>", SOAP_DEPTH_MAX - 3, "", "</d>"), SOAP_OK);
	assert_int_equal(read_repeated("", "<d>", SOAP_DEPTH_MAX - 2, "", "</d>"), SOAP_ELIMIT);
	assert_int_equal(read_repeated("", "<d>", 200000, "", "</d>"), SOAP_ELIMIT);
}

static void X2_length_of_text_and_names_is_limited(void **state)
{
	assert_int_equal(read_repeated("<v>", "x", SOAP_TEXT_MAX, "</v>", NULL), SOAP_OK);
	assert_int_equal(soap_first(&msg, msg.body)->len, SOAP_TEXT_MAX);
	assert_int_equal(read_repeated("<v>", "x", SOAP_TEXT_MAX + 1, "</v>", NULL), SOAP_ELIMIT);
	assert_int_equal(read_repeated("<v><![CDATA[", "x", SOAP_TEXT_MAX + 1, "]]></v>", NULL),
			 SOAP_ELIMIT);
	assert_int_equal(read_repeated("<", "n", SOAP_NAME_MAX, "/>", NULL), SOAP_OK);
	assert_int_equal(read_repeated("<", "n", SOAP_NAME_MAX + 1, "/>", NULL), SOAP_ELIMIT);
	assert_int_equal(read_repeated("<n a='", "v", SOAP_ATTR_MAX, "'/>", NULL), SOAP_OK);
	assert_int_equal(read_repeated("<n a='", "v", SOAP_ATTR_MAX + 1, "'/>", NULL), SOAP_ELIMIT);
	assert_int_equal(read_repeated("<n xmlns:x='", "v", SOAP_ATTR_MAX + 1, "'/>", NULL),
			 SOAP_ELIMIT);
	/* 8 KiB are held back whole; 64 KiB are not waited for. */
	assert_int_equal(read_repeated("<!--", "c", 65536, "-->", NULL), SOAP_ELIMIT);
}

static void X2_number_of_elements_and_attributes_is_limited(void **state)
{
	_cleanup_buf_ struct buf b;

	/* root, Body and A are the first three */
	assert_int_equal(read_repeated("", "<e/>", SOAP_NODES_MAX - 4, "", NULL), SOAP_OK);
	assert_int_equal(read_repeated("", "<e/>", SOAP_NODES_MAX - 3, "", NULL), SOAP_ELIMIT);
	for (int n = SOAP_ATTRS_MAX; n <= SOAP_ATTRS_MAX + 1; n++) {
		buf_init(&b, 1 << 20);
		for (int i = 0; i < n; i++)
			buf_printf(&b, i % 2 ? " a%d='1'" : " xmlns:a%d='u'", i);
		assert_int_equal(read_repeated("<n", b.data, 1, "/>", NULL),
				 n > SOAP_ATTRS_MAX ? SOAP_ELIMIT : SOAP_OK);
		buf_free(&b);
	}
	/* A tag with 100,000 attributes must not take the quadratic time that it would ask for. */
	buf_init(&b, 4 << 20);
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, " a%d='1'", i);
	assert_int_equal(read_repeated("<n", b.data, 1, "/>", NULL), SOAP_ELIMIT);
}

static void X2_size_of_the_body_is_limited(void **state)
{
	static const char tail[] = "</c:A></s:Body></s:Envelope>";
	_cleanup_buf_ struct buf b;

	for (size_t size = SOAP_BODY_MAX; size <= SOAP_BODY_MAX + 1; size++) {
		buf_init(&b, 64u << 20);
		buf_puts(&b, HEAD "<s:Body><c:A><v/>");
		repeat(&b, "\n", size - b.len - strlen(tail));
		buf_puts(&b, tail);
		assert_int_equal(b.len, size);
		assert_int_equal(soap_read(reader, b.data, b.len, &msg),
				 size > SOAP_BODY_MAX ? SOAP_ELIMIT : SOAP_OK);
		buf_free(&b);
	}
}

static void reader_is_as_new_after_an_error(void **state)
{
	assert_int_equal(read_text("<a><b><c>"), SOAP_EXML);
	assert_int_equal(read_text(BODY("<c:A><B>1</B></c:A>")), SOAP_OK);
	assert_string_equal(soap_why(reader), "");
	assert_string_equal(soap_text(&msg, soap_first(&msg, msg.body)), "1");
}

static void numbers_are_those_of_xml_schema(void **state)
{
	uint32_t v;

	assert_int_equal(read_text(BODY("<c:A><n> +7 </n><n>4294967295</n><n>4294967296</n>"
					"<n>-1</n><n></n><n>1 2</n></c:A>")),
			 SOAP_OK);
	const struct soap_node *n = soap_first(&msg, msg.body);

	assert_int_equal(soap_uint(&msg, n, &v), 0);
	assert_int_equal(v, 7);
	n = soap_next(&msg, n);
	assert_int_equal(soap_uint(&msg, n, &v), 0);
	assert_true(v == UINT32_MAX);
	while ((n = soap_next(&msg, n)))
		assert_int_equal(soap_uint(&msg, n, &v), -EINVAL);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(request_is_read_with_its_id_and_arguments),
		UNIT(absent_header_and_id_are_fine),
		UNIT(namespace_gives_the_version),
		UNIT(types_of_values_are_known_by_their_local_name),
		UNIT(text_keeps_every_character),
		UNIT(headers_that_are_not_understood_are_told_apart),
		UNIT(faults_are_read),
		UNIT(X1_dtd_entities_and_instructions_are_refused),
		UNIT(X1_xinclude_is_only_an_element),
		UNIT(only_utf8_is_read),
		UNIT(what_is_no_envelope_is_refused),
		UNIT(every_truncation_is_refused),
		UNIT(X2_depth_is_limited),
		UNIT(X2_length_of_text_and_names_is_limited),
		UNIT(X2_number_of_elements_and_attributes_is_limited),
		UNIT(X2_size_of_the_body_is_limited),
		UNIT(reader_is_as_new_after_an_error),
		UNIT(numbers_are_those_of_xml_schema),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
