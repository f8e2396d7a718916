/* SPDX-License-Identifier: Apache-2.0 */
/* The control socket over a real tree, asked as sallyportctl asks. */
#include "tests/unit/model.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/ctl.h"
#include "agent/cwmp/events.h"
#include "agent/transfer/transfer.h"
#include "ctl/print.h"
#include "lib/cleanup.h"
#include "lib/limits.h"

static struct agent agent;
static struct cwmp_events queue;
static unsigned int informs;
static struct model *model;
static char sock[96];

/* The session's side is not under test here. */
const struct cwmp_events *client_events(const struct client *c)
{
	return &queue;
}

int client_inform(struct client *c)
{
	informs++;
	return informs > 1 ? -EBUSY : 0;
}

void client_status(const struct client *c, struct client_status *out)
{
	*out = (struct client_status){ .retries = 3, .next_ms = 1500, .last_error = "no route" };
}

const char *client_connreq_url(const struct client *c)
{
	return "http://192.0.2.1:7547/x";
}

/* Nor the transfers'. */
void transfers_status(struct transfers *ts, transfer_status_fn fn, void *arg)
{
	const struct transfer_status s = { .id = 3,
					   .kind = "Download",
					   .state = "running",
					   .key = "k",
					   .type = "3 Vendor Configuration File",
					   .why = "",
					   .bytes = 10,
					   .total = UINT64_MAX,
					   .wait_s = -1,
					   .running = true };

	fn(arg, &s);
}

void transfers_history(struct transfers *ts, transfer_past_fn fn, void *arg)
{
	fn(arg, &(struct transfer_past){ 7, 86400, 9016, "Upload", "k", "2 Log", "gone" });
}

unsigned transfers_local(struct transfers *ts, const char *type, const char *url, const char **why)
{
	*why = "no";
	return strcmp(url, "https://x/") ? 9013 : 0;
}

int transfers_request(struct transfers *ts, const char *type)
{
	return strcmp(type, "1 Firmware Upgrade Image") ? -EINVAL : 0;
}

int transfers_confirm(struct transfers *ts, uint32_t id)
{
	return id == 3 ? 0 : -ENOENT;
}

void transfers_log_search(struct transfers *ts, const char *text,
			  void (*fn)(void *arg, const char *line), void *arg)
{
	fn(arg, text);
}

static int setup(void **state)
{
	model_setup(state);
	model = *state;
	agent = (struct agent){ .dm = model->dm, .set = { .run_dir = model->dir } };
	agent.set.uid = geteuid();
	agent.set.gid = getegid();
	informs = 0;
	cwmp_events_init(&queue);
	assert_int_equal(loop_init(&agent.loop), 0);
	assert_int_equal(ctl_open(&agent.ctl, &agent), 0);
	assert_int_equal(ctl_start(agent.ctl), 0);
	snprintf(sock, sizeof(sock), "%s/%s", model->dir, CTL_SOCKET);
	return 0;
}

static int teardown(void **state)
{
	ctl_close(agent.ctl);
	loop_fini(&agent.loop);
	unlink(sock);
	return model_teardown(state);
}

static int dial(void)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", sock);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

/* The whole answer as "Tfield|field;Tfield;"; the agent's loop runs meanwhile. */
static const char *read_all(int fd)
{
	static char text[1 << 20], packet[CTL_PACKET_MAX];
	size_t len = 0;

	for (int i = 0; i < 10000; i++) {
		const char *p = packet;
		struct ctl_record r;
		ssize_t n;
		size_t left;

		n = recv(fd, packet, sizeof(packet), 0);
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			assert_true(loop_once(&agent.loop, 100) >= 0);
			continue;
		}
		if (!n)
			return "closed";
		for (left = (size_t)n; ctl_next(&p, &left, &r) > 0;) {
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%c", r.type);
			for (size_t k = 0; k < r.n; k++)
				len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%s",
							k ? "|" : "", r.field[k]);
			len += (size_t)snprintf(text + len, sizeof(text) - len, ";");
			if (r.type == CTL_DONE)
				return text;
		}
	}
	return "no end";
}

static const char *ask_on(int fd, size_t n, const char *const *fields)
{
	_cleanup_buf_ struct buf b;

	buf_init(&b, CTL_PACKET_MAX);
	ctl_put(&b, CTL_REQUEST, n, fields, NULL);
	assert_int_equal(send(fd, b.data, b.len, MSG_NOSIGNAL), b.len);
	return read_all(fd);
}

static const char *ask_n(size_t n, const char *const *fields)
{
	int fd = dial();
	const char *text = ask_on(fd, n, fields);

	close(fd);
	return text;
}

#define ASK(...)                                                        \
	ask_n(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	      (const char *[]){ __VA_ARGS__ })

