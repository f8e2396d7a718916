/* SPDX-License-Identifier: Apache-2.0 */
/* STUN messages, the binding that is kept, and signed requests (TR-069 A6 Annex G). */
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "agent/stun/binding.h"
#include "agent/stun/stun.h"
#include "agent/stun/udpreq.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "tests/unit/unit.h"

static const struct stun_addr local = { { 192, 168, 1, 2 }, 4000 };
static const struct stun_addr public = { { 203, 0, 113, 5 }, 62000 };
static const struct stun_addr other = { { 203, 0, 113, 5 }, 62001 };

static size_t put(uint8_t *p, const char *hex)
{
	size_t n = strlen(hex);

	assert_int_equal(hex_decode(p, hex, n), 0);
	return n / 2;
}

static void request_has_the_octets_of_annex_g(void **state)
{
	static const char want[] = "000100180102030405060708090a0b0c0d0e0f10"
				   "c001001464736c666f72756d2e6f72672f54522d31313120";
	struct stun_ask ask = { .connection_request = true };
	uint8_t out[STUN_REQUEST_MAX], expected[64];

	for (int i = 0; i < STUN_ID; i++)
		ask.id[i] = (uint8_t)(i + 1);
	assert_int_equal(stun_request(out, &ask), 44);
	assert_int_equal(put(expected, want), 44);
	assert_memory_equal(out, expected, 44);
	ask.changed = true;
	assert_int_equal(stun_request(out, &ask), 48);
	put(expected, "c0020000");
	assert_memory_equal(out + 44, expected, 4);
	assert_int_equal(out[3], 28);
	ask = (struct stun_ask){ .respond_to = &public };
	assert_int_equal(stun_request(out, &ask), 32);
	put(expected, "000200080001f230cb007105");
	assert_memory_equal(out + 20, expected, 12);
}

static void integrity_is_over_whole_blocks(void **state)
{
	struct stun_ask ask = { .connection_request = true,
				.username = "cpe-1",
				.password = "secret" };
	uint8_t out[STUN_REQUEST_MAX], padded[64] = { 0 }, mac[20];
	unsigned int len;
	size_t n = stun_request(out, &ask);

	/* header 20, binding 24, user name 4 + 8, integrity 24 */
	assert_int_equal(n, 80);
	assert_int_equal(out[3], 60);
	assert_memory_equal(out + 44,
			    "\0\x06\0\x08"
			    "cpe-1   ",
			    12);
	memcpy(padded, out, 56);
	assert_non_null(HMAC(EVP_sha1(), "secret", 6, padded, 64, mac, &len));
	assert_memory_equal(out + 56, "\0\x08\0\x14", 4);
	assert_memory_equal(out + 60, mac, 20);
}

/* An answer to id, without integrity. */
static size_t answer(uint8_t *out, const uint8_t *id, const struct stun_addr *a)
{
	size_t n = put(out, "0101000c") + STUN_ID;

	memcpy(out + 4, id, STUN_ID);
	n += put(out + n, "000100080001");
	out[n++] = (uint8_t)(a->port >> 8);
	out[n++] = (uint8_t)a->port;
	memcpy(out + n, a->ip, 4);
	return n + 4;
}

static size_t refusal(uint8_t *out, const uint8_t *id, unsigned int code)
{
	size_t n = put(out, "01110008") + STUN_ID;

	memcpy(out + 4, id, STUN_ID);
	n += put(out + n, "000900040000");
	out[n++] = (uint8_t)(code / 100);
	out[n++] = (uint8_t)(code % 100);
	return n;
}

static size_t add_integrity(uint8_t *out, size_t n, const char *password)
{
	uint8_t padded[256] = { 0 }, mac[20];
	unsigned int len;

	out[3] = (uint8_t)(n - 20 + 24);
	memcpy(padded, out, n);
	assert_non_null(HMAC(EVP_sha1(), password, (int)strlen(password), padded,
			     (n + 63) / 64 * 64, mac, &len));
	put(out + n, "00080014");
	memcpy(out + n + 4, mac, 20);
	return n + 24;
}

static void answers_are_read_or_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"0101",
		"0101000000000000000000000000000000000000",	    /* no address */
		"0101000400000000000000000000000000000000",	    /* wrong length */
		"000100000000000000000000000000000000000000000000", /* a request */
		"01010004000000000000000000000000000000000001ffff", /* runs over */
		"0101000c000000000000000000000000000000000001000800021234010203ff", /* IPv6 */
		"010100100000000000000000000000000000000000010008000112340102030400070000",
	};
	uint8_t data[256];
	struct stun_answer a;
	const uint8_t id[STUN_ID] = { 9 };
	size_t n;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_not_equal(stun_answer(&a, data, put(data, bad[i])), 0);
	n = answer(data, id, &public);
	assert_int_equal(stun_answer(&a, data, n), 0);
	assert_true(stun_same(&a.mapped, &public));
	assert_false(stun_genuine(&a, data, "secret"));
	n = add_integrity(data, n, "secret");
	assert_int_equal(stun_answer(&a, data, n), 0);
	assert_true(stun_genuine(&a, data, "secret"));
	assert_false(stun_genuine(&a, data, "Secret"));
	data[30] ^= 1;
	assert_false(stun_genuine(&a, data, "secret"));
	n = refusal(data, id, 401);
	assert_int_equal(stun_answer(&a, data, n), 0);
	assert_int_equal(a.error, 401);
}

