/* SPDX-License-Identifier: Apache-2.0 */
/* Sealed backups (docs/backup-format.md). */
#include "tests/unit/unit.h"

#include <string.h>

#include <openssl/evp.h>

#include "agent/transfer/backup.h"
#include "lib/buf.h"
#include "lib/rand.h"

static uint8_t public[BACKUP_KEY_BYTES], private[BACKUP_KEY_BYTES], box[BACKUP_KEY_BYTES];
static uint8_t other[BACKUP_KEY_BYTES];
static const char text[] = "sallyport-state 1\nDevice.X = secret\n@end = 1\n";
static struct buf file, out;

static int setup(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "X25519");
	size_t n = sizeof(public), m = sizeof(private);

	assert_int_equal(EVP_PKEY_get_raw_public_key(key, public, &n), 1);
	assert_int_equal(EVP_PKEY_get_raw_private_key(key, private, &m), 1);
	EVP_PKEY_free(key);
	assert_int_equal(rand_bytes(box, sizeof(box)), 0);
	assert_int_equal(rand_bytes(other, sizeof(other)), 0);
	buf_init(&file, 4096);
	buf_init(&out, 4096);
	assert_int_equal(backup_seal(&file, public, box, text, sizeof(text) - 1), 0);
	return 0;
}

static int teardown(void **state)
{
	buf_free(&file);
	buf_free(&out);
	return 0;
}

static enum backup_error open_with(const uint8_t *secret, const uint8_t *operator_private)
{
	return backup_open(&out, file.data, file.len, secret, operator_private);
}

static void T118_the_box_and_the_operator_can_open_it(void **state)
{
	assert_int_equal(file.len, sizeof(text) - 1 + BACKUP_OVERHEAD);
	assert_null(memmem(file.data, file.len, "secret", 6));
	assert_int_equal(open_with(box, NULL), BACKUP_OK);
	assert_string_equal(buf_str(&out), text);
	assert_int_equal(open_with(other, private), BACKUP_OK);
	assert_string_equal(buf_str(&out), text);
}

static void T118_another_box_cannot_open_it(void **state)
{
	assert_int_equal(open_with(other, NULL), BACKUP_FOREIGN);
	assert_int_equal(open_with(other, other), BACKUP_FOREIGN);
}

static void T118_two_of_the_same_have_nothing_in_common(void **state)
{
	struct buf second = BUF_INIT(4096);

	assert_int_equal(backup_seal(&second, public, box, text, sizeof(text) - 1), 0);
	for (size_t i = 24; i + 16 <= file.len; i += 16)
		assert_memory_not_equal(file.data + i, second.data + i, 16);
	buf_free(&second);
}

static void T119_every_flipped_bit_is_seen(void **state)
{
	for (size_t i = 0; i < 8 * file.len; i++) {
		const char bit = (char)(1 << i % 8);
		enum backup_error e, f;

		file.data[i / 8] ^= bit;
		e = open_with(box, NULL);
		f = open_with(other, private);
		file.data[i / 8] ^= bit;
		assert_true(e == BACKUP_MALFORMED || e == BACKUP_FOREIGN);
		assert_true(f == BACKUP_MALFORMED || f == BACKUP_FOREIGN);
	}
}

static void T119_every_length_but_the_right_one_is_refused(void **state)
{
	for (size_t n = 0; n < file.len; n++)
		assert_int_equal(backup_open(&out, file.data, n, box, private), BACKUP_MALFORMED);
	buf_putc(&file, 'x');
	assert_int_equal(open_with(box, private), BACKUP_MALFORMED);
}

/* A public key of small order: whoever sends it knows the shared secret. */
static void T119_a_key_that_is_none_is_refused(void **state)
{
	memset(file.data + 24, 0, BACKUP_KEY_BYTES);
	assert_int_equal(open_with(other, private), BACKUP_FOREIGN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(T118_the_box_and_the_operator_can_open_it, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T118_another_box_cannot_open_it, setup, teardown),
		cmocka_unit_test_setup_teardown(T118_two_of_the_same_have_nothing_in_common, setup,
						teardown),
		cmocka_unit_test_setup_teardown(T119_every_flipped_bit_is_seen, setup, teardown),
		cmocka_unit_test_setup_teardown(T119_every_length_but_the_right_one_is_refused,
						setup, teardown),
		cmocka_unit_test_setup_teardown(T119_a_key_that_is_none_is_refused, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("backup", tests, NULL, NULL);
}
