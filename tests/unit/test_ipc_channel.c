/* SPDX-License-Identifier: Apache-2.0 */
/* Channels: descriptors, ends, answers that are not what was asked for. */
#include "tests/unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ipc/flash.h"
#include "ipc/ipc.h"
#include "lib/clock.h"

static struct ipc_chan asks, serves;

static int setup(void **state)
{
	int fd[2];

	if (ipc_pair(fd))
		return -1;
	ipc_chan_init(&asks, fd[0], IPC_DIALER, IPC_ASKS);
	ipc_chan_init(&serves, fd[1], IPC_DIALER, IPC_SERVES);
	return 0;
}

static int teardown(void **state)
{
	ipc_chan_close(&asks);
	ipc_chan_close(&serves);
	return 0;
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static int any_fd(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* What no honest side sends: a frame with any number of descriptors. */
static void send_raw(int to, const void *bytes, size_t len, unsigned int nfds)
{
	union {
		char buf[CMSG_SPACE(16 * sizeof(int))];
		struct cmsghdr align;
	} ctl = { .buf = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)bytes, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int fds[16];
	unsigned int i;

	for (i = 0; i < nfds; i++)
		fds[i] = any_fd();
	if (nfds) {
		struct cmsghdr *c;

		msg.msg_control = ctl.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	assert_int_equal(sendmsg(to, &msg, MSG_NOSIGNAL), (ssize_t)len);
	for (i = 0; i < nfds; i++)
		close(fds[i]);
}

static size_t frame_len(const struct ipc_frame *f)
{
	return sizeof(f->hdr) + f->hdr.size;
}

static void a_request_and_its_reply_with_a_descriptor(void **state)
{
	const struct dial_connect req = { .host = "acs.example", .port = 443, .purpose = 1 };
	struct dial_conn conn = { .peer = { .family = 4, .port = 443 } };
	struct ipc_hdr hdr;
	int fd = any_fd(), got = -1;

	assert_int_equal(ipc_send(&asks, IPC_DIAL_CONNECT, 9, &req, -1), 0);
	assert_int_equal(ipc_recv(&serves, &hdr, &got), 0);
	assert_int_equal(got, -1);
	assert_int_equal(hdr.op, IPC_DIAL_CONNECT);
	assert_memory_equal(serves.rx.payload, &req, sizeof(req));
	assert_int_equal(ipc_reply(&serves, hdr.op, hdr.seq, 0, &conn, fd), 0);
	close(fd);
	assert_int_equal(ipc_recv(&asks, &hdr, &got), 0);
	assert_int_equal(hdr.seq, 9);
	assert_true(got >= 0);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	assert_memory_equal(asks.rx.payload, &conn, sizeof(conn));
	close(got);
	assert_int_equal(ipc_recv(&asks, &hdr, &got), -EAGAIN);
}

static void a_failed_reply_carries_no_descriptor(void **state)
{
	struct ipc_hdr hdr;
	int fd = any_fd(), got = -1;

	assert_int_equal(ipc_reply(&serves, IPC_DIAL_CONNECT, 3, -ECONNREFUSED, NULL, fd), 0);
	close(fd);
	assert_int_equal(ipc_recv(&asks, &hdr, &got), 0);
	assert_int_equal(hdr.status, -ECONNREFUSED);
	assert_int_equal(got, -1);
}

static void I2_extra_descriptors_are_closed_and_end_the_connection(void **state)
{
	static struct ipc_frame f;
	unsigned int n;

	for (n = 1; n <= 16; n++) {
		const struct dial_listen req = { .purpose = 3 };
		struct ipc_hdr hdr;
		int before, got;

		before = open_fds();
		ipc_build(&f, IPC_KIND_REQUEST, IPC_DIAL_LISTEN, 1, 0, &req);
		send_raw(asks.fd, &f, frame_len(&f), n);
		assert_int_equal(ipc_recv(&serves, &hdr, &got), -EPROTO);
		assert_int_equal(got, -1);
		assert_int_equal(serves.fd, -1);
		assert_int_equal(serves.violations, 1);
		/* One end less, and nothing of what came. */
		assert_int_equal(open_fds(), before - 1);
		assert_int_equal(ipc_recv(&asks, &hdr, &got), -EPIPE);
		teardown(state);
		assert_int_equal(setup(state), 0);
	}
}

static void I2_two_descriptors_in_a_reply_are_refused_too(void **state)
{
	static struct ipc_frame f;
	struct ipc_hdr hdr;
	int before = open_fds(), got;

	ipc_build(&f, IPC_KIND_REPLY, IPC_DIAL_CONNECT, 1, 0, NULL);
	send_raw(serves.fd, &f, frame_len(&f), 2);
	assert_int_equal(ipc_recv(&asks, &hdr, &got), -EPROTO);
	assert_int_equal(open_fds(), before - 1);
}

static void I2_nonsense_gets_no_answer(void **state)
{
	static const char text[] = "GET / HTTP/1.0\r\n\r\n";
	static const char big[2 * IPC_FRAME_MAX];
	struct ipc_hdr hdr;
	int got;

	send_raw(asks.fd, text, sizeof(text), 0);
	assert_int_equal(ipc_recv(&serves, &hdr, &got), -EPROTO);
	/* Closed without a byte. */
	assert_int_equal(ipc_recv(&asks, &hdr, &got), -EPIPE);
	teardown(state);
	assert_int_equal(setup(state), 0);
	send_raw(asks.fd, big, sizeof(big), 0);
	assert_int_equal(ipc_recv(&serves, &hdr, &got), -EPROTO);
	assert_int_equal(ipc_recv(&asks, &hdr, &got), -EPIPE);
}

static void a_call_ends_at_its_deadline_and_the_channel_with_it(void **state)
{
	const struct plan_begin req = { .radios = 0 };
	uint64_t before = clock_mono_ms();
	int fd[2], r;

	assert_int_equal(ipc_pair(fd), 0);
	ipc_chan_close(&asks);
	ipc_chan_init(&asks, fd[0], IPC_RADIO, IPC_ASKS);
	r = ipc_call(&asks, IPC_PLAN_BEGIN, &req, NULL, -1, NULL);
	assert_int_equal(r, -ETIMEDOUT);
	assert_int_equal(asks.fd, -1);
	assert_true(clock_mono_ms() - before >= ipc_rows[IPC_PLAN_BEGIN].timeout_ms);
	assert_int_equal(ipc_call(&asks, IPC_PLAN_BEGIN, &req, NULL, -1, NULL), -EPIPE);
	close(fd[1]);
}

static void a_call_sees_that_the_other_end_is_gone(void **state)
{
	const struct dial_listen req = { .purpose = 3 };
	int fd;

	ipc_chan_close(&serves);
	assert_int_equal(ipc_call(&asks, IPC_DIAL_LISTEN, &req, NULL, -1, &fd), -EPIPE);
	assert_int_equal(fd, -1);
}

static void a_status_that_looks_like_the_channels_own_does_not_close_it(void **state)
{
	const struct dial_listen req = { .purpose = 3 };
	int fd;

	assert_int_equal(ipc_reply(&serves, IPC_DIAL_LISTEN, 1, -ETIMEDOUT, NULL, -1), 0);
	assert_int_equal(ipc_call(&asks, IPC_DIAL_LISTEN, &req, NULL, -1, &fd), -ETIMEDOUT);
	assert_true(asks.fd >= 0);
}

static void the_reply_to_something_else_is_a_violation(void **state)
{
	const struct dial_listen req = { .purpose = 3 };
	int before, fd, passed = any_fd();

	before = open_fds();
	assert_int_equal(ipc_reply(&serves, IPC_DIAL_CONNECT, 1, 0, NULL, passed), 0);
	assert_int_equal(ipc_call(&asks, IPC_DIAL_LISTEN, &req, NULL, -1, &fd), -EPROTO);
	assert_int_equal(open_fds(), before - 1);
	close(passed);
}

static const struct image_chunk chunk = { 4, 4096 };
static const struct image_result written = { IMAGE_CORRUPT, "chunk 4" };

static void count(void *arg)
{
	++*(int *)arg;
}

/* Both ends of the flash role's channel; chunk is asked. The request's number. */
static uint32_t ask_chunk(void **state)
{
	int fd[2], piece = any_fd(), got;
	struct ipc_hdr hdr;

	teardown(state);
	assert_int_equal(ipc_pair(fd), 0);
	ipc_chan_init(&asks, fd[0], IPC_FLASH, IPC_ASKS);
	ipc_chan_init(&serves, fd[1], IPC_FLASH, IPC_SERVES);
	assert_int_equal(ipc_ask(&asks, IPC_IMAGE_CHUNK, &chunk, piece), 0);
	close(piece);
	assert_int_equal(ipc_recv(&serves, &hdr, &got), 0);
	assert_int_equal(hdr.op, IPC_IMAGE_CHUNK);
	assert_memory_equal(serves.rx.payload, &chunk, sizeof(chunk));
	assert_true(got >= 0);
	close(got);
	return hdr.seq;
}

static void what_was_asked_is_answered_later(void **state)
{
	struct image_result rep;
	uint32_t seq = ask_chunk(state);

	assert_int_equal(ipc_ask(&asks, IPC_IMAGE_CHUNK, &chunk, -1), -EBUSY);
	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_CHUNK, seq, 0, &written, -1), 0);
	assert_int_equal(ipc_answer(&asks, &rep), 0);
	assert_memory_equal(&rep, &written, sizeof(rep));
	assert_int_equal(ipc_answer(&asks, &rep), -EINVAL);
	assert_true(asks.fd >= 0);
}

static void a_call_meanwhile_keeps_the_answer(void **state)
{
	const struct slot_state slots = { .boot = 1, .trial = SLOT_IS_CONFIRMED };
	struct image_result rep;
	struct slot_state got;
	uint32_t seq = ask_chunk(state);
	int told = 0;

	asks.on_answer = count;
	asks.arg = &told;
	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_CHUNK, seq, -EINVAL, &written, -1), 0);
	assert_int_equal(ipc_reply(&serves, IPC_SLOT_READ, seq + 1, 0, &slots, -1), 0);
	assert_int_equal(ipc_call(&asks, IPC_SLOT_READ, NULL, &got, -1, NULL), 0);
	assert_int_equal(told, 1);
	assert_memory_equal(&got, &slots, sizeof(got));
	assert_int_equal(ipc_answer(&asks, &rep), -EINVAL);
	assert_memory_equal(&rep, &written, sizeof(rep));
	assert_true(asks.fd >= 0);
}

