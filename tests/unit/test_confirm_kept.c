/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change has changed is kept, and put back: values, secrets, rows with their numbers, their
 * aliases, their attributes and all that is below them; and nothing of it stays when it is over.
 */
#include "tests/unit/model.h"

#include "agent/confirm_kept.h"
#include "agent/store.h"

#define LINK "Device.Net.Link."

static struct kept kept;
static uint64_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % n;
}

static enum dm_error before(void *arg, struct dm_txn *txn)
{
	if (dm_txn_origin(txn) == DM_BY_SELF)
		return DM_OK;
	return kept_take(&kept, KEPT_OLD, txn) || store_save(kept.store) ? DM_ERESOURCES : DM_OK;
}

static void after(void *arg, bool holds)
{
	if (!holds)
		assert_int_equal(kept_tidy(&kept) ?: store_save(kept.store), 0);
}

static void watch(struct model *m)
{
	static const struct dm_guard guard = { .before = before, .after = after };

	kept = (struct kept){ .dm = m->dm, .store = m->store, .paths = "Device.Net.Link." };
	dm_set_guard(m->dm, &guard);
}

static void restart(struct model *m)
{
	buf_free(&kept.reached);
	model_close(m);
	model_open(m);
	watch(m);
	assert_int_equal(kept_tidy(&kept) ?: store_save(kept.store), 0);
}

/* What was before, or what came after it. */
static enum dm_error put(struct model *m, enum kept_side side, bool all)
{
	struct dm_txn *txn;

	dm_rpc_begin(m->dm);
	txn = dm_begin(m->dm, DM_BY_SELF);
	kept_stage(&kept, side, txn, all);
	assert_int_equal(kept_take(&kept, side == KEPT_OLD ? KEPT_NEW : KEPT_OLD, txn), DM_OK);
	assert_int_equal(store_save(m->store), 0);
	dm_faults_free(&m->faults);
	return dm_commit(txn, &m->faults);
}

static void end(struct model *m)
{
	assert_int_equal(kept_forget(&kept), 0);
	assert_int_equal(store_save(m->store), 0);
}

static int put_attribute(void *arg, const struct dm_attr *a)
{
	if (a->notification == 1 || !a->subscriber)
		buf_printf(arg, "%.*s %d %d\n", (int)a->path_len, a->path, a->notification,
			   a->subscriber);
	return 0;
}

/* The whole tree with attributes, and the secret. */
static char *dump(struct model *m)
{
	model_get(m, "");
	assert_int_equal(dm_attr_get(m->dm, "", put_attribute, &m->out), DM_OK);
	buf_puts(&m->out, dm_str(dm_find(m->dm, "Device"), "Secret", NULL));
	return strdup(buf_str(&m->out));
}

static void is(struct model *m, const char *want)
{
	char *got = dump(m);
	size_t i = 0, line = 0;

	for (; got[i] && got[i] == want[i]; i++)
		if (got[i] == '\n')
			line = i + 1;
	if (got[i] || want[i])
		fail_msg("%.80s\ninstead of\n%.80s", got + line, want + line);
	free(got);
}

/* Every line is of something that is there. */
static void check_line(void *arg, const char *key, const char *value, size_t len)
{
	struct model *m = arg;
	const char *path = strstr(key, LINK), *dot;
	char row[DM_PATH_MAX + 1];

	assert_null(strstr(key, STORE_KEY_CONFIRM));
	for (dot = path; dot && (dot = strchr(dot, '.')) && *++dot;) {
		if (dot - path <= (ptrdiff_t)strlen(LINK) || dot[-2] < '0' || dot[-2] > '9')
			continue;
		snprintf(row, sizeof(row), "%.*s", (int)(dot - path), path);
		if (!dm_find(m->dm, row))
			fail_msg("%s is left over", key);
	}
}

static void attribute(struct model *m, const char *path, uint8_t notification)
{
	const struct dm_attr_change change = { .path = path,
					       .set_notification = true,
					       .notification = notification };

	assert_int_equal(dm_attr_set(m->dm, &change, 1, NULL), DM_OK);
}

