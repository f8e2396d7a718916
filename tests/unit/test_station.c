/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The station role and a wpa_supplicant that fails at each command in turn: whatever happens, the
 * stations have the networks of the old plan or of the new one, and the role says which.
 */
#include <errno.h>
#include <stdlib.h>

#include "lib/limits.h"
#include "tests/unit/supplicant_world.h"

#include "helper/role.h"
#include "ipc/ipc.h"
#include "lib/clock.h"

static int told[4], ntold; /* -1: nothing yet */

static void hear(struct role_io *io, enum ipc_op op, const void *payload)
{
	const struct station_state *s = payload;

	assert_int_equal(op, IPC_STATION_STATE);
	told[s->station] = (int)s->holds;
	ntold++;
}

#define role_event hear
#define clock_mono_ms world_clock
#define poll(fds, n, ms) world_poll(fds, n, ms)
#include "helper/ctrl_socket.c"
#include "helper/station.c"
#include "helper/station_join.c"

static struct station_role *r;
static struct station_plan plan;
static struct station_done done;

static void network(uint32_t station, const char *ssid, const char *passphrase)
{
	struct station_network *q = &plan.network[plan.count++];

	memset(q, 0, sizeof(*q));
	q->station = station;
	q->security = passphrase ? RADIO_WPA2_PSK : RADIO_OPEN;
	q->ssid_len = (uint8_t)strlen(ssid);
	memcpy(q->ssid, ssid, strlen(ssid));
	if (passphrase)
		memcpy(q->passphrase, passphrase, strlen(passphrase));
}

static int apply(void)
{
	int e;

	memset(&done, 0, sizeof(done));
	e = asroot_station_apply(r, &plan, &done);
	assert_int_equal(done.error, e);
	assert_int_equal(ipc_check_struct(ipc_rows[IPC_STATION_APPLY].rep, &done), IPC_FINE);
	return e;
}

static void plan_old(void)
{
	memset(&plan, 0, sizeof(plan));
	network(0, "aa", "passphrase of aa");
	network(1, "bb", NULL);
}

/* One changes, one goes, one comes. */
static void plan_new(void)
{
	memset(&plan, 0, sizeof(plan));
	network(0, "cc", "passphrase of cc");
	network(2, "dd", "passphrase of dd");
}

static void assert_old(void)
{
	assert_string_equal(in_use("sta0", "ssid"), "6161");
	assert_string_equal(in_use("sta0", "psk"), "\"passphrase of aa\"");
	assert_string_equal(in_use("sta1", "ssid"), "6262");
	assert_string_equal(in_use("sta1", "key_mgmt"), "NONE");
	assert_null(find_iface("sta2"));
}

static void assert_new(void)
{
	assert_string_equal(in_use("sta0", "ssid"), "6363");
	assert_string_equal(in_use("sta2", "ssid"), "6464");
	assert_null(find_iface("sta1"));
}

static unsigned int networks(void)
{
	unsigned int i, k, n = 0;

	for (i = 0; i < sup.n; i++)
		for (k = 0; k < NETS; k++)
			n += sup.ifaces[i].nets[k].used;
	return n;
}

static void open_role(void)
{
	static struct conf *conf;
	char file[96];
	FILE *f;

	(void)snprintf(file, sizeof(file), "%s/conf", sup.dir);
	f = fopen(file, "w");
	assert_non_null(f);
	fprintf(f, "station.interfaces = sta0 sta1 sta2\nsupplicant.global = %s\n", sup.path);
	fprintf(f, "supplicant.file = /the/file\n");
	assert_int_equal(fclose(f), 0);
	conf_free(conf);
	assert_int_equal(conf_load(&conf, file), 0);
	assert_int_equal(station_role.open((void **)&r, conf, NULL), 0);
	(void)unlink(file);
	memset(told, -1, sizeof(told));
	ntold = 0;
}

static void close_role(void)
{
	ctrl_close(&r->ctrl);
	close(r->folder);
	free(r);
}

static int setup(void **state)
{
	(void)snprintf(sup.dir, sizeof(sup.dir), "/tmp/test_station.XXXXXX");
	assert_non_null(mkdtemp(sup.dir));
	(void)snprintf(sup.path, sizeof(sup.path), "%s/global", sup.dir);
	sup.sock = -1;
	sup.clock = 1000000;
	open_role();
	return 0;
}

static int teardown(void **state)
{
	close_role();
	(void)unlink(sup.path);
	return rmdir(sup.dir);
}

