/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.DeviceInfo.TemperatureStatus. (TR-181 2.19.1): hwmon, where the kernel has it. A sensor is
 * read when somebody asks and it is enabled; lowest and highest are those of these readings, since
 * the agent began.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/kernel/hwmon.h"
#include "agent/tr181/box.h"
#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/clock.h"
#include "lib/limits.h"

#define NO_READING (-274)

struct box {
	const char *root;
	uint64_t began_ms;
};

/* data of a row */
struct sensor {
	char name[HWMON_NAME_MAX];
	bool good, ever;
	int32_t value, low, high;
	uint64_t at, low_at, high_at; /* monotonic ms */
};

extern const struct dm_object temperature_status, temperature_sensor;

static const struct sensor *sensor_of(const struct dm_inst *in)
{
	static const struct sensor nothing = { .value = NO_READING };

	return in->data ? in->data : &nothing;
}

static void read_sensor(void *arg, const struct hwmon_sensor *h)
{
	struct dm_inst *in = dm_row(arg, &temperature_sensor, h->name);
	const uint64_t now = clock_mono_ms();
	struct sensor *s;

	if (!in)
		return;
	if (!in->data)
		in->data = calloc(1, sizeof(*s));
	s = in->data;
	if (!s)
		return dm_row_gone(in);
	in->fresh = false;
	memcpy(s->name, h->name, sizeof(s->name));
	s->good = h->good;
	if (!h->good || !dm_bool(in, "Enable"))
		return;
	s->value = h->celsius;
	s->at = now;
	if (!s->ever || h->celsius < s->low) {
		s->low = h->celsius;
		s->low_at = now;
	}
	if (!s->ever || h->celsius > s->high) {
		s->high = h->celsius;
		s->high_at = now;
	}
	s->ever = true;
}

static void refresh(struct dm *dm, const struct dm_object *obj, struct dm_inst *parent)
{
	const struct box *box = dm_ctx(dm_single(dm, &temperature_status));

	if (!box)
		return;
	dm_rows_begin(parent, obj);
	(void)hwmon_each(box->root, read_sensor, parent);
	dm_rows_end(parent, obj);
}

static void release(struct dm_inst *in)
{
	free(in->data);
	in->data = NULL;
}

static enum dm_error get_status(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, !dm_bool(in, "Enable") ? "Disabled"
			 : sensor_of(in)->good	? "Enabled"
						: "Error");
	return DM_OK;
}

static enum dm_error get_reset(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct box *box = dm_ctx(dm_single(dm_inst_dm(in), &temperature_status));

	if (box)
		tr181_put_when(sink, box->began_ms);
	else
		dm_put_time_unknown(sink);
	return DM_OK;
}

static enum dm_error get_name(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, sensor_of(in)->name);
	return DM_OK;
}

#define READING(suffix, member, time)                                                          \
	static enum dm_error get_##suffix(struct dm_inst *in, const struct dm_param *p,        \
					  struct dm_sink *sink)                                \
	{                                                                                      \
		dm_put_int(sink, sensor_of(in)->ever ? sensor_of(in)->member : NO_READING);    \
		return DM_OK;                                                                  \
	}                                                                                      \
	static enum dm_error get_##suffix##_time(struct dm_inst *in, const struct dm_param *p, \
						 struct dm_sink *sink)                         \
	{                                                                                      \
		if (sensor_of(in)->ever)                                                       \
			tr181_put_when(sink, sensor_of(in)->time);                             \
		else                                                                           \
			dm_put_time_unknown(sink);                                             \
		return DM_OK;                                                                  \
	}

READING(value, value, at)
READING(low, low, low_at)
READING(high, high, high_at)

static const char *const status[] = { "Disabled", "Enabled", "Error", NULL };

#define INPUT "hwmon: tempN_input"
#define READINGS "of the readings since ResetTime, one each time that somebody asked"

static const struct dm_param params[] = {
	DM_ROW_ALIAS,
	{ "Enable", DM_BOOL, DM_RW, .def = "true",
	  .source = "set by the ACS; a sensor that is off is not read" },
	{ "Status", DM_STRING, DM_RO, DM_VALUES(status), .get = get_status,
	  .source = "hwmon: it can be read" },
	{ "ResetTime", DM_DATETIME, DM_RO, .get = get_reset, .source = "when the agent began" },
	{ "Name", DM_STRING, DM_RO, DM_MAXLEN(256), .get = get_name,
	  .source = "hwmon: name and tempN_label" },
	{ "Value", DM_INT, DM_RO, DM_RANGE(-274, DM_NOMAX), .notify = DM_CAN_DENY, .get = get_value,
	  .source = INPUT },
	{ "LastUpdate", DM_DATETIME, DM_RO, .notify = DM_CAN_DENY, .get = get_value_time,
	  .source = INPUT },
	{ "MinValue", DM_INT, DM_RO, DM_RANGE(-274, DM_NOMAX), .get = get_low, .source = READINGS },
	{ "MinTime", DM_DATETIME, DM_RO, .get = get_low_time, .source = READINGS },
	{ "MaxValue", DM_INT, DM_RO, DM_RANGE(-274, DM_NOMAX), .get = get_high,
	  .source = READINGS },
	{ "MaxTime", DM_DATETIME, DM_RO, .get = get_high_time, .source = READINGS },
};

const struct dm_object temperature_status = DM_EMPTY("Device.DeviceInfo.TemperatureStatus.");
const struct dm_object temperature_sensor = DM_TABLE(
	"Device.DeviceInfo.TemperatureStatus.TemperatureSensor.{i}.", params, .flags = DM_KEEP,
	.max = SENSORS_MAX, .entries = "TemperatureSensorNumberOfEntries", .refresh = refresh,
	.release = release);

int temperature_init(struct dm *dm, const char *root)
{
	struct box *box = calloc(1, sizeof(*box));

	if (!box)
		return -ENOMEM;
	box->root = root;
	box->began_ms = clock_mono_ms();
	dm_bind(dm, &temperature_status, box);
	return 0;
}

void temperature_exit(struct dm *dm)
{
	free(dm_ctx(dm_single(dm, &temperature_status)));
	dm_bind(dm, &temperature_status, NULL);
}
