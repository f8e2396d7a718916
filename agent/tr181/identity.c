/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who this box is. For each field the first truthful source counts (docs/identity.md). What boards
 * say when nobody filled in the form is no identity: two of them would be one device to an ACS.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/store.h"
#include "agent/tr181/device_info.h"
#include "agent/tree/rows.h"
#include "lib/array.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "lib/text.h"

#define TEXT_MAX 512	    /* bytes read of one source: sysfs has short lines */
#define OS_RELEASE_MAX 8192 /* Debian's has 270 */

enum source { NONE, FACTORY, DT, DT_VENDOR, DT_BOARD, DMI, OS };

struct origin {
	enum source source;
	const char *name;
};

struct field {
	const char *name; /* of the parameter in Device.DeviceInfo. */
	size_t offset, size;
	bool needed;
	struct origin from[6];
};

#define FIELD(n, member)                                          \
	.name = (n), .offset = offsetof(struct identity, member), \
	.size = sizeof(((struct identity *)0)->member)

static const struct field fields[] = {
	{ FIELD("Manufacturer", manufacturer), .needed = true,
	  .from = { { FACTORY, NULL },
		    { DT_VENDOR, NULL },
		    { DMI, "sys_vendor" },
		    { DMI, "board_vendor" } } },
	/* only who made the box knows its OUI: a network card's is the card maker's */
	{ FIELD("ManufacturerOUI", oui), .needed = true, .from = { { FACTORY, NULL } } },
	{ FIELD("ProductClass", product_class), .from = { { FACTORY, NULL },
							  { DT_BOARD, NULL },
							  { DMI, "product_name" },
							  { DMI, "board_name" } } },
	{ FIELD("SerialNumber", serial_number), .needed = true,
	  .from = { { FACTORY, NULL },
		    { DT, "serial-number" },
		    { DMI, "product_serial" },
		    { DMI, "board_serial" } } },
	{ FIELD("ModelName", model_name), .needed = true,
	  .from = { { FACTORY, NULL },
		    { DT, "model" },
		    { DMI, "product_name" },
		    { DMI, "board_name" } } },
	{ FIELD("HardwareVersion", hardware_version), .needed = true,
	  .from = { { FACTORY, NULL },
		    { DT, "hardware-version" },
		    { DMI, "product_version" },
		    { DMI, "board_version" } } },
	/* the image knows better than the label: an upgrade changes it */
	{ FIELD("SoftwareVersion", software_version), .needed = true,
	  .from = { { OS, "IMAGE_VERSION" },
		    { OS, "VERSION_ID" },
		    { OS, "BUILD_ID" },
		    { FACTORY, NULL } } },
	{ FIELD("Description", description), .from = { { FACTORY, NULL } } },
};

static const char *const placeholders[] = {
	"to be filled by o.e.m.",
	"to be filled by oem",
	"filled by oem",
	"default string",
	"default",
	"system manufacturer",
	"system product name",
	"system serial number",
	"system version",
	"board manufacturer",
	"board version",
	"chassis serial number",
	"base board serial number",
	"serial number",
	"not specified",
	"not applicable",
	"not available",
	"not present",
	"none",
	"n/a",
	"na",
	"null",
	"unknown",
	"undefined",
	"invalid",
	"empty",
	"oem",
	"o.e.m.",
	"x.x",
	"xx",
	"0123456789",
	"123456789",
	"1234567890",
	"sample",
	"test",
	"-",
	"?",
};

static bool placeholder(const char *s)
{
	size_t n = strlen(s), odd = 0;

	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (!strcasecmp(s, placeholders[i]))
			return true;
	/* all zero, however it is cut up: 0000, 00:00:00, 0-0; and FFFF, XXXX */
	for (size_t i = 0; i < n; i++)
		odd += !strchr("0.:- ", s[i]);
	if (!odd)
		return true;
	return n >= 4 && strspn(s, (char[]){ s[0], 0 }) == n;
}

/* Blanks at the ends go; the text must be what an Inform can carry. */
static bool tidy(char *s, size_t max_chars)
{
	size_t n = strlen(s), start = 0;

	while (n && isspace((unsigned char)s[n - 1]))
		n--;
	while (start < n && isspace((unsigned char)s[start]))
		start++;
	memmove(s, s + start, n - start);
	s[n - start] = 0;
	n -= start;
	return n && xml_clean(s, n) && utf8_length(s, n) <= max_chars;
}

