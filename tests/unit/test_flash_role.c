/* SPDX-License-Identifier: Apache-2.0 */
/* What the flash role takes from the agent's hand; the whole role is tested on simulated NAND. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <sys/mman.h>

#include "helper/flash.c"

static int memfd(int seals)
{
	int fd = memfd_create("piece", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(write(fd, "piece", 5), 5);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static int copied(int fd, uint32_t size, size_t max)
{
	uint8_t to[8] = { 0 };
	int r = copy_in(fd, to, size, max);

	assert_true(r || !memcmp(to, "piece", 5));
	close(fd);
	return r;
}

static void F1_a_piece_that_nobody_can_change_is_taken(void **state)
{
	assert_int_equal(copied(memfd(SEALS), 5, 8), 0);
	/* as F_SEAL_EXEC, which comes with vm.memfd_noexec */
	assert_int_equal(copied(memfd(SEALS | F_SEAL_FUTURE_WRITE), 5, 5), 0);
}

static void F1_a_piece_that_can_be_changed_is_refused(void **state)
{
	for (int seal = 1; seal <= SEALS; seal <<= 1)
		assert_int_equal(copied(memfd(SEALS & ~seal), 5, 8), -EINVAL);
	assert_int_equal(copied(memfd(SEALS), 4, 8), -EINVAL);
	assert_int_equal(copied(memfd(SEALS), 6, 8), -EINVAL);
	assert_int_equal(copied(memfd(SEALS), 5, 4), -EINVAL);
	assert_int_equal(copied(open("/dev/zero", O_RDONLY | O_CLOEXEC), 5, 8), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(F1_a_piece_that_nobody_can_change_is_taken),
		UNIT(F1_a_piece_that_can_be_changed_is_refused),
	};

	return cmocka_run_group_tests_name("flash_role", tests, NULL, NULL);
}
