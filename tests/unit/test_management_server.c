/* SPDX-License-Identifier: Apache-2.0 */
/* Device.ManagementServer. and DeviceInfo as the session sees them. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/tr181/device_info.h"
#include "agent/tr181/management_server.h"
#include "agent/tree/rows.h"
#include "config.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/log.h"

extern const struct dm_object device;

static const struct dm_object *const objects[] = { &device, &device_info, &management_server };

struct box {
	char dir[64];
	struct store *st;
	struct dm *dm;
	struct buf out;
	unsigned int bits, calls;
};

static const struct identity identity = {
	"ACME", "00A0B1", "", "S1", "Gate", "1.0", "2.0", "ACME Gate",
};

static void heard(void *arg, unsigned int bits)
{
	struct box *b = arg;

	b->bits |= bits;
	b->calls++;
}

static void open_box(struct box *b)
{
	assert_int_equal(store_open(&b->st, b->dir, NULL), 0);
	assert_int_equal(dm_open(&b->dm, objects, 3, b->st), 0);
	assert_int_equal(device_info_init(b->dm, &identity), 0);
	assert_int_equal(ms_init(b->dm), 0);
	ms_on_change(b->dm, heard, b);
}

static void close_box(struct box *b)
{
	ms_exit(b->dm);
	device_info_exit(b->dm);
	dm_close(b->dm);
	store_close(b->st);
}

static int setup(void **state)
{
	struct box *b = calloc(1, sizeof(*b));

	log_set_fd(-1);
	snprintf(b->dir, sizeof(b->dir), "/tmp/sallyport-test-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	buf_init(&b->out, 65536);
	open_box(b);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct box *b = *state;
	char path[96];

	close_box(b);
	snprintf(path, sizeof(path), "%s/state", b->dir);
	unlink(path);
	assert_int_equal(rmdir(b->dir), 0);
	buf_free(&b->out);
	free(b);
	return 0;
}

#define MS "Device.ManagementServer."

static enum dm_error set(struct box *b, const char *path, const char *value)
{
	struct dm_txn *txn = dm_begin(b->dm, DM_BY_ACS);

	b->bits = b->calls = 0;
	dm_stage(txn, path, DM_ANY, value, strlen(value));
	return dm_commit(txn, NULL);
}

static int put(void *arg, const struct dm_value *v)
{
	buf_printf(arg, "%.*s=%.*s\n", (int)v->path_len, v->path, (int)v->len, v->text);
	return 0;
}

static const char *get(struct box *b, const char *path)
{
	buf_reset(&b->out);
	assert_int_equal(dm_get(b->dm, path, put, &b->out), DM_OK);
	return buf_str(&b->out);
}

static void settings_have_the_defaults_of_the_standard(void **state)
{
	const struct ms_settings *s = ms_settings(((struct box *)*state)->dm);

	assert_true(s->enable_cwmp);
#ifdef CONFIG_CONNREQ_HTTP
	assert_true(s->connreq_http_enable);
#endif
	assert_string_equal(s->url, "");
	assert_string_equal(s->username, "");
	assert_string_equal(s->connreq_password, "");
	assert_int_equal(s->retry_min_wait, 5);
	assert_int_equal(s->retry_multiplier, 2000);
	assert_int_equal(s->periodic_interval, 86400);
	assert_false(s->periodic_phase);
}

static void a_change_is_heard_once_with_its_bits(void **state)
{
	struct box *b = *state;
	const struct ms_settings *s = ms_settings(b->dm);
	struct dm_txn *txn;

	assert_int_equal(set(b, MS "URL", "https://acs.example/cwmp"), DM_OK);
	assert_int_equal(b->bits, MS_URL);
	assert_string_equal(s->url, "https://acs.example/cwmp");
	set(b, MS "URL", "https://acs.example/cwmp");
	assert_int_equal(b->calls, 0);
	txn = dm_begin(b->dm, DM_BY_USER);
	dm_stage(txn, MS "Username", DM_STRING, "u", 1);
	dm_stage(txn, MS "PeriodicInformTime", DM_DATETIME, "1970-01-01T00:00:10.500Z", 24);
	dm_stage(txn, MS "PeriodicInformInterval", DM_UINT, "300", 3);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	assert_int_equal(b->calls, 1);
	assert_int_equal(b->bits, MS_PERIODIC);
	assert_int_equal(s->periodic_interval, 300);
	assert_true(s->periodic_phase);
	assert_int_equal(s->periodic_time, 10);
	assert_string_equal(get(b, MS "PeriodicInformTime"),
			    MS "PeriodicInformTime=1970-01-01T00:00:10.500Z\n");
}

static void a_failed_transaction_changes_no_setting(void **state)
{
	struct box *b = *state;
	struct dm_txn *txn = dm_begin(b->dm, DM_BY_ACS);

	dm_stage(txn, MS "URL", DM_STRING, "https://other.example/", 22);
	dm_stage(txn, MS "PeriodicInformInterval", DM_UINT, "0", 1);
	assert_int_equal(dm_commit(txn, NULL), DM_EVALUE);
	assert_string_equal(ms_settings(b->dm)->url, "");
	assert_int_equal(b->calls, 0);
}

static void an_url_that_could_not_be_dialled_is_refused(void **state)
{
	static const char *const bad[] = {
		"http://acs.example/",
		"ftp://acs.example/",
		"acs.example",
		"https://",
		"https:///x",
		"https://:7547/",
		"https://a b/",
		"https://a\n/",
		"https://a/\"x\"",
		"javascript:x",
		/* what a session would not begin with */
		"https://user:pw@acs.example/",
		"https://acs.example:99999/",
		"https://acs.example:x/",
		"https://acs.example/\x7f",
		"https://acs.\xc3\xa4.example/",
		"https://[::1/",
	};
	struct box *b = *state;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(set(b, MS "URL", bad[i]), DM_EVALUE);
	ms_allow_http(b->dm, true);
	assert_int_equal(set(b, MS "URL", "https://acs.example/a@b"), DM_OK);
	assert_int_equal(set(b, MS "URL", "http://127.0.0.1:7547/acs?x=1"), DM_OK);
	assert_int_equal(set(b, MS "URL", "HTTPS://[2001:db8::1]/"), DM_OK);
	assert_int_equal(set(b, MS "URL", ""), DM_OK);
}

