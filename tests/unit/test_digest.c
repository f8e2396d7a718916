/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/http/digest.h"
#include "agent/http/nonce.h"
#include "lib/limits.h"
#include "tests/unit/unit.h"

#define REALM "http-auth@example.org"
#define RFC7616(alg, response)                                                        \
	"Digest username=\"Mufasa\", realm=\"" REALM "\", uri=\"/dir/index.html\", "  \
	"algorithm=" alg ", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", " \
	"nc=00000001, cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", "      \
	"qop=auth, response=\"" response                                              \
	"\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""

static int parse(struct digest_auth *auth, const char *value)
{
	return digest_parse(auth, value, strlen(value));
}

/* RFC 7616 3.9.1 */
static void N5_digest_agrees_with_rfc7616(void **state)
{
	struct digest_auth auth;
	char out[DIGEST_HEX_MAX];

	assert_int_equal(parse(&auth, RFC7616("MD5", "8ca523f5e9506fed4657c9700eebdbec")), 0);
	assert_int_equal(auth.nc_value, 1);
	assert_int_equal(digest_response(DIGEST_MD5, &auth, "Circle of Life", "GET", out), 0);
	assert_string_equal(out, "8ca523f5e9506fed4657c9700eebdbec");
	assert_true(digest_verify(DIGEST_MD5, &auth, REALM, "Mufasa", "Circle of Life", "GET"));

	assert_int_equal(parse(&auth, RFC7616("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10da"
							 "f4496794697cf8db5856cb6c1")),
			 0);
	assert_true(digest_verify(DIGEST_SHA256, &auth, REALM, "Mufasa", "Circle of Life", "GET"));
}

/* RFC 2617 3.5, and its RFC 2069 form (errata: 1949323746fe6a43ef61f9606e7febea) */
static void N5_digest_agrees_with_rfc2617(void **state)
{
	struct digest_auth auth;
	char out[DIGEST_HEX_MAX];

	assert_int_equal(
		parse(&auth, "Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
			     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",uri=\"/dir/index.html\","
			     "qop=auth,nc=00000001,cnonce=\"0a4f113b\","
			     "response=\"6629fae49393a05397450978507c4ef1\","
			     "opaque=\"5ccc069c403ebaf9f0171e9517f40e41\""),
		0);
	assert_true(digest_verify(DIGEST_MD5, &auth, "testrealm@host.com", "Mufasa",
				  "Circle Of Life", "GET"));
	assert_int_equal(
		parse(&auth, "Digest username=\"Mufasa\",realm=\"testrealm@host.com\","
			     "nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\",uri=\"/dir/index.html\","
			     "response=\"1949323746fe6a43ef61f9606e7febea\""),
		0);
	assert_int_equal(digest_response(DIGEST_MD5, &auth, "CircleOfLife", "GET", out), 0);
	assert_string_equal(out, "1949323746fe6a43ef61f9606e7febea");
	/* Without qop there is no count, so it could be replayed. */
	assert_false(digest_verify(DIGEST_MD5, &auth, "testrealm@host.com", "Mufasa",
				   "CircleOfLife", "GET"));
}

static void N5_digest_refuses_what_does_not_match(void **state)
{
	static const char good[] = RFC7616("MD5", "8ca523f5e9506fed4657c9700eebdbec");
	struct digest_auth auth;

	assert_int_equal(parse(&auth, good), 0);
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "Mufasa", "circle of life", "GET"));
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "Mufas", "Circle of Life", "GET"));
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "Mufasa", "Circle of Life", "POST"));
	assert_false(digest_verify(DIGEST_MD5, &auth, "other", "Mufasa", "Circle of Life", "GET"));
	assert_false(digest_verify(DIGEST_SHA256, &auth, REALM, "Mufasa", "Circle of Life", "GET"));
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "", "", "GET"));
	auth.response[31] = 'd';
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "Mufasa", "Circle of Life", "GET"));
	auth.response[0] = '\0';
	assert_false(digest_verify(DIGEST_MD5, &auth, REALM, "Mufasa", "Circle of Life", "GET"));
}

static void N5_digest_parser_takes_only_what_is_well_formed(void **state)
{
#define NEEDED "username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"00\""
	static const struct {
		const char *value;
		int r;
	} cases[] = {
		{ "Digest " NEEDED, 0 },
		{ "digest " NEEDED ",,  ,", 0 },
		{ "Digest\t" NEEDED ", userhash=false, x=\"a,b\\\"c\"", 0 },
		{ "Digest " NEEDED ", qop=\"auth\", nc=\"0000000a\", cnonce=\"\"", 0 },
		{ "Basic dTpw", -EPROTONOSUPPORT },
		{ "", -EPROTONOSUPPORT },
		{ "Digest", -EINVAL },
		{ "Digest " NEEDED " x", -EINVAL },
		{ "Digest " NEEDED ", x=", 0 },
		{ "Digest " NEEDED ", x=\"", -EINVAL },
		{ "Digest " NEEDED ", x=\"\\", -EINVAL },
		{ "Digest " NEEDED ", x=\"\001\"", -EINVAL },
		{ "Digest " NEEDED ", nonce=\"m\"", -EINVAL },
		{ "Digest " NEEDED ", qop=auth", -EINVAL },
		{ "Digest " NEEDED ", qop=auth, nc=1, cnonce=\"c\"", -EINVAL },
		{ "Digest " NEEDED ", qop=auth, nc=0000000g, cnonce=\"c\"", -EINVAL },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\"", -EINVAL },
		{ "Digest =\"u\"", -EINVAL },
	};
	struct digest_auth auth;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = parse(&auth, cases[i].value);

		if (r != cases[i].r)
			fail_msg("%s: %d instead of %d", cases[i].value, r, cases[i].r);
	}
	assert_int_equal(parse(&auth, "Digest username=\"a\\\"b\\\\c\", realm=r, nonce=n, "
				      "uri=\"/\", response=0"),
			 0);
	assert_string_equal(auth.username, "a\"b\\c");
}

