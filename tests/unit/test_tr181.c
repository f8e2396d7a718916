/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every row that this build claims, against the data model's own table (TESTPLAN 79, 80, 139):
 * ../shared/spec/tr181.tsv beside the checkout, or the file that TR181_TSV names. Without it these
 * tests are skipped and say so.
 */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/internal.h"
#include "agent/tree/rows.h"
#include "agent/tree/value.h"
#include "lib/buf.h"
#include "lib/log.h"
#include "lib/text.h"

enum column {
	PATH,
	KIND,
	TYPE,
	BASE,
	LIST,
	LIST_ITEMS,
	LIST_MAX,
	MIN_LEN,
	MAX_LEN,
	RANGES,
	ENUMS,
	OPEN,
	PATTERNS,
	UNITS,
	REF,
	ACCESS,
	NOTIFY,
	FORCED,
	MIN_ENTRIES,
	MAX_ENTRIES,
	NUM_ENTRIES,
	ENABLE,
	KEYS,
	HIDDEN,
	SECURED,
	COMMAND,
	DEFAULT,
	VERSION,
	STATUS,
	PROFILES,
	COLUMNS
};

struct spec {
	char *col[COLUMNS];
};

static struct spec *specs;
static size_t nspecs;
static struct dm *dm;
static unsigned int wrong, tried;

static void split(struct spec *s, char *line)
{
	for (int i = 0; i < COLUMNS; i++) {
		char *cell = strsep(&line, "\t");

		s->col[i] = strdup(cell ? cell : "");
	}
}

static int load(void **state)
{
	const char *file = getenv("TR181_TSV");
	FILE *f = fopen(file ? file : "../shared/spec/tr181.tsv", "re");
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	log_set_level(LOG_LVL_ERR);
	assert_int_equal(dm_open(&dm, dm_objects, dm_nobjects, NULL), 0);
	if (!f) {
		print_message("tr181.tsv is not there: the rows are not compared with it\n");
		return 0;
	}
	specs = calloc(10000, sizeof(specs[0]));
	while (nspecs < 10000 && (n = getline(&line, &cap, f)) > 0) {
		line[strcspn(line, "\n")] = 0;
		split(&specs[nspecs++], line);
	}
	free(line);
	fclose(f);
	assert_string_equal(specs[0].col[PATH], "path");
	assert_string_equal(specs[0].col[STATUS], "status");
	return 0;
}

static int unload(void **state)
{
	for (size_t i = 0; i < nspecs; i++)
		for (int k = 0; k < COLUMNS; k++)
			free(specs[i].col[k]);
	free(specs);
	dm_close(dm);
	return 0;
}

static const struct spec *spec_of(const char *path)
{
	for (size_t i = 1; i < nspecs; i++)
		if (!strcmp(specs[i].col[PATH], path))
			return &specs[i];
	return NULL;
}

__attribute__((format(printf, 2, 3))) static void bad(const char *path, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	print_error("%s: %s\n", path, text);
	wrong++;
}

static bool is(const struct spec *s, enum column c, const char *text)
{
	return !strcmp(s->col[c], text);
}

static enum dm_type type_of(const char *base)
{
	static const char *const names[DM_TYPES] = {
		[DM_STRING] = "string",	     [DM_INT] = "int",
		[DM_UINT] = "unsignedInt",   [DM_LONG] = "long",
		[DM_ULONG] = "unsignedLong", [DM_BOOL] = "boolean",
		[DM_DATETIME] = "dateTime",  [DM_BASE64] = "base64",
		[DM_HEXBIN] = "hexBinary",   [DM_DECIMAL] = "decimal",
	};

	for (int i = 0; i < DM_TYPES; i++)
		if (!strcmp(base, names[i]))
			return (enum dm_type)i;
	return DM_TYPES;
}

/* "a|b{optional}|c{readOnly}": is the value there, and may it be set? */
static bool enum_has(const char *enums, const char *value, bool *readonly)
{
	size_t n = strlen(value);

	while (*enums) {
		size_t len = strcspn(enums, "|");

		if (len >= n && !strncmp(enums, value, n) && (len == n || enums[n] == '{')) {
			*readonly = memmem(enums, len, "{readOnly}", 10) != NULL;
			return true;
		}
		enums += len;
		enums += *enums == '|';
	}
	return false;
}

