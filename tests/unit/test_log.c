/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/audit.h"
#include "lib/limits.h"
#include "lib/log.h"

/* A datagram is what one write(2) wrote. */
static int pair[2];
static char got[4096];

static int open_pair(void **state)
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair), 0);
	log_open("test");
	log_set_fd(pair[1]);
	log_set_level(LOG_LVL_INFO);
	return 0;
}

static int close_pair(void **state)
{
	log_set_fd(2);
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static const char *line(void)
{
	ssize_t n = read(pair[0], got, sizeof(got) - 1);

	if (n < 0)
		return NULL;
	got[n] = '\0';
	return got;
}

static void log_line_has_priority_and_name(void **state)
{
	log_err("cannot open %s: %d", "x", 5);
	assert_string_equal(line(), "<3>test: cannot open x: 5\n");
	log_info("plain");
	assert_string_equal(line(), "<6>test: plain\n");
	assert_null(line());
}

static void log_level_hides_what_is_below(void **state)
{
	log_debug("hidden");
	assert_null(line());
	log_set_level(log_level_parse("debug"));
	log_debug("shown");
	assert_string_equal(line(), "<7>test: shown\n");
	log_set_level(log_level_parse("err"));
	log_warn("hidden");
	assert_null(line());
	assert_int_equal(log_level_parse("Debug"), -EINVAL);
	assert_int_equal(log_level_parse(""), -EINVAL);
}

static void P8_audit_line_is_there_at_every_level(void **state)
{
	log_set_level(LOG_LVL_ERR);
	audit("plan", AUDIT_DONE, "radios", AUDIT_NUM(2));
	assert_string_equal(line(), "<5>test: audit: action=plan result=done radios=2\n");
}

static void P8_audit_field_cannot_be_forged(void **state)
{
	char long_value[AUDIT_VALUE_MAX + 2];

	audit("x", AUDIT_REFUSED, "a", "b result=done", "c", "\" d=\\\"\n", "e", "");
	assert_string_equal(line(), "<5>test: audit: action=x result=refused "
				    "a=\"b result=done\" c=\"\\\" d=\\\\\\\"\\x0a\" e=\"\"\n");
	memset(long_value, 'v', sizeof(long_value) - 1);
	long_value[sizeof(long_value) - 1] = '\0';
	audit("x", AUDIT_DONE, "long", long_value);
	assert_string_equal(line() + strlen(got) - 7, "vv...\"\n");
}

static void P8_audit_flood_is_counted_and_not_written(void **state)
{
	struct audit_gate gate = { 0 };

	for (int i = 0; i < AUDIT_PER_MINUTE + 5; i++) {
		audit_gated(&gate, "knock", AUDIT_REFUSED);
		assert_int_equal(!!line(), i < AUDIT_PER_MINUTE);
	}
	gate.since -= 60000; /* a minute later */
	audit_gated(&gate, "knock", AUDIT_REFUSED);
	assert_string_equal(line(), "<5>test: audit: action=knock result=refused left_out=5\n");
	audit_gated(&gate, "knock", AUDIT_REFUSED);
	assert_string_equal(line(), "<5>test: audit: action=knock result=refused\n");
}

static void log_cannot_be_made_to_forge_a_line(void **state)
{
	log_info("ssid %s", "a\n<3>test: forged\r\x1b[31m\x7f");
	assert_string_equal(line(), "<6>test: ssid a\\x0a<3>test: forged\\x0d\\x1b[31m\\x7f\n");
	/* C1 controls and what is not UTF-8; what is stays readable */
	log_info("%s", "\xc2\x9b"
		       "1m \xff \xc3\xa4 \xe2\x82");
	assert_string_equal(line(), "<6>test: \\xc2\\x9b1m \\xff \xc3\xa4 \\xe2\\x82\n");
}

static void log_line_is_cut_at_its_limit(void **state)
{
	char big[3000];

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_info("%s", big);
	assert_in_range(strlen(line()), LOG_LINE_MAX - 8, LOG_LINE_MAX);
	assert_int_equal(got[strlen(got) - 1], '\n');
	memset(big, '\n', sizeof(big) - 1);
	log_info("%s", big);
	assert_in_range(strlen(line()), LOG_LINE_MAX - 8, LOG_LINE_MAX);
	assert_non_null(strstr(got, "\\x0a\\x0a"));
	assert_string_equal(got + strlen(got) - 4, "x0a\n");
}

static void log_with_a_huge_name_stays_one_line(void **state)
{
	char big[3000];

	memset(big, 'n', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_open(big);
	audit("x", AUDIT_FAILED, "what", big);
	assert_in_range(strlen(line()), 1, LOG_LINE_MAX);
	assert_int_equal(got[strlen(got) - 1], '\n');
}

static void log_keeps_errno(void **state)
{
	close(pair[0]);
	errno = ENOTTY;
	log_err("nobody reads this");
	assert_int_equal(errno, ENOTTY);
	pair[0] = dup(pair[1]);
}

static void tap(int level, const char *text, void *arg)
{
	char *out = arg;

	out[0] = (char)('0' + level);
	strncpy(out + 1, text, 50);
}

static void log_tap_sees_the_escaped_text(void **state)
{
	char seen[64] = "";

	(void)log_add_tap(tap, seen);
	log_warn("a\nb");
	assert_string_equal(seen, "4a\\x0ab");
	log_debug("not shown");
	assert_string_equal(seen, "4a\\x0ab");
	log_drop_tap(tap);
	log_warn("not seen");
	assert_string_equal(seen, "4a\\x0ab");
}

static void secret_is_kept_whole_or_not_at_all(void **state)
{
	static const struct secret none;
	struct secret a = { .len = 0 };
	char big[SECRET_MAX];

	assert_int_equal(secret_set(&a, "correct horse battery", 13), 0);
	assert_int_equal(a.len, 13);
	assert_string_equal(a.bytes, "correct horse");
	memset(big, 'x', sizeof(big));
	assert_int_equal(secret_set(&a, big, sizeof(big)), -E2BIG);
	assert_string_equal(a.bytes, "correct horse");
	assert_int_equal(secret_set(&a, big, sizeof(big) - 1), 0);
	assert_int_equal(a.len, SECRET_MAX - 1);
	assert_int_equal(a.bytes[SECRET_MAX - 1], '\0');
	secret_clear(&a);
	assert_memory_equal(&a, &none, sizeof(a));
}

static void secrets_are_compared_to_their_last_byte(void **state)
{
	assert_true(secret_eq("correct horse", "correct horse", 13));
	assert_false(secret_eq("correct horse", "correct horsf", 13));
	assert_false(secret_eq("correct horse", "dorrect horse", 13));
	assert_true(secret_eq("correct horse", "correct horsf", 12));
	assert_true(secret_eq("", "", 0));
}

static void K3_shorter_secret_leaves_nothing_of_the_longer(void **state)
{
	static const struct secret zero;
	struct secret s;

	secret_set(&s, "a long passphrase", 17);
	secret_set(&s, s.bytes + 2, 4);
	assert_string_equal(s.bytes, "long");
	for (size_t i = s.len; i < sizeof(s.bytes); i++)
		assert_int_equal(s.bytes[i], 0);
	secret_clear(&s);
	assert_memory_equal(&s, &zero, sizeof(s));
}

#define LOGGED(f) cmocka_unit_test_setup_teardown(f, open_pair, close_pair)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LOGGED(log_line_has_priority_and_name),
		LOGGED(log_level_hides_what_is_below),
		LOGGED(P8_audit_line_is_there_at_every_level),
		LOGGED(P8_audit_field_cannot_be_forged),
		LOGGED(P8_audit_flood_is_counted_and_not_written),
		LOGGED(log_cannot_be_made_to_forge_a_line),
		LOGGED(log_line_is_cut_at_its_limit),
		LOGGED(log_with_a_huge_name_stays_one_line),
		LOGGED(log_keeps_errno),
		LOGGED(log_tap_sees_the_escaped_text),
		UNIT(secret_is_kept_whole_or_not_at_all),
		UNIT(secrets_are_compared_to_their_last_byte),
		UNIT(K3_shorter_secret_leaves_nothing_of_the_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
