/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/store_map.h"
#include "agent/store_text.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/rand.h"

#define STATE "state"
#define STATE_NEW "state.new"
#define STATE_BAD "state.bad"

/* What a key was before the first change since the last save. */
struct was {
	char *key, *val; /* val NULL: it was not there */
	size_t len;
};

struct store {
	int dir;
	struct map state, factory;
	size_t bytes; /* of the state's lines */
	struct was *was;
	size_t nwas, was_cap;
};

static int read_all(int fd, struct buf *out)
{
	for (;;) {
		char *room = buf_room(out, 4096);
		ssize_t n;

		if (!room)
			return -EFBIG;
		n = read(fd, room, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (!n)
			return 0;
		buf_commit(out, (size_t)n);
	}
}

struct load {
	struct map *map;
	size_t bytes;
};

static int load_line(void *arg, const char *key, const char *value, size_t len)
{
	struct load *load = arg;

	if (map_get(load->map, key))
		return -EEXIST;
	load->bytes += store_line_length(key, value, len);
	return map_set(load->map, key, value, len);
}

static int load_factory(struct store *st, const char *file)
{
	_cleanup_close_ int fd = file && *file ? open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY) : -1;
	struct load load = { &st->factory, 0 };
	struct store_text text = { 0 };
	struct buf content;
	int r;

	if (fd < 0) {
		if (!file || !*file || errno == ENOENT)
			return 0;
		r = -errno;
		log_err("factory layer %s: %s", file, strerror(-r));
		return r;
	}
	buf_init(&content, STORE_BYTES_MAX + 4096);
	r = read_all(fd, &content);
	if (!r)
		r = store_parse(&text, buf_str(&content), content.len, load_line, &load);
	if (r == -EINVAL && text.error)
		log_err("factory layer %s, line %u: %s", file, text.line, text.error);
	else if (r)
		log_err("factory layer %s: %s", file, strerror(-r));
	buf_wipe(&content);
	return r;
}

