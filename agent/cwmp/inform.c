/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "lib/array.h"

#define DAY INT64_C(86400)
#define YEAR_1 INT64_C(-62135596800) /* 0001-01-01T00:00:00Z */
#define YEAR_9999_END INT64_C(253402300799)

struct date {
	int64_t year, month, day;
};

/* Days since 1970-01-01 to a date of the Gregorian calendar, counted from 1 March of year 0. */
static struct date date_of(int64_t days)
{
	int64_t era, of_era, year, of_year, month;

	days += 719468;
	era = days / 146097;
	of_era = days % 146097;
	year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	of_year = of_era - (365 * year + year / 4 - year / 100);
	month = (5 * of_year + 2) / 153;
	return (struct date){
		.year = year + era * 400 + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

void cwmp_time(char out[static 32], bool known, int64_t unix_s, uint64_t uptime_s)
{
	int64_t t = unix_s, of_day;
	struct date d;

	if (!known)
		t = uptime_s > YEAR_9999_END ? YEAR_9999_END : YEAR_1 + (int64_t)uptime_s;
	if (t < YEAR_1 || t > YEAR_9999_END)
		t = YEAR_1; /* Unknown Time: not what our clock should say, but a valid dateTime */
	of_day = (t % DAY + DAY) % DAY;
	d = date_of((t - of_day) / DAY);
	/* Seconds since boot carry no zone (TR-106 A17 3.2.1). */
	snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d:%02d%s", (int)d.year, (int)d.month, (int)d.day,
		 (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60),
		 known ? "Z" : "");
}

struct device_id {
	struct soap_writer *w;
	const char *element;
	bool found;
};

static int put_id(void *arg, const struct dm_value *v)
{
	struct device_id *id = arg;

	soap_put(id->w, id->element, v->text, v->len);
	id->found = true;
	return 0;
}

static int write_device_id(struct cwmp_env *env, struct soap_writer *w)
{
	static const struct {
		const char *element, *path;
	} parts[] = {
		{ "Manufacturer", "Device.DeviceInfo.Manufacturer" },
		{ "OUI", "Device.DeviceInfo.ManufacturerOUI" },
		{ "ProductClass", "Device.DeviceInfo.ProductClass" },
		{ "SerialNumber", "Device.DeviceInfo.SerialNumber" },
	};

	soap_open(w, "DeviceId");
	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		struct device_id id = { .w = w, .element = parts[i].element };

		if (dm_get(env->dm, parts[i].path, put_id, &id) || !id.found)
			return -ENOENT;
	}
	soap_close(w, "DeviceId");
	return 0;
}

/* Passive changes raise no event of their own, but go with this Inform as 4 VALUE CHANGE. */
static void add_value_change(struct cwmp_env *env)
{
	bool active;

	if (dm_changes(env->dm, &active) && !cwmp_event_pending(env->events, EV_VALUE_CHANGE))
		cwmp_event_raise(env->events, EV_VALUE_CHANGE, NULL);
}

static bool known_to(const struct cwmp_pending *p, uint8_t version)
{
	return p->sent && cwmp_event_rows[p->event].since <= version;
}

/* An old ACS may refuse a whole Inform for an event it cannot know; but one event there must be. */
static void write_events(struct cwmp_env *env, struct soap_writer *w, uint8_t version)
{
	bool any = false;

	for (size_t i = 0; i < env->events->n; i++)
		any |= known_to(&env->events->v[i], version);
	soap_array_begin(w, "Event", "cwmp:EventStruct");
	for (size_t i = 0; i < env->events->n; i++) {
		const struct cwmp_pending *p = &env->events->v[i];

		if (any ? !known_to(p, version) : !p->sent)
			continue;
		soap_array_item(w);
		soap_open(w, "EventStruct");
		soap_puts(w, "EventCode", cwmp_event_rows[p->event].code);
		soap_puts(w, "CommandKey", p->key);
		soap_close(w, "EventStruct");
	}
	soap_array_end(w, "Event");
}

static int put_forced(void *arg, const struct dm_value *v)
{
	soap_value(arg, v->path, v->path_len, rpc_xsd_type(v->param), v->text, v->len);
	return 0;
}

static int put_changed(void *arg, const struct dm_value *v)
{
	/* Those are in the list already. */
	return v->param->flags & DM_FORCED_INFORM ? 0 : put_forced(arg, v);
}

int rpc_write_inform(struct cwmp_env *env, struct soap_writer *w, uint8_t version)
{
	char now[32];
	int r;

	add_value_change(env);
	if (!env->events->n)
		return -ENODATA; /* an Inform without an event is against the rules */
	cwmp_events_join(env->events);
	soap_open(w, "cwmp:Inform");
	r = write_device_id(env, w);
	if (r)
		return r;
	write_events(env, w, version);
	soap_putu(w, "MaxEnvelopes", 1);
	cwmp_time(now, env->time_known, env->unix_us / 1000000, env->uptime_s);
	soap_puts(w, "CurrentTime", now);
	soap_putu(w, "RetryCount", env->retry_count);
	soap_array_begin(w, "ParameterList", "cwmp:ParameterValueStruct");
	if (dm_forced(env->dm, put_forced, w) || dm_changes_get(env->dm, put_changed, w))
		return -EIO;
	soap_array_end(w, "ParameterList");
	soap_close(w, "cwmp:Inform");
	return 0;
}
