/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The radio role: CAP_NET_ADMIN, an nl80211 socket, a socket to hostapd and the file through which
 * hostapd gets each BSS. It knows the plan that shall hold and puts it back whenever hostapd has
 * lost it.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "helper/radio.h"
#include "lib/clock.h"
#include "lib/limits.h"
#include "lib/log.h"

#define ASROOT_TABLE_RADIO
#include "helper/asroot_table.h"

static int radio_open(void **self, const struct conf *conf, struct role_io *io)
{
	const char *global = conf_str(conf, "hostapd.global", "/run/hostapd/global");
	const char *dir = conf_str(conf, "hostapd.dir", "/run/hostapd/sallyport");
	struct radio *r = calloc(1, sizeof(*r));
	gid_t gid, group;
	uid_t uid;
	int e;

	if (!r)
		return -ENOMEM;
	r->countries = conf_str(conf, "radio.countries", "");
	r->bridges = conf_str(conf, "radio.bridges", "");
	r->stations = conf_str(conf, "station.interfaces", "");
	r->holds = true; /* the empty plan does */
	if ((e = conf_user(conf, "user.radio", &uid, &gid)) < 0 ||
	    (e = conf_group(conf, "group.hostapd", &group)) < 0 ||
	    (e = radio_bridges(r->bridges)) < 0 ||
	    (e = hostapd_open(&r->ap, global, dir, uid, group)) < 0)
		return e; /* and the process ends */
	e = nl80211_open(&r->nl);
	if (!e)
		e = r->links = nl_links_open();
	if (e < 0)
		log_err("radio: no netlink socket: %s", strerror(-e));
	*self = r;
	return e < 0 ? e : 0;
}

/* The first look at the kernel, in the sandbox. */
static int radio_ready(void *self)
{
	struct plan_done done = { 0 };
	struct radio *r = self;
	int e = radio_look(r, &done);

	log_info("radio: %u radios, %u interfaces %s", r->wiphys.n, r->ifaces.n, done.why);
	return e;
}

static uint32_t radio_state(void *self)
{
	return ((const struct radio *)self)->planning ? IPC_ST_PLANNING : IPC_ST_IDLE;
}

static void look_again(struct radio *r, int error)
{
	r->retry_ms = ctrl_again_ms(r->retry_ms, r->holds, error);
	r->holds = !error;
	r->retry_at = clock_mono_ms() + r->retry_ms;
}

/* Also when the agent is gone in the middle of it. */
static void forget_next(void *self)
{
	struct radio *r = self;

	explicit_bzero(&r->next, sizeof(r->next));
	r->planning = false;
}

int asroot_plan_begin(struct radio *r, const struct plan_begin *req)
{
	forget_next(r);
	r->next.begin = *req;
	r->planning = true;
	return 0;
}

int asroot_plan_radio(struct radio *r, const struct plan_radio *req)
{
	return plan_put_radio(&r->next, req);
}

int asroot_plan_bss(struct radio *r, const struct plan_bss *req)
{
	return plan_put_bss(&r->next, req);
}

/* The kernel's channel flags follow the country: it has to be there before the plan is checked. */
static int set_country(struct radio *r, const char *country, struct plan_done *done, bool *touched)
{
	const uint64_t deadline = clock_mono_ms() + RADIO_SETTLE_MS;
	struct nl_request q;
	struct nl_reg reg = { .country = "" };
	int e;

	if (!country[0] && r->country[0])
		country = r->original;
	if (!country[0] || !r->wiphys.n || strcmp(country, r->country) == 0)
		return 0;
	if (!r->country[0] && nl80211_reg(r->nl, r->wiphys.w[0].index, &reg) == 0)
		memcpy(r->original, reg.country, sizeof(r->original));
	*touched = true;
	nl_req_set_reg(&q, nl80211_family(r->nl), country);
	e = radio_do(r, &q);
	while (!e && !(e = nl80211_reg(r->nl, r->wiphys.w[0].index, &reg)) &&
	       strcmp(reg.country, country) != 0) {
		e = clock_mono_ms() < deadline ? 0 : -ETIMEDOUT;
		(void)poll(NULL, 0, RADIO_POLL_MS);
	}
	if (e < 0)
		return plan_refuse(done, e, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_COUNTRY,
				   "the kernel did not take the country: %s", strerror(-e));
	memcpy(r->country, country, sizeof(r->country));
	log_notice("radio: regulatory domain %s", country);
	return radio_look(r, done);
}

/* *touched: something may have been changed, also when it failed. */
static int try_plan(struct radio *r, struct plan *p, struct plan_done *done, bool *touched)
{
	struct plan_done rest = { 0 };
	int e, bad;

	*touched = false;
	if ((e = plan_check_country(p->begin.country, r->countries, done)) < 0 ||
	    (e = radio_look(r, done)) < 0 ||
	    (e = set_country(r, p->begin.country, done, touched)) < 0)
		return e;
	bad = plan_check(p, &r->wiphys, r->bridges, done);
	if (bad < 0 && !p->begin.standing)
		return bad;
	*touched = true;
	e = radio_apply(r, p, bad ? &rest : done);
	return bad ? bad : e;
}