static void the_answer_is_kept_by_whoever_reads_the_channel(void **state)
{
	struct image_result rep;
	struct ipc_hdr hdr;
	uint32_t seq = ask_chunk(state);
	int told = 0;

	asks.on_answer = count;
	asks.arg = &told;
	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_CHUNK, seq, 0, &written, -1), 0);
	assert_int_equal(ipc_recv(&asks, &hdr, NULL), 0);
	assert_int_equal(ipc_keep(&asks), 0);
	assert_int_equal(told, 1);
	/* What is kept outlives the peer. */
	ipc_chan_close(&serves);
	assert_int_equal(ipc_recv(&asks, &hdr, NULL), -EPIPE);
	assert_int_equal(ipc_answer(&asks, &rep), 0);
	assert_memory_equal(&rep, &written, sizeof(rep));
}

static void a_reply_that_nobody_asked_for_is_not_kept(void **state)
{
	struct ipc_hdr hdr;
	uint32_t seq = ask_chunk(state);

	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_CHUNK, seq, 0, NULL, -1), 0);
	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_CHUNK, seq, 0, &written, -1), 0);
	assert_int_equal(ipc_recv(&asks, &hdr, NULL), 0);
	assert_int_equal(ipc_keep(&asks), 0);
	assert_int_equal(ipc_recv(&asks, &hdr, NULL), 0);
	assert_int_equal(ipc_keep(&asks), -EPROTO);
	assert_int_equal(asks.fd, -1);

	ask_chunk(state);
	assert_int_equal(ipc_reply(&serves, IPC_IMAGE_ARM, seq, 0, NULL, -1), 0);
	assert_int_equal(ipc_recv(&asks, &hdr, NULL), 0);
	assert_int_equal(ipc_keep(&asks), -EPROTO);
}