static void a_plan_is_held_and_holding_changes_nothing(void **state)
{
	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	assert_old();
	assert_string_equal(find_iface("sta0")->file, "/the/file");
	assert_int_equal(networks(), 2);
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	assert_int_equal(told[2], -1);
	sup.nchanges = 0;
	assert_int_equal(apply(), 0);
	assert_int_equal(sup.nchanges, 0);
	plan.network[1].station = 0; /* the same in another order */
	plan.network[0] = plan.network[1];
	plan_old();
	assert_int_equal(apply(), 0);
	assert_int_equal(sup.nchanges, 0);
	plan_new();
	assert_int_equal(apply(), 0);
	assert_new();
	assert_int_equal(networks(), 2);
	assert_int_equal(told[1], 0);
	assert_int_equal(told[2], 1);
	memset(&plan, 0, sizeof(plan));
	assert_int_equal(apply(), 0);
	assert_int_equal(sup.n, 0);
	supplicant_dies();
}

/* One station keeps what it has while another one changes. */
static void only_what_differs_is_told(void **state)
{
	unsigned int i;

	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	sup.nchanges = 0;
	plan.network[1].ssid[1] = 'x';
	assert_int_equal(apply(), 0);
	for (i = 0; i < sup.nchanges; i++)
		assert_ptr_equal(strstr(sup.changes[i], "IFNAME=sta1 "), sup.changes[i]);
	assert_string_equal(in_use("sta1", "ssid"), "6278");
	supplicant_dies();
}

static void fail_everywhere(enum failure how)
{
	unsigned int step, failures = 0;
	int e;

	for (step = 1;; step++) {
		open_role();
		supplicant_starts();
		plan_old();
		assert_int_equal(apply(), 0);
		fails_at(step, how);
		plan_new();
		e = apply();
		if (!sup.failed)
			break;
		failures++;
		if (how == DIES) {
			assert_true(e == -ETIMEDOUT || e == -ENOTCONN);
			supplicant_dies();
			supplicant_starts();
		}
		if (!r->holds) { /* what could not be put back at once, soon is */
			r->retry_at = 0;
			station_tick(r);
		}
		if (e)
			assert_old();
		else
			assert_new();
		assert_int_equal(networks(), 2);
		assert_int_equal(told[0], 1);
		assert_int_equal(told[1] == 1, e != 0);
		assert_int_equal(told[2] == 1, e == 0);
		assert_null(strstr(done.why, "passphrase of"));
		supplicant_dies();
		close_role();
	}
	assert_true(failures > 20); /* two networks with nine settings each */
	supplicant_dies();
	close_role();
}

static void the_plan_before_holds_after_any_failure(void **state)
{
	enum failure how;

	close_role();
	for (how = 0; how < FAILURES; how++)
		fail_everywhere(how);
	open_role();
}

static void a_refused_network_disturbs_nobody(void **state)
{
	unsigned int i;

	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	plan_new();
	plan.network[0].passphrase[3] = '\n';
	sup.nchanges = sup.steps = 0;
	assert_int_equal(apply(), -EINVAL);
	assert_int_equal(done.field, PLAN_FIELD_KEY);
	assert_int_equal(done.station, 0);
	assert_int_equal(sup.steps, 0); /* nobody was even asked */
	plan_new();
	plan.network[1].station = 3;
	assert_int_equal(apply(), -ENODEV);
	plan.network[1].station = 0;
	assert_int_equal(apply(), -ENODEV);
	assert_int_equal(done.field, PLAN_FIELD_WIPHY);
	assert_int_equal(sup.steps, 0);
	plan_new();
	fails_at(20, REFUSES); /* a setting of the second one */
	assert_int_equal(apply(), -EREMOTEIO);
	for (i = 0; i < sup.nchanges; i++)
		assert_null(strstr(sup.changes[i], "SELECT"));
	assert_old();
	assert_int_equal(networks(), 2);
	supplicant_dies();
}

static void standing_plan_waits_for_its_supplicant(void **state)
{
	plan_old();
	assert_int_equal(apply(), -ENOTCONN);
	assert_int_equal(station_timeout(r), -1); /* the empty plan, which holds */
	plan.standing = 1;
	assert_int_equal(apply(), -ENOTCONN);
	assert_int_equal(ntold, 0);
	assert_in_range(station_timeout(r), 1, RADIO_RETRY_MIN_MS);
	supplicant_starts();
	r->retry_at = 0;
	station_tick(r);
	assert_old();
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	supplicant_dies();
}