static void values_are_set_and_read_by_the_rules_of_the_tree(void **state)
{
	assert_string_equal(ASK("get", "Device.Text"), "VDevice.Text|xsd:string|;Dok;");
	assert_string_equal(ASK("set", "Device.Text", "a=b c", "Device.Uint", "25"), "Dok;");
	assert_string_equal(ASK("get", "Device.Text", "Device.Uint"),
			    "VDevice.Text|xsd:string|a=b c;VDevice.Uint|xsd:unsignedInt|25;Dok;");
	assert_string_equal(ASK("set", "Device.Secret", "s3cret"), "Dok;");
	assert_string_equal(ASK("get", "Device.Secret"), "VDevice.Secret|xsd:string|;Dok;");
}

static void set_is_all_or_nothing_with_one_fault_for_each(void **state)
{
	const char *said = ASK("set", "Device.Text", "new", "Device.Uint", "15", "Device.Version",
			       "9", "Device.Nothing", "x");

	assert_non_null(strstr(said, "|Device.Uint|"));
	assert_non_null(strstr(said, "|Device.Version|"));
	assert_non_null(strstr(said, "|Device.Nothing|"));
	assert_null(strstr(said, "|Device.Text|"));
	assert_non_null(strstr(said, ";Dfailed;"));
	assert_string_equal(ASK("get", "Device.Text"), "VDevice.Text|xsd:string|;Dok;");
	assert_non_null(strstr(ASK("set", "Device.Text"), "Dfailed;"));
}

static void a_failed_apply_is_told_and_undone(void **state)
{
	assert_string_equal(ASK("add", "Device.Net.Link."), "PDevice.Net.Link.1.;Dok;");
	world.apply_says = DM_EINTERNAL;
	assert_non_null(strstr(ASK("set", "Device.Net.Link.1.Name", "x"), "Dfailed;"));
	world.apply_says = DM_OK;
	assert_string_equal(ASK("get", "Device.Net.Link.1.Name"),
			    "VDevice.Net.Link.1.Name|xsd:string|new;Dok;");
}

static void rows_are_added_and_deleted(void **state)
{
	assert_string_equal(ASK("add", "Device.Net.Link."), "PDevice.Net.Link.1.;Dok;");
	assert_string_equal(ASK("names", "Device.Net.Link.", "next"), "NDevice.Net.Link.1.|1;Dok;");
	assert_string_equal(ASK("del", "Device.Net.Link.1."), "Dok;");
	assert_non_null(strstr(ASK("del", "Device.Net.Link.1."), "Dfailed;"));
	assert_non_null(strstr(ASK("add", "Device.Net.Host."), "Dfailed;"));
	assert_non_null(strstr(ASK("names", "Device.Net.", "all"), "Dfailed;"));
	assert_non_null(strstr(ASK("get", "Device.Net.Nothing"), "Dfailed;"));
}

static void status_and_events_show_the_session(void **state)
{
	cwmp_event_raise(&queue, EV_BOOTSTRAP, NULL);
	cwmp_event_raise(&queue, EV_M_REBOOT, "key 1");
	assert_string_equal(ASK("events"), "E0 BOOTSTRAP|;EM Reboot|key 1;Dok;");
	assert_non_null(strstr(ASK("status"), "Iretries|3;"));
	assert_non_null(strstr(ASK("status"), "Inext_session_s|2;"));
	assert_non_null(strstr(ASK("status"), "Ilast_error|no route;"));
	assert_string_equal(ASK("inform"), "Dok;");
	assert_int_equal(informs, 1);
	assert_non_null(strstr(ASK("inform"), "Dfailed;"));
}

static void log_shows_the_last_lines_whole(void **state)
{
	log_info("first line");
	assert_non_null(strstr(ASK("log"), "L<6>first line;"));
	for (int i = 0; i < 3000; i++)
		log_info("line %d\nforged", i);
	assert_null(strstr(ASK("log"), "first line"));
	assert_non_null(strstr(ASK("log"), "L<6>line 2999\\x0aforged;Dok;"));
	/* A full ring starts with a whole line. */
	assert_memory_equal(ASK("log"), "L<6>line ", 9);
}

static void a_long_answer_comes_in_packets_and_waits_for_the_reader(void **state)
{
	int fd = dial(), links = 4;
	const char *said;
	size_t rows = 0;

	for (int i = 0; i < links; i++)
		ASK("add", "Device.Net.Link.");
	/* Twenty times the whole tree in one request, twice on one connection. */
	for (int round = 0; round < 2; round++) {
		const char *fields[21] = { "get" };

		for (size_t i = 1; i < ARRAY_SIZE(fields); i++)
			fields[i] = "Device.";
		said = ask_on(fd, ARRAY_SIZE(fields), fields);
		rows = 0;
		for (const char *p = said; (p = strstr(p, "Device.Version")); p++)
			rows++;
		assert_int_equal(rows, 20);
		assert_string_equal(said + strlen(said) - 4, "Dok;");
	}
	close(fd);
}