static void passwords_are_kept_and_never_shown(void **state)
{
	struct box *b = *state;

	assert_int_equal(set(b, MS "ConnectionRequestPassword", "hush"), DM_OK);
	assert_int_equal(b->bits, MS_CONNREQ);
	assert_string_equal(get(b, MS "ConnectionRequestPassword"),
			    MS "ConnectionRequestPassword=\n");
	close_box(b);
	open_box(b);
	assert_string_equal(ms_settings(b->dm)->connreq_password, "hush");
}

static void the_connection_request_url_is_live_and_its_change_is_told(void **state)
{
	struct box *b = *state;
	bool active;

	dm_sample(b->dm);
	assert_int_equal(ms_set_connreq_url(b->dm, "http://192.0.2.1:7547/x"), 0);
	assert_string_equal(get(b, MS "ConnectionRequestURL"),
			    MS "ConnectionRequestURL=http://192.0.2.1:7547/x\n");
	/* the very first value is none that an ACS knew another of */
	assert_int_equal(dm_changes(b->dm, NULL), 0);
	dm_changes_delivered(b->dm);
	assert_int_equal(ms_set_connreq_url(b->dm, "http://192.0.2.1:7547/x"), 0);
	assert_int_equal(dm_changes(b->dm, NULL), 0);
	close_box(b);
	/* after a restart the same address is no change, another is */
	open_box(b);
	dm_sample(b->dm);
	assert_int_equal(ms_set_connreq_url(b->dm, "http://192.0.2.1:7547/x"), 0);
	assert_int_equal(dm_changes(b->dm, NULL), 0);
	assert_int_equal(ms_set_connreq_url(b->dm, "http://192.0.2.2:7547/x"), 0);
	assert_int_equal(dm_changes(b->dm, &active), 1);
	assert_true(active);
}

static void device_info_is_what_the_box_is(void **state)
{
	struct box *b = *state;
	char text[128];

	assert_string_equal(get(b, "Device.DeviceInfo.SerialNumber"),
			    "Device.DeviceInfo.SerialNumber=S1\n");
	assert_string_equal(get(b, "Device.DeviceInfo.ManufacturerOUI"),
			    "Device.DeviceInfo.ManufacturerOUI=00A0B1\n");
	/* an Inform always has one: a box without a class has an empty one */
	assert_string_equal(get(b, "Device.DeviceInfo.ProductClass"),
			    "Device.DeviceInfo.ProductClass=\n");
	snprintf(text, sizeof(text), "Device.DeviceInfo.UpTime=%llu\n",
		 (unsigned long long)(clock_mono_ms() / 1000));
	if (strcmp(get(b, "Device.DeviceInfo.UpTime"), text)) {
		snprintf(text, sizeof(text), "Device.DeviceInfo.UpTime=%llu\n",
			 (unsigned long long)(clock_mono_ms() / 1000));
		assert_string_equal(get(b, "Device.DeviceInfo.UpTime"), text);
	}
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(settings_have_the_defaults_of_the_standard),
		T(a_change_is_heard_once_with_its_bits),
		T(a_failed_transaction_changes_no_setting),
		T(an_url_that_could_not_be_dialled_is_refused),
		T(passwords_are_kept_and_never_shown),
		T(the_connection_request_url_is_live_and_its_change_is_told),
		T(device_info_is_what_the_box_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
