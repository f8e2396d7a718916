/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/ctl_verbs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/client.h"
#include "agent/cwmp/events.h"
#include "agent/transfer/transfer.h"
#include "agent/tree/tree.h"
#include "lib/array.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"

struct run {
	struct agent *agent;
	const struct ctl_record *q;
	struct ctl_reply *r;
};

void ctl_reply_flush(struct ctl_reply *r)
{
	if (r->packet.failed)
		r->frames->failed = true;
	if (r->packet.len) {
		buf_put(r->frames, &r->packet.len, sizeof(r->packet.len));
		buf_put(r->frames, r->packet.data, r->packet.len);
	}
	buf_reset(&r->packet);
}

void ctl_reply_put(struct ctl_reply *r, enum ctl_type type, size_t n, const char *const *fields,
		   const size_t *sizes)
{
	ctl_put(&r->packet, type, n, fields, sizes);
	if (r->packet.failed || r->packet.len >= CTL_PACKET_FULL)
		ctl_reply_flush(r);
}

static void fault(struct ctl_reply *r, const char *error, const char *path, const char *text)
{
	ctl_reply_put(r, CTL_FAULT, 3, (const char *[]){ error, path, text }, NULL);
}

static void done(struct ctl_reply *r, const char *how)
{
	r->failed = !strcmp(how, "failed");
	ctl_reply_put(r, CTL_DONE, 1, &how, NULL);
}

static const char *plain_text(enum dm_error e)
{
	switch (e) {
	case DM_ENAME:
		return "no such object or parameter";
	case DM_ERESOURCES:
		return "too much for one answer, or a change is under way";
	case DM_EARGUMENTS:
		return "not a path of the kind that is needed here";
	case DM_ENOTIFY:
		return "its notification cannot be changed";
	default:
		return "refused";
	}
}

static void finish(struct run *run, enum dm_error e, const char *path)
{
	if (e)
		fault(run->r, dm_error_name(e), path, plain_text(e));
	done(run->r, e ? "failed" : "ok");
}

/* One fault per bad parameter, in the agent's own words. */
static void finish_txn(struct run *run, enum dm_error e, struct dm_faults *faults, const char *path)
{
	for (size_t i = 0; i < faults->n; i++)
		fault(run->r, dm_error_name(faults->v[i].error), faults->v[i].path,
		      faults->v[i].text);
	if (faults->n)
		done(run->r, "failed");
	else
		finish(run, e, path);
	dm_faults_free(faults);
}

static int put_value(void *arg, const struct dm_value *v)
{
	struct ctl_reply *r = arg;

	ctl_reply_put(r, CTL_VALUE, 3,
		      (const char *[]){ v->path, dm_type_xsd(v->param->type), v->text },
		      (size_t[]){ v->path_len, SIZE_MAX, v->len });
	return r->frames->failed;
}

static void verb_get(struct run *run)
{
	dm_rpc_begin(run->agent->dm);
	for (size_t i = 1; i < run->q->n; i++) {
		enum dm_error e = dm_get(run->agent->dm, run->q->field[i], put_value, run->r);

		if (e) {
			finish(run, e, run->q->field[i]);
			return;
		}
	}
	done(run->r, "ok");
}

static int put_name(void *arg, const struct dm_name *n)
{
	struct ctl_reply *r = arg;

	ctl_reply_put(r, CTL_NAME, 2, (const char *[]){ n->path, n->writable ? "1" : "0" },
		      (size_t[]){ n->len, 1 });
	return r->frames->failed;
}

static void verb_names(struct run *run)
{
	bool next = run->q->n == 3;
	const char *path = run->q->field[1];
	enum dm_error e;

	if (next && strcmp(run->q->field[2], "next") != 0) {
		fault(run->r, dm_error_name(DM_EARGUMENTS), "", "names PATH [next]");
		done(run->r, "failed");
		return;
	}
	dm_rpc_begin(run->agent->dm);
	e = dm_names(run->agent->dm, path, next, put_name, run->r);
	finish(run, e, path);
}

static struct dm_txn *begin(struct run *run)
{
	struct dm_txn *t;

	dm_rpc_begin(run->agent->dm);
	t = dm_begin(run->agent->dm, DM_BY_USER);
	if (!t)
		finish(run, DM_ERESOURCES, "");
	return t;
}

static void verb_set(struct run *run)
{
	struct dm_faults faults = { .n = 0 };
	enum dm_error e;
	struct dm_txn *t;

	if (run->q->n % 2 == 0) {
		fault(run->r, dm_error_name(DM_EARGUMENTS), "", "the last path has no value");
		done(run->r, "failed");
		return;
	}
	t = begin(run);
	if (!t)
		return;
	/* The errors are kept by the transaction: all of them are told, not the first only. */
	for (size_t i = 1; i < run->q->n; i += 2)
		dm_stage(t, run->q->field[i], DM_ANY, run->q->field[i + 1],
			 strlen(run->q->field[i + 1]));
	e = dm_commit(t, &faults);
	finish_txn(run, e, &faults, "");
}

