/* SPDX-License-Identifier: Apache-2.0 */
/* The frame before a handler: state, rate, and that nothing reaches it that should not. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "helper/serve.h"
#include "ipc/ipc.h"
#include "lib/limits.h"
#include "lib/log.h"

static struct role_io io;
static struct ipc_chan agent;
static uint32_t now_state;
static unsigned int runs;
static int answer;
static bool bad_reply;

static int handler(void *self, const void *req, void *rep, int fd_in, int *fd_out)
{
	runs++;
	if (bad_reply)
		memset(((struct plan_done *)rep)->why, 'x', sizeof(((struct plan_done *)rep)->why));
	return answer;
}

static const struct role_op ops[IPC_OPS] = {
	[IPC_PLAN_BEGIN] = { handler },
	[IPC_PLAN_BSS] = { handler },
	[IPC_PLAN_COMMIT] = { handler },
};

static uint32_t state_of(void *self)
{
	return now_state;
}

static const struct role fake = { .ipc = IPC_RADIO, .ops = ops, .state = state_of };

static int setup(void **state)
{
	int fd[2];

	if (ipc_pair(fd))
		return -1;
	memset(&io, 0, sizeof(io));
	io.role = &fake;
	ipc_chan_init(&io.chan, fd[0], IPC_RADIO, IPC_SERVES);
	ipc_chan_init(&agent, fd[1], IPC_RADIO, IPC_ASKS);
	now_state = IPC_ST_IDLE;
	runs = 0;
	answer = 0;
	bad_reply = false;
	return 0;
}

static int teardown(void **state)
{
	ipc_chan_close(&io.chan);
	ipc_chan_close(&agent);
	return 0;
}

static int ask(enum ipc_op op, struct ipc_hdr *hdr)
{
	int r;

	assert_int_equal(ipc_send(&agent, op, 5, NULL, -1), 0);
	r = dispatch(&io);
	return r ? r : ipc_recv(&agent, hdr, NULL);
}

static void I3_every_operation_in_every_state(void **state)
{
	struct ipc_hdr hdr;
	int op, bit;

	for (op = 0; op < IPC_OPS; op++) {
		for (bit = 0; bit < 3 && ops[op].run; bit++) {
			bool legal;
			int r;

			setup(state);
			now_state = 1u << bit;
			legal = ipc_rows[op].states & now_state;
			r = ask(op, &hdr);
			assert_int_equal(r, legal ? 0 : -EPROTO);
			assert_int_equal(runs, legal);
			assert_int_equal(io.chan.violations, !legal);
			teardown(state);
		}
	}
	setup(state);
}

static void I2_an_operation_without_a_handler_ends_the_connection(void **state)
{
	struct ipc_hdr hdr;

	now_state = IPC_ST_PLANNING;
	assert_int_equal(ask(IPC_PLAN_RADIO, &hdr), -EPROTO);
	assert_int_equal(ipc_recv(&agent, &hdr, NULL), -EPIPE);
}

static void I4_what_comes_too_fast_is_refused_and_not_run(void **state)
{
	uint32_t i, rate = ipc_rows[IPC_PLAN_COMMIT].per_minute;
	unsigned int refused = 0;
	struct ipc_hdr hdr;

	now_state = IPC_ST_PLANNING;
	for (i = 0; i < 3 * rate; i++) {
		assert_int_equal(ask(IPC_PLAN_COMMIT, &hdr), 0);
		refused += hdr.status == -EAGAIN;
	}
	assert_int_equal(runs + refused, 3 * rate);
	assert_in_range(runs, rate, rate + 2);
}

static void the_handler_s_error_is_the_status(void **state)
{
	struct ipc_hdr hdr;

	answer = -ERANGE;
	assert_int_equal(ask(IPC_PLAN_BEGIN, &hdr), 0);
	assert_int_equal(hdr.status, -ERANGE);
}

static void an_impossible_answer_of_a_handler_becomes_an_error(void **state)
{
	struct ipc_hdr hdr;

	now_state = IPC_ST_PLANNING;
	answer = 17;
	assert_int_equal(ask(IPC_PLAN_COMMIT, &hdr), 0);
	assert_int_equal(hdr.status, -EIO);
	answer = 0;
	bad_reply = true;
	assert_int_equal(ask(IPC_PLAN_COMMIT, &hdr), 0);
	assert_int_equal(hdr.status, -EIO);
}

static void K3_a_request_is_wiped_when_it_was_answered(void **state)
{
	struct plan_bss bss = { .passphrase = "correct horse battery" };
	size_t i;

	now_state = IPC_ST_PLANNING;
	assert_int_equal(ipc_send(&agent, IPC_PLAN_BSS, 5, &bss, -1), 0);
	assert_int_equal(dispatch(&io), 0);
	assert_int_equal(runs, 1);
	for (i = 0; i < sizeof(bss); i++)
		assert_int_equal(io.chan.rx.payload[i], 0);
}

static unsigned int lines;

static void count(int level, const char *text, void *arg)
{
	lines += strstr(text, "audit: action=plan_") != NULL;
}

/* A plan may have thousands of pieces, and a hostile agent can have each refused. */
static void P8_a_flood_of_refusals_leaves_room_for_other_lines(void **state)
{
	struct ipc_hdr hdr;
	unsigned int i;

	lines = 0;
	assert_int_equal(log_add_tap(count, NULL), 0);
	now_state = IPC_ST_PLANNING;
	answer = -EINVAL;
	for (i = 0; i < 1000; i++)
		assert_int_equal(ask(IPC_PLAN_BSS, &hdr), 0);
	assert_int_equal(hdr.status, -EINVAL);
	assert_in_range(lines, 1, 2 * AUDIT_PER_MINUTE);
	lines = 0;
	for (i = 0; i < 40; i++)
		assert_int_equal(ask(IPC_PLAN_COMMIT, &hdr), 0);
	assert_int_equal(lines, 40);
	log_drop_tap(count);
}

static void the_end_of_the_client_is_seen(void **state)
{
	ipc_chan_close(&agent);
	assert_int_equal(dispatch(&io), -EPIPE);
}

/* A client that asks and never reads the answers cannot make the role wait. */
static void I4_a_client_that_does_not_read_is_dropped(void **state)
{
	unsigned int i;
	int r = 0;

	for (i = 0; i < 100000 && !r; i++) {
		assert_int_equal(ipc_send(&agent, IPC_PLAN_BEGIN, 5, NULL, -1), 0);
		r = dispatch(&io);
	}
	assert_int_equal(r, -EPIPE);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(I3_every_operation_in_every_state),
		CASE(I2_an_operation_without_a_handler_ends_the_connection),
		CASE(I4_what_comes_too_fast_is_refused_and_not_run),
		CASE(the_handler_s_error_is_the_status),
		CASE(an_impossible_answer_of_a_handler_becomes_an_error),
		CASE(K3_a_request_is_wiped_when_it_was_answered),
		CASE(P8_a_flood_of_refusals_leaves_room_for_other_lines),
		CASE(the_end_of_the_client_is_seen),
		CASE(I4_a_client_that_does_not_read_is_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