static void an_answer_that_does_not_come_ends_the_channel(void **state)
{
	struct image_result rep;
	struct slot_state got;

	ask_chunk(state);
	asks.asked.until_ms = clock_mono_ms() + 50; /* not the row's whole minute */
	assert_int_equal(ipc_call(&asks, IPC_SLOT_READ, NULL, &got, -1, NULL), -ETIMEDOUT);
	assert_int_equal(asks.fd, -1);
	assert_int_equal(ipc_answer(&asks, &rep), -EPIPE);

	ask_chunk(state);
	ipc_chan_close(&serves);
	assert_int_equal(ipc_answer(&asks, &rep), -EPIPE);
	assert_int_equal(asks.fd, -1);
	assert_int_equal(ipc_ask(&asks, IPC_IMAGE_CHUNK, &chunk, -1), -EPIPE);
	assert_int_equal(ipc_answer(&asks, &rep), -EINVAL);
}

static void what_is_answered_with_a_descriptor_is_called(void **state)
{
	const struct dial_listen req = { .purpose = 3 };
	struct ipc_hdr hdr;

	assert_int_equal(ipc_ask(&asks, IPC_DIAL_LISTEN, &req, -1), -EINVAL);
	assert_int_equal(ipc_recv(&serves, &hdr, NULL), -EAGAIN);
}