static bool read_file(const char *root, const char *dir, const char *name, char *out, size_t size)
{
	char path[TEXT_MAX];
	_cleanup_close_ int fd = -1;
	ssize_t n;

	if (snprintf(path, sizeof(path), "%s%s%s", root, dir, name) >= (int)sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	n = fd < 0 ? -1 : read(fd, out, size - 1);
	if (n < 0)
		return false;
	out[n] = 0;
	return true;
}

/* "vendor,board" of the first string of the device tree's compatible list */
static bool read_compatible(const char *root, bool vendor, char *out, size_t size)
{
	char *comma;

	if (!read_file(root, "/proc/device-tree/", "compatible", out, size))
		return false;
	comma = strchr(out, ',');
	if (!comma)
		return false;
	if (vendor)
		*comma = 0;
	else
		memmove(out, comma + 1, strlen(comma + 1) + 1);
	return true;
}

/* One line KEY=value or KEY="value" of os-release(5). */
static bool find_key(const char *text, const char *key, char *out, size_t size)
{
	size_t n = strlen(key);

	while (*text) {
		size_t len = strcspn(text, "\n");
		const char *v = text + n + 1;

		if (len > n && !strncmp(text, key, n) && text[n] == '=') {
			len -= n + 1;
			if (len > 1 && (*v == '"' || *v == '\'') && v[len - 1] == *v) {
				v++;
				len -= 2;
			}
			return text_copy(out, size, v, len);
		}
		text += len;
		text += *text == '\n';
	}
	return false;
}

static bool read_os_release(const char *root, const char *key, char *out, size_t size)
{
	_cleanup_free_ char *text = malloc(OS_RELEASE_MAX);

	if (!text)
		return false;
	if (!read_file(root, "/etc/os-release", "", text, OS_RELEASE_MAX) &&
	    !read_file(root, "/usr/lib/os-release", "", text, OS_RELEASE_MAX))
		return false;
	return find_key(text, key, out, size);
}

static bool read_origin(const struct origin *from, const struct field *f, const struct store *store,
			const char *root, char *out, size_t size)
{
	const char *text;
	char key[96];
	size_t len;

	switch (from->source) {
	case NONE:
		break;
	case FACTORY:
		snprintf(key, sizeof(key), "Device.DeviceInfo.%s", f->name);
		text = store ? store_factory(store, key, &len) : NULL;
		return text && text_copy(out, size, text, len);
	case DT:
		return read_file(root, "/proc/device-tree/", from->name, out, size);
	case DT_VENDOR:
		return read_compatible(root, true, out, size);
	case DT_BOARD:
		return read_compatible(root, false, out, size);
	case DMI:
		return read_file(root, "/sys/class/dmi/id/", from->name, out, size);
	case OS:
		return read_os_release(root, from->name, out, size);
	}
	return false;
}

static bool is_oui(const struct field *f)
{
	return f->offset == offsetof(struct identity, oui);
}

static bool read_field(struct identity *id, const struct field *f, const struct store *store,
		       const char *root)
{
	char text[TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(f->from); i++) {
		if (!read_origin(&f->from[i], f, store, root, text, sizeof(text)))
			continue;
		if (!tidy(text, f->size - 1) || strlen(text) >= f->size || placeholder(text))
			continue;
		for (char *c = text; is_oui(f) && *c; c++)
			*c = (char)toupper((unsigned char)*c);
		if (is_oui(f) && !dm_match_oui(text, strlen(text)))
			continue;
		memcpy((char *)id + f->offset, text, strlen(text) + 1);
		return true;
	}
	return false;
}

int identity_read(struct identity *id, const struct store *store, const char *root)
{
	int r = 0;

	memset(id, 0, sizeof(*id));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (read_field(id, &fields[i], store, root) || !fields[i].needed)
			continue;
		log_err("identity: no truthful %s on this box; set Device.DeviceInfo.%s in the "
			"factory file",
			fields[i].name, fields[i].name);
		r = -ENODATA;
	}
	if (!r && !id->description[0])
		snprintf(id->description, sizeof(id->description), "%s %s", id->manufacturer,
			 id->model_name);
	return r;
}
