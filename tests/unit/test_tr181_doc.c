/* SPDX-License-Identifier: Apache-2.0 */
/*
 * docs/tr181.md is what the rows say. `make docs` runs this with TR181_DOC set, which writes it;
 * otherwise it is compared. A build without WiFi has other rows and is not compared.
 */
#include "config.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tr181/tr181.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/log.h"

#define DOC "docs/tr181.md"

static struct buf text;

static void put_constraint(const struct dm_param *p)
{
	if (p->flags & DM_LIST)
		buf_puts(&text, " list");
	if (p->max_len)
		buf_printf(&text, "(%u)", p->max_len);
	for (size_t i = 0; i < p->nranges; i++) {
		buf_printf(&text, "%s%lld..", i ? ", " : " ", (long long)p->ranges[i].min);
		if (p->ranges[i].max != DM_NOMAX)
			buf_printf(&text, "%lld", (long long)p->ranges[i].max);
	}
}

static void put_row(void *arg, const char *path, const struct dm_object *obj,
		    const struct dm_param *p)
{
	const char *name = path + strlen(obj->path);

	if (!p) {
		buf_printf(&text, "\n## %s\n", path);
		if (obj->flags & DM_ADD)
			buf_puts(&text, "Rows are added and deleted by the ACS.\n");
		else if (obj->flags & DM_KEEP)
			buf_puts(&text,
				 "Rows come from the box; numbers are kept over a restart.\n");
		if (obj->nparams || obj->entries)
			buf_puts(&text,
				 "\n| parameter | type | access | source |\n|---|---|---|---|\n");
		return;
	}
	buf_printf(&text, "| %s | %s", name, dm_type_xsd(p->type) + strlen("xsd:"));
	put_constraint(p);
	buf_printf(&text, " | %s%s",
		   p->check == tr181_as_it_is ? "takes what it is"
		   : p->access == DM_RW	      ? "read-write"
					      : "read-only",
		   p->flags & DM_SECRET ? ", reads as empty" : "");
	buf_printf(&text, " | %s |\n",
		   p->source		 ? p->source
		   : p->flags & DM_ALIAS ? "cpe-N until the ACS gives one"
		   : p->get		 ? "see the code"
					 : "set by the ACS; factory layer");
}

static int make_text(void **state)
{
	struct dm *dm;

	log_set_level(LOG_LVL_ERR);
	buf_init(&text, 1u << 20);
	buf_puts(
		&text,
		"<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
		"<!-- Made by `make docs` from the rows of agent/tr181/; not edited by hand. -->\n"
		"# What of TR-181 2.19.1 is there\n\n"
		"In the default configuration. \"Takes what it is\" says of a row that TR-181 lets "
		"be\nwritten and this release does not yet: it accepts its own value, and refuses "
		"every other.\nWhich profiles are whole, and why others are not, is in "
		"tests/profiles.tsv and, member by\nmember, in build/conformance.md.\n");
	assert_int_equal(dm_open(&dm, dm_objects, dm_nobjects, NULL), 0);
	dm_schema(dm, put_row, NULL);
	dm_close(dm);
	assert_false(text.failed);
	return 0;
}

static int drop_text(void **state)
{
	buf_free(&text);
	return 0;
}

static void docs_tr181_is_what_the_rows_say(void **state)
{
	const char *out = getenv("TR181_DOC");
	struct buf have;
	char chunk[4096];
	size_t n;
	FILE *f;

	/* It is about a box that has everything. */
#if !defined(CONFIG_ROLE_RADIO) || !defined(CONFIG_ROLE_PROBE) || !defined(CONFIG_ROLE_FLASH) || \
	!defined(CONFIG_CONNREQ_HTTP) || !defined(CONFIG_CONNREQ_UDP) ||                         \
	!defined(CONFIG_CWMP_ALIAS)
	skip();
#endif
	if (out) {
		f = fopen(out, "we");
		assert_non_null(f);
		assert_int_equal(fwrite(buf_str(&text), 1, text.len, f), text.len);
		assert_int_equal(fclose(f), 0);
		return;
	}
	buf_init(&have, 1u << 20);
	f = fopen(DOC, "re");
	assert_non_null(f);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_put(&have, chunk, n);
	(void)fclose(f);
	if (have.len != text.len || memcmp(have.data, text.data, text.len))
		fail_msg("%s is not what the rows say: make docs", DOC);
	buf_free(&have);
}

static void every_row_says_where_its_value_comes_from(void **state)
{
	for (size_t i = 0; i < dm_nobjects; i++)
		for (size_t k = 0; k < dm_objects[i]->nparams; k++) {
			const struct dm_param *p = &dm_objects[i]->params[k];

			if (p->get && !p->source)
				fail_msg("%s%s has no source", dm_objects[i]->path, p->name);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(docs_tr181_is_what_the_rows_say),
		UNIT(every_row_says_where_its_value_comes_from),
	};

	return cmocka_run_group_tests(tests, make_text, drop_text);
}