/* The binding */

static struct binding b;
static uint8_t data[512];
static uint64_t now;
static uint8_t ids;

static enum binding_action due(void)
{
	uint8_t id[STUN_ID] = { ++ids };

	if (binding_next(&b) > now && binding_next(&b) != UINT64_MAX)
		now = binding_next(&b);
	return binding_due(&b, now, id);
}

static bool hear(const struct stun_addr *a)
{
	return binding_heard(&b, true, data, answer(data, b.id, a), now);
}

static void begin(uint32_t min, int64_t max, const char *user)
{
	const struct binding_config cfg = { local, user, "secret", min, max };

	now = 1000;
	binding_start(&b, &cfg, now);
}

static bool tells_change(void)
{
	static const uint8_t change[] = { 0xc0, 2, 0, 0 };

	for (size_t i = 20; i + 4 <= b.len; i++)
		if (!memcmp(b.request + i, change, 4))
			return true;
	return false;
}

static void nine_tries_then_lost(void **state)
{
	static const uint64_t at[] = { 0, 100, 300, 700, 1500, 3100, 4700, 6300, 7900 };
	uint8_t id[STUN_ID];

	begin(30, 30, "");
	for (int i = 0; i < 9; i++) {
		assert_int_equal(due(), BINDING_SEND);
		assert_int_equal(now, 1000 + at[i]);
		if (!i)
			memcpy(id, b.id, STUN_ID);
		assert_memory_equal(b.request + 4, id, STUN_ID);
	}
	assert_int_equal(due(), BINDING_LOST);
	assert_int_equal(now, 10500);
	assert_true(binding_next(&b) == UINT64_MAX);
}

static void change_is_told_once_and_the_period_kept(void **state)
{
	begin(30, 30, "");
	assert_int_equal(due(), BINDING_SEND);
	assert_false(tells_change());
	assert_true(hear(&public));
	assert_true(b.nat);
	assert_int_equal(due(), BINDING_SEND);
	assert_true(tells_change());
	assert_false(hear(&public));
	for (int i = 0; i < 3; i++) {
		uint64_t before = now;

		assert_int_equal(due(), BINDING_SEND);
		assert_int_equal(now - before, 30000);
		assert_false(tells_change());
		assert_false(hear(&public));
	}
	assert_int_equal(due(), BINDING_SEND);
	assert_true(hear(&other));
	assert_int_equal(due(), BINDING_SEND);
	assert_true(tells_change());
	assert_false(hear(&other));
}

static void answers_that_always_differ_keep_nobody_busy(void **state)
{
	struct stun_addr at = public;
	unsigned int sent = 0;

	begin(0, -1, "");
	for (uint64_t start = now; now - start < 60000 && sent < 1000; at.port++) {
		if (due() == BINDING_SEND)
			sent++;
		(void)hear(&at);
	}
	assert_in_range(sent, 10, 70);
}

static void no_nat_is_seen(void **state)
{
	begin(30, 600, "");
	assert_int_equal(due(), BINDING_SEND);
	assert_true(hear(&local));
	assert_false(b.nat);
	assert_int_equal(due(), BINDING_SEND);
	assert_false(hear(&local));
	/* nothing to find out */
	assert_int_equal(due(), BINDING_SEND);
}

static void only_the_right_id_is_heard(void **state)
{
	const uint8_t id[STUN_ID] = { 0xff };

	begin(30, 30, "");
	assert_int_equal(due(), BINDING_SEND);
	assert_false(binding_heard(&b, true, data, answer(data, id, &public), now));
	assert_false(binding_heard(&b, false, data, answer(data, b.id, &public), now));
	assert_false(b.known);
	assert_true(hear(&public));
	/* a second copy of an answer changes nothing */
	assert_false(binding_heard(&b, true, data, answer(data, b.id, &other), now));
	assert_true(stun_same(&b.mapped, &public));
}

