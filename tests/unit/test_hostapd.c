/* SPDX-License-Identifier: Apache-2.0 */
/* helper/hostapd.c against a hostapd that answers, is late, is silent or is gone. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "helper/hostapd.h"
#include "lib/clock.h"

static char dir[64], global[96], files[96];
static struct hostapd h;

/* The other end: answers each command by what the test put here. */
static int server = -1;
static pthread_t thread;
static const char *answer; /* to the next command; NULL: none */
static int answer_after_ms;
static char asked[16][600];
static unsigned int nasked;

static void reply(const char *text, const struct sockaddr_un *to, socklen_t len)
{
	(void)sendto(server, text, strlen(text), 0, (const struct sockaddr *)to, len);
}

static void *serve(void *arg)
{
	struct sockaddr_un from;
	socklen_t len;
	char text[600];
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(server, text, sizeof(text) - 1, 0, (struct sockaddr *)&from, &len);
		if (n <= 0)
			return NULL;
		text[n] = '\0';
		if (strcmp(text, "STOP") == 0)
			return NULL;
		if (nasked < 16)
			memcpy(asked[nasked++], text, (size_t)n + 1);
		if (strcmp(text, "PING") == 0) {
			reply("PONG\n", &from, len);
			continue;
		}
		if (answer_after_ms)
			usleep((useconds_t)answer_after_ms * 1000);
		if (answer)
			reply(answer, &from, len);
	}
	return arg;
}

static void start_server(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)unlink(global);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", global);
	server = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(server, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(pthread_create(&thread, NULL, serve, NULL), 0);
}

static void stop_server(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", global);
	(void)sendto(s, "STOP", 4, 0, (struct sockaddr *)&at, sizeof(at));
	close(s);
	pthread_join(thread, NULL);
	close(server);
}

static int setup(void **state)
{
	(void)snprintf(dir, sizeof(dir), "/tmp/test_hostapd.XXXXXX");
	assert_non_null(mkdtemp(dir));
	(void)snprintf(global, sizeof(global), "%s/global", dir);
	(void)snprintf(files, sizeof(files), "%s/sallyport", dir);
	answer = "OK\n";
	answer_after_ms = 0;
	nasked = 0;
	return hostapd_open(&h, global, files, getuid(), getgid());
}

static int teardown(void **state)
{
	char path[128];

	hostapd_close(&h);
	(void)unlink(global);
	(void)snprintf(path, sizeof(path), "%s/bss.conf", files);
	(void)unlink(path);
	(void)rmdir(files);
	return rmdir(dir);
}

static void hostapd_that_is_not_there_is_told_at_once(void **state)
{
	uint64_t t = clock_mono_ms();

	assert_int_equal(ctrl_command(&h.ctrl, "ENABLE"), -ENOTCONN);
	start_server();
	assert_int_equal(ctrl_command(&h.ctrl, "ENABLE"), 0);
	stop_server();
	assert_int_equal(ctrl_command(&h.ctrl, "ENABLE"), -ENOTCONN); /* its socket's file stays */
	start_server();
	assert_int_equal(ctrl_command(&h.ctrl, "ENABLE"), 0);
	stop_server();
	assert_true(clock_mono_ms() - t < 2000);
}

static void hostapd_refusals_are_errors(void **state)
{
	start_server();
	answer = "FAIL\n";
	assert_int_equal(ctrl_command(&h.ctrl, "ADD x"), -EREMOTEIO);
	assert_int_equal(ctrl_ask(&h.ctrl, "STATUS"), -EREMOTEIO);
	answer = "UNKNOWN COMMAND\n";
	assert_int_equal(ctrl_ask(&h.ctrl, "STATUS"), -EREMOTEIO);
	answer = "state=ENABLED\n";
	assert_int_equal(ctrl_command(&h.ctrl, "STATUS"), -EREMOTEIO);
	assert_int_equal(ctrl_ask(&h.ctrl, "STATUS"), 0);
	assert_string_equal(h.ctrl.reply, "state=ENABLED\n");
	stop_server();
}

static void hostapd_late_answer_is_not_the_next_ones(void **state)
{
	start_server();
	answer_after_ms = 300;
	h.ctrl.deadline = clock_mono_ms() + 100;
	assert_int_equal(ctrl_command(&h.ctrl, "ADD slow"), -ETIMEDOUT);
	h.ctrl.deadline = 0;
	answer_after_ms = 0;
	answer = "FAIL\n";
	/* The OK of the slow one arrives first. */
	assert_int_equal(ctrl_command(&h.ctrl, "ADD second"), -EREMOTEIO);
	assert_string_equal(asked[1], "PING");
	stop_server();
}

static void hostapd_second_pong_is_not_the_next_answer(void **state)
{
	int i;

	start_server();
	answer_after_ms = 500;
	for (i = 0; i < 2; i++) { /* the second one comes no further than its PING */
		h.ctrl.deadline = clock_mono_ms() + 50;
		assert_int_equal(ctrl_command(&h.ctrl, "ADD slow"), -ETIMEDOUT);
	}
	h.ctrl.deadline = 0;
	answer_after_ms = 0;
	assert_int_equal(ctrl_command(&h.ctrl, "ADD third"), 0);
	assert_string_equal(asked[1], "PING");
	assert_string_equal(asked[2], "PING");
	assert_string_equal(asked[3], "ADD third");
	stop_server();
}

