/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "agent/soap/escape.h"
#include "agent/soap/read.h"
#include "agent/soap/write.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/text.h"

static void escape_is(const char *text, size_t len, const char *expected)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 65536);
	soap_escape(&b, text, len);
	assert_string_equal(buf_str(&b), expected);
}
#define ESCAPE_IS(text, expected) escape_is(text, sizeof(text) - 1, expected)

static void well_formed_text_comes_out_as_it_went_in(void **state)
{
	ESCAPE_IS("", "");
	ESCAPE_IS("plain text, long enough for more than one word", "plain text, long enough for "
								    "more than one word");
	ESCAPE_IS("a&b<c>d\"e'f", "a&amp;b&lt;c&gt;d\"e'f");
	ESCAPE_IS("\t\n\r", "\t\n&#13;");
	ESCAPE_IS("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80");
	ESCAPE_IS("]]>", "]]&gt;");
}

static void what_xml_cannot_hold_is_replaced_one_for_one(void **state)
{
#define R "\xef\xbf\xbd"
	ESCAPE_IS("a\0b", "a" R "b");
	ESCAPE_IS("\x01\x1f", R R);
	ESCAPE_IS("caf\xe9", "caf" R);
	ESCAPE_IS("\xc3", R);
	ESCAPE_IS("\xc0\xaf", R R);		    /* overlong */
	ESCAPE_IS("\xed\xa0\x80", R R R);	    /* surrogate */
	ESCAPE_IS("\xef\xbf\xbe\xef\xbf\xbf", R R); /* U+FFFE, U+FFFF */
	ESCAPE_IS("\xf4\x90\x80\x80", R R R R);	    /* above U+10FFFF */
	ESCAPE_IS("\x7f", "\x7f");
#undef R
}

static void plain_finds_the_first_octet_at_every_place(void **state)
{
	static const char special[] = { '&', '<', '>', '\0', '\n', '\r', '\x1f', '\x80', '\xff' };
	char text[41];

	for (size_t at = 0; at <= 40; at++) {
		for (size_t i = 0; i < sizeof(special); i++) {
			memset(text, 'a', sizeof(text));
			if (at < 40)
				text[at] = special[i];
			assert_int_equal(soap_plain(text, 40), at);
		}
	}
	for (int c = 0x20; c < 0x80; c++) {
		memset(text, c, 8);
		assert_int_equal(soap_plain(text, 8), c == '&' || c == '<' || c == '>' ? 0 : 8);
	}
}

/* Any bytes: what comes out is XML 1.0, and says the same when it is read back. */
static void any_bytes_make_a_clean_value(void **state)
{
	struct soap_reader *reader = soap_reader_new();
	struct soap_msg msg;
	uint32_t seed = 1;

	assert_non_null(reader);
	for (int round = 0; round < 2000; round++) {
		_cleanup_buf_ struct buf b, clean;
		struct soap_writer w;
		const struct soap_node *n;
		char value[48];
		size_t len;

		for (len = 0; len < sizeof(value) - 1; len++) {
			seed = seed * 1103515245 + 12345;
			value[len] = (char)(seed >> 16);
			if (seed >> 28 == 0)
				break;
		}
		buf_init(&b, 65536);
		buf_init(&clean, 65536);
		soap_begin(&w, &b, CWMP_1_2, NULL, 0);
		soap_open(&w, "cwmp:GetParameterValuesResponse");
		soap_array_begin(&w, "ParameterList", "cwmp:ParameterValueStruct");
		soap_value(&w, "Device.X", 8, "xsd:string", value, len);
		soap_array_end(&w, "ParameterList");
		soap_close(&w, "cwmp:GetParameterValuesResponse");
		soap_end(&w);
		assert_int_equal(soap_read(reader, b.data, b.len, &msg), SOAP_OK);
		n = soap_first(&msg, soap_first(&msg, msg.body));
		n = soap_find(&msg, n, "Value");
		assert_non_null(n);
		assert_true(xml_clean(soap_text(&msg, n), n->len));
		/* Reading back and writing again changes nothing more. */
		soap_escape(&clean, value, len);
		if (!memchr(buf_str(&clean), '&', clean.len))
			assert_string_equal(soap_text(&msg, n), buf_str(&clean));
	}
	soap_reader_free(reader);
}

static void array_counts_are_patched_in(void **state)
{
	static const uint32_t counts[] = { 0, 1, 9, 10, 1234 };

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		_cleanup_buf_ struct buf b;
		struct soap_writer w = { .out = &b };
		char expected[64];

		buf_init(&b, 1 << 20);
		soap_array_begin(&w, "List", "xsd:string");
		for (uint32_t j = 0; j < counts[i]; j++) {
			soap_array_item(&w);
			soap_puts(&w, "string", "");
		}
		soap_array_end(&w, "List");
		snprintf(expected, sizeof(expected), "<List soap-enc:arrayType=\"xsd:string[%u]\"",
			 counts[i]);
		assert_memory_equal(b.data, expected, strlen(expected));
		assert_memory_equal(
			b.data + strlen(expected) + strspn(b.data + strlen(expected), " "), ">", 1);
	}
}

static void header_of_a_version_is_its_own(void **state)
{
	static const char *const ns[] = { "cwmp-1-0\"", "cwmp-1-1\"", "cwmp-1-2\"", "cwmp-1-2\"",
					  "cwmp-1-2\"" };

	for (uint8_t v = CWMP_1_0; v <= CWMP_NEWEST; v++) {
		_cleanup_buf_ struct buf b;
		struct soap_writer w;

		buf_init(&b, 4096);
		soap_begin_inform(&w, &b, v, "1");
		soap_end(&w);
		assert_non_null(strstr(b.data, ns[v]));
		assert_true(!!strstr(b.data, ">1.0,1.1,1.2,1.3,1.4<") == (v >= CWMP_1_2));
		assert_non_null(
			strstr(b.data, "<cwmp:ID soap-env:mustUnderstand=\"1\">1</cwmp:ID>"));
	}
}

static void response_without_id_has_no_header(void **state)
{
	_cleanup_buf_ struct buf b;
	struct soap_writer w;

	buf_init(&b, 4096);
	soap_begin(&w, &b, CWMP_1_0, NULL, 0);
	assert_null(strstr(b.data, "Header"));
	buf_reset(&b);
	soap_begin(&w, &b, CWMP_1_0, "a<b", 3);
	assert_non_null(strstr(b.data, ">a&lt;b</cwmp:ID>"));
}

static void full_buffer_fails_and_stays_inside(void **state)
{
	for (size_t max = 0; max < 900; max++) {
		_cleanup_buf_ struct buf b;
		struct soap_writer w;

		buf_init(&b, max);
		soap_begin(&w, &b, CWMP_1_2, "1", 1);
		soap_array_begin(&w, "ParameterList", "cwmp:ParameterValueStruct");
		soap_value(&w, "Device.X", 8, "xsd:string", "a&b", 3);
		soap_info(&w, "Device.X", 8, true);
		soap_array_end(&w, "ParameterList");
		soap_end(&w);
		assert_true(b.len <= max);
		assert_true(b.failed || max > 600);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT(well_formed_text_comes_out_as_it_went_in),
		UNIT(what_xml_cannot_hold_is_replaced_one_for_one),
		UNIT(plain_finds_the_first_octet_at_every_place),
		UNIT(any_bytes_make_a_clean_value),
		UNIT(array_counts_are_patched_in),
		UNIT(header_of_a_version_is_its_own),
		UNIT(response_without_id_has_no_header),
		UNIT(full_buffer_fails_and_stays_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