static void a_401_brings_integrity_and_wants_it_back(void **state)
{
	begin(30, 30, "cpe");
	assert_int_equal(due(), BINDING_SEND);
	assert_int_equal(b.len, 44);
	assert_false(binding_heard(&b, true, data, refusal(data, b.id, 401), now));
	assert_int_equal(due(), BINDING_SEND);
	assert_int_equal(b.len, 44 + 8 + 24);
	assert_false(hear(&public));
	assert_false(binding_heard(&b, true, data,
				   add_integrity(data, answer(data, b.id, &public), "wrong"), now));
	assert_true(binding_heard(&b, true, data,
				  add_integrity(data, answer(data, b.id, &public), "secret"), now));
	/* refused all the same: not for ever */
	assert_int_equal(due(), BINDING_SEND);
	assert_false(binding_heard(&b, true, data, refusal(data, b.id, 401), now));
	assert_int_equal(due(), BINDING_LOST);
}

static void a_401_without_a_username_gives_up(void **state)
{
	begin(30, 30, "");
	assert_int_equal(due(), BINDING_SEND);
	assert_false(binding_heard(&b, true, data, refusal(data, b.id, 401), now));
	assert_int_equal(due(), BINDING_LOST);
	assert_int_equal(b.error, 401);
}

/* A NAT that forgets after `life` seconds without a packet from the primary. */
static uint32_t discover(uint32_t min, int64_t max, uint32_t life)
{
	uint64_t last = 0, until = 40000000;
	struct stun_addr at = public;

	begin(min, max, "");
	while (now < until) {
		switch (due()) {
		case BINDING_SEND:
			if (last && now - last > life * UINT64_C(1000))
				at.port++;
			last = now;
			hear(&at);
			break;
		case BINDING_PROBE:
			if (now - last <= life * UINT64_C(1000))
				hear(&at);
			break;
		default:
			fail_msg("lost");
		}
	}
	return b.low;
}

static void lifetime_is_found(void **state)
{
	static const uint32_t life[] = { 31, 60, 95, 120, 180, 300, 899 };

	for (size_t i = 0; i < ARRAY_SIZE(life); i++) {
		uint32_t found = discover(0, -1, life[i]);

		if (found > life[i] || found * 5 < life[i] * 4 - 5)
			fail_msg("%u s found for %u", found, life[i]);
	}
	/* within what the ACS allows */
	assert_in_range(discover(40, 100, 300), 80, 100);
	assert_int_equal(discover(50, 50, 300), 50);
	assert_int_equal(discover(0, 20, 300), 20);
	/* shorter than anything that may be asked for */
	assert_int_equal(discover(60, 600, 40), 60);
	/* shorter than where it begins */
	assert_in_range(discover(0, -1, 10), 1, 10);
}

static void server_that_does_not_send_elsewhere(void **state)
{
	begin(0, -1, "");
	assert_int_equal(due(), BINDING_SEND);
	assert_true(hear(&public));
	assert_int_equal(due(), BINDING_SEND);
	assert_false(hear(&public));
	assert_int_equal(due(), BINDING_PROBE);
	assert_false(binding_heard(&b, false, data, answer(data, b.id, &other), now));
	for (int i = 0; i < 3; i++) {
		assert_int_equal(due(), BINDING_SEND);
		assert_false(hear(&public));
	}
	assert_int_equal(b.low, STUN_KEEPALIVE_S);
}

/* Requests */

static char text[2048];

static size_t request(const char *ts, const char *id, const char *un, const char *password)
{
	uint8_t mac[20];
	char sig[41];
	unsigned int len;

	snprintf(text, sizeof(text), "%s%s%s%s", ts, id, un, "XTGRWIPC6D3IPXS3");
	assert_non_null(HMAC(EVP_sha1(), password, (int)strlen(password), (unsigned char *)text,
			     strlen(text), mac, &len));
	hex_encode(sig, mac, sizeof(mac));
	return (size_t)snprintf(text, sizeof(text),
				"GET http://10.1.1.1:8080?ts=%s&id=%s&un=%s&cn=XTGRWIPC6D3IPXS3"
				"&sig=%s HTTP/1.1\r\nHost: 10.1.1.1\r\n\r\n",
				ts, id, un, sig);
}

static enum udpreq_verdict check(struct udpreq_seen *seen, size_t n)
{
	return udpreq_check(seen, text, n, "CPE57689", "password");
}

static void signed_request_is_good_once(void **state)
{
	/* HMAC-SHA1 of "11206737001234CPE57689XTGRWIPC6D3IPXS3" by another implementation */
	static const char vector[] =
		"GET http://10.1.1.1:8080?ts=1120673700&id=1234&un=CPE57689&cn=XTGRWIPC6D3IPXS3"
		"&sig=F749EE6D9E3BC469FB709EAD2A75EE7535F58552 HTTP/1.1\r\n\r\n";
	struct udpreq_seen seen = { 0 };

	assert_int_equal(udpreq_check(&seen, vector, sizeof(vector) - 1, "CPE57689", "password"),
			 UDPREQ_OK);
	assert_int_equal(udpreq_check(&seen, vector, sizeof(vector) - 1, "CPE57689", "password"),
			 UDPREQ_REPLAY);
	assert_int_equal(check(&seen, request("1120673699", "1", "CPE57689", "password")),
			 UDPREQ_REPLAY);
	assert_int_equal(check(&seen, request("1120673700", "1235", "CPE57689", "password")),
			 UDPREQ_OK);
	assert_int_equal(check(&seen, request("1120673701", "1234", "CPE57689", "password")),
			 UDPREQ_OK);
	assert_int_equal(check(&seen, request("1120673700", "77", "CPE57689", "password")),
			 UDPREQ_REPLAY);
}