/* Reads the state file. -ENOENT: none yet. -EINVAL: not usable (logged). */
static int load_state(struct store *st)
{
	_cleanup_close_ int fd = openat(st->dir, STATE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct load load = { &st->state, 0 };
	struct store_text text = { 0 };
	struct buf content;
	int r;

	if (fd < 0)
		return -errno;
	/* twice the quota: a release with a larger one may have written it */
	buf_init(&content, 2 * STORE_BYTES_MAX);
	r = read_all(fd, &content);
	if (!r)
		r = store_parse(&text, buf_str(&content), content.len, load_line, &load);
	if (!r && !text.ended) {
		text.error = "its end is missing";
		r = -EINVAL;
	}
	if (!r && text.version > STORE_VERSION)
		log_warn("store: the state was written by a newer release (version %u)",
			 text.version);
	if (r == -EINVAL)
		log_err("store: state, line %u: %s", text.line, text.error);
	buf_wipe(&content);
	st->bytes = load.bytes;
	return r;
}

/* A gateway must come up and reach its ACS, also with a broken file: then as from the factory. */
static int open_state(struct store *st)
{
	int r = load_state(st);

	if (r == -ENOENT) {
		log_notice("store: no state yet, starting from the factory layer");
		return 0;
	}
	if (r != -EINVAL && r != -EFBIG && r != -EIO)
		return r;
	map_free(&st->state);
	st->bytes = 0;
	if (renameat(st->dir, STATE, st->dir, STATE_BAD))
		return -errno;
	log_err("store: the state is unusable and kept as " STATE_BAD
		"; starting from the factory layer");
	return 0;
}

int store_open(struct store **out, const char *state_dir, const char *factory_file)
{
	struct store *st = calloc(1, sizeof(*st));
	int r;

	if (!st)
		return -ENOMEM;
	r = rand_bytes(&st->state.seed, sizeof(st->state.seed));
	st->factory.seed = st->state.seed;
	st->dir = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (st->dir < 0 && !r)
		r = -errno;
	if (r)
		log_err("store: %s: %s", state_dir, strerror(-r));
	if (!r)
		r = load_factory(st, factory_file);
	if (!r) {
		r = open_state(st);
		if (r)
			log_err("store: %s/" STATE ": %s", state_dir, strerror(-r));
	}
	if (r) {
		store_close(st);
		return r;
	}
	*out = st;
	return 0;
}

static void forget_was(struct store *st)
{
	for (size_t i = 0; i < st->nwas; i++) {
		if (st->was[i].val)
			explicit_bzero(st->was[i].val, st->was[i].len);
		free(st->was[i].val);
		free(st->was[i].key);
	}
	st->nwas = 0;
}

void store_close(struct store *st)
{
	if (!st)
		return;
	forget_was(st);
	free(st->was);
	map_free(&st->state);
	map_free(&st->factory);
	if (st->dir >= 0)
		close(st->dir);
	free(st);
}

int store_dirfd(const struct store *st)
{
	return st->dir;
}

static const char *value_of(const struct map_entry *e, size_t *len)
{
	if (e && len)
		*len = e->len;
	return e ? e->val : NULL;
}

const char *store_factory(const struct store *st, const char *key, size_t *len)
{
	return value_of(map_get(&st->factory, key), len);
}

const char *store_get(const struct store *st, const char *key, size_t *len)
{
	const struct map_entry *e = map_get(&st->state, key);

	return e ? value_of(e, len) : store_factory(st, key, len);
}

bool store_has(const struct store *st, const char *key)
{
	return map_get(&st->state, key);
}

/* Remembers what store_revert() needs. */
static int remember(struct store *st, const char *key, const struct map_entry *e)
{
	struct was *was;

	if (st->nwas == st->was_cap) {
		size_t cap = st->was_cap ? st->was_cap * 2 : 16;

		was = reallocarray(st->was, cap, sizeof(*was));
		if (!was)
			return -ENOMEM;
		st->was = was;
		st->was_cap = cap;
	}
	was = &st->was[st->nwas];
	*was = (struct was){ .key = strdup(key) };
	if (!was->key)
		return -ENOMEM;
	if (e) {
		was->val = malloc(e->len + 1);
		if (!was->val) {
			free(was->key);
			return -ENOMEM;
		}
		memcpy(was->val, e->val, e->len + 1);
		was->len = e->len;
	}
	st->nwas++;
	return 0;
}

int store_del(struct store *st, const char *key)
{
	const struct map_entry *e = map_get(&st->state, key);
	int r;

	if (!e)
		return 0;
	r = remember(st, key, e);
	if (r)
		return r;
	st->bytes -= store_line_length(key, e->val, e->len);
	map_del(&st->state, key);
	return 0;
}

static int set(struct store *st, const char *key, const char *value, size_t len, size_t quota)
{
	const struct map_entry *e = map_get(&st->state, key), *f = map_get(&st->factory, key);
	size_t now, then;
	int r;

	if (!store_key_valid(key, strlen(key)) || memchr(value, 0, len))
		return -EINVAL;
	if (f && f->len == len && !memcmp(f->val, value, len))
		return store_del(st, key);
	if (e && e->len == len && !memcmp(e->val, value, len))
		return 0;
	now = store_line_length(key, value, len);
	then = e ? store_line_length(key, e->val, e->len) : 0;
	if (now > STORE_LINE_MAX || (now > then && st->bytes - then + now > quota))
		return -ENOSPC;
	r = remember(st, key, e);
	if (r)
		return r;
	r = map_set(&st->state, key, value, len);
	if (!r)
		st->bytes += now - then;
	return r;
}

int store_set(struct store *st, const char *key, const char *value, size_t len)
{
	return set(st, key, value, len, STORE_BYTES_MAX);
}

int store_set_spare(struct store *st, const char *key, const char *value, size_t len)
{
	return set(st, key, value, len, STORE_BYTES_MAX - STORE_BYTES_FREE);
}

bool store_dirty(const struct store *st)
{
	return st->nwas > 0;
}

void store_revert(struct store *st)
{
	/* the other way round, so that the oldest value of a key wins */
	while (st->nwas) {
		struct was *was = &st->was[--st->nwas];
		const struct map_entry *e = map_get(&st->state, was->key);

		if (e)
			st->bytes -= store_line_length(was->key, e->val, e->len);
		if (!was->val)
			map_del(&st->state, was->key);
		else if (map_set(&st->state, was->key, was->val, was->len))
			log_err("store: no memory to go back");
		else
			st->bytes += store_line_length(was->key, was->val, was->len);
		if (was->val)
			explicit_bzero(was->val, was->len);
		free(was->val);
		free(was->key);
	}
}

static int write_all(int fd, const char *s, size_t n)
{
	while (n) {
		ssize_t w = write(fd, s, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		s += w;
		n -= (size_t)w;
	}
	return 0;
}

static int write_state(struct store *st, const struct buf *text)
{
	_cleanup_close_ int fd = openat(
		st->dir, STATE_NEW, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, text->data, text->len);
	if (r)
		return r;
	if (fsync(fd))
		return -errno;
	return renameat(st->dir, STATE_NEW, st->dir, STATE) ? -errno : 0;
}

static int format_state(struct store *st, struct buf *text)
{
	struct map_entry *const *v;
	size_t i;

	v = map_sorted(&st->state, "", &i);
	if (!v)
		return -ENOMEM;
	store_put_header(text);
	for (i = 0; i < st->state.n; i++)
		store_put_line(text, v[i]->key, v[i]->val, v[i]->len);
	store_put_end(text, st->state.n);
	return text->failed ? -ENOSPC : 0;
}

int store_save(struct store *st)
{
	struct buf text;
	int r;

	if (!store_dirty(st))
		return 0;
	buf_init(&text, 2 * STORE_BYTES_MAX + 256);
	r = format_state(st, &text);
	if (!r)
		r = write_state(st, &text);
	buf_wipe(&text);
	if (r)
		return r;
	forget_was(st);
	/* The new file is in place whatever comes now; only a power cut could take it back. */
	if (fsync(st->dir))
		log_err("store: fsync of the directory: %s", strerror(errno));
	return 0;
}

int store_check(struct store *st)
{
	_cleanup_buf_ struct buf ours = BUF_INIT(2 * STORE_BYTES_MAX + 256);
	_cleanup_buf_ struct buf there = BUF_INIT(2 * STORE_BYTES_MAX + 256);
	_cleanup_close_ int fd = -1;
	int r = store_save(st) ?: format_state(st, &ours);

	if (r)
		return r;
	fd = openat(st->dir, STATE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	r = read_all(fd, &there);
	if (r)
		return r;
	return ours.len == there.len && !memcmp(ours.data, there.data, ours.len) ? 0 : -EIO;
}

static bool has_prefix(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

void store_each_factory(const struct store *cst, const char *prefix, store_fn fn, void *arg)
{
	struct store *st = (struct store *)(uintptr_t)cst;
	size_t i;
	struct map_entry *const *v = map_sorted(&st->factory, prefix, &i);

	for (; v && i < st->factory.n && has_prefix(v[i]->key, prefix); i++)
		fn(arg, v[i]->key, v[i]->val, v[i]->len);
}

void store_each(const struct store *cst, const char *prefix, bool with_factory, store_fn fn,
		void *arg)
{
	/* sorting is not a change */
	struct store *st = (struct store *)(uintptr_t)cst;
	size_t i, k = 0;
	struct map_entry *const *v = map_sorted(&st->state, prefix, &i), *const *f = NULL;

	if (with_factory)
		f = map_sorted(&st->factory, prefix, &k);
	for (;;) {
		const struct map_entry *a = v && i < st->state.n ? v[i] : NULL;
		const struct map_entry *b = f && k < st->factory.n ? f[k] : NULL;
		int c;

		if (a && !has_prefix(a->key, prefix))
			a = NULL;
		if (b && !has_prefix(b->key, prefix))
			b = NULL;
		if (!a && !b)
			return;
		c = !b ? -1 : !a ? 1 : strcmp(a->key, b->key);
		i += c <= 0;
		k += c >= 0;
		if (c > 0)
			a = b;
		fn(arg, a->key, a->val, a->len);
	}
}

/* Deletes what begins with prefix but not with except. */
static int delete_all(struct store *st, const char *prefix, const char *except)
{
	size_t i, n = 0;
	struct map_entry *const *v = map_sorted(&st->state, prefix, &i);
	_cleanup_free_ char **keys = v ? calloc(st->state.n - i + 1, sizeof(keys[0])) : NULL;
	int r = 0;

	if (!keys)
		return -ENOMEM;
	for (; i < st->state.n && has_prefix(v[i]->key, prefix); i++)
		if (!except || !has_prefix(v[i]->key, except))
			keys[n++] = v[i]->key;
	/* store_del() frees the key that it is given, after its last use */
	for (i = 0; i < n && !r; i++)
		r = store_del(st, keys[i]);
	return r;
}

int store_del_prefix(struct store *st, const char *prefix)
{
	return delete_all(st, prefix, NULL);
}

int store_factory_reset(struct store *st)
{
	return delete_all(st, "", "@keep.");
}
