/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/vendor/vendor.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "agent/kernel/files.h"
#include "agent/tree/rows.h"
#include "agent/vendor/file.h"
#include "agent/vendor/parts.h"
#include "lib/array.h"
#include "lib/log.h"
#include "lib/users.h"
#include "seccomp/sandbox.h"

static int ask(struct vendor *v, const struct vendor_object *o, size_t row)
{
	const struct vendor_source *s = &o->sources[row];
	char path[DM_PATH_MAX + 1];

	if (s->file)
		return vendor_file_read(s->file, &v->raw);
	(void)snprintf(path, sizeof(path), "%s%s", o->obj.path, o->rows[row].name);
	return vendor_daemon_get(&v->daemons[s->daemon], dm_rpc(v->dm), path, &v->raw);
}

int vendor_read(struct vendor *v, const struct vendor_object *o, size_t row)
{
	const struct dm_param *p = &o->rows[row];
	const char *fallback = o->sources[row].fallback;
	int r;

	buf_reset(&v->raw);
	r = ask(v, o, row);
	buf_reset(&v->value);
	if (!r && dm_canonical(p, buf_str(&v->raw), v->raw.len, &v->value))
		r = -EBADMSG;
	if (!r || !fallback)
		return r;
	buf_reset(&v->value);
	return dm_canonical(p, fallback, strlen(fallback), &v->value) ? -EBADMSG : 0;
}

static enum dm_error get(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	const struct vendor_object *o = (const void *)dm_inst_object(in);
	struct vendor *v = dm_ctx(in);
	int r = v ? vendor_read(v, o, (size_t)(p - o->rows)) : -ENXIO;

	if (r) {
		log_debug("vendor: %s%s: %s", o->obj.path, p->name, strerror(-r));
		return DM_EINTERNAL;
	}
	dm_put_mem(sink, buf_str(&v->value), v->value.len);
	return DM_OK;
}

static struct vendor_object *find(struct vendor *v, const char *path, size_t *row)
{
	for (size_t i = 0; i < v->conf.nobjects; i++) {
		struct vendor_object *o = &v->conf.objects[i];
		size_t n = strlen(o->obj.path);

		if (strncmp(path, o->obj.path, n))
			continue;
		for (*row = 0; *row < o->nrows; (*row)++)
			if (!strcmp(path + n, o->rows[*row].name))
				return o;
	}
	return NULL;
}

/* A daemon that talks all the time costs a look every NET_SETTLE_MS and no more. */
static void changed(void *arg, const char *path)
{
	struct vendor *v = arg;
	size_t row;
	struct vendor_object *o = find(v, path, &row);

	if (!o || !v->loop)
		return;
	v->told[(size_t)(o - v->conf.objects) * VENDOR_PARAMS_MAX + row] = true;
	if (!loop_timer_armed(&v->settle))
		(void)loop_timer_set(v->loop, &v->settle, NET_SETTLE_MS);
}

static void settled(void *arg)
{
	struct vendor *v = arg;

	dm_rpc_begin(v->dm);
	for (size_t i = 0; i < v->conf.nobjects; i++)
		for (size_t k = 0; k < v->conf.objects[i].nrows; k++) {
			const struct vendor_object *o = &v->conf.objects[i];
			bool *told = &v->told[i * VENDOR_PARAMS_MAX + k];

			if (*told)
				dm_changed(dm_single(v->dm, &o->obj), o->rows[k].name);
			*told = false;
		}
}

/* Files in one folder are one place. */
static void add_place(struct vendor *v, const char *file, bool write)
{
	char(*at)[VENDOR_PATH_MAX] = &v->places[v->nplaces];
	struct stat st;

	/* the first character says whether it is written to */
	(*at)[0] = write ? 'w' : 'r';
	if (!vendor_file_place(file, *at + 1, sizeof(*at) - 1))
		return;
	for (size_t i = 0; i < v->nplaces; i++)
		if (!strcmp(v->places[i], *at))
			return;
	if (stat(*at + 1, &st))
		log_warn("vendor: %s is not there, and cannot be reached when it comes", *at + 1);
	v->nplaces++;
}