static void N5_digest_parser_bounds_every_value(void **state)
{
	struct digest_auth auth;
	char value[800];

	for (int n = DIGEST_VALUE_MAX - 1; n <= DIGEST_VALUE_MAX + 1; n++) {
		snprintf(value, sizeof(value),
			 "Digest username=\"%0*d\", realm=r, nonce=n, uri=\"/\", response=0", n, 0);
		assert_int_equal(parse(&auth, value), n <= DIGEST_VALUE_MAX ? 0 : -EINVAL);
	}
	snprintf(value, sizeof(value),
		 "Digest username=u, realm=r, nonce=n, uri=\"/\", response=%065d", 0);
	assert_int_equal(parse(&auth, value), -EINVAL);
}

static void N5_nonce_is_good_once_per_count_and_for_a_minute(void **state)
{
	static struct nonces n;
	char text[NONCE_TEXT], other[NONCE_TEXT];
	const uint64_t t = 1000000;

	assert_int_equal(nonces_init(&n), 0);
	assert_int_equal(nonce_make(&n, t, text), 0);
	assert_int_equal(nonce_make(&n, t, other), 0);
	assert_string_not_equal(text, other);
	assert_int_equal(nonce_check(&n, text, 1, t), NONCE_GOOD);
	assert_int_equal(nonce_check(&n, text, 1, t + CONNREQ_NONCE_MS - 1), NONCE_GOOD);
	assert_int_equal(nonce_check(&n, text, 1, t + CONNREQ_NONCE_MS), NONCE_STALE);
	assert_int_equal(nonce_check(&n, text, 1, t - 1), NONCE_STALE);
	assert_int_equal(nonce_check(&n, text, 0, t), NONCE_STALE);

	assert_int_equal(nonce_use(&n, text, 2, t), 0);
	assert_int_equal(nonce_check(&n, text, 1, t), NONCE_STALE);
	assert_int_equal(nonce_check(&n, text, 2, t), NONCE_STALE);
	assert_int_equal(nonce_check(&n, text, 3, t), NONCE_GOOD);
	assert_int_equal(nonce_use(&n, text, 2, t), -EINVAL);
	assert_int_equal(nonce_check(&n, other, 1, t), NONCE_GOOD);
}

static void N5_nonce_of_another_or_altered_is_unknown(void **state)
{
	static struct nonces n, m;
	char text[NONCE_TEXT];

	assert_int_equal(nonces_init(&n), 0);
	assert_int_equal(nonces_init(&m), 0);
	assert_int_equal(nonce_make(&n, 5, text), 0);
	assert_int_equal(nonce_check(&m, text, 1, 5), NONCE_UNKNOWN);
	for (size_t i = 0; i < NONCE_TEXT - 1; i++) {
		char kept = text[i];

		text[i] = kept == '0' ? '1' : '0';
		assert_int_equal(nonce_check(&n, text, 1, 5), NONCE_UNKNOWN);
		text[i] = kept;
	}
	assert_int_equal(nonce_check(&n, "", 1, 5), NONCE_UNKNOWN);
	text[NONCE_TEXT - 2] = '\0';
	assert_int_equal(nonce_check(&n, text, 1, 5), NONCE_UNKNOWN);
}

/* More used nonces than there is room for: nothing that was used becomes good again. */
static void N5_full_table_of_used_nonces_allows_no_replay(void **state)
{
	static char text[NONCE_USED_MAX + 1][NONCE_TEXT];
	static struct nonces n;

	assert_int_equal(nonces_init(&n), 0);
	for (int i = 0; i <= NONCE_USED_MAX; i++) {
		assert_int_equal(nonce_make(&n, 10, text[i]), 0);
		assert_int_equal(nonce_use(&n, text[i], 1, 10), 0);
	}
	for (int i = 0; i <= NONCE_USED_MAX; i++)
		assert_int_not_equal(nonce_check(&n, text[i], 1, 10), NONCE_GOOD);
	assert_int_equal(nonce_make(&n, 10, text[0]), 0);
	assert_int_equal(nonce_use(&n, text[0], 1, 10), 0);

	/* What has expired makes room. */
	for (int i = 0; i < 3 * NONCE_USED_MAX; i++) {
		uint64_t t = 10 + (uint64_t)i * CONNREQ_NONCE_MS / 32;

		assert_int_equal(nonce_make(&n, t, text[0]), 0);
		assert_int_equal(nonce_use(&n, text[0], 1, t), 0);
		assert_int_equal(nonce_check(&n, text[0], 1, t), NONCE_STALE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(N5_digest_agrees_with_rfc7616),
		UNIT(N5_digest_agrees_with_rfc2617),
		UNIT(N5_digest_refuses_what_does_not_match),
		UNIT(N5_digest_parser_takes_only_what_is_well_formed),
		UNIT(N5_digest_parser_bounds_every_value),
		UNIT(N5_nonce_is_good_once_per_count_and_for_a_minute),
		UNIT(N5_nonce_of_another_or_altered_is_unknown),
		UNIT(N5_full_table_of_used_nonces_allows_no_replay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