static void of_a_standing_plan_the_rest_goes_on(void **state)
{
	supplicant_starts();
	plan_old();
	plan.standing = 1;
	network(7, "ee", NULL);
	network(2, "ff", "short");
	assert_int_equal(apply(), -ENODEV);
	assert_int_equal(done.field, PLAN_FIELD_WIPHY);
	assert_old();
	assert_int_equal(told[0], 1);
	assert_int_equal(told[2], -1);
	supplicant_dies();
}

/* Waits for the folder to say something, as the frame does. */
static void hears_of_it(void)
{
	struct pollfd p;

	assert_int_equal(station_polls(r, &p), 1);
	assert_int_equal(poll(&p, 1, 0), 1);
	station_polled(r, &p, 1);
	assert_int_equal(station_timeout(r), STATION_NEWS_MS);
	sup.clock += STATION_NEWS_MS;
	assert_int_equal(station_timeout(r), 0);
	station_tick(r);
}

static void one_that_dies_and_returns_gets_the_plan_again(void **state)
{
	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	hears_of_it(); /* that it came, which is nothing new by now */
	assert_true(station_timeout(r) > 60000);
	supplicant_dies();
	supplicant_starts();
	hears_of_it();
	assert_old();
	assert_int_equal(ntold, 2); /* the agent noticed nothing */
	supplicant_dies();
	(void)unlink(sup.path);
	hears_of_it();
	assert_int_equal(told[0], 0);
	assert_int_equal(told[1], 0);
	assert_int_equal(ntold, 4);
	supplicant_starts();
	hears_of_it();
	assert_old();
	assert_int_equal(told[0], 1);
	assert_int_equal(told[1], 1);
	supplicant_dies();
}

/* Another file in the folder, which is not this role's, is no reason to look. */
static void other_files_are_nobody_s_business(void **state)
{
	char other[128];
	struct pollfd p;
	FILE *f;

	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	hears_of_it();
	(void)snprintf(other, sizeof(other), "%s/global2", sup.dir);
	f = fopen(other, "w");
	assert_non_null(f);
	assert_int_equal(fclose(f), 0);
	(void)unlink(other);
	assert_int_equal(station_polls(r, &p), 1);
	assert_int_equal(poll(&p, 1, 0), 1);
	station_polled(r, &p, 1);
	assert_true(station_timeout(r) > 60000);
	supplicant_dies();
}

static void a_role_that_was_started_anew_knows_nothing_and_sets_it_up_again(void **state)
{
	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	close_role();
	sup.clock += 1; /* another mark */
	open_role();
	plan_new();
	assert_int_equal(apply(), 0);
	assert_new();
	assert_int_equal(networks(), 2);
	supplicant_dies();
}

/* Somebody else took the network away, or put another one in its place. */
static void what_somebody_else_took_away_is_put_back(void **state)
{
	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	memset(&find_iface("sta0")->nets[0], 0, sizeof(struct net));
	(void)snprintf(find_iface("sta1")->nets[0].settings[0], 160, "ssid 00");
	find_iface("sta1")->nets[0].n = 1;
	r->retry_at = 0;
	station_tick(r);
	assert_old();
	supplicant_dies();
}

static void an_agent_that_comes_anew_is_told_all(void **state)
{
	supplicant_starts();
	plan_old();
	assert_int_equal(apply(), 0);
	assert_int_equal(ntold, 2);
	station_gone(r);
	plan.standing = 1;
	assert_int_equal(apply(), 0);
	assert_int_equal(ntold, 4);
	supplicant_dies();
}

#define WITH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH(a_plan_is_held_and_holding_changes_nothing),
		WITH(only_what_differs_is_told),
		WITH(the_plan_before_holds_after_any_failure),
		WITH(a_refused_network_disturbs_nobody),
		WITH(standing_plan_waits_for_its_supplicant),
		WITH(of_a_standing_plan_the_rest_goes_on),
		WITH(one_that_dies_and_returns_gets_the_plan_again),
		WITH(other_files_are_nobody_s_business),
		WITH(a_role_that_was_started_anew_knows_nothing_and_sets_it_up_again),
		WITH(what_somebody_else_took_away_is_put_back),
		WITH(an_agent_that_comes_anew_is_told_all),
	};

	log_set_fd(-1);
	return cmocka_run_group_tests_name("station", tests, NULL, NULL);
}
