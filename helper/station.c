/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The station role, without any capability: a socket to wpa_supplicant, which has what a radio
 * takes, and the list of the operator's interfaces. It knows the plan that shall hold and gives it
 * to whatever wpa_supplicant comes.
 */
#include "helper/station.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/text.h"
#include "wifi/station.h"

#define ASROOT_TABLE_STATION
#include "helper/asroot_table.h"

static int read_interfaces(struct station_role *r, const char *list)
{
	char names[STATION_MAX][NL_IFNAME_MAX];
	int n = plan_names(list, STATION_MAX, names);

	if (n <= 0) {
		log_err("station: station.interfaces: '%s': %s", list, strerror(n ? -n : EINVAL));
		return n ? n : -EINVAL;
	}
	for (r->n = 0; r->n < (unsigned int)n; r->n++)
		memcpy(r->joiners[r->n].name, names[r->n], NL_IFNAME_MAX);
	return 0;
}

/* Whether wpa_supplicant comes or goes. Without the folder the role still looks now and then. */
static int watch_folder(struct station_role *r, const char *path)
{
	char folder[108];

	if (!text_folder(folder, sizeof(folder), path))
		return -EINVAL;
	r->socket = strrchr(path, '/') + 1;
	r->folder = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	if (r->folder < 0)
		return -errno;
	if (inotify_add_watch(r->folder, folder, IN_CREATE | IN_DELETE | IN_ONLYDIR) < 0)
		log_warn("station: %s is not watched: %s", folder, strerror(errno));
	return 0;
}

static int station_open(void **self, const struct conf *conf, struct role_io *io)
{
	const char *global =
		conf_str(conf, "supplicant.global", "/run/sallyport-supplicant/global");
	struct station_role *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->io = io;
	r->holds = true; /* the empty plan does */
	r->folder = -1;
	r->file = conf_str(conf, "supplicant.file", "/etc/sallyport/wpa_supplicant.conf");
	(void)snprintf(r->mark, sizeof(r->mark), "sallyport-%llu",
		       (unsigned long long)clock_mono_ms());
	*self = r;
	if ((e = read_interfaces(r, conf_str(conf, "station.interfaces", ""))) ||
	    (e = ctrl_open(&r->ctrl, global)))
		return e; /* and the process ends */
	e = watch_folder(r, global);
	if (e)
		log_err("station: %s: %s", global, strerror(-e));
	return e;
}

/* The agent hears of each change, and of nothing else. */
static void tell(struct station_role *r)
{
	unsigned int i;

	for (i = 0; i < r->n; i++) {
		const struct station_network *q = station_wanted(&r->now, i);
		struct joiner *j = &r->joiners[i];
		const bool holds = q && j->state == JOINER_IN && !memcmp(&j->is, q, sizeof(*q));
		const struct station_state state = { i, holds };

		if (holds != j->told)
			role_event(r->io, IPC_STATION_STATE, &state);
		j->told = holds;
	}
}

static void look_again(struct station_role *r, int error)
{
	r->retry_ms = ctrl_again_ms(r->retry_ms, r->holds, error);
	r->holds = !error;
	r->retry_at = clock_mono_ms() + r->retry_ms;
}

static int admit(const struct station_role *r, const struct station_plan *p, uint32_t i,
		 struct station_done *done)
{
	const struct station_network *q = &p->network[i];

	if (q->station >= r->n || station_wanted(p, q->station) != q)
		return station_refuse(done, -ENODEV, q->station, PLAN_FIELD_WIPHY,
				      "no such station, or named twice");
	return station_check(q, NULL, done);
}

/* Of a standing plan what is wrong is left out, and the first of it is told. */
static int admit_all(const struct station_role *r, struct station_plan *p,
		     struct station_done *done)
{
	struct station_done one;
	int e, first = 0;
	uint32_t i = 0;

	while (i < p->count) {
		e = admit(r, p, i, first ? &one : done);
		if (e && !p->standing)
			return e;
		first = first ? first : e;
		if (!e) {
			i++;
			continue;
		}
		p->network[i] = p->network[--p->count];
		explicit_bzero(&p->network[p->count], sizeof(p->network[0]));
	}
	return first;
}