static void wrong_or_missing_credentials_are_refused(void **state)
{
	struct udpreq_seen seen = { 0 };
	size_t n = request("9", "1", "CPE57689", "wrong");

	assert_int_equal(check(&seen, n), UDPREQ_UNSIGNED);
	assert_int_equal(check(&seen, request("9", "1", "CPE5768", "password")), UDPREQ_UNSIGNED);
	n = request("9", "1", "", "");
	assert_int_equal(udpreq_check(&seen, text, n, "", ""), UDPREQ_MALFORMED);
	n = request("9", "1", "CPE57689", "");
	assert_int_equal(udpreq_check(&seen, text, n, "CPE57689", ""), UDPREQ_UNSIGNED);
	assert_true(seen.ts == 0);
	/* a user name that has to be escaped: signed as it stands, or as it is meant */
	n = request("9", "1", "a%20b", "password");
	assert_int_equal(udpreq_check(&seen, text, n, "a b", "password"), UDPREQ_OK);
}

/* The signature is over ts and id without anything between them. */
static void digits_that_change_their_field_are_refused(void **state)
{
	struct udpreq_seen seen = { 0 };
	size_t n = request("1120673700", "1234", "CPE57689", "password");
	char *amp = strstr(text, "&id=1");

	assert_int_equal(check(&seen, n), UDPREQ_OK);
	assert_non_null(amp);
	memcpy(amp, "1&id=", 5); /* ts=11206737001, id=234 */
	assert_int_equal(check(&seen, n), UDPREQ_MALFORMED);
	n = request("1120673701", "1234", "CPE57689", "password");
	amp = strstr(text, "1&id=1234");
	memcpy(amp, "&id=11234", 9); /* ts=112067370, id=11234 */
	assert_int_equal(check(&seen, n), UDPREQ_REPLAY);
	assert_int_equal(check(&seen, request("1120673701", "1", "CPE57689", "password")),
			 UDPREQ_OK);
}

static void malformed_requests_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"G",
		"GET",
		"GET \r\n",
		"GET ? HTTP/1.1\r\n",
		"GET  HTTP/1.1\r\n\r\n",
		"GET http://x HTTP/1.1\r\n\r\n",
		"GET http://x?ts=1 HTTP/1.1\r\n\r\n",
		"GET x?ts=1&id=1&un=a&cn=b&sig= HTTP/1.1\r\n\r\n",
		"GET x?ts=1&ts=2&id=1&un=a&cn=b&sig=00 HTTP/1.1\r\n\r\n",
		"GET x?ts=-1&id=1&un=a&cn=b&sig=00 HTTP/1.1\r\n\r\n",
		"GET x?ts=1&id=99999999999999999999&un=a&cn=b&sig=00 HTTP/1.1\r\n\r\n",
		"POST x?ts=1&id=1&un=a&cn=b&sig=00 HTTP/1.1\r\n\r\n",
		"GET x?ts=1&id=1&un=a&cn=b&sig=00 HTTP/1.0\r\n\r\n",
		"GET x?ts=1&id=1&un=a&cn=b&sig=00 HTTP/1.1",
	};
	struct udpreq_seen seen = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(udpreq_check(&seen, bad[i], strlen(bad[i]), "a", "p"),
				 UDPREQ_MALFORMED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(request_has_the_octets_of_annex_g),
		UNIT(integrity_is_over_whole_blocks),
		UNIT(answers_are_read_or_refused),
		UNIT(nine_tries_then_lost),
		UNIT(change_is_told_once_and_the_period_kept),
		UNIT(answers_that_always_differ_keep_nobody_busy),
		UNIT(no_nat_is_seen),
		UNIT(only_the_right_id_is_heard),
		UNIT(a_401_brings_integrity_and_wants_it_back),
		UNIT(a_401_without_a_username_gives_up),
		UNIT(lifetime_is_found),
		UNIT(server_that_does_not_send_elsewhere),
		UNIT(signed_request_is_good_once),
		UNIT(wrong_or_missing_credentials_are_refused),
		UNIT(digits_that_change_their_field_are_refused),
		UNIT(malformed_requests_are_refused),
	};

	return cmocka_run_group_tests_name("stun", tests, NULL, NULL);
}