static void compare_enum(const char *path, const struct spec *s, const struct dm_param *p)
{
	bool readonly;

	if (!*s->col[ENUMS])
		return;
	if (!p->values && p->access == DM_RW)
		bad(path, "has no enumeration; %s", s->col[ENUMS]);
	for (const char *const *v = p->values; v && *v; v++) {
		if (!enum_has(s->col[ENUMS], *v, &readonly))
			bad(path, "has a value '%s' that is not in %s", *v, s->col[ENUMS]);
		else if (readonly && p->access == DM_RW && !p->check)
			bad(path, "lets '%s' be set, which is read-only", *v);
	}
}

static void compare_ranges(const char *path, const struct spec *s, const struct dm_param *p)
{
	char text[128] = "", *have = text;
	size_t n = 0;

	for (size_t i = 0; i < p->nranges; i++) {
		const struct dm_range *r = &p->ranges[i];

		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%lld..", i ? "|" : "",
				      (long long)r->min);
		if (r->max != UINT64_MAX)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%lld",
					      (long long)r->max);
	}
	/* of an unsigned type "0.." says nothing, and "..9" is from 0 on */
	if (p->type == DM_UINT && s->col[RANGES][0] == '.' && *have == '0')
		have++;
	if (p->access == DM_RW && !is(s, RANGES, have) && !(is(s, RANGES, "0..") && !p->nranges))
		bad(path, "has the range '%s', not '%s'", text, s->col[RANGES]);
}

static void compare_length(const char *path, const struct spec *s, const struct dm_param *p)
{
	bool list = p->flags & DM_LIST;
	unsigned long max = strtoul(s->col[list ? LIST_MAX : MAX_LEN], NULL, 10);

	if (p->access != DM_RW)
		return;
	if (p->max_len != max)
		bad(path, "has the length %u, not %lu", p->max_len, max);
	if (list && p->max_item != strtoul(s->col[MAX_LEN], NULL, 10))
		bad(path, "has items of %u, not %s", p->max_item, s->col[MAX_LEN]);
	if (!list && p->min_len != strtoul(s->col[MIN_LEN], NULL, 10))
		bad(path, "has the least length %u, not '%s'", p->min_len, s->col[MIN_LEN]);
}

static void compare_default(const char *path, const struct spec *s, const struct dm_param *p)
{
	const char *want = strchr(s->col[DEFAULT], '"'), *have = p->def;
	size_t len, n;

	if (!want || !strncmp(s->col[DEFAULT], "implementation", 14) || p->get ||
	    p->access != DM_RW)
		return;
	want++;
	n = strcspn(want, "\"");
	if (n == 2 && !strncmp(want, "[]", 2))
		n = 0;
	if (!have)
		have = dm_value_null((enum dm_type)p->type, &len);
	if (!text_eq(want, n, have))
		bad(path, "has the default '%s', not %s", have, s->col[DEFAULT]);
}

static void compare_reference(const char *path, const struct spec *s, const struct dm_param *p)
{
	if (p->access != DM_RW)
		return;
	if (!strncmp(s->col[REF], "pathRef:strong", 14) && !(p->ref && (p->flags & DM_STRONG)))
		bad(path, "is not the strong reference that it should be");
	if (!strncmp(s->col[REF], "enumRef", 7) && !p->check && !p->values)
		bad(path, "takes anything; its values are those of %s", s->col[REF]);
	if (*s->col[PATTERNS] && !p->match && !p->check && !p->values)
		bad(path, "has no pattern; it is %s", s->col[PATTERNS]);
}

