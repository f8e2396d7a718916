/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <string.h>

#include "helper/probe_echo.h"
#include "tests/unit/unit.h"

static uint8_t code;
static const struct echo ours = { 0x1234, 7, { 1, 2, 3, 4, 5, 6, 7, 8 }, 16 };

static struct probe_addr addr(const char *text)
{
	struct probe_addr a = { .family = strchr(text, ':') ? 6 : 4 };

	assert_int_equal(inet_pton(a.family == 6 ? AF_INET6 : AF_INET, text, a.addr), 1);
	return a;
}

/* An IPv4 packet around what is in p + 20. */
static size_t in_ipv4(uint8_t *p, size_t icmp)
{
	memset(p, 0, 20);
	p[0] = 0x45;
	p[9] = 1;
	return 20 + icmp;
}

static void an_ipv4_echo_request_has_its_checksum(void **state)
{
	uint8_t p[24];
	uint32_t sum = 0;

	echo_build(&ours, 4, p);
	assert_int_equal(p[0], 8);
	assert_memory_equal(p + 4, "\x12\x34\x00\x07", 4);
	assert_memory_equal(p + 8, ours.token, 8);
	for (size_t i = 0; i < sizeof(p); i += 2)
		sum += (uint32_t)p[i] << 8 | p[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
	echo_build(&ours, 6, p);
	assert_int_equal(p[0], 128);
	assert_int_equal(p[2] | p[3], 0);
}

static void only_the_answer_to_our_request_counts(void **state)
{
	uint8_t p[44];
	size_t len;

	echo_build(&ours, 4, p + 20);
	len = in_ipv4(p, 24);
	assert_int_equal(echo_read(&ours, 4, p, len, &code),
			 ECHO_NOT_OURS); /* the request itself */
	p[20] = 0;
	assert_int_equal(echo_read(&ours, 4, p, len, &code), ECHO_REPLY);
	assert_int_equal(echo_read(&ours, 4, p, len - 1, &code), ECHO_NOT_OURS);
	for (size_t i = 24; i < 36; i++) { /* identifier, sequence number, token */
		p[i] ^= 1;
		assert_int_equal(echo_read(&ours, 4, p, len, &code), ECHO_NOT_OURS);
		p[i] ^= 1;
	}
	echo_build(&ours, 6, p);
	p[0] = 129;
	assert_int_equal(echo_read(&ours, 6, p, 24, &code), ECHO_REPLY);
	p[7] ^= 1;
	assert_int_equal(echo_read(&ours, 6, p, 24, &code), ECHO_NOT_OURS);
}

static void an_error_counts_when_it_quotes_our_request(void **state)
{
	uint8_t p[20 + 8 + 20 + 8] = { 0 };
	uint8_t q[8 + 40 + 8] = { 1 };
	uint8_t request[24];
	size_t len;

	echo_build(&ours, 4, request);
	memcpy(p + 48, request, 8);
	(void)in_ipv4(p + 28, 8);
	len = in_ipv4(p, 8 + 20 + 8);
	p[20] = 3;
	assert_int_equal(echo_read(&ours, 4, p, len, &code), ECHO_UNREACHABLE);
	p[53] ^= 1;
	assert_int_equal(echo_read(&ours, 4, p, len, &code), ECHO_NOT_OURS);
	echo_build(&ours, 6, request);
	q[8] = 0x60;
	q[14] = 58;
	memcpy(q + 48, request, 8);
	assert_int_equal(echo_read(&ours, 6, q, sizeof(q), &code), ECHO_UNREACHABLE);
	q[14] = 17;
	assert_int_equal(echo_read(&ours, 6, q, sizeof(q), &code), ECHO_NOT_OURS);
}

static void what_is_cut_short_is_never_read_past_its_end(void **state)
{
	uint8_t whole[80] = { 0 };

	for (unsigned int first = 0; first < 256; first++) {
		for (size_t len = 0; len <= sizeof(whole); len++) {
			uint8_t *p = test_malloc(len ? len : 1);

			memcpy(p, whole, len);
			if (len)
				p[0] = (uint8_t)first;
			if (len > 20)
				p[20] = 3;
			(void)echo_read(&ours, 4, p, len, &code);
			(void)echo_read(&ours, 6, p, len, &code);
			test_free(p);
		}
	}
}

static void I5_only_targets_within_policy_are_asked(void **state)
{
	static const struct {
		const char *text;
		bool plain, loopback, private;
	} t[] = {
		{ "192.0.2.1", true, true, true },
		{ "127.0.0.1", false, true, false },
		{ "10.1.2.3", false, false, true },
		{ "172.16.0.1", false, false, true },
		{ "172.32.0.1", true, true, true },
		{ "192.168.1.1", false, false, true },
		{ "169.254.0.1", false, false, true },
		{ "100.64.0.1", false, false, true },
		{ "0.0.0.0", false, false, false },
		{ "224.0.0.1", false, false, false },
		{ "255.255.255.255", false, false, false },
		{ "2001:db8::1", true, true, true },
		{ "::1", false, true, false },
		{ "::", false, false, false },
		{ "ff02::1", false, false, false },
		{ "fe80::1", false, false, true },
		{ "fd00::1", false, false, true },
		{ "fec0::1", false, false, true },
		{ "::ffff:192.0.2.1", false, false, false },
		{ "::192.0.2.1", false, false, false },
		/* what a NAT64 or a 6to4 relay would make of them */
		{ "64:ff9b::192.0.2.1", true, true, true },
		{ "64:ff9b::10.1.2.3", false, false, true },
		{ "64:ff9b::127.0.0.1", false, true, false },
		{ "64:ff9b::224.0.0.1", false, false, false },
		{ "2002:c000:201::1", true, true, true },
		{ "2002:a00:1::1", false, false, true },
		{ "2002:7f00:1::1", false, true, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		struct probe_addr a = addr(t[i].text);

		assert_int_equal(probe_target_ok(&a, false, false), t[i].plain);
		assert_int_equal(probe_target_ok(&a, true, false), t[i].loopback);
		assert_int_equal(probe_target_ok(&a, false, true), t[i].private);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(an_ipv4_echo_request_has_its_checksum),
		UNIT(only_the_answer_to_our_request_counts),
		UNIT(an_error_counts_when_it_quotes_our_request),
		UNIT(what_is_cut_short_is_never_read_past_its_end),
		UNIT(I5_only_targets_within_policy_are_asked),
	};

	return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