static void what_a_row_had_comes_back_with_it(void **state)
{
	struct model *m = *state;
	char *old, *new;

	watch(m);
	model_add(m, LINK);
	model_add(m, LINK);
	model_add(m, LINK "2.Sub.");
	model_add(m, LINK "2.Sub.");
	model_del(m, LINK "2.Sub.1.");
	model_set(m, LINK "2.Alias", "guest");
	model_set(m, LINK "2.Name", "lan");
	model_set(m, LINK "2.Sub.2.Value", "9");
	model_set(m, LINK "1.Any", LINK "2.Sub.2");
	model_set(m, "Device.Secret", "old secret");
	end(m);
	attribute(m, LINK "2.Name", 1);
	attribute(m, LINK "2.Sub.2.Value", 1);
	old = dump(m);

	/* another row has its alias, and the table is as full as before */
	assert_int_equal(model_del(m, LINK "2."), DM_OK);
	assert_int_equal(model_add(m, LINK), 3);
	assert_int_equal(model_set(m, LINK "3.Alias", "guest"), DM_OK);
	assert_int_equal(model_add(m, LINK "3.Sub."), 1);
	assert_int_equal(model_set(m, "Device.Secret", "new secret"), DM_OK);
	attribute(m, LINK "3.Alias", 1);
	new = dump(m);

	assert_int_equal(put(m, KEPT_OLD, true), DM_OK);
	is(m, old);
	restart(m);
	is(m, old);
	assert_int_equal(put(m, KEPT_NEW, true), DM_OK);
	is(m, new);
	restart(m);
	assert_int_equal(put(m, KEPT_OLD, true), DM_OK);
	is(m, old);
	end(m);
	store_each(m->store, "", false, check_line, m);
	/* no number comes twice */
	assert_int_equal(model_add(m, LINK), 4);
	end(m);
	free(old);
	free(new);
	buf_free(&kept.reached);
}

static void a_value_that_its_row_refuses_may_be_the_first(void **state)
{
	struct model *m = *state;

	watch(m);
	assert_int_equal(model_set(m, "Device.Hex", "0A0B"), DM_OK);
	assert_int_equal(model_set(m, "Device.Hex", ""), DM_EVALUE);
	assert_int_equal(put(m, KEPT_OLD, true), DM_OK);
	assert_string_equal(model_get(m, "Device.Hex"), "Device.Hex=\n");
	end(m);
	buf_free(&kept.reached);
}

static void who_has_failed_leaves_no_row_to_take_away(void **state)
{
	struct model *m = *state;
	struct dm_txn *txn;
	uint32_t n;

	watch(m);
	model_add(m, LINK);
	end(m);
	assert_int_equal(model_set(m, LINK "1.Name", "a"), DM_OK);
	world.apply_says = DM_EINTERNAL;
	assert_int_equal(model_add(m, LINK), 0);
	assert_int_equal(model_del(m, LINK "1."), DM_EINTERNAL);
	world.apply_says = DM_OK;
	/* now somebody else has the number */
	txn = dm_begin(m->dm, DM_BY_SELF);
	dm_stage_add(txn, LINK, &n);
	assert_int_equal(dm_commit(txn, NULL), DM_OK);
	assert_int_equal(n, 2);
	assert_int_equal(put(m, KEPT_OLD, true), DM_OK);
	assert_string_equal(model_get(m, LINK "1.Name"), LINK "1.Name=new\n");
	assert_non_null(dm_find(m->dm, LINK "2."));
	end(m);
	buf_free(&kept.reached);
}

static void what_covered_rows_refer_to_is_covered(void **state)
{
	struct model *m = *state;

	world.port[0] = "eth0";
	world.port[1] = "eth1";
	world.nports = 2;
	model_add(m, LINK);
	model_add(m, LINK);
	model_add(m, LINK "1.Sub.");
	model_set(m, LINK "1.Sub.1.Up", LINK "2");
	model_set(m, LINK "2.Lower", "Device.Net.Port.2");
	watch(m);
	kept.paths = " Device.Text  Device.Net.Link.1.Sub. ";
	assert_true(kept_reach(&kept));
	assert_false(kept_reach(&kept));
	assert_true(kept_covers(&kept, "Device.Text"));
	assert_true(kept_covers(&kept, LINK "1.Sub.1.Value"));
	assert_true(kept_covers(&kept, LINK "2.Name"));
	assert_true(kept_covers(&kept, LINK "2."));
	assert_true(kept_covers(&kept, "Device.Net.Port.2.Speed"));
	assert_false(kept_covers(&kept, LINK "1.Name"));
	assert_false(kept_covers(&kept, "Device.Net.Port.1.Speed"));
	model_set(m, LINK "1.Sub.1.Up", "");
	assert_true(kept_reach(&kept));
	assert_false(kept_covers(&kept, "Device.Net.Port.2.Speed"));
	end(m);
	buf_free(&kept.reached);
}

static void only_what_is_covered_goes_back_when_all_cannot(void **state)
{
	struct model *m = *state;

	watch(m);
	model_add(m, LINK);
	end(m);
	assert_int_equal(model_set(m, LINK "1.Name", "a"), DM_OK);
	assert_int_equal(model_set(m, "Device.Text", "b"), DM_OK);
	assert_int_equal(put(m, KEPT_OLD, false), DM_OK);
	assert_string_equal(model_get(m, LINK "1.Name"), LINK "1.Name=new\n");
	assert_string_equal(model_get(m, "Device.Text"), "Device.Text=b\n");
	end(m);
	buf_free(&kept.reached);
}

