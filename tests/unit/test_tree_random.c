/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random transactions, failures, things that come and go, sessions and restarts. Whatever happens:
 * a transaction that fails changes nothing, one that succeeds is there after a restart, references
 * point to rows that exist, and the counters count. ROUNDS and SEED choose another run.
 */
#include "tests/unit/model.h"

#include "agent/tree/internal.h"

static uint64_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static char *dump(struct model *m)
{
	return strdup(model_get(m, ""));
}

/* Mostly what fits, so that much succeeds; sometimes anything. */
static const struct {
	const char *name, *values[6];
} choices[] = {
	{ "Enable", { "true", "0", "1" } },
	{ "Alias", { "home", "guest", "lan", "x", "y" } },
	{ "Name", { "", "home", "lan", "wan", "new" } },
	{ "Any", { "", "Device.Net.Link.1", "Device.Net.Link.2", "Device.Net.Link.3.Sub.1" } },
	{ "Lower", { "", "Device.Net.Port.1", "Device.Net.Port.1,Device.Net.Port.2" } },
	{ "Value", { "7", "0", "1", "99" } },
	{ "Up", { "", "Device.Net.Link.1", "Device.Net.Link.2", "Device.Net.Link.4" } },
	{ "Nope", { "a value that is too long for all" } },
};

static const char *any_row(struct model *m, bool *sub)
{
	static char path[DM_PATH_MAX + 1];
	static const char *const wild[] = { "Device.Net.Link.1.", "Device.Net.Link.3.Sub.1.",
					    "Device.Net.Port.1.", "Device.Net.", "" };
	struct dm_inst *net = dm_find(m->dm, "Device.Net"), *in = NULL;
	size_t n = dm_row_count(net, &model_link);

	*sub = false;
	if (!n || !below(15))
		return wild[below(5)];
	in = dm_row_at(net, &model_link, below((uint32_t)n));
	n = dm_row_count(in, &model_sub);
	if (n && below(2)) {
		in = dm_row_at(in, &model_sub, below((uint32_t)n));
		*sub = true;
	}
	dm_inst_path(in, path);
	return path;
}

static void stage_value(struct dm_txn *txn, char *path, size_t size, bool sub)
{
	uint32_t param = below(15) ? (sub ? 5 + below(2) : below(5)) : below(8), n = 0;
	const char *value;

	while (n < 6 && choices[param].values[n])
		n++;
	value = choices[param].values[below(n)];
	snprintf(path + strlen(path), size - strlen(path), "%s", choices[param].name);
	dm_stage(txn, path, DM_ANY, value, strlen(value));
}

static void stage_any(struct model *m, struct dm_txn *txn)
{
	char path[2 * DM_PATH_MAX];
	uint32_t n;
	bool sub;

	snprintf(path, sizeof(path), "%s", any_row(m, &sub));
	switch (below(10)) {
	case 0:
		dm_stage_add(txn, "Device.Net.Link.", &n);
		break;
	case 1:
	case 2:
		if (!sub)
			snprintf(path + strlen(path), 8, "Sub.");
		dm_stage_add(txn, path, &n);
		break;
	case 3:
		dm_stage_del(txn, path);
		break;
	case 4:
		dm_stage(txn, "Device.Text", DM_ANY, "text", below(5));
		break;
	default:
		stage_value(txn, path, sizeof(path), sub);
	}
}

static void transaction(struct model *m)
{
	char *before = dump(m), *after, block[128];
	struct dm_txn *txn = dm_begin(m->dm, below(2) ? DM_BY_ACS : DM_BY_USER);
	bool blocked = !below(10);
	enum dm_error e;

	for (uint32_t n = below(4) + 1; n; n--)
		stage_any(m, txn);
	world.apply_says = below(6) ? DM_OK : DM_EINTERNAL;
	snprintf(block, sizeof(block), "%s/state.new", m->dir);
	if (blocked)
		assert_int_equal(mkdir(block, 0700), 0);
	if (below(8)) {
		dm_faults_free(&m->faults);
		e = dm_commit(txn, &m->faults);
		assert_int_equal(e != DM_OK, m->faults.n > 0);
	} else {
		dm_abort(txn);
		e = DM_EDENIED;
	}
	if (blocked)
		assert_int_equal(rmdir(block), 0);
	world.apply_says = DM_OK;
	after = dump(m);
	if (e)
		assert_string_equal(before, after);
	assert_false(store_dirty(m->store));
	free(before);
	free(after);
}