static void the_socket_is_root_s_and_the_group_s(void **state)
{
	char dir[] = "/tmp/sallyport-test.XXXXXX", path[64];
	struct stat st;
	int listener, a, b;

	assert_non_null(mkdtemp(dir));
	(void)snprintf(path, sizeof(path), "%s/x.sock", dir);
	listener = ipc_listen(path, getegid());
	assert_true(listener >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0660);
	assert_int_equal(ipc_accept(listener, geteuid()), -EAGAIN);
	a = ipc_connect(path);
	assert_true(a >= 0);
	b = ipc_accept(listener, geteuid());
	assert_true(b >= 0);
	close(a);
	close(b);
	/* Somebody else's uid. */
	a = ipc_connect(path);
	assert_true(a >= 0);
	assert_int_equal(ipc_accept(listener, geteuid() + 1), -EACCES);
	close(a);
	close(listener);
	unlink(path);
	rmdir(dir);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_request_and_its_reply_with_a_descriptor),
		CASE(a_failed_reply_carries_no_descriptor),
		CASE(I2_extra_descriptors_are_closed_and_end_the_connection),
		CASE(I2_two_descriptors_in_a_reply_are_refused_too),
		CASE(I2_nonsense_gets_no_answer),
		CASE(a_call_ends_at_its_deadline_and_the_channel_with_it),
		CASE(a_call_sees_that_the_other_end_is_gone),
		CASE(a_status_that_looks_like_the_channels_own_does_not_close_it),
		CASE(the_reply_to_something_else_is_a_violation),
		CASE(what_was_asked_is_answered_later),
		CASE(a_call_meanwhile_keeps_the_answer),
		CASE(the_answer_is_kept_by_whoever_reads_the_channel),
		CASE(a_reply_that_nobody_asked_for_is_not_kept),
		CASE(an_answer_that_does_not_come_ends_the_channel),
		CASE(what_is_answered_with_a_descriptor_is_called),
		CASE(the_socket_is_root_s_and_the_group_s),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