static int prepare(struct vendor *v)
{
	size_t rows = 0, at = 0;

	for (size_t i = 0; i < v->conf.nobjects; i++)
		rows += v->conf.objects[i].nrows;
	v->places = calloc(rows + 1, sizeof(*v->places));
	v->told = calloc(v->conf.nobjects * VENDOR_PARAMS_MAX + 1, sizeof(*v->told));
	if (!v->places || !v->told)
		return -ENOMEM;
	for (size_t i = 0; i < v->conf.nobjects; i++) {
		struct vendor_object *o = &v->conf.objects[i];

		o->obj.module = &vendor_module;
		v->objects[at++] = &o->obj;
		for (size_t k = 0; k < o->nrows; k++) {
			o->rows[k].get = get;
			/* the source keeps it */
			o->rows[k].flags |= DM_VOLATILE;
			o->rows[k].source = o->sources[k].file ?: "the vendor's daemon";
			if (o->sources[k].file)
				add_place(v, o->sources[k].file, o->rows[k].access == DM_RW);
		}
	}
	for (size_t i = 0; i < v->conf.ndaemons; i++) {
		struct vendor_daemon *d = &v->daemons[i];
		gid_t gid;
		int r = user_lookup(v->conf.daemons[i].user, &d->uid, &gid);

		if (r) {
			log_err("vendor daemon %s: no user %s", v->conf.daemons[i].name,
				v->conf.daemons[i].user);
			return r;
		}
		d->name = v->conf.daemons[i].name;
		d->changed = changed;
		d->arg = v;
	}
	return 0;
}

static int read_conf(struct vendor *v, const char *file)
{
	struct vendor_wrong wrong;
	int r = file_read(file, &v->text);

	if (r) {
		log_err("%s: %s", file, strerror(-r));
		return r;
	}
	buf_putc(&v->text, '\0'); /* there is text, also of an empty file */
	if (v->text.failed)
		return -EFBIG;
	r = vendor_conf_parse(&v->conf, v->text.data, v->text.len - 1, &wrong);
	if (r == -EINVAL)
		log_err("%s:%u: %s", file, wrong.line, wrong.why);
	return r;
}

int vendor_load(struct vendor **out, const char *file)
{
	struct vendor *v = calloc(1, sizeof(*v));
	int r = 0;

	if (!v)
		return -ENOMEM;
	buf_init(&v->text, CONF_FILE_MAX);
	buf_init(&v->raw, VENDOR_VALUE_MAX);
	buf_init(&v->value, VENDOR_VALUE_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(v->daemons); i++)
		v->daemons[i].io.fd = v->daemons[i].listener.fd = -1;
	loop_timer_init(&v->settle, settled, v);
	if (*file)
		r = read_conf(v, file);
	if (!r)
		r = prepare(v);
	if (r) {
		vendor_free(v);
		return r;
	}
	*out = v;
	return 0;
}

void vendor_close(struct vendor *v)
{
	if (v->loop)
		loop_timer_clear(v->loop, &v->settle);
	for (size_t i = 0; i < ARRAY_SIZE(v->daemons); i++)
		vendor_daemon_close(&v->daemons[i]);
	for (size_t i = 0; i < v->conf.nobjects && v->dm; i++)
		dm_bind(v->dm, &v->conf.objects[i].obj, NULL);
}

void vendor_free(struct vendor *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->nchanges; i++)
		free(v->changes[i].old);
	vendor_conf_free(&v->conf);
	free(v->places);
	free(v->told);
	buf_free(&v->text);
	buf_free(&v->raw);
	buf_free(&v->value);
	free(v);
}

int vendor_check(const char *file)
{
	struct vendor *v = NULL;
	int r = vendor_load(&v, file);

	vendor_free(v);
	return r;
}

const struct dm_object *const *vendor_objects(const struct vendor *v, size_t *n)
{
	*n = v->conf.nobjects;
	return v->objects;
}

int vendor_open(struct vendor *v, struct dm *dm, const char *run_dir)
{
	int r = 0;

	v->dm = dm;
	vendor_bind(v);
	for (size_t i = 0; i < v->conf.nobjects; i++)
		dm_bind(dm, &v->conf.objects[i].obj, v);
	for (size_t i = 0; i < v->conf.ndaemons && !r; i++) {
		r = vendor_daemon_listen(&v->daemons[i], run_dir);
		if (r)
			log_err("vendor daemon %s: cannot listen in %s: %s", v->daemons[i].name,
				run_dir, strerror(-r));
	}
	return r;
}

size_t vendor_paths(const struct vendor *v, struct sb_path *out, size_t max)
{
	size_t n = 0;

	for (; n < v->nplaces && n < max; n++)
		out[n] = (struct sb_path){ v->places[n] + 1, v->places[n][0] == 'w' };
	if (n < v->nplaces)
		log_warn("vendor: %zu places of files cannot be reached", v->nplaces - n);
	return n;
}

int vendor_start(struct vendor *v, struct loop *loop)
{
	int r = 0;

	v->loop = loop;
	for (size_t i = 0; i < v->conf.ndaemons && !r; i++)
		r = vendor_daemon_start(&v->daemons[i], loop);
	return r;
}