/* Mostly one that is there; 9: mostly not. */
static uint32_t any_row(struct dm_inst *parent, const struct dm_object *table)
{
	const size_t n = parent ? dm_row_count(parent, table) : 0;

	return n && below(10) ? dm_row_at(parent, table, below((uint32_t)n))->number : 9;
}

static void any_transaction(struct model *m)
{
	static const char *const names[] = { "Enable", "Alias", "Name", "Any" };
	static const char *const values[][4] = { { "1", "0", "true", "1" },
						 { "x", "y", "z", "home" },
						 { "a", "b", "", "new" },
						 { "", LINK "1", LINK "2", LINK "3.Sub.1" } };
	struct dm_inst *net = dm_find(m->dm, "Device.Net");
	struct dm_txn *txn = dm_begin(m->dm, DM_BY_ACS);
	char path[64], sub[16];
	const char *value;
	uint32_t n, steps;

	for (steps = 1 + below(3); steps; steps--) {
		snprintf(path, sizeof(path), LINK "%u.", any_row(net, &model_link));
		snprintf(sub, sizeof(sub), "Sub.%u.", any_row(dm_find(m->dm, path), &model_sub));
		switch (below(8)) {
		case 0:
			dm_stage_add(txn, LINK, &n);
			break;
		case 1:
			dm_stage_del(txn, path);
			break;
		case 2:
			snprintf(path + strlen(path), 8, "Sub.");
			dm_stage_add(txn, path, &n);
			break;
		case 3:
			snprintf(path + strlen(path), 16, "%s", sub);
			dm_stage_del(txn, path);
			break;
		case 4:
			dm_stage(txn, "Device.Secret", DM_ANY, "secret", below(7));
			break;
		case 5:
			snprintf(path + strlen(path), 24, "%sValue", sub);
			dm_stage(txn, path, DM_ANY, "12345678", 1 + below(8));
			break;
		default:
			n = below(4);
			snprintf(path + strlen(path), 16, "%s", names[n]);
			value = values[n][below(4)];
			dm_stage(txn, path, DM_ANY, value, strlen(value));
		}
	}
	world.apply_says = below(8) ? DM_OK : DM_EINTERNAL;
	(void)dm_commit(txn, NULL);
	world.apply_says = DM_OK;
}

/* To and fro between what was before some transactions and what came of them. */
static void whatever_was_changed_goes_to_and_fro(void **state)
{
	const char *rounds = getenv("ROUNDS"), *given = getenv("SEED");
	uint32_t n = 10 * (rounds ? (uint32_t)atoi(rounds) : 20), i, k;
	struct model *m = *state;
	enum kept_side now;

	seed = given ? strtoull(given, NULL, 10) : 1;
	print_message("%u rounds from seed %llu\n", n, (unsigned long long)seed);
	watch(m);
	for (i = 0; i < n; i++) {
		char *side[2];

		side[KEPT_OLD] = dump(m);
		for (k = 1 + below(6); k; k--)
			any_transaction(m);
		side[KEPT_NEW] = dump(m);
		for (k = below(4), now = KEPT_NEW; k; k--) {
			if (!below(3))
				restart(m);
			is(m, side[now]);
			now = now == KEPT_NEW ? KEPT_OLD : KEPT_NEW;
			if (put(m, now, true))
				fail_msg("%s: %s", m->faults.v[0].path, m->faults.v[0].text);
			is(m, side[now]);
		}
		end(m);
		restart(m);
		is(m, side[now]);
		store_each(m->store, "", false, check_line, m);
		free(side[KEPT_OLD]);
		free(side[KEPT_NEW]);
		/* numbers go up for ever, and those of one digit are to be met */
		if (i % 5 == 4) {
			buf_free(&kept.reached);
			model_close(m);
			model_write(m->dir, "state", "sallyport-state 1\n@end = 0\n");
			model_open(m);
			watch(m);
		}
	}
	buf_free(&kept.reached);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MODEL_TEST(what_a_row_had_comes_back_with_it),
		MODEL_TEST(a_value_that_its_row_refuses_may_be_the_first),
		MODEL_TEST(who_has_failed_leaves_no_row_to_take_away),
		MODEL_TEST(what_covered_rows_refer_to_is_covered),
		MODEL_TEST(only_what_is_covered_goes_back_when_all_cannot),
		MODEL_TEST(whatever_was_changed_goes_to_and_fro),
	};

	return cmocka_run_group_tests_name("confirm_kept", tests, NULL, NULL);
}