static void hostapd_is_told_nothing_after_the_deadline(void **state)
{
	start_server();
	h.ctrl.deadline = clock_mono_ms();
	assert_int_equal(ctrl_command(&h.ctrl, "REMOVE wlan0"), -ETIMEDOUT);
	h.ctrl.deadline = 0;
	assert_int_equal(ctrl_command(&h.ctrl, "ENABLE"), 0);
	assert_int_equal(nasked, 1);
	assert_string_equal(asked[0], "ENABLE");
	stop_server();
}

static void hostapd_silence_ends_at_the_deadline(void **state)
{
	uint64_t t = clock_mono_ms();

	start_server();
	answer = NULL;
	h.ctrl.deadline = t + 200;
	assert_int_equal(ctrl_command(&h.ctrl, "ADD"), -ETIMEDOUT);
	assert_int_equal(ctrl_command(&h.ctrl, "ADD"), -ETIMEDOUT);
	assert_in_range(clock_mono_ms() - t, 190, 1000);
	stop_server();
}

static void hostapd_answers_of_strangers_are_dropped(void **state)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX }, me;
	socklen_t len = sizeof(me);
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s/other", dir);
	assert_int_equal(bind(s, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(getsockname(h.ctrl.sock, (struct sockaddr *)&me, &len), 0);
	assert_int_equal(me.sun_path[0], '\0');
	assert_int_equal(sendto(s, "OK\n", 3, 0, (struct sockaddr *)&me, len), 3);
	start_server();
	answer = "FAIL\n";
	assert_int_equal(ctrl_command(&h.ctrl, "ADD"), -EREMOTEIO);
	stop_server();
	close(s);
	(void)unlink(at.sun_path);
}

/* What hostapd would read at this moment */
static void read_file(char *out, size_t size)
{
	FILE *f = fopen(h.path, "r");
	size_t n;

	assert_non_null(f);
	n = fread(out, 1, size - 1, f);
	out[n] = '\0';
	(void)fclose(f);
}

static void K2_hostapds_file_holds_a_key_only_during_add(void **state)
{
	static const char conf[] = "interface=wlan0\nwpa_passphrase=canary-secret\n";
	char text[512], expect[200];
	struct stat st;

	start_server();
	assert_int_equal(hostapd_add(&h, 7, conf, strlen(conf)), 0);
	(void)snprintf(expect, sizeof(expect), "ADD bss_config=phy7:%s/bss.conf", files);
	assert_string_equal(asked[0], expect);
	read_file(text, sizeof(text));
	assert_null(strstr(text, "canary"));
	assert_non_null(strstr(text, "\nnothing\n")); /* no key of hostapd's: it refuses the file */
	answer = "FAIL\n";
	assert_int_equal(hostapd_add(&h, 7, conf, strlen(conf)), -EREMOTEIO);
	read_file(text, sizeof(text));
	assert_null(strstr(text, "canary"));
	assert_int_equal(stat(h.path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(stat(files, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0750);
	stop_server();
}

static void hostapds_file_is_not_written_through_a_link(void **state)
{
	char link[160], target[160];
	struct stat st;

	hostapd_close(&h);
	(void)snprintf(link, sizeof(link), "%s/bss.conf", files);
	(void)snprintf(target, sizeof(target), "%s/target", dir);
	(void)unlink(link);
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(hostapd_open(&h, global, files, getuid(), getgid()), 0);
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(lstat(target, &st), -1);
	hostapd_close(&h);
	(void)unlink(link);
	(void)rmdir(files);
	assert_int_equal(symlink(dir, files), 0);
	assert_int_not_equal(hostapd_open(&h, global, files, getuid(), getgid()), 0);
	(void)unlink(files);
	assert_int_equal(hostapd_open(&h, global, files, getuid(), getgid()), 0);
}

static void hostapd_answers_are_read_line_by_line(void **state)
{
	assert_true(ctrl_lists("wlan0\nwlan0-1\n", "wlan0"));
	assert_true(ctrl_lists("wlan0\nwlan0-1\n", "wlan0-1"));
	assert_false(ctrl_lists("wlan0\nwlan0-1\n", "wlan"));
	assert_false(ctrl_lists("wlan0-1\n", "wlan0"));
	assert_false(ctrl_lists("", "wlan0"));
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(hostapd_that_is_not_there_is_told_at_once),
		WITH(hostapd_refusals_are_errors),
		WITH(hostapd_late_answer_is_not_the_next_ones),
		WITH(hostapd_second_pong_is_not_the_next_answer),
		WITH(hostapd_is_told_nothing_after_the_deadline),
		WITH(hostapd_silence_ends_at_the_deadline),
		WITH(hostapd_answers_of_strangers_are_dropped),
		WITH(K2_hostapds_file_holds_a_key_only_during_add),
		WITH(hostapds_file_is_not_written_through_a_link),
		UNIT(hostapd_answers_are_read_line_by_line),
	};

	return cmocka_run_group_tests_name("hostapd", tests, NULL, NULL);
}
