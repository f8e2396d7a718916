/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/zone.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/kernel/files.h"
#include "lib/array.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/text.h"

#define ZONES "/usr/share/zoneinfo"
static const char *const files[] = { "/etc/localtime", "/etc/TZ" };

bool zone_parse(char out[ZONE_MAX], const char *data, size_t len)
{
	const char *end = data + len, *start = data;

	if (len > 4 && !memcmp(data, "TZif", 4)) {
		if (data[4] < '2' || end[-1] != '\n')
			return false; /* the first version has no such line */
		end--;
		start = memrchr(data, '\n', (size_t)(end - data));
		if (!start++)
			return false;
	} else {
		const char *line = memchr(data, '\n', len);

		end = line ? line : end;
	}
	if (end == start || !text_copy(out, ZONE_MAX, start, (size_t)(end - start)))
		return false;
	/* no blank: nothing but a time zone looks like this */
	return strspn(out, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			   "<>+-,./:") == strlen(out);
}

int zone_read(char out[ZONE_MAX], const char *root)
{
	_cleanup_buf_ struct buf data = BUF_INIT(ZONE_BYTES_MAX);
	char path[256];
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_SIZE(files) && r; i++) {
		if ((size_t)snprintf(path, sizeof(path), "%s%s", root, files[i]) >= sizeof(path))
			return -ENAMETOOLONG;
		buf_reset(&data);
		r = file_read(path, &data);
		if (!r && !zone_parse(out, buf_str(&data), data.len))
			r = -EBADMSG;
	}
	return r;
}

long zone_offset(const char *zone, int64_t unix_seconds)
{
	time_t at = (time_t)unix_seconds;
	struct tm tm = { .tm_gmtoff = 0 };

	if (!setenv("TZ", zone, 1)) {
		tzset();
		(void)localtime_r(&at, &tm);
	}
	return tm.tm_gmtoff;
}

bool zone_place(char *out, size_t size)
{
	static char real[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (!realpath(files[i], real))
			continue;
		if (!strncmp(real, ZONES "/", sizeof(ZONES)))
			real[sizeof(ZONES) - 1] = '\0';
		return (size_t)snprintf(out, size, "%s", real) < size;
	}
	return false;
}