int asroot_plan_commit(struct radio *r, struct plan_done *rep)
{
	struct plan_done undo = { 0 };
	struct plan *p = &r->next;
	unsigned int i;
	bool touched;
	int e, back;

	rep->radio = rep->bss = PLAN_NOWHERE;
	if (!plan_complete(p)) {
		forget_next(r);
		return plan_refuse(rep, -EINVAL, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE,
				   "the plan is not complete");
	}
	for (i = 0; i < RADIO_MAX; i++)
		if (!p->rows[i].radio.enable)
			memset(p->rows[i].has, 0, sizeof(p->rows[i].has));
	e = try_plan(r, p, rep, &touched);
	if (e < 0)
		log_warn("radio: plan %s: %s", p->begin.standing ? "does not hold yet" : "refused",
			 rep->why);
	else
		plan_refuse(rep, 0, PLAN_NOWHERE, PLAN_NOWHERE, PLAN_FIELD_NONE, "%s", "");
	if (!e || p->begin.standing) {
		r->now = *p;
		r->holds = true;
		look_again(r, e);
	} else if (touched) { /* what was changed before the failure goes back to what it was */
		back = try_plan(r, &r->now, &undo, &touched);
		if (back < 0)
			log_err("radio: the plan before is not back yet: %s", undo.why);
		look_again(r, back);
	}
	forget_next(r);
	return e;
}

static const char *radio_talks_to(void *self)
{
	return ((const struct radio *)self)->ap.ctrl.to.sun_path;
}

static unsigned int radio_polls(void *self, struct pollfd *fds)
{
	fds[0] = (struct pollfd){ ((const struct radio *)self)->links, POLLIN, 0 };
	return 1;
}

/* A change of this role's own ends in one look too many. */
static void radio_polled(void *self, const struct pollfd *fds, unsigned int n)
{
	const uint64_t soon = clock_mono_ms() + RADIO_LOST_MS;
	struct radio *r = self;

	if (fds[0].revents && nl_links_lost(r->links, &r->ifaces) && r->holds && soon < r->retry_at)
		r->retry_at = soon;
}

static int radio_timeout(void *self)
{
	const struct radio *r = self;
	const uint64_t now = clock_mono_ms();
	unsigned int i;

	for (i = 0; r->holds && i < RADIO_MAX; i++)
		if (r->now.rows[i].used && plan_lead(&r->now.rows[i]) >= 0)
			break;
	if (i == RADIO_MAX) /* an empty plan can't be lost */
		return -1;
	return r->retry_at > now ? (int)(r->retry_at - now) : 0;
}

/* Only asks, and has little patience: what has to be done about it gets a plan's time. */
static int look_whether_it_holds(struct radio *r, struct plan_done *done, bool *holds)
{
	char stranger[NL_IFNAME_MAX];
	int e;

	*holds = false;
	r->ap.ctrl.deadline = clock_mono_ms() + RADIO_APPLY_MS;
	r->ap.ctrl.patience_ms = RADIO_WATCH_ANSWER_MS;
	e = radio_look(r, done);
	if (!e)
		e = radio_ask(r, done);
	if (!e && r->holds)
		e = radio_stranger(r, stranger, done);
	if (!e && r->holds) {
		*holds = radio_verify(r, &r->now, done) == 0;
		if (!*holds)
			log_notice("radio: the plan does not hold any more: %s", done->why);
	}
	r->ap.ctrl.patience_ms = CTRL_COMMAND_MS;
	return e < 0 ? e : 0;
}

/* hostapd may have been restarted, or was not there yet: it knows nothing then. */
static void radio_tick(void *self)
{
	struct plan_done done = { 0 };
	struct radio *r = self;
	bool holds, touched;
	int e;

	if (clock_mono_ms() < r->retry_at)
		return;
	e = look_whether_it_holds(r, &done, &holds);
	if (holds) {
		look_again(r, 0);
		return;
	}
	if (!e && !(e = try_plan(r, &r->now, &done, &touched)))
		log_notice("radio: the plan holds again");
	if (e < 0 && strcmp(done.why, r->complaint) != 0)
		log_warn("radio: the plan does not hold: %s; trying again", done.why);
	memcpy(r->complaint, done.why, sizeof(r->complaint));
	look_again(r, e);
}

const struct role radio_role = {
	.ipc = IPC_RADIO,
	.sandbox = SB_RADIO,
	.user_key = "user.radio",
	.group_keys = { "group.hostapd" },
	.ops = asroot_ops,
	.open = radio_open,
	.talks_to = radio_talks_to,
	.ready = radio_ready,
	.state = radio_state,
	.polls = radio_polls,
	.polled = radio_polled,
	.timeout = radio_timeout,
	.tick = radio_tick,
	.client_gone = forget_next,
};
