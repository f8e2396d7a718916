/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sallyport.conf: `key = value` lines, `#` comments. The keys are those of
 * lib/conf_keys.def; another key, a key given twice or a malformed line is an
 * error of the file, so that a slip of the pen cannot weaken a setting.
 * No secret is in this file.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct conf;

/* 0 or -errno; says in the log what is wrong with which line. *out is the caller's. */
int conf_load(struct conf **out, const char *file);
int conf_parse(struct conf **out, const char *name, const char *text, size_t n);
void conf_free(struct conf *c);

/* The value, or def when the key is not there. Lives as long as c.
 * A key with an empty value is there, with "" as its value. */
const char *conf_str(const struct conf *c, const char *key, const char *def);

/* yes/no/true/false/1/0; an unusable value is -EINVAL, logged. Otherwise 0 or 1. */
int conf_bool(const struct conf *c, const char *key, bool def);
/* An unusable value is logged and answered with LONG_MIN. */
long conf_int(const struct conf *c, const char *key, long def, long min, long max);
/* Name or number. 0; -ENOENT (no such key or no such name), -EINVAL; logged. */
int conf_user(const struct conf *c, const char *key, uid_t *uid, gid_t *gid);
int conf_group(const struct conf *c, const char *key, gid_t *gid);
/* Makes log.level the log's. 0; -EINVAL: there is no such level, logged. */
int conf_log_level(const struct conf *c);
