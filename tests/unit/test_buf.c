/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <string.h>

#include "lib/base64.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/hex.h"

static void buf_grows_to_its_ceiling_and_not_beyond(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 1000);
	for (int i = 0; i < 1000; i++)
		buf_putc(&b, 'x');
	assert_false(b.failed);
	assert_int_equal(b.len, 1000);
	assert_int_equal(strlen(b.data), 1000);
	buf_putc(&b, 'y');
	assert_true(b.failed);
	assert_int_equal(b.len, 1000);
	assert_true(b.cap <= 1001);
}

static void buf_put_that_does_not_fit_writes_nothing(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 10);
	buf_puts(&b, "12345");
	buf_puts(&b, "678901");
	assert_true(b.failed);
	assert_string_equal(b.data, "12345");
	/* Nor does what would fit: the message has a hole already. */
	buf_puts(&b, "6");
	assert_string_equal(b.data, "12345");
	buf_reset(&b);
	buf_puts(&b, "1234567890");
	assert_false(b.failed);
	assert_int_equal(b.len, 10);
}

static void buf_size_that_overflows_fails(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, SIZE_MAX);
	buf_putc(&b, 'a');
	assert_true(b.failed);
	buf_init(&b, SIZE_MAX - 1);
	buf_putc(&b, 'a');
	assert_null(buf_room(&b, SIZE_MAX));
	assert_true(b.failed);
	assert_string_equal(b.data, "a");
}

static void buf_numbers_are_exact(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 200);
	buf_putu(&b, 0);
	buf_putc(&b, ' ');
	buf_putu(&b, UINT64_MAX);
	buf_putc(&b, ' ');
	buf_puti(&b, INT64_MIN);
	buf_putc(&b, ' ');
	buf_puti(&b, INT64_MAX);
	buf_printf(&b, " %s:%05d", "z", -42);
	assert_string_equal(buf_str(&b), "0 18446744073709551615 -9223372036854775808 "
					 "9223372036854775807 z:-0042");
}

static void buf_printf_longer_than_the_rest_writes_nothing(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 8);
	buf_printf(&b, "%s", "1234");
	buf_printf(&b, "%d", 56789);
	assert_true(b.failed);
	assert_string_equal(b.data, "1234");
}

static void buf_truncate_drops_what_is_behind(void **state)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, 100);
	assert_string_equal(buf_str(&b), "");
	buf_puts(&b, "world");
	buf_truncate(&b, 99);
	assert_string_equal(buf_str(&b), "world");
	buf_truncate(&b, 2);
	assert_string_equal(buf_str(&b), "wo");
	assert_int_equal(b.len, 2);
}

static void buf_free_leaves_a_usable_buffer(void **state)
{
	struct buf b;

	buf_init(&b, 4);
	buf_puts(&b, "12345");
	buf_free(&b);
	buf_puts(&b, "1234");
	assert_false(b.failed);
	assert_int_equal(b.max, 4);
	buf_wipe(&b);
	assert_null(b.data);
}

static void hex_round_trip(void **state)
{
	static const unsigned char bytes[] = { 0x00, 0x7f, 0x80, 0xff, 0xa5 };
	unsigned char back[5];
	char text[11];
	_cleanup_buf_ struct buf b;

	hex_encode(text, bytes, sizeof(bytes));
	assert_string_equal(text, "007f80ffa5");
	assert_int_equal(hex_decode(back, "007F80fFA5", 10), 0);
	assert_memory_equal(back, bytes, sizeof(bytes));
	assert_int_equal(hex_decode(back, "007", 3), -EINVAL);
	assert_int_equal(hex_decode(back, "0g", 2), -EINVAL);
	buf_init(&b, 9);
	buf_puthex(&b, bytes, sizeof(bytes));
	assert_true(b.failed);
	buf_reset(&b);
	buf_puthex(&b, bytes, 4);
	assert_string_equal(buf_str(&b), "007f80ff");
}

static void base64_agrees_with_rfc4648(void **state)
{
	static const char *const vectors[][2] = {
		{ "", "" },
		{ "f", "Zg==" },
		{ "fo", "Zm8=" },
		{ "foo", "Zm9v" },
		{ "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" },
		{ "foobar", "Zm9vYmFy" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		_cleanup_buf_ struct buf b, back;

		buf_init(&b, 100);
		buf_init(&back, 100);
		base64_encode(&b, vectors[i][0], strlen(vectors[i][0]));
		assert_string_equal(buf_str(&b), vectors[i][1]);
		assert_int_equal(base64_decode(&back, buf_str(&b), b.len), 0);
		assert_string_equal(buf_str(&back), vectors[i][0]);
	}
}

static void base64_refuses_what_is_not_canonical(void **state)
{
	static const char *const wrong[] = {
		"Z",	"Zg",	  "Zg=",   "Zg===", "Zh==",    "Zm9=", "=",
		"====", "Zg==Zg", "Zm9v=", "Zm9v!", "Zm9v\n=", "Z=g=", "Zm9vY",
	};
	_cleanup_buf_ struct buf b;

	buf_init(&b, 100);
	buf_puts(&b, "kept");
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_int_equal(base64_decode(&b, wrong[i], strlen(wrong[i])), -EINVAL);
		assert_string_equal(b.data, "kept");
	}
	assert_int_equal(base64_decode(&b, "Zm9v\r\n Ym\tFy ", 13), 0);
	assert_string_equal(b.data, "keptfoobar");
	buf_reset(&b);
	b.max = 2;
	assert_int_equal(base64_decode(&b, "Zm9v", 4), -ENOBUFS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(buf_grows_to_its_ceiling_and_not_beyond),
		UNIT(buf_put_that_does_not_fit_writes_nothing),
		UNIT(buf_size_that_overflows_fails),
		UNIT(buf_numbers_are_exact),
		UNIT(buf_printf_longer_than_the_rest_writes_nothing),
		UNIT(buf_truncate_drops_what_is_behind),
		UNIT(buf_free_leaves_a_usable_buffer),
		UNIT(hex_round_trip),
		UNIT(base64_agrees_with_rfc4648),
		UNIT(base64_refuses_what_is_not_canonical),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
