/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/vendor/conf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/tree/rows.h"
#include "agent/tree/value.h"
#include "lib/array.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/num.h"
#include "lib/text.h"

#define WORDS_MAX 16
#define NAME_MAX_LEN 64

struct line {
	char *words[WORDS_MAX];
	size_t n;
};

/* NULL: all is well. */
typedef const char *wrong_t;

static bool alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool name_char(char c)
{
	return alpha(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static bool name_valid(const char *s, size_t n)
{
	if (!n || n > NAME_MAX_LEN || !(alpha(*s) || *s == '_'))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!name_char(s[i]))
			return false;
	return true;
}

/* X_<OUI>_Name or X_<DOMAIN>_Name (TR-106 A17 3.3) */
static bool vendor_name(const char *s, size_t n)
{
	const char *end;

	if (n < 5 || memcmp(s, "X_", 2))
		return false;
	end = memchr(s + 2, '_', n - 2);
	if (!end || end == s + 2 || end + 1 == s + n)
		return false;
	for (const char *c = s + 2; c < end; c++)
		if (!((*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') || *c == '-'))
			return false;
	return true;
}

static bool path_valid(const char *s, size_t len)
{
	bool vendor = false;

	if (len > DM_PATH_MAX - NAME_MAX_LEN || len < 8 || memcmp(s, "Device.", 7) ||
	    s[len - 1] != '.')
		return false;
	while (len) {
		const char *dot = memchr(s, '.', len);
		size_t n = (size_t)(dot - s);

		if (!name_valid(s, n))
			return false;
		vendor = vendor || vendor_name(s, n);
		s += n + 1;
		len -= n + 1;
	}
	return vendor;
}

/* The folder of such a file can be read, all of it: neither one of everything nor a way out. */
static bool file_valid(const char *s)
{
	const char *second = *s == '/' ? strchr(s + 1, '/') : NULL;
	bool kernel = !strncmp(s, "/proc/", 6) || !strncmp(s, "/sys/", 5);

	return second && (kernel || strchr(second + 1, '/')) && strlen(s) < VENDOR_PATH_MAX &&
	       s[strlen(s) - 1] != '/' && !strstr(s, "//") && !strstr(s, "/../") &&
	       !strstr(s, "/./");
}

static int type_named(const char *word)
{
	for (int t = 0; t < DM_TYPES; t++)
		if (!strcmp(word, dm_type_xsd((enum dm_type)t) + strlen("xsd:")))
			return t;
	return -1;
}

static bool is_number(const struct dm_param *p)
{
	int t = p->flags & DM_LIST ? p->item : p->type;

	return t == DM_INT || t == DM_UINT || t == DM_LONG || t == DM_ULONG;
}

static bool has_length(const struct dm_param *p)
{
	return p->type == DM_STRING || p->type == DM_BASE64 || p->type == DM_HEXBIN;
}

/* "LO..HI", either end may be missing. */
static wrong_t put_range(struct dm_param *p, const char *text)
{
	const char *dots = strstr(text, "..");
	struct dm_range *r;

	if (!is_number(p) || p->ranges)
		return "range= is for one range of whole numbers";
	if (!dots)
		return "range= wants LOW..HIGH";
	r = calloc(1, sizeof(*r));
	if (!r)
		return "out of memory";
	p->ranges = r;
	p->nranges = 1;
	*r = (struct dm_range){ dm_type_signed(p->flags & DM_LIST ? p->item : p->type) ? INT64_MIN
										       : 0,
				UINT64_MAX };
	if (dots != text && num_parse_i64(text, (size_t)(dots - text), r->min, INT64_MAX, &r->min))
		return "range= has a low end that is no number";
	if (dots[2] && num_parse_u64(dots + 2, strlen(dots + 2), INT64_MAX, &r->max))
		return "range= has a high end that is no number, or a negative one";
	return r->max != UINT64_MAX && r->min > (int64_t)r->max ? "range= is empty" : NULL;
}

static wrong_t put_length(struct dm_param *p, const char *text)
{
	const char *dots = strstr(text, "..");
	uint64_t lo = 0, hi;

	if (!has_length(p))
		return "length= is for text and octets";
	if (!dots ||
	    (dots != text && num_parse_u64(text, (size_t)(dots - text), VENDOR_VALUE_MAX, &lo)) ||
	    num_parse_u64(dots + 2, strlen(dots + 2), VENDOR_VALUE_MAX, &hi) || lo > hi || !hi)
		return "length= wants LEAST..MOST, at most 4096";
	p->min_len = (uint32_t)lo;
	p->max_len = (uint32_t)hi;
	return NULL;
}

/* "a|b|c" */
static wrong_t put_values(struct dm_param *p, char *text)
{
	size_t n = 1;
	char **v;

	if (p->type != DM_STRING || p->values || is_number(p))
		return "values= is for text";
	for (const char *c = text; *c; c++)
		n += *c == '|';
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return "out of memory";
	p->values = (const char *const *)v;
	for (size_t i = 0; i < n; i++) {
		v[i] = strsep(&text, "|");
		if (!*v[i])
			return "values= has an empty one";
	}
	return NULL;
}

static wrong_t put_source(const struct vendor_conf *c, struct vendor_source *s, const char *key,
			  const char *value)
{
	if (s->file || s->daemon >= 0)
		return "there are two sources";
	if (!strcmp(key, "file")) {
		s->file = value;
		return file_valid(value)
			       ? NULL
			       : "file= wants an absolute path, two folders deep at least";
	}
	for (size_t i = 0; i < c->ndaemons; i++)
		if (!strcmp(c->daemons[i].name, value))
			s->daemon = (int)i;
	return s->daemon >= 0 ? NULL : "no such daemon has been declared";
}

/* One word behind name and type. */
static wrong_t put_word(const struct vendor_conf *c, struct dm_param *p, struct vendor_source *s,
			char *word)
{
	char *eq = strchr(word, '=');

	if (!eq) {
		if (!strcmp(word, "readWrite"))
			p->access = DM_RW;
		else if (!strcmp(word, "canDeny"))
			p->notify = DM_CAN_DENY;
		else
			return "a word is not known";
		return NULL;
	}
	*eq++ = '\0';
	if (!strcmp(word, "range"))
		return put_range(p, eq);
	if (!strcmp(word, "length"))
		return put_length(p, eq);
	if (!strcmp(word, "values"))
		return put_values(p, eq);
	if (!strcmp(word, "file") || !strcmp(word, "daemon"))
		return put_source(c, s, word, eq);
	if (strcmp(word, "default"))
		return "a word is not known";
	s->fallback = eq;
	return NULL;
}

static wrong_t finish_param(struct dm_param *p, const struct vendor_source *s)
{
	_cleanup_buf_ struct buf out = BUF_INIT(VENDOR_VALUE_MAX);

	if (has_length(p) && !p->max_len)
		p->max_len = VENDOR_VALUE_MAX;
	if (!s->file && s->daemon < 0)
		return "file= or daemon= is missing";
	if (s->fallback && dm_canonical(p, s->fallback, strlen(s->fallback), &out))
		return "default= is no value of this parameter";
	return NULL;
}

static void free_row(struct dm_param *p)
{
	free((void *)(uintptr_t)p->ranges);
	free((void *)(uintptr_t)p->values);
}

/* parameter NAME TYPE [list] WORD... */
static wrong_t add_param(struct vendor_conf *c, const struct line *l)
{
	struct vendor_object *o = c->nobjects ? &c->objects[c->nobjects - 1] : NULL;
	struct vendor_source *s;
	struct dm_param *p;
	wrong_t wrong = NULL;
	size_t at = 3;
	int type;

	if (!o)
		return "no object has been declared before";
	if (l->n < 4 || !name_valid(l->words[1], strlen(l->words[1])))
		return "parameter NAME TYPE and a source are wanted";
	type = type_named(l->words[2]);
	if (type < 0)
		return "there is no such type";
	if (o->nrows == VENDOR_PARAMS_MAX)
		return "too many parameters in one object";
	p = &o->rows[o->nrows];
	s = &o->sources[o->nrows++];
	*p = (struct dm_param){ .name = l->words[1], .type = (uint8_t)type };
	*s = (struct vendor_source){ .daemon = -1 };
	if (!strcmp(l->words[3], "list")) {
		p->item = p->type;
		p->type = DM_STRING;
		p->flags |= DM_LIST;
		at++;
	}
	while (!wrong && at < l->n)
		wrong = put_word(c, p, s, l->words[at++]);
	return wrong ? wrong : finish_param(p, s);
}

static wrong_t add_object(struct vendor_conf *c, const struct line *l)
{
	struct vendor_object *o;

	if (l->n != 2 || !path_valid(l->words[1], strlen(l->words[1])))
		return "object Device.[...]X_<VENDOR>_Name. is wanted";
	if (c->nobjects == VENDOR_OBJECTS_MAX)
		return "too many objects";
	o = &c->objects[c->nobjects];
	o->rows = calloc(VENDOR_PARAMS_MAX, sizeof(o->rows[0]));
	o->sources = calloc(VENDOR_PARAMS_MAX, sizeof(o->sources[0]));
	c->nobjects++;
	if (!o->rows || !o->sources)
		return "out of memory";
	o->obj.path = l->words[1];
	return NULL;
}

static wrong_t add_daemon(struct vendor_conf *c, const struct line *l)
{
	if (l->n != 3 || !name_valid(l->words[1], strlen(l->words[1])))
		return "daemon NAME USER is wanted";
	if (c->ndaemons == ARRAY_SIZE(c->daemons))
		return "too many daemons";
	for (size_t i = 0; i < c->ndaemons; i++)
		if (!strcmp(c->daemons[i].name, l->words[1]))
			return "there is a daemon of this name already";
	c->daemons[c->ndaemons++] = (struct vendor_daemon_conf){ l->words[1], l->words[2] };
	return NULL;
}

static wrong_t take_line(struct vendor_conf *c, char *text)
{
	struct line l = { .n = 0 };
	char *word;

	if (!xml_clean(text, strlen(text)))
		return "not text";
	while ((word = strsep(&text, " \t\r"))) {
		if (!*word)
			continue;
		if (!l.n && *word == '#')
			return NULL;
		if (l.n == WORDS_MAX)
			return "too many words";
		l.words[l.n++] = word;
	}
	if (!l.n)
		return NULL;
	if (!strcmp(l.words[0], "object"))
		return add_object(c, &l);
	if (!strcmp(l.words[0], "parameter"))
		return add_param(c, &l);
	if (!strcmp(l.words[0], "daemon"))
		return add_daemon(c, &l);
	return "object, parameter or daemon is wanted";
}

int vendor_conf_parse(struct vendor_conf *c, char *text, size_t len, struct vendor_wrong *out)
{
	wrong_t wrong = NULL;
	char *line;

	*c = (struct vendor_conf){ .objects = calloc(VENDOR_OBJECTS_MAX, sizeof(c->objects[0])) };
	*out = (struct vendor_wrong){ .line = 0 };
	if (!c->objects)
		return -ENOMEM;
	if (strlen(text) != len)
		wrong = "not text";
	while (!wrong && (line = strsep(&text, "\n"))) {
		out->line++;
		wrong = take_line(c, line);
	}
	if (!wrong) {
		for (size_t i = 0; i < c->nobjects; i++) {
			c->objects[i].obj.params = c->objects[i].rows;
			c->objects[i].obj.nparams = (uint16_t)c->objects[i].nrows;
		}
		return 0;
	}
	out->why = wrong;
	vendor_conf_free(c);
	return -EINVAL;
}

void vendor_conf_free(struct vendor_conf *c)
{
	for (size_t i = 0; i < c->nobjects; i++) {
		struct vendor_object *o = &c->objects[i];

		for (size_t k = 0; k < o->nrows; k++)
			free_row(&o->rows[k]);
		free(o->rows);
		free(o->sources);
	}
	free(c->objects);
	*c = (struct vendor_conf){ .nobjects = 0 };
}
