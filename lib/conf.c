/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/num.h"
#include "lib/text.h"
#include "lib/users.h"

static const char *const conf_keys[] = {
#define CONF_KEY(name) name,
#include "lib/conf_keys.def"
#undef CONF_KEY
};

#define NKEYS ARRAY_SIZE(conf_keys)

struct conf {
	char *values[NKEYS]; /* NULL: not in the file */
};

static size_t key_index(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < NKEYS; i++)
		if (text_eq(s, n, conf_keys[i]))
			break;
	return i;
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static void trim(const char **s, size_t *n)
{
	while (*n && blank(**s)) {
		(*s)++;
		(*n)--;
	}
	while (*n && blank((*s)[*n - 1]))
		(*n)--;
}

static const char *parse_line(struct conf *c, const char *s, size_t n)
{
	const char *eq, *value;
	size_t nkey, nvalue, k;

	trim(&s, &n);
	if (!n || s[0] == '#')
		return NULL;
	if (n >= CONF_LINE_MAX)
		return "line too long";
	if (!utf8_valid(s, n) || memchr(s, '\0', n))
		return "not text";
	eq = memchr(s, '=', n);
	if (!eq)
		return "no '='";
	nkey = (size_t)(eq - s);
	value = eq + 1;
	nvalue = n - nkey - 1;
	trim(&s, &nkey);
	trim(&value, &nvalue);
	k = key_index(s, nkey);
	if (k == NKEYS)
		return "unknown key";
	if (c->values[k])
		return "key given twice";
	c->values[k] = strndup(value, nvalue);
	return c->values[k] ? NULL : "out of memory";
}

int conf_parse(struct conf **out, const char *name, const char *text, size_t n)
{
	struct conf *c = calloc(1, sizeof(*c));
	unsigned int line = 0;

	if (!c)
		return -ENOMEM;
	while (n) {
		const char *end = memchr(text, '\n', n);
		size_t len = end ? (size_t)(end - text) : n;
		const char *wrong = parse_line(c, text, len);

		line++;
		if (wrong) {
			log_err("%s:%u: %s", name, line, wrong);
			conf_free(c);
			return -EINVAL;
		}
		len += end != NULL;
		text += len;
		n -= len;
	}
	*out = c;
	return 0;
}

static int read_file(struct buf *b, int fd, size_t size)
{
	while (b->len < size) {
		char *room = buf_room(b, size - b->len);
		ssize_t n;

		if (!room)
			return -EFBIG;
		n = read(fd, room, size - b->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			break;
		buf_commit(b, (size_t)n);
	}
	return 0;
}

/* Whoever can write it chooses the users that the helper drops to. */
static bool only_owner_writes(const struct stat *st)
{
	if (!S_ISREG(st->st_mode) || (st->st_uid && st->st_uid != geteuid()))
		return false;
	return !(st->st_mode & S_IWOTH) && !(st->st_mode & S_IWGRP && st->st_gid);
}

int conf_load(struct conf **out, const char *file)
{
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_cleanup_buf_ struct buf text = BUF_INIT(CONF_FILE_MAX);
	struct stat st;
	int r;

	if (fd < 0 || fstat(fd, &st)) {
		r = -errno;
		log_err("cannot read the configuration %s: %s", file, strerror(errno));
		return r;
	}
	if (!only_owner_writes(&st)) {
		log_err("the configuration %s is not a regular file of root's (or of who reads it) "
			"that nobody else may write",
			file);
		return -EPERM;
	}
	if (st.st_size > CONF_FILE_MAX) {
		log_err("the configuration %s is larger than %d bytes", file, CONF_FILE_MAX);
		return -EFBIG;
	}
	r = read_file(&text, fd, (size_t)st.st_size);
	if (r) {
		log_err("cannot read the configuration %s: %s", file, strerror(-r));
		return r;
	}
	return conf_parse(out, file, buf_str(&text), text.len);
}

void conf_free(struct conf *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < NKEYS; i++)
		free(c->values[i]);
	free(c);
}

const char *conf_str(const struct conf *c, const char *key, const char *def)
{
	size_t k = key_index(key, strlen(key));

	if (k == NKEYS) {
		log_err("lib/conf_keys.def does not have the key %s", key);
		abort();
	}
	return c->values[k] ? c->values[k] : def;
}

int conf_bool(const struct conf *c, const char *key, bool def)
{
	static const char *const words[] = { "no", "yes", "false", "true", "0", "1" };
	const char *value = conf_str(c, key, NULL);

	if (!value)
		return def;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (!strcmp(value, words[i]))
			return i & 1;
	log_err("configuration: %s = %s: expected yes or no", key, value);
	return -EINVAL;
}

long conf_int(const struct conf *c, const char *key, long def, long min, long max)
{
	const char *value = conf_str(c, key, NULL);
	int64_t v;

	if (!value)
		return def;
	if (num_parse_i64(value, strlen(value), min, max, &v)) {
		log_err("configuration: %s = %s: expected a number from %ld to %ld", key, value,
			min, max);
		return LONG_MIN;
	}
	return (long)v;
}

int conf_user(const struct conf *c, const char *key, uid_t *uid, gid_t *gid)
{
	const char *value = conf_str(c, key, NULL);
	int r = value ? user_lookup(value, uid, gid) : -ENOENT;

	if (r)
		log_err("configuration: %s = %s: no such user", key, value ? value : "(not set)");
	return r;
}

int conf_group(const struct conf *c, const char *key, gid_t *gid)
{
	const char *value = conf_str(c, key, NULL);
	int r = value ? group_lookup(value, gid) : -ENOENT;

	if (r)
		log_err("configuration: %s = %s: no such group", key, value ? value : "(not set)");
	return r;
}

int conf_log_level(const struct conf *c)
{
	const char *name = conf_str(c, "log.level", "info");
	int level = log_level_parse(name);

	if (level < 0) {
		log_err("log.level: err, warn, notice, info or debug is wanted, not \"%s\"", name);
		return level;
	}
	log_set_level(level);
	return 0;
}