static void compare_param(const char *path, const struct spec *s, const struct dm_param *p)
{
	static const char *const rules[] = { "normal", "canDeny", "forceEnabled",
					     "forceDefaultEnabled" };
	bool list = p->flags & DM_LIST;

	if (list != is(s, LIST, "1"))
		bad(path, "%s", list ? "is no list" : "is a list");
	if ((list ? p->item : p->type) != type_of(s->col[BASE]))
		bad(path, "has the type %s, not %s", dm_type_xsd(list ? p->item : p->type),
		    s->col[TYPE]);
	if (p->access == DM_RW && !is(s, ACCESS, "readWrite"))
		bad(path, "is writable, and should not be");
	if (!is(s, NOTIFY, rules[p->notify]))
		bad(path, "has the notification rule %s, not %s", rules[p->notify], s->col[NOTIFY]);
	if (!(p->flags & DM_FORCED_INFORM) != !*s->col[FORCED])
		bad(path, "forced Inform is not as it should be");
	if ((*s->col[HIDDEN] || *s->col[SECURED]) != !!(p->flags & DM_SECRET))
		bad(path, "secret is not as it should be");
	if (*s->col[COMMAND] && !(p->flags & DM_COMMAND))
		bad(path, "is a command");
	if (!strcmp(s->col[TYPE], "_AliasCWMP") && !(p->flags & DM_ALIAS))
		bad(path, "is an alias");
	compare_enum(path, s, p);
	compare_ranges(path, s, p);
	compare_length(path, s, p);
	compare_default(path, s, p);
	compare_reference(path, s, p);
}

static void compare_object(const char *path, const struct spec *s, const struct dm_object *obj)
{
	const char *entries = obj->entries ? obj->entries : "";

	if (!is(s, NUM_ENTRIES, entries))
		bad(path, "is counted by '%s', not '%s'", entries, s->col[NUM_ENTRIES]);
	if ((obj->flags & DM_ADD) && !is(s, ACCESS, "readWrite"))
		bad(path, "takes AddObject, and should not");
}

static void compare(void *arg, const char *path, const struct dm_object *obj,
		    const struct dm_param *p)
{
	const struct spec *s;

	if (strstr(path, ".X_"))
		return;
	tried++;
	s = spec_of(path);
	if (!s)
		bad(path, "is not in the data model");
	else if (is(s, STATUS, "deleted"))
		bad(path, "is deleted from the data model");
	else if (p)
		compare_param(path, s, p);
	else
		compare_object(path, s, obj);
}

static void T139_every_row_is_as_the_data_model_has_it(void **state)
{
	if (!specs)
		skip();
	wrong = tried = 0;
	dm_schema(dm, compare, NULL);
	print_message("%u rows compared\n", tried);
	assert_int_equal(wrong, 0);
	assert_true(tried > 30);
}

static void refused(const char *path, const struct dm_param *p, const char *value, size_t len)
{
	struct dm_refusal why;
	struct buf out;

	buf_init(&out, DM_PATH_MAX * 64);
	tried++;
	if (dm_check(p, DM_ANY, value, len, &out, &why) != DM_EVALUE)
		bad(path, "takes '%.*s'", len > 60 ? 60 : (int)len, value);
	buf_free(&out);
}

static void taken(const char *path, const struct dm_param *p, const char *value, size_t len)
{
	struct dm_refusal why;
	struct buf out;

	buf_init(&out, DM_PATH_MAX * 64);
	tried++;
	if (dm_check(p, DM_ANY, value, len, &out, &why))
		bad(path, "refuses '%.*s': %s", len > 60 ? 60 : (int)len, value, why.text);
	buf_free(&out);
}

static void try_number(const char *path, const struct dm_param *p, long long v, bool good)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%lld", v);

	(good ? taken : refused)(path, p, text, (size_t)n);
}

static bool in_ranges(const char *ranges, long long v)
{
	while (*ranges) {
		const char *dots = strstr(ranges, "..");
		size_t len = strcspn(ranges, "|");
		long long lo = *ranges == '.' ? INT64_MIN : strtoll(ranges, NULL, 10);
		bool open = dots + 2 == ranges + len;

		if (v >= lo && (open || v <= strtoll(dots + 2, NULL, 10)))
			return true;
		ranges += len;
		ranges += *ranges == '|';
	}
	return false;
}

static void try_ranges(const char *path, const struct spec *s, const struct dm_param *p)
{
	const char *r = s->col[RANGES];

	while (*r) {
		const char *dots = strstr(r, "..");
		size_t len = strcspn(r, "|");

		for (int end = 0; end < 2; end++) {
			const char *at = end ? dots + 2 : r;
			long long v = strtoll(at, NULL, 10);

			if (at == r + len || *at == '.')
				continue;
			for (long long d = -1; d <= 1; d++)
				try_number(path, p, v + d, in_ranges(s->col[RANGES], v + d));
		}
		r += len;
		r += *r == '|';
	}
}

