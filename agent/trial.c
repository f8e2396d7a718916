/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/priv.h"
#include "agent/store.h"
#include "agent/transfer/transfer.h"
#include "agent/tree/tree.h"
#include "lib/conf.h"
#include "lib/limits.h"
#include "lib/log.h"

/* The kernel boot in which a session with the ACS has ended well: holds for an agent that was
 * restarted since, and has nothing to tell the ACS that would lead to another one. */
#define KEY_MANAGED "@trial.managed"

struct trial_watch {
	struct agent *agent;
	const char *wanted; /* flash.healthy: PATH=VALUE ... */
	struct loop_timer timer;
	bool managed;
	struct slot_vouch told;
};

/* One PATH=VALUE of flash.healthy against the tree. */
struct look {
	const char *value;
	size_t len;
	bool found, same;
};

static int compare(void *arg, const struct dm_value *v)
{
	struct look *l = arg;

	l->found = true;
	l->same = v->len == l->len && !memcmp(v->text, l->value, l->len);
	return 0;
}

static bool holds(struct agent *a, const char *word, size_t len, char *ails, size_t size)
{
	const char *equals = memchr(word, '=', len);
	struct look l = { 0 };
	char path[DM_PATH_MAX + 1];
	size_t n = equals ? (size_t)(equals - word) : 0;

	if (n && n < sizeof(path) && word[n - 1] != '.') {
		memcpy(path, word, n);
		path[n] = '\0';
		l.value = equals + 1;
		l.len = len - n - 1;
		if (dm_get(a->dm, path, compare, &l) == DM_OK && l.same)
			return true;
	}
	/* The end of a path says more than its beginning. */
	if (n >= size - sizeof(" is not there")) {
		word += n - (size - sizeof(" is not there"));
		n = size - sizeof(" is not there");
	}
	snprintf(ails, size, "%.*s %s", (int)n, word, l.found ? "differs" : "is not there");
	return false;
}

/* That this runs shows that helper, dialer and store work: without one of them the agent ends. */
static bool healthy(struct trial_watch *t, char *ails, size_t size)
{
	dm_rpc_begin(t->agent->dm);
	for (const char *p = t->wanted; *(p += strspn(p, " \t"));) {
		size_t n = strcspn(p, " \t");

		if (!holds(t->agent, p, n, ails, size))
			return false;
		p += n;
	}
	return true;
}

static void vouch(struct trial_watch *t)
{
	struct slot_vouch v = { 0 };
	int r;

	v.facts = t->managed ? SLOT_MANAGED : 0u;
	if (healthy(t, v.ails, sizeof(v.ails)))
		v.facts |= SLOT_HEALTHY;
	if (!memcmp(&v, &t->told, sizeof(v)))
		return;
	if ((r = priv_slot_vouch(t->agent->priv, &v))) {
		log_err("cannot vouch for the image on trial: %s", strerror(-r));
		return;
	}
	log_notice("the image on trial: %s, %s", v.facts & SLOT_HEALTHY ? "healthy" : v.ails,
		   t->managed ? "the ACS was reached" : "no session with the ACS yet");
	t->told = v;
	transfers_trial(t->agent->transfers);
}

/* An ACS that reads all there is, again and again, makes us ask too often: that ends no trial. */
static bool on_trial(struct trial_watch *t)
{
	struct slot_state s;
	int r = priv_slot_read(t->agent->priv, &s);

	if (r && r != -EAGAIN)
		log_err("cannot read the slots: %s", strerror(-r));
	return r == -EAGAIN || (!r && s.trial == SLOT_ON_TRIAL);
}

static void look(void *arg)
{
	struct trial_watch *t = arg;

	if (!on_trial(t)) {
		log_notice("the trial of this image is over");
		return;
	}
	vouch(t);
	(void)loop_timer_set(&t->agent->loop, &t->timer, TRIAL_LOOK_MS);
}

static bool was_managed(const struct agent *a)
{
	const char *boot = store_get(a->store, KEY_MANAGED, NULL);

	return boot && !strcmp(boot, a->boot_id);
}

static void keep_managed(const struct agent *a)
{
	int r = store_set(a->store, KEY_MANAGED, a->boot_id, strlen(a->boot_id));

	if (!r)
		r = store_save(a->store);
	if (r)
		log_warn("that the ACS was reached on trial is not in the store: %s", strerror(-r));
}

int trial_watch_new(struct trial_watch **out, struct agent *agent)
{
	struct trial_watch *t;

	if (!agent->priv->role[IPC_FLASH])
		return 0;
	t = calloc(1, sizeof(*t));
	if (!t)
		return -ENOMEM;
	t->agent = agent;
	t->wanted = conf_str(agent->conf, "flash.healthy", "");
	t->told.facts = UINT32_MAX;
	t->managed = was_managed(agent);
	loop_timer_init(&t->timer, look, t);
	*out = t;
	/* At once: the first Inform tells of the image when it is healthy. */
	if (on_trial(t))
		look(t);
	return 0;
}

void trial_watch_session(struct trial_watch *t, bool well)
{
	if (!t || !well || t->managed)
		return;
	t->managed = true;
	if (!loop_timer_armed(&t->timer))
		return; /* no trial */
	keep_managed(t->agent);
	(void)loop_timer_set(&t->agent->loop, &t->timer, 0);
}
