/* SPDX-License-Identifier: Apache-2.0 */
/* Device.Time. (TR-181 2.19.1): what the box knows of the time. Who sets its clock is not ours. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel/proc.h"
#include "agent/kernel/zone.h"
#include "agent/tr181/box.h"
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"

/* What sets the clock of a Linux box; names have 15 characters at most. */
static const char *const clients[] = {
	"chronyd", "ntpd", "systemd-timesyn", "sntp", "ptp4l", NULL
};

struct box {
	const char *root;
	char zone[ZONE_MAX]; /* "": not known */
	bool client;	     /* one of the clients runs */
};

extern const struct dm_object device_time;

static const struct box *box_of(const struct dm_inst *in)
{
	static const struct box none = { .root = "" };
	const struct box *box = dm_ctx(in);

	return box ? box : &none;
}

static void look_at(void *arg, const struct proc *p)
{
	struct box *box = arg;

	for (const char *const *c = clients; *c; c++)
		box->client = box->client || !strcmp(p->comm, *c);
}

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	struct box *box = dm_ctx(dm_single(dm, &device_time));

	if (!box)
		return;
	box->client = false;
	(void)proc_each(box->root, look_at, box);
	if (zone_read(box->zone, box->root))
		box->zone[0] = '\0';
}

static enum dm_error get_enable(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_bool(sink, box_of(in)->client);
	return DM_OK;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, clock_synced()	      ? "Synchronized"
			 : box_of(in)->client ? "Unsynchronized"
					      : "Disabled");
	return DM_OK;
}

static bool has_zone(const struct dm_inst *in)
{
	return box_of(in)->zone[0] != '\0';
}

static void put_local(struct dm_sink *sink, const char *zone)
{
	int64_t now = clock_wall();
	long ahead = zone_offset(zone, now) / 60;
	char text[CLOCK_TEXT_MAX + 8];

	if (clock_format(text, now + ahead * 60) < 0)
		return dm_put_time_unknown(sink);
	/* the local time's own offset takes the place of the Z */
	(void)snprintf(text + strlen(text) - 1, 8, "%c%02u:%02u", ahead < 0 ? '-' : '+',
		       (unsigned int)labs(ahead) / 60 % 24, (unsigned int)labs(ahead) % 60);
	dm_put_str(sink, text);
}

static enum dm_error get_now(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	if (!clock_synced())
		dm_put_time_unknown(sink);
	else if (has_zone(in))
		put_local(sink, box_of(in)->zone);
	else
		dm_put_time(sink, clock_wall());
	return DM_OK;
}

static enum dm_error get_zone(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, box_of(in)->zone);
	return DM_OK;
}

static const char *const status[] = { "Disabled", "Unsynchronized", "Synchronized", NULL };

static const struct dm_param params[] = {
	{ "Enable", DM_BOOL, DM_RW, .get = get_enable, .check = tr181_as_it_is,
	  .flags = DM_VOLATILE, .source = "/proc: a program runs that sets the clock" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "adjtimex: STA_UNSYNC; disabled when nobody would set it" },
	{ "CurrentLocalTime", DM_DATETIME, DM_RO, .notify = DM_CAN_DENY, .get = get_now,
	  .source = "CLOCK_REALTIME, in LocalTimeZone; unknown while it is not synchronized" },
	{ "LocalTimeZone", DM_STRING, DM_RW, DM_MAXLEN(256), .get = get_zone,
	  .check = tr181_as_it_is, .when = has_zone, .flags = DM_VOLATILE,
	  .source = "/etc/localtime or /etc/TZ" },
};

const struct dm_object device_time = DM_SINGLE("Device.Time.", params, .refresh = refresh);

int time_init(struct dm *dm, const char *root)
{
	struct box *box = calloc(1, sizeof(*box));

	if (!box)
		return -ENOMEM;
	box->root = root;
	dm_bind(dm, &device_time, box);
	return 0;
}

void time_exit(struct dm *dm)
{
	free(dm_ctx(dm_single(dm, &device_time)));
	dm_bind(dm, &device_time, NULL);
}
