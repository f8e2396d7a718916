/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/store_text.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/num.h"
#include "lib/text.h"

#define HEADER "sallyport-state "
#define END "@end"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

bool store_key_valid(const char *key, size_t len)
{
	if (!len || len > STORE_KEY_MAX || key[0] == '#')
		return false;
	for (size_t i = 0; i < len; i++)
		if (key[i] <= ' ' || key[i] > '~' || key[i] == '=')
			return false;
	return !text_eq(key, len, END);
}

/* What can't stand for itself: at the ends of a value blanks are taken for decoration. */
static bool escaped(const char *value, size_t len, size_t i)
{
	unsigned char c = (unsigned char)value[i];

	return c < ' ' || c == 0x7f || c == '\\' || (c == ' ' && (i == 0 || i + 1 == len));
}

size_t store_line_length(const char *key, const char *value, size_t len)
{
	size_t n = strlen(key) + 4 + len;

	for (size_t i = 0; i < len; i++)
		if (escaped(value, len, i))
			n += value[i] == '\\' || value[i] == '\n' ? 1 : 3;
	return n;
}

void store_put_line(struct buf *out, const char *key, const char *value, size_t len)
{
	buf_puts(out, key);
	buf_puts(out, " = ");
	for (size_t i = 0; i < len; i++) {
		if (!escaped(value, len, i)) {
			buf_putc(out, value[i]);
		} else if (value[i] == '\\') {
			buf_puts(out, "\\\\");
		} else if (value[i] == '\n') {
			buf_puts(out, "\\n");
		} else {
			buf_puts(out, "\\x");
			buf_puthex(out, &value[i], 1);
		}
	}
	buf_putc(out, '\n');
}

void store_put_header(struct buf *out)
{
	buf_puts(out, HEADER);
	buf_putu(out, STORE_VERSION);
	buf_putc(out, '\n');
}

void store_put_end(struct buf *out, size_t lines)
{
	buf_puts(out, END " = ");
	buf_putu(out, lines);
	buf_putc(out, '\n');
}

static int unescape(struct buf *out, const char *s, size_t n)
{
	buf_reset(out);
	for (size_t i = 0; i < n; i++) {
		char c = s[i];

		if (c != '\\') {
			buf_putc(out, c);
			continue;
		}
		if (++i == n)
			return -EINVAL;
		if (s[i] == '\\') {
			c = '\\';
		} else if (s[i] == 'n') {
			c = '\n';
		} else if (s[i] == 'x' && n - i > 2 && !hex_decode(&c, s + i + 1, 2) && c) {
			i += 2;
		} else {
			return -EINVAL;
		}
		buf_putc(out, c);
	}
	return out->failed ? -ENOMEM : 0;
}

static void strip(const char **s, size_t *n)
{
	while (*n && blank(**s)) {
		(*s)++;
		(*n)--;
	}
	while (*n && blank((*s)[*n - 1]))
		(*n)--;
}

struct parser {
	struct store_text *st;
	struct buf key, value;
	store_line_fn fn;
	void *arg;
	size_t lines;
};

static int fail(struct parser *p, const char *error)
{
	p->st->error = error;
	return -EINVAL;
}

static int parse_header(struct parser *p, const char *s, size_t n)
{
	uint64_t version;

	if (n <= strlen(HEADER) || memcmp(s, HEADER, strlen(HEADER)) ||
	    num_parse_u64(s + strlen(HEADER), n - strlen(HEADER), 9999, &version) || !version)
		return fail(p, "the first line is not '" HEADER "1'");
	p->st->version = (unsigned int)version;
	return 0;
}

static int parse_end(struct parser *p, const char *value, size_t n)
{
	uint64_t lines;

	if (num_parse_u64(value, n, UINT32_MAX, &lines) || lines != p->lines)
		return fail(p, "lines are missing or too many");
	p->st->ended = true;
	return 0;
}

static int parse_line(struct parser *p, const char *s, size_t n)
{
	const char *eq = memchr(s, '=', n), *value;
	size_t key_len, len;
	int r;

	if (!eq)
		return fail(p, "this is not 'key = value'");
	key_len = (size_t)(eq - s);
	value = eq + 1;
	len = n - key_len - 1;
	strip(&s, &key_len);
	strip(&value, &len);
	if (text_eq(s, key_len, END))
		return parse_end(p, value, len);
	if (!store_key_valid(s, key_len))
		return fail(p, "this can't be a key");
	buf_reset(&p->key);
	buf_put(&p->key, s, key_len);
	r = unescape(&p->value, value, len);
	if (r == -ENOMEM || p->key.failed)
		return -ENOMEM;
	if (r)
		return fail(p, "a backslash is followed by something unknown");
	p->lines++;
	if (p->fn(p->arg, buf_str(&p->key), buf_str(&p->value), p->value.len))
		return fail(p, "this key is there twice");
	return 0;
}

static int parse_all(struct parser *p, const char *text, size_t len)
{
	while (len) {
		const char *nl = memchr(text, '\n', len), *line = text;
		size_t n = nl ? (size_t)(nl - text) : len;
		size_t used = nl ? n + 1 : n;
		int r;

		p->st->line++;
		text += used;
		len -= used;
		strip(&line, &n);
		if (!n || line[0] == '#')
			continue;
		if (memchr(line, 0, n) || n > STORE_LINE_MAX)
			return fail(p, "this is not a line of text");
		if (p->st->ended)
			return fail(p, "something follows " END);
		r = p->st->version ? parse_line(p, line, n) : parse_header(p, line, n);
		if (r)
			return r;
	}
	return p->st->version ? 0 : fail(p, "it is empty");
}

int store_parse(struct store_text *st, const char *text, size_t len, store_line_fn fn, void *arg)
{
	struct parser p = { .st = st, .fn = fn, .arg = arg };
	int r;

	*st = (struct store_text){ 0 };
	buf_init(&p.key, STORE_KEY_MAX);
	buf_init(&p.value, STORE_LINE_MAX);
	r = parse_all(&p, text, len);
	buf_free(&p.key);
	buf_wipe(&p.value);
	return r;
}
