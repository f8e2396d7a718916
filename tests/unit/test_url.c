/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "agent/http/url.h"
#include "tests/unit/unit.h"

static void T045_urls_are_taken_apart(void **state)
{
	static const struct {
		const char *in, *host, *text;
		uint16_t port;
		bool https;
	} cases[] = {
		{ "http://acs.example/", "acs.example", "http://acs.example/", 80, false },
		{ "HTTPS://acs.example", "acs.example", "https://acs.example/", 443, true },
		{ "https://acs.example:7547/a?b=c#d", "acs.example",
		  "https://acs.example:7547/a?b=c", 7547, true },
		{ "http://[2001:db8::1]:8080/x", "2001:db8::1", "http://[2001:db8::1]:8080/x", 8080,
		  false },
		{ "http://192.0.2.1/x", "192.0.2.1", "http://192.0.2.1/x", 80, false },
		{ "http://u:p@acs.example/x", "acs.example", "http://acs.example/x", 80, false },
		{ "http://acs.example/a/../b", "acs.example", "http://acs.example/b", 80, false },
	};
	struct url u;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = url_parse(&u, cases[i].in);

		if (r)
			fail_msg("%s: %d", cases[i].in, r);
		assert_string_equal(u.host, cases[i].host);
		assert_string_equal(u.text, cases[i].text);
		assert_int_equal(u.port, cases[i].port);
		assert_int_equal(u.https, cases[i].https);
	}
}

static void N3_other_schemes_and_malformed_urls_are_refused(void **state)
{
	static const struct {
		const char *in;
		int r;
	} cases[] = {
		{ "file:///etc/passwd", -EPROTONOSUPPORT },
		{ "ftp://acs.example/", -EPROTONOSUPPORT },
		{ "gopher://acs.example/", -EPROTONOSUPPORT },
		{ "httpx://acs.example/", -EPROTONOSUPPORT },
		{ "", -EINVAL },
		{ "acs.example", -EINVAL },
		{ "http://", -EINVAL },
		{ "http://a@b@acs.example/x", -EINVAL },
		{ "http://acs.example:0/", -EINVAL },
		{ "http://acs.example:65536/", -EINVAL },
		{ "http://acs.example:x/", -EINVAL },
		{ "http://acs example/", -EINVAL },
		{ "http://acs.example/\r\nX: y", -EINVAL },
		{ "http://[::1/", -EINVAL },
	};
	static char text[CWMP_URL_MAX + 2];
	static struct url u;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int r = url_parse(&u, cases[i].in);

		if (r != cases[i].r)
			fail_msg("%s: %d instead of %d", cases[i].in, r, cases[i].r);
		assert_string_equal(u.text, "");
	}
	memset(text, 'x', CWMP_URL_MAX + 1);
	memcpy(text, "http://a/", 9);
	assert_int_equal(url_parse(&u, text), -ENAMETOOLONG);
	text[CWMP_URL_MAX] = '\0';
	assert_int_equal(url_parse(&u, text), 0);
}

static void N3_origins_are_told_apart(void **state)
{
	static struct url a, b;
	static const struct {
		const char *other;
		bool host, origin;
	} cases[] = {
		{ "https://ACS.example:443/y", true, true },
		{ "http://acs.example/y", true, false },
		{ "https://acs.example:444/", true, false },
		{ "https://acs.example.org/", false, false },
	};

	assert_int_equal(url_parse(&a, "https://acs.example/x"), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(url_parse(&b, cases[i].other), 0);
		assert_int_equal(url_same_host(&a, &b), cases[i].host);
		assert_int_equal(url_same_origin(&a, &b), cases[i].origin);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(T045_urls_are_taken_apart),
		UNIT(N3_other_schemes_and_malformed_urls_are_refused),
		UNIT(N3_origins_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