static int check_value(void *arg, const struct dm_value *v)
{
	struct model *m = arg;
	char text[DM_PATH_MAX + 1];
	struct dm_inst *in;

	if (!(v->param->flags & DM_STRONG) || !v->len)
		return 0;
	for (const char *s = v->text; s; s = memchr(s, ',', (size_t)(v->text + v->len - s))) {
		size_t n;

		s += *s == ',';
		n = strcspn(s, ",");
		if (n > (size_t)(v->text + v->len - s))
			n = (size_t)(v->text + v->len - s);
		snprintf(text, sizeof(text), "%.*s", (int)n, s);
		/* ports come and go by themselves: only what the agent deletes is unlinked */
		if (!strncmp(text, "Device.Net.Port.", 16))
			continue;
		in = dm_find(m->dm, text);
		if (!in)
			fail_msg("%.*s refers to %s", (int)v->path_len, v->path, text);
	}
	return 0;
}

static void check(struct model *m)
{
	struct dm_inst *net = dm_find(m->dm, "Device.Net");
	char want[64];

	snprintf(want, sizeof(want), "Device.Net.LinkNumberOfEntries=%zu\n",
		 dm_row_count(net, &model_link));
	assert_string_equal(model_get(m, "Device.Net.LinkNumberOfEntries"), want);
	assert_int_equal(dm_get(m->dm, "", check_value, m), DM_OK);
	assert_int_equal(m->dm->walking, 0);
	assert_null(m->dm->txn);
}

static void restart(struct model *m)
{
	char *before = dump(m), *after;

	model_close(m);
	model_open(m);
	after = dump(m);
	/* hosts have new numbers: they are not kept */
	*strstr(before, "Device.Net.Host.") = 0;
	*strstr(after, "Device.Net.Host.") = 0;
	assert_string_equal(before, after);
	free(before);
	free(after);
}

static void things_come_and_go(struct model *m)
{
	static const char *const ports[] = { "eth0", "eth1", "eth2", "eth3", "eth4", "eth5" };
	static const char *const hosts[] = { "a", "b", "c", "d", "e", "f", "g" };

	world.nports = below(3) + 1;
	for (size_t i = 0; i < world.nports; i++)
		world.port[i] = ports[(below(2) + 2 * i) % 6];
	world.nhosts = below(5) + 1;
	for (size_t i = 0; i < world.nhosts; i++)
		world.host[i] = hosts[below(7)];
	model_get(m, "Device.Net.");
}

static void whatever_happens_the_tree_is_whole(void **state)
{
	const char *rounds = getenv("ROUNDS"), *given = getenv("SEED");
	uint32_t n = 40 * (rounds ? (uint32_t)atoi(rounds) : 50);
	struct model *m = *state;

	seed = given ? strtoull(given, NULL, 10) : 1;
	print_message("%u steps from seed %llu\n", n, (unsigned long long)seed);
	world.host[0] = "a";
	world.nhosts = 1;
	for (uint32_t i = 0; i < n; i++) {
		switch (below(12)) {
		case 0:
			restart(m);
			break;
		case 1:
		case 2:
			things_come_and_go(m);
			break;
		case 3:
			dm_session_begin(m->dm);
			break;
		case 4:
			dm_session_end(m->dm);
			break;
		case 5:
			dm_sample(m->dm);
			dm_changes_get(m->dm, check_value, m);
			dm_changes_delivered(m->dm);
			break;
		default:
			transaction(m);
		}
		check(m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(whatever_happens_the_tree_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
