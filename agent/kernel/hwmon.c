/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/hwmon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/kernel/files.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/num.h"

#define VALUE_MAX 128

struct walk {
	char path[256]; /* of the chip */
	hwmon_fn fn;
	void *arg;
	char chip[48];
};

/* One line of a file in the chip's folder, printable; false when it cannot be read. */
static bool line(const struct walk *w, const char *file, char *out, size_t size)
{
	_cleanup_buf_ struct buf text = BUF_INIT(VALUE_MAX);
	char path[320];
	size_t n;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", w->path, file) >= sizeof(path) ||
	    file_read(path, &text))
		return false;
	n = strcspn(buf_str(&text), "\n");
	if (!n || n >= size)
		return false;
	for (size_t i = 0; i < n; i++)
		out[i] = text.data[i] < 0x20 || text.data[i] > 0x7e ? '?' : text.data[i];
	out[n] = '\0';
	return true;
}

/* tempN_input is in 1/1000 degree. */
static void sensor(void *arg, const char *file)
{
	const struct walk *w = arg;
	size_t n = strncmp(file, "temp", 4) ? 0 : strspn(file + 4, "0123456789");
	struct hwmon_sensor s = { .good = false };
	char name[32], text[48];
	int64_t milli;

	if (!n || strcmp(file + 4 + n, "_input") || n > 4)
		return;
	(void)snprintf(name, sizeof(name), "temp%.*s_label", (int)n, file + 4);
	if (!line(w, name, text, sizeof(text)))
		(void)snprintf(text, sizeof(text), "temp%.*s", (int)n, file + 4);
	(void)snprintf(s.name, sizeof(s.name), "%s %s", w->chip, text);
	if (line(w, file, text, sizeof(text)) &&
	    !num_parse_i64(text, strlen(text), -273150, 10000000, &milli)) {
		s.good = true;
		s.celsius = (int32_t)((milli + (milli < 0 ? -500 : 500)) / 1000);
	}
	w->fn(w->arg, &s);
}

static void chip(void *arg, const char *name)
{
	struct walk *w = arg, below = *w;

	if ((size_t)snprintf(below.path, sizeof(below.path), "%s/%s", w->path, name) >=
	    sizeof(below.path))
		return;
	if (!line(&below, "name", below.chip, sizeof(below.chip)))
		(void)snprintf(below.chip, sizeof(below.chip), "%.40s", name);
	(void)folder_each(below.path, sensor, &below);
}

int hwmon_each(const char *root, hwmon_fn fn, void *arg)
{
	struct walk w = { .fn = fn, .arg = arg };

	if ((size_t)snprintf(w.path, sizeof(w.path), "%s/sys/class/hwmon", root) >= sizeof(w.path))
		return -ENAMETOOLONG;
	return folder_each(w.path, chip, &w);
}
