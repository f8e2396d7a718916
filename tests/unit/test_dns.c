/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "agent/diag/dns.h"
#include "tests/unit/unit.h"

static struct dns_query query;

static int asked(void **state)
{
	return dns_ask(&query, 0x1234, "a.test", DNS_A);
}

/* An answer to query with one A record. */
static size_t answer(uint8_t *out)
{
	static const uint8_t record[] = { 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1 };

	memcpy(out, query.data, query.len);
	out[2] |= 0x84;
	out[7] = 1;
	memcpy(out + query.len, record, sizeof(record));
	return query.len + sizeof(record);
}

static void a_question_is_as_rfc_1035_has_it(void **state)
{
	static const uint8_t want[] = { 0x12, 0x34, 1, 0,   0,	 1,   0,   0, 0, 0, 0, 0,
					1,    'a',  4, 't', 'e', 's', 't', 0, 0, 1, 0, 1 };

	assert_int_equal(query.len, sizeof(want));
	assert_memory_equal(query.data, want, sizeof(want));
}

static void what_is_no_name_is_not_asked(void **state)
{
	static const char *const bad[] = { "", ".", "a..b", ".a", "a b", ";x", "a/b", "\xc3\xa4" };
	char longest[300] = "", label[80];
	struct dns_query q;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(dns_ask(&q, 1, bad[i], DNS_A), -EINVAL);
	memset(label, 'x', 64);
	label[64] = '\0';
	assert_int_equal(dns_ask(&q, 1, label, DNS_A), -EINVAL);
	label[63] = '\0';
	assert_int_equal(dns_ask(&q, 1, label, DNS_A), 0);
	for (int i = 0; i < 127; i++)
		memcpy(longest + 2 * (size_t)i, "a.", 3);
	assert_int_equal(dns_ask(&q, 1, longest, DNS_A), 0);
	assert_int_equal(q.len, DNS_QUERY_MAX);
	memcpy(longest + 254, "a", 2);
	assert_int_equal(dns_ask(&q, 1, longest, DNS_A), -EINVAL);
}

static void only_an_answer_to_the_question_counts(void **state)
{
	uint8_t p[128];
	size_t len = answer(p);
	struct dns_answer a;

	assert_int_equal(dns_read(&a, &query, p, len), 0);
	assert_int_equal(a.count, 1);
	assert_true(a.authoritative);
	assert_memory_equal(a.addr[0], "\xc0\x00\x02\x01", 4);
	p[13] ^= 0x20; /* the case of a letter */
	assert_int_equal(dns_read(&a, &query, p, len), 0);
	p[13] ^= 0x20;
	for (size_t i = 0; i < query.len; i++) {
		/* these say what kind of answer it is, and how many records follow */
		if (i == 2 || i == 3 || (i >= 6 && i < 12))
			continue;
		p[i] ^= 0x40;
		assert_int_equal(dns_read(&a, &query, p, len), -EINVAL);
		p[i] ^= 0x40;
	}
	p[2] &= 0x7f;
	assert_int_equal(dns_read(&a, &query, p, len), -EINVAL);
}

static void what_is_cut_short_is_never_read_past_its_end(void **state)
{
	uint8_t whole[128];
	size_t len = answer(whole);
	struct dns_answer a;

	for (size_t n = 0; n < len; n++) {
		uint8_t *p = test_malloc(n ? n : 1);

		memcpy(p, whole, n);
		assert_int_not_equal(dns_read(&a, &query, p, n), 0);
		test_free(p);
	}
}

static void a_record_of_another_type_is_passed_over(void **state)
{
	uint8_t p[128];
	size_t len = answer(p);
	struct dns_answer a;

	p[query.len + 3] = 5; /* CNAME */
	assert_int_equal(dns_read(&a, &query, p, len), 0);
	assert_int_equal(a.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_question_is_as_rfc_1035_has_it, asked),
		UNIT(what_is_no_name_is_not_asked),
		cmocka_unit_test_setup(only_an_answer_to_the_question_counts, asked),
		cmocka_unit_test_setup(what_is_cut_short_is_never_read_past_its_end, asked),
		cmocka_unit_test_setup(a_record_of_another_type_is_passed_over, asked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