static void verb_add(struct run *run)
{
	struct dm_faults faults = { .n = 0 };
	const char *table = run->q->field[1];
	/* "TABLE.[alias]." names the row; its path has the number. */
	const char *bracket = strchr(table, '[');
	int len = (int)(bracket ? (size_t)(bracket - table) : strnlen(table, DM_PATH_MAX));
	char path[DM_PATH_MAX + 16];
	enum dm_error e;
	struct dm_txn *t = begin(run);
	uint32_t number = 0;

	if (!t)
		return;
	dm_stage_add(t, table, &number);
	e = dm_commit(t, &faults);
	if (!e && !faults.n && len <= DM_PATH_MAX) {
		snprintf(path, sizeof(path), "%.*s%u.", len, table, number);
		ctl_reply_put(run->r, CTL_PATH, 1, (const char *[]){ path }, NULL);
	}
	finish_txn(run, e, &faults, table);
}

static void verb_del(struct run *run)
{
	struct dm_faults faults = { .n = 0 };
	struct dm_txn *t = begin(run);
	enum dm_error e;

	if (!t)
		return;
	dm_stage_del(t, run->q->field[1]);
	e = dm_commit(t, &faults);
	finish_txn(run, e, &faults, run->q->field[1]);
}

static const char *const notifications[] = { "off", "passive", "active" };

static int put_attr(void *arg, const struct dm_attr *a)
{
	struct ctl_reply *r = arg;

	ctl_reply_put(r, CTL_ATTR, 3,
		      (const char *[]){ a->path, notifications[a->notification],
					a->subscriber ? "Subscriber" : "" },
		      (size_t[]){ a->path_len, SIZE_MAX, SIZE_MAX });
	return r->frames->failed;
}

static bool read_notification(const char *text, uint8_t *out)
{
	for (uint8_t i = 0; i < ARRAY_SIZE(notifications); i++) {
		const char number[] = { (char)('0' + i), '\0' };

		*out = i;
		if (!strcmp(text, notifications[i]) || !strcmp(text, number))
			return true;
	}
	return false;
}

/* "PATH=NOTIFICATION" of each argument. storage is as large as all of them: it does not move. */
static const char *read_attrs(const struct run *run, struct dm_attr_change *changes,
			      struct buf *storage)
{
	size_t total = 0;

	for (size_t i = 1; i < run->q->n; i++)
		total += strlen(run->q->field[i]) + 1;
	if (!buf_room(storage, total))
		return "too much for one request";
	for (size_t i = 1; i < run->q->n; i++) {
		const char *eq = strchr(run->q->field[i], '=');
		struct dm_attr_change *c = &changes[i - 1];

		if (!eq || !read_notification(eq + 1, &c->notification))
			return "PATH=off, PATH=passive or PATH=active, each of them";
		c->set_notification = true;
		c->path = storage->data + storage->len;
		buf_put(storage, run->q->field[i], (size_t)(eq - run->q->field[i]));
		buf_putc(storage, '\0');
	}
	return NULL;
}

/* All or none, as SetParameterAttributes. */
static void set_attrs(struct run *run)
{
	_cleanup_buf_ struct buf storage = BUF_INIT(CTL_PACKET_MAX);
	size_t n = run->q->n - 1, bad = 0;
	_cleanup_free_ struct dm_attr_change *changes = calloc(n, sizeof(*changes));
	const char *why = changes ? read_attrs(run, changes, &storage) : "no memory";
	enum dm_error e;

	if (why) {
		fault(run->r, dm_error_name(DM_EARGUMENTS), "", why);
		done(run->r, "failed");
		return;
	}
	e = dm_attr_set(run->agent->dm, changes, n, &bad);
	finish(run, e, changes[bad < n ? bad : 0].path);
}

static void verb_attr(struct run *run)
{
	dm_rpc_begin(run->agent->dm);
	for (size_t i = 1; i < run->q->n; i++)
		if (strchr(run->q->field[i], '=')) {
			set_attrs(run);
			return;
		}
	for (size_t i = 1; i < run->q->n; i++) {
		enum dm_error e = dm_attr_get(run->agent->dm, run->q->field[i], put_attr, run->r);

		if (e) {
			finish(run, e, run->q->field[i]);
			return;
		}
	}
	done(run->r, "ok");
}

static void item(struct run *run, const char *name, const char *value)
{
	ctl_reply_put(run->r, CTL_ITEM, 2, (const char *[]){ name, value }, NULL);
}

static void item_u64(struct run *run, const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	item(run, name, text);
}