static void malformed_requests_are_refused(void **state)
{
	int fd = dial();

	assert_int_equal(send(fd, "Q", 1, 0), 1);
	assert_non_null(strstr(read_all(fd), "Dfailed;"));
	assert_int_equal(send(fd, "Q\001status\0Q\001status\0", 18, 0), 18);
	assert_non_null(strstr(read_all(fd), "Dfailed;"));
	assert_int_equal(send(fd, "V\001status\0", 9, 0), 9);
	assert_non_null(strstr(read_all(fd), "Dfailed;"));
	assert_int_equal(send(fd, "Q\001reboot\0", 9, 0), 9);
	assert_non_null(strstr(read_all(fd), "Dfailed;"));
	assert_int_equal(send(fd, "Q\001get\0", 6, 0), 6);
	assert_non_null(strstr(read_all(fd), "Dfailed;"));
	close(fd);
}

static void a_fifth_client_is_turned_away_until_one_leaves(void **state)
{
	static const char *const status[] = { "inform" };
	int fd[CTL_CLIENTS_MAX + 1];

	for (size_t i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = dial();
		assert_true(loop_once(&agent.loop, 100) >= 0);
	}
	assert_int_equal(recv(fd[CTL_CLIENTS_MAX], sock, 0, MSG_PEEK), 0);
	close(fd[CTL_CLIENTS_MAX]);
	close(fd[0]);
	assert_true(loop_once(&agent.loop, 100) >= 0);
	fd[0] = dial();
	assert_string_equal(ask_on(fd[0], 1, status), "Dok;");
	for (size_t i = 0; i < CTL_CLIENTS_MAX; i++)
		close(fd[i]);
}

/* In a child: another user asks. What it hears, or errno of connect as a character. */
static char stranger(mode_t mode, uid_t uid, gid_t gid)
{
	int pipefd[2], status;
	char heard = '?';
	pid_t pid;

	assert_int_equal(chmod(model->dir, 0755), 0);
	assert_int_equal(chmod(sock, mode), 0);
	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		struct sockaddr_un sa = { .sun_family = AF_UNIX };
		int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		char c = 'e';

		snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", sock);
		if (setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
			c = 's';
		else if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)))
			c = errno == EACCES ? 'a' : 'e';
		else if (send(fd, "Q\001inform\0", 9, MSG_NOSIGNAL) < 0 || recv(fd, &c, 1, 0) < 1)
			c = 'c';
		if (write(pipefd[1], &c, 1) != 1)
			_exit(1);
		_exit(0);
	}
	close(pipefd[1]);
	for (int i = 0; i < 20; i++)
		assert_true(loop_once(&agent.loop, 20) >= 0);
	assert_int_equal(read(pipefd[0], &heard, 1), 1);
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return heard;
}

static void only_root_and_the_agents_own_are_answered(void **state)
{
	if (geteuid() != 0)
		skip();
	agent.set.uid = 64701;
	agent.set.gid = 64701;
	/* By its mode, and by who asks also where the mode is wrong. */
	assert_int_equal(stranger(0660, 64799, 64799), 'a');
	assert_int_equal(stranger(0666, 64799, 64799), 'c');
	assert_int_equal(informs, 0);
	assert_int_equal(stranger(0666, 64701, 64799), 'D');
	assert_int_equal(informs, 1);
}

#define SERVED(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void transfers_are_shown_and_confirmed(void **state)
{
	assert_string_equal(ASK("transfers"),
			    "T3|Download of 3 Vendor Configuration File|running|10||k|;Dok;");
	assert_string_equal(ASK("history"), "T7|Upload of 2 Log|1970-01-02T00:00:00Z|||k|"
					    "fault 9016: gone;Dok;");
	assert_string_equal(ASK("confirm", "3"), "Dok;");
	assert_string_equal(ASK("request", "1 Firmware Upgrade Image"), "Dlater;");
	assert_non_null(strstr(ASK("request", "2 Web Content"), "Dfailed;"));
	assert_string_equal(ASK("download", "T", "https://x/"), "Dlater;");
	assert_non_null(strstr(ASK("download", "T", "ftp://x/"), "no;Dfailed;"));
	assert_non_null(strstr(ASK("confirm", "4"), "Dfailed;"));
	assert_non_null(strstr(ASK("confirm", "x"), "Dfailed;"));
	assert_string_equal(ASK("log", "needle"), "Lneedle;Dok;");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(values_are_set_and_read_by_the_rules_of_the_tree),
		SERVED(set_is_all_or_nothing_with_one_fault_for_each),
		SERVED(a_failed_apply_is_told_and_undone),
		SERVED(rows_are_added_and_deleted),
		SERVED(status_and_events_show_the_session),
		SERVED(log_shows_the_last_lines_whole),
		SERVED(a_long_answer_comes_in_packets_and_waits_for_the_reader),
		SERVED(malformed_requests_are_refused),
		SERVED(a_fifth_client_is_turned_away_until_one_leaves),
		SERVED(only_root_and_the_agents_own_are_answered),
		SERVED(transfers_are_shown_and_confirmed),
	};

	log_open("test");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
