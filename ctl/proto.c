/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/proto.h"

#include <errno.h>
#include <string.h>

#include "lib/array.h"

static const struct {
	const char *name;
	size_t min, max;
} verbs[] = {
#define CTL_VERB(name, min, max, args, text) { #name, min, max },
#include "ctl/verbs.def"
#undef CTL_VERB
};

bool ctl_verb_args(const char *verb, size_t *min, size_t *max)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		if (strcmp(verb, verbs[i].name) != 0)
			continue;
		*min = verbs[i].min;
		*max = verbs[i].max;
		return true;
	}
	return false;
}

int ctl_next(const char **packet, size_t *left, struct ctl_record *r)
{
	const char *p = *packet, *end = p + *left;

	if (!*left)
		return 0;
	if (*left < 2 || (unsigned char)p[1] > CTL_FIELDS_MAX)
		return -EBADMSG;
	r->type = p[0];
	r->n = (unsigned char)p[1];
	p += 2;
	for (size_t i = 0; i < r->n; i++) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));

		if (!nul)
			return -EBADMSG;
		r->field[i] = p;
		p = nul + 1;
	}
	*packet = p;
	*left = (size_t)(end - p);
	return 1;
}

void ctl_put(struct buf *b, enum ctl_type type, size_t n, const char *const *fields,
	     const size_t *sizes)
{
	size_t before = b->len;

	if (n > CTL_FIELDS_MAX) {
		b->failed = true;
		return;
	}
	buf_putc(b, (char)type);
	buf_putc(b, (char)n);
	for (size_t i = 0; i < n; i++) {
		size_t size = sizes ? strnlen(fields[i], sizes[i]) : strlen(fields[i]);

		buf_put(b, fields[i], size);
		buf_putc(b, '\0');
	}
	/* Half a record would be worse than none. */
	if (b->failed)
		buf_truncate(b, before);
}
