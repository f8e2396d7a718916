/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/print.h"

#include <errno.h>
#include <string.h>

#include "lib/array.h"
#include "lib/cleanup.h"
#include "lib/limits.h"
#include "lib/text.h"

/* How each kind of record is printed: names of its fields in JSON. */
static const struct row_form {
	char type;
	size_t n;
	const char *name[7];
} row_forms[] = {
	{ CTL_VALUE, 3, { "path", "type", "value" } },
	{ CTL_NAME, 2, { "path", "writable" } },
	{ CTL_ATTR, 3, { "path", "notification", "access" } },
	{ CTL_EVENT, 2, { "code", "key" } },
	{ CTL_TRANSFER, 7, { "id", "what", "state", "bytes", "total", "key", "text" } },
	{ CTL_PATH, 1, { "path" } },
	{ CTL_LINE, 1, { "text" } },
	{ CTL_FAULT, 3, { "error", "path", "text" } },
};

void print_begin(struct printer *p, FILE *out, FILE *err, enum print_form form, const char *verb)
{
	*p = (struct printer){ .out = out, .err = err, .form = form };
	p->object = !strcmp(verb, "status");
	if (form == PRINT_JSON)
		fputs(p->object ? "{" : "[", out);
}

/* A value must not drive the terminal or look like another line. */
static void print_text(FILE *f, const char *s)
{
	size_t left = strlen(s);

	while (left) {
		size_t seq = utf8_sequence(s, left);
		unsigned char c = (unsigned char)*s;
		bool c1 = seq == 2 && c == 0xc2 && (unsigned char)s[1] < 0xa0;

		if (*s == '\\')
			fputs("\\\\", f);
		else if (*s == '\n')
			fputs("\\n", f);
		else if (!seq || c < 0x20 || c == 0x7f || c1)
			fprintf(f, "\\x%02x", (unsigned int)c);
		else
			fwrite(s, 1, seq, f);
		if (!seq || c1)
			seq = 1;
		s += seq;
		left -= seq;
	}
}

static void json_row(struct buf *b, const struct ctl_record *r)
{
	buf_putc(b, '{');
	for (size_t i = 0; i < ARRAY_SIZE(row_forms); i++) {
		const struct row_form *form = &row_forms[i];

		if (form->type != r->type)
			continue;
		for (size_t k = 0; k < form->n && k < r->n; k++) {
			buf_printf(b, "%s\"%s\": ", k ? ", " : "", form->name[k]);
			if (r->type == CTL_NAME && k == 1)
				buf_puts(b, strcmp(r->field[k], "1") ? "false" : "true");
			else
				json_string(b, r->field[k]);
		}
	}
	buf_putc(b, '}');
}

static void print_json(struct printer *p, const struct ctl_record *r)
{
	_cleanup_buf_ struct buf b = BUF_INIT(CTL_REPLY_MAX);

	if (r->type != CTL_FAULT)
		buf_puts(&b, p->rows ? ",\n " : "\n ");
	if (r->type == CTL_ITEM && r->n == 2) {
		json_string(&b, r->field[0]);
		buf_puts(&b, ": ");
		json_string(&b, r->field[1]);
	} else {
		json_row(&b, r);
	}
	/* Standard output stays one document; each fault is one line of standard error. */
	if (r->type == CTL_FAULT)
		buf_putc(&b, '\n');
	fwrite(buf_str(&b), 1, b.len, r->type == CTL_FAULT ? p->err : p->out);
}

static void print_fault(FILE *f, const struct ctl_record *r)
{
	fputs("sallyportctl: ", f);
	print_text(f, r->field[1]);
	fputs(*r->field[1] ? ": " : "", f);
	print_text(f, r->field[2]);
	fprintf(f, " (%s)\n", r->field[0]);
}

static void print_plain(struct printer *p, const struct ctl_record *r)
{
	const char *const *f = r->field;

	switch (r->type) {
	case CTL_VALUE:
		if (p->form != PRINT_BARE)
			fprintf(p->out, "%s = ", f[0]);
		print_text(p->out, f[2]);
		break;
	case CTL_NAME:
		fprintf(p->out, "%s", f[0]);
		if (p->form != PRINT_BARE)
			fputs(strcmp(f[1], "1") ? "" : " rw", p->out);
		break;
	case CTL_ATTR:
		if (p->form != PRINT_BARE)
			fprintf(p->out, "%s = ", f[0]);
		print_text(p->out, f[1]);
		if (p->form != PRINT_BARE && *f[2])
			fprintf(p->out, ", %s", f[2]);
		break;
	case CTL_ITEM:
		fprintf(p->out, "%s: ", f[0]);
		print_text(p->out, f[1]);
		break;
	case CTL_EVENT:
		print_text(p->out, f[0]);
		if (*f[1])
			fputs(" key ", p->out);
		print_text(p->out, f[1]);
		break;
	case CTL_TRANSFER:
		fprintf(p->out, "%s ", f[0]);
		print_text(p->out, f[1]);
		fprintf(p->out, ": %s", f[2]);
		if (*f[3])
			fprintf(p->out, ", %s of %s bytes", f[3], *f[4] ? f[4] : "?");
		fputs(*f[5] ? ", key " : "", p->out);
		print_text(p->out, f[5]);
		fputs(*f[6] ? ": " : "", p->out);
		print_text(p->out, f[6]);
		break;
	default:
		print_text(p->out, f[0]);
	}
	fputc('\n', p->out);
}

static bool well_formed(const struct ctl_record *r)
{
	if (r->type == CTL_ITEM)
		return r->n == 2;
	for (size_t i = 0; i < ARRAY_SIZE(row_forms); i++)
		if (row_forms[i].type == r->type)
			return row_forms[i].n == r->n;
	return false;
}

void print_record(struct printer *p, const struct ctl_record *r)
{
	if (!well_formed(r))
		return;
	if (p->form == PRINT_JSON)
		print_json(p, r);
	else if (r->type == CTL_FAULT)
		print_fault(p->err, r);
	else
		print_plain(p, r);
	p->rows += r->type != CTL_FAULT;
}

int print_end(struct printer *p)
{
	if (p->form == PRINT_JSON)
		fprintf(p->out, "%s%s\n", p->rows ? "\n" : "", p->object ? "}" : "]");
	return fflush(p->out) || ferror(p->out) ? -EIO : 0;
}