static void try_length(const char *path, const struct spec *s, const struct dm_param *p)
{
	unsigned long max = strtoul(s->col[MAX_LEN], NULL, 10);
	unsigned long min = strtoul(s->col[MIN_LEN], NULL, 10);
	char *text = calloc(1, 3 * max + 8);

	/* characters of three octets; hexBinary in pairs */
	for (unsigned long i = 0; i <= max; i++)
		memcpy(text + (p->type == DM_HEXBIN ? 2 : 3) * i, p->type == DM_HEXBIN ? "00" : "€",
		       p->type == DM_HEXBIN ? 2 : 3);
	if (max && !p->match && !p->ref && !p->values) {
		size_t unit = p->type == DM_HEXBIN ? 2 : 3;

		if (!p->max_octets)
			taken(path, p, text, max * unit);
		refused(path, p, text, (max + 1) * unit);
		if (min)
			refused(path, p, text, (min - 1) * unit);
	}
	free(text);
}

static void try_values(void *arg, const char *path, const struct dm_object *obj,
		       const struct dm_param *p)
{
	static const char *const never[DM_TYPES] = {
		[DM_STRING] = "\xff",	 [DM_INT] = "2147483648", [DM_UINT] = "-1",
		[DM_LONG] = "1.5",	 [DM_ULONG] = "-1",	  [DM_BOOL] = "yes",
		[DM_DATETIME] = "today", [DM_BASE64] = "*",	  [DM_HEXBIN] = "0",
		[DM_DECIMAL] = "x",
	};
	const struct spec *s = spec_of(path);

	if (!p || !s || p->access != DM_RW)
		return;
	refused(path, p, never[p->type], strlen(never[p->type]));
	if (p->flags & DM_LIST)
		return;
	try_ranges(path, s, p);
	if (p->type == DM_STRING || p->type == DM_HEXBIN)
		try_length(path, s, p);
	for (const char *const *v = p->values; v && *v; v++)
		taken(path, p, *v, strlen(*v));
	if (p->values)
		refused(path, p, "NoSuchValue", 11);
	if (p->match)
		refused(path, p, "#no pattern has this#", 21);
}

static void T079_values_outside_of_the_data_model_are_refused(void **state)
{
	if (!specs)
		skip();
	wrong = tried = 0;
	dm_schema(dm, try_values, NULL);
	print_message("%u values tried\n", tried);
	assert_int_equal(wrong, 0);
	assert_true(tried > 30);
}

static void try_type(void *arg, const char *path, const struct dm_object *obj,
		     const struct dm_param *p)
{
	struct dm_refusal why;
	struct buf out;

	buf_init(&out, 1024);
	for (int t = 0; p && t < DM_TYPES; t++)
		if (t != p->type && dm_check(p, (enum dm_type)t, "1", 1, &out, &why) != DM_ETYPE)
			bad(path, "takes %s", dm_type_xsd((enum dm_type)t));
	buf_free(&out);
}

static void T078_every_row_refuses_every_other_type(void **state)
{
	wrong = 0;
	dm_schema(dm, try_type, NULL);
	assert_int_equal(wrong, 0);
}

static void the_forced_inform_is_that_of_the_data_model(void **state)
{
	static const char *const forced[] = {
		"Device.RootDataModelVersion",
		"Device.DeviceInfo.HardwareVersion",
		"Device.DeviceInfo.SoftwareVersion",
		"Device.DeviceInfo.ProvisioningCode",
		"Device.ManagementServer.ParameterKey",
		"Device.ManagementServer.ConnectionRequestURL",
		"Device.ManagementServer.AliasBasedAddressing",
	};
	struct dm_target t;

	assert_int_equal(dm->nforced, 7);
	for (size_t i = 0; i < 7; i++) {
		assert_int_equal(dm_resolve(dm, forced[i], strlen(forced[i]), &t), DM_OK);
		assert_true(t.in->cls->params[t.param]->flags & DM_FORCED_INFORM);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(T139_every_row_is_as_the_data_model_has_it),
		UNIT(T079_values_outside_of_the_data_model_are_refused),
		UNIT(T078_every_row_refuses_every_other_type),
		UNIT(the_forced_inform_is_that_of_the_data_model),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