/* The answer is about the first thing that is wrong. */
static int try_next(struct station_role *r, struct station_done *done)
{
	struct station_plan *p = &r->next;
	struct station_done one;
	const int bad = admit_all(r, p, done);
	int e, back;

	if (bad && !p->standing)
		return bad;
	e = station_apply(r, p, bad ? &one : done);
	if (!e || p->standing) {
		r->now = *p;
		r->now.standing = 1; /* from now on */
		look_again(r, e);
	} else { /* what was changed before the failure goes back to what it was */
		back = station_apply(r, &r->now, &one);
		if (back)
			log_err("station: the plan before is not back yet: %s", one.why);
		look_again(r, back);
	}
	return bad ? bad : e;
}

int asroot_station_apply(struct station_role *r, const struct station_plan *req,
			 struct station_done *rep)
{
	int e;

	role_says("networks", "%u", req->count);
	r->next = *req;
	e = try_next(r, rep);
	if (e)
		log_warn("station: plan %s: %s", req->standing ? "does not hold yet" : "refused",
			 rep->why);
	else
		(void)station_refuse(rep, 0, UINT32_MAX, PLAN_FIELD_NONE, "%s", "");
	explicit_bzero(&r->next, sizeof(r->next));
	tell(r);
	return e;
}

static void station_gone(void *self)
{
	struct station_role *r = self;

	for (unsigned int i = 0; i < r->n; i++)
		r->joiners[i].told = false;
}

static const char *station_talks_to(void *self)
{
	return ((const struct station_role *)self)->ctrl.to.sun_path;
}

static unsigned int station_polls(void *self, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ ((const struct station_role *)self)->folder, POLLIN, 0 };
	return 1;
}

/* Is any of these events about the control socket, or about the watch itself? */
static bool concerns(const struct station_role *r, const char *events, size_t len)
{
	struct inotify_event e;

	for (; len >= sizeof(e); events += sizeof(e) + e.len, len -= sizeof(e) + e.len) {
		memcpy(&e, events, sizeof(e));
		if (!e.len || strcmp(events + sizeof(e), r->socket) == 0)
			return true;
	}
	return false;
}

/* The folder is wpa_supplicant's, which may do anything in it: no more than a look comes of it. */
static void station_polled(void *self, const struct pollfd *fds, unsigned int n)
{
	const uint64_t soon = clock_mono_ms() + STATION_NEWS_MS;
	char events[8 * sizeof(struct inotify_event) + NAME_MAX + 1];
	struct station_role *r = self;
	bool any = false;
	ssize_t len;

	if (!fds[0].revents)
		return;
	while ((len = read(r->folder, events, sizeof(events))) > 0)
		any |= concerns(r, events, (size_t)len);
	if (any && soon < r->retry_at)
		r->retry_at = soon;
}

static int station_timeout(void *self)
{
	const struct station_role *r = self;
	const uint64_t now = clock_mono_ms();

	if (r->holds && !r->now.count) /* an empty plan can't be lost */
		return -1;
	return r->retry_at > now ? (int)(r->retry_at - now) : 0;
}

static void station_tick(void *self)
{
	struct station_done done = { 0 };
	struct station_role *r = self;
	int e;

	if (clock_mono_ms() < r->retry_at)
		return;
	r->ctrl.deadline = clock_mono_ms() + RADIO_WATCH_ANSWER_MS;
	e = station_look(r);
	if (!e && r->holds) {
		look_again(r, 0);
		return;
	}
	if (e && e != -EREMOTEIO)
		(void)station_refuse(&done, e, UINT32_MAX, PLAN_FIELD_NONE, "%s", station_why(e));
	else
		e = station_apply(r, &r->now, &done);
	if (!e)
		log_notice("station: the plan holds again");
	else if (strcmp(done.why, r->complaint) != 0)
		log_warn("station: the plan does not hold: %s; trying again", done.why);
	memcpy(r->complaint, done.why, sizeof(r->complaint));
	look_again(r, e);
	tell(r);
}

const struct role station_role = {
	.ipc = IPC_STATION,
	.sandbox = SB_STATION,
	.user_key = "user.station",
	.group_keys = { "group.supplicant" },
	.ops = asroot_ops,
	.open = station_open,
	.talks_to = station_talks_to,
	.polls = station_polls,
	.polled = station_polled,
	.timeout = station_timeout,
	.tick = station_tick,
	.client_gone = station_gone,
};