static void verb_status(struct run *run)
{
	const struct cwmp_events *events = client_events(run->agent->client);
	struct dm_inst *ms = dm_find(run->agent->dm, "Device.ManagementServer.");
	uint64_t now = clock_mono_ms();
	struct client_status s;

	client_status(run->agent->client, &s);
	item_u64(run, "pid", (uint64_t)getpid());
	item(run, "acs", dm_str(ms, "URL", NULL));
	item(run, "connection_request_url", client_connreq_url(run->agent->client));
	item(run, "session", s.in_session ? "running" : "none");
	if (s.next_ms != UINT64_MAX)
		item_u64(run, "next_session_s", (s.next_ms + 999) / 1000);
	if (s.last_ok_ms && s.last_ok_ms <= now)
		item_u64(run, "last_good_session_s_ago", (now - s.last_ok_ms) / 1000);
	item_u64(run, "retries", s.retries);
	item(run, "last_error", s.last_error);
	item_u64(run, "events_pending", events->n);
	done(run->r, "ok");
}

static void verb_events(struct run *run)
{
	const struct cwmp_events *events = client_events(run->agent->client);

	for (size_t i = 0; i < events->n; i++)
		ctl_reply_put(run->r, CTL_EVENT, 2,
			      (const char *[]){ cwmp_event_rows[events->v[i].event].code,
						events->v[i].key },
			      NULL);
	done(run->r, "ok");
}

static void verb_inform(struct run *run)
{
	int r = client_inform(run->agent->client);

	if (r)
		fault(run->r, dm_error_name(DM_EDENIED), "", strerror(-r));
	done(run->r, r ? "failed" : "ok");
}

static void verb_log(struct run *run)
{
	if (run->q->n == 2)
		ctl_log_search(run->agent, run->q->field[1], run->r);
	else
		ctl_log_put(run->r);
	done(run->r, "ok");
}

static void verb_transfers(struct run *run)
{
	ctl_transfers_put(run->agent, run->r);
	done(run->r, "ok");
}

static void verb_history(struct run *run)
{
	ctl_history_put(run->agent, run->r);
	done(run->r, "ok");
}

static void verb_download(struct run *run)
{
	const char *why = "";

	if (transfers_local(run->agent->transfers, run->q->field[1], run->q->field[2], &why)) {
		fault(run->r, dm_error_name(DM_EARGUMENTS), "", why);
		done(run->r, "failed");
		return;
	}
	done(run->r, "later");
}

static void verb_request(struct run *run)
{
	int r = transfers_request(run->agent->transfers, run->q->field[1]);

	if (r)
		fault(run->r, dm_error_name(DM_EARGUMENTS), "",
		      r == -EINVAL ? "no file type of this box" : strerror(-r));
	done(run->r, r ? "failed" : "later");
}

static void verb_confirm(struct run *run)
{
	const char *text = run->q->field[1];
	uint64_t id;

	if (num_parse_u64(text, strlen(text), UINT32_MAX, &id) ||
	    transfers_confirm(run->agent->transfers, (uint32_t)id)) {
		fault(run->r, dm_error_name(DM_EARGUMENTS), "", "no transfer that asks");
		done(run->r, "failed");
		return;
	}
	done(run->r, "ok");
}

static const struct {
	const char *name;
	void (*fn)(struct run *run);
} verbs[] = {
#define CTL_VERB(name, min, max, args, text) { #name, verb_##name },
#include "ctl/verbs.def"
#undef CTL_VERB
};

static bool changes_something(const struct ctl_record *q)
{
	static const char *const changing[] = { "set",	   "add",      "del",
						"confirm", "download", "request" };

	for (size_t i = 0; i < ARRAY_SIZE(changing); i++)
		if (!strcmp(q->field[0], changing[i]))
			return true;
	return !strcmp(q->field[0], "attr") && strchr(q->field[1], '=');
}

/* Never the value, which may be a password. */
static void leave_line(const struct run *run)
{
	const char *verb = run->q->field[0], *what = run->q->n > 1 ? run->q->field[1] : "";
	char path[AUDIT_VALUE_MAX + 1];

	if (!changes_something(run->q))
		return;
	snprintf(path, sizeof(path), "%.*s", (int)strcspn(what, "="), what);
	audit("local", run->r->failed ? AUDIT_REFUSED : AUDIT_DONE, "verb", verb, "path", path);
}

void ctl_run(struct agent *agent, const struct ctl_record *request, struct ctl_reply *reply)
{
	struct run run = { agent, request, reply };
	size_t min, max;

	if (!request->n || !ctl_verb_args(request->field[0], &min, &max) || request->n <= min ||
	    request->n - 1 > 2 * max) {
		fault(reply, dm_error_name(DM_EARGUMENTS), "", "not a request that is known here");
		done(reply, "failed");
		ctl_reply_flush(reply);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(request->field[0], verbs[i].name))
			verbs[i].fn(&run);
	leave_line(&run);
	ctl_reply_flush(reply);
}
