/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives Device.SelfTestDiagnostics.: asks each part of the agent, and each role that can be asked
 * without harm, whether it does what it is there for. What fails is a result: the test is done.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/dial.h"
#include "agent/diag/parts.h"
#include "agent/priv.h"
#include "agent/store.h"
#include "agent/tr181/self_test.h"
#include "lib/buf.h"
#include "lib/num.h"
#include "lib/text.h"
#include "nl80211/wiphy.h"

#define KEY_RADIOS "@key.Device.WiFi.Radio."

struct test {
	struct self_test rows;
	int asking; /* of the dialer; 0: no */
	uint32_t checks, passed;
	struct buf said;
};

static struct test *test_of(struct diag *d)
{
	return (struct test *)d; /* the first member of its first member */
}

/* One check: what, and how it ended. */
__attribute__((format(printf, 4, 5))) static void add(struct test *t, bool passed, const char *what,
						      const char *fmt, ...)
{
	char how[160];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(how, sizeof(how), fmt, ap);
	va_end(ap);
	t->checks++;
	t->passed += passed;
	buf_printf(&t->said, "; %s %s%s", what, passed ? "" : "FAILED: ", how);
}

static void check(struct test *t, const char *what, int r)
{
	add(t, !r, what, "%s", r ? strerror(-r) : "ok");
}

static void check_flash(struct test *t, struct priv *priv)
{
	struct slot_state s;
	int r = priv_slot_read(priv, &s);
	bool whole;

	if (r) {
		check(t, "flash", r);
		return;
	}
	/* Of an image that did not come by us nobody can say whether it is whole. */
	whole = s.running ? s.whole_b : s.whole_a;
	add(t, s.trial != SLOT_WENT_BACK, "flash", "slot %c runs%s%s", s.running ? 'B' : 'A',
	    whole ? ", verified" : "", s.trial == SLOT_WENT_BACK ? ", the other failed" : "");
}

/* Radios that the box has had: one that is broken may not be there at all. */
struct radios {
	uint32_t n;
	uint32_t number[NL_WIPHYS_MAX];
};

static void note_radio(void *arg, const char *key, const char *value, size_t len)
{
	struct radios *r = arg;
	uint64_t number;

	key += strlen(KEY_RADIOS);
	if (r->n < NL_WIPHYS_MAX && !num_parse_u64(key, strlen(key), UINT32_MAX, &number))
		r->number[r->n++] = (uint32_t)number;
}

struct text {
	char is[64];
};

static int take_text(void *arg, const struct dm_value *v)
{
	struct text *out = arg;

	return !text_copy(out->is, sizeof(out->is), v->text, v->len);
}

static enum dm_error get(struct dm *dm, uint32_t radio, const char *name, struct text *out)
{
	char path[64];

	(void)snprintf(path, sizeof(path), "Device.WiFi.Radio.%u.%s", radio, name);
	return dm_get(dm, path, take_text, out);
}

static void check_radios(struct test *t, struct dm *dm, const struct store *store)
{
	struct radios known = { 0 };

	/* What is read may change the store: not from within the walk. */
	store_each(store, KEY_RADIOS, false, note_radio, &known);
	dm_rpc_begin(dm);
	for (uint32_t i = 0; i < known.n; i++) {
		struct text enabled = { "" }, status = { "gone" };
		char what[24];

		(void)snprintf(what, sizeof(what), "radio %u", known.number[i]);
		(void)get(dm, known.number[i], "Enable", &enabled);
		(void)get(dm, known.number[i], "Status", &status);
		if (!strcmp(enabled.is, "false"))
			add(t, true, what, "disabled");
		else
			add(t, !strcmp(status.is, "Up"), what, "%s", status.is);
	}
}

static void end(struct test *t)
{
	(void)snprintf(t->rows.results, sizeof(t->rows.results), "%u of %u passed%s", t->passed,
		       t->checks, buf_str(&t->said));
	diag_end(&t->rows.diag, DIAG_COMPLETE, t->passed == t->checks ? NULL : t->rows.results, 0);
}

static void have_servers(void *arg, int status, const struct dial_servers *servers)
{
	struct test *t = arg;

	t->asking = 0;
	if (status)
		check(t, "dialer", status);
	else
		add(t, servers->count, "dialer", "name servers: %u", servers->count);
	end(t);
}

static void begin(struct diag *d)
{
	struct agent *a = diag_agent(d);
	struct test *t = test_of(d);

	t->checks = t->passed = 0;
	buf_reset(&t->said);
	check(t, "store", store_check(a->store));
	/* Of this and the next nothing is under way while we are. */
	if (a->priv->role[IPC_PROBE])
		check(t, "probe", priv_probe_stop(a->priv));
	if (a->priv->role[IPC_FLASH])
		check_flash(t, a->priv);
	check_radios(t, a->dm, a->store);
	t->asking = dial_servers(a->dial, have_servers, t);
	if (t->asking >= 0)
		return;
	check(t, "dialer", t->asking);
	t->asking = 0;
	end(t);
}

static void stop(struct diag *d)
{
	struct test *t = test_of(d);

	if (t->asking)
		dial_cancel(diag_agent(d)->dial, t->asking);
	t->asking = 0;
}

static bool sound(const struct diag *d)
{
	const struct self_test *rows = (const void *)d;
	size_t n = strnlen(rows->results, sizeof(rows->results));

	return n < sizeof(rows->results) && ascii_printable(rows->results, n);
}

int diag_self_test_new(struct diags *all)
{
	static const struct diag_ops ops = { .name = "SelfTestDiagnostics",
					     .object = &self_test,
					     .size = sizeof(struct self_test),
					     .begin = begin,
					     .stop = stop,
					     .sound = sound };
	struct test *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	buf_init(&t->said, SELF_TEST_RESULTS_MAX - 24);
	diags_add(all, &t->rows.diag, &ops);
	return 0;
}
