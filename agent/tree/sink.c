/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "agent/tree/internal.h"
#include "lib/buf.h"
#include "lib/clock.h"

static void take(struct dm_sink *sink)
{
	sink->text = buf_str(sink->room);
	sink->len = sink->room->len;
}

void dm_sink_start(struct dm_sink *sink, struct buf *room)
{
	buf_reset(room);
	sink->room = room;
	sink->text = "";
	sink->len = 0;
}

void dm_put_const(struct dm_sink *sink, const char *text, size_t len)
{
	sink->text = text;
	sink->len = len;
}

void dm_put_mem(struct dm_sink *sink, const char *text, size_t len)
{
	buf_reset(sink->room);
	buf_put(sink->room, text, len);
	take(sink);
}

void dm_put_str(struct dm_sink *sink, const char *text)
{
	dm_put_mem(sink, text ? text : "", text ? strlen(text) : 0);
}

void dm_put_uint(struct dm_sink *sink, uint64_t v)
{
	buf_reset(sink->room);
	buf_putu(sink->room, v);
	take(sink);
}

void dm_put_int(struct dm_sink *sink, int64_t v)
{
	buf_reset(sink->room);
	buf_puti(sink->room, v);
	take(sink);
}

void dm_put_bool(struct dm_sink *sink, bool v)
{
	dm_put_const(sink, v ? "true" : "false", v ? 4 : 5);
}

void dm_put_time(struct dm_sink *sink, int64_t unix_seconds)
{
	char text[CLOCK_TEXT_MAX];

	if (clock_format(text, unix_seconds))
		dm_put_time_unknown(sink);
	else
		dm_put_str(sink, text);
}

void dm_put_time_unknown(struct dm_sink *sink)
{
	dm_put_const(sink, "0001-01-01T00:00:00Z", 20);
}

void dm_put_mac(struct dm_sink *sink, const uint8_t mac[6])
{
	static const char digits[] = "0123456789ABCDEF";
	char text[17];

	for (size_t i = 0; i < 6; i++) {
		text[3 * i] = digits[mac[i] >> 4];
		text[3 * i + 1] = digits[mac[i] & 15];
		if (i < 5)
			text[3 * i + 2] = ':';
	}
	dm_put_mem(sink, text, sizeof(text));
}

void dm_put_path(struct dm_sink *sink, const struct dm_inst *in)
{
	char path[DM_PATH_MAX + 1];
	int len = in ? dm_inst_path(in, path) : 0;

	/* a reference has no final dot (TR-106 A17 3.2.4) */
	dm_put_mem(sink, path, len > 0 ? (size_t)len - 1 : 0);
}

void dm_put_item(struct dm_sink *sink, const char *text, size_t len)
{
	static const char digits[] = "0123456789ABCDEF";

	if (sink->room->len)
		buf_putc(sink->room, ',');
	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		/* TR-106 A17 3.2.3: inside an item comma, space and percent are escaped */
		if (c == ',' || c == ' ' || c == '%') {
			buf_putc(sink->room, '%');
			buf_putc(sink->room, digits[(uint8_t)c >> 4]);
			buf_putc(sink->room, digits[(uint8_t)c & 15]);
		} else {
			buf_putc(sink->room, c);
		}
	}
	take(sink);
}
