/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/limits.h"

static const char *const results[] = {
	[AUDIT_DONE] = "done",
	[AUDIT_REFUSED] = "refused",
	[AUDIT_FAILED] = "failed",
};

static bool pass(struct audit_gate *gate, uint64_t now)
{
	if (!gate->since || now - gate->since >= 60000) {
		gate->since = now ? now : 1;
		gate->said = 0;
	}
	if (gate->said == AUDIT_PER_MINUTE) {
		gate->left_out++;
		return false;
	}
	gate->said++;
	return true;
}

/* Control characters are log_line()'s business. */
static void put(struct buf *line, const char *key, const char *value)
{
	size_t n = strlen(value);
	const char *quote = n && n <= AUDIT_VALUE_MAX && !strpbrk(value, " \"\\=") ? "" : "\"";

	buf_printf(line, "%s%s=%s", line->len ? " " : "", key, quote);
	for (size_t i = 0; i < n && i < AUDIT_VALUE_MAX; i++) {
		if (value[i] == '"' || value[i] == '\\')
			buf_putc(line, '\\');
		buf_putc(line, value[i]);
	}
	buf_printf(line, "%s%s", n > AUDIT_VALUE_MAX ? "..." : "", quote);
}

const char *audit_num(char text[24], uint64_t n)
{
	snprintf(text, 24, "%" PRIu64, n);
	return text;
}

void audit_write(struct audit_gate *gate, const char *action, enum audit_result result, ...)
{
	char room[LOG_LINE_MAX];
	/* All of it there from the start: nothing is allocated for a log line. */
	struct buf line = { .data = room, .cap = sizeof(room), .max = sizeof(room) - 1 };
	const char *key;
	va_list ap;

	if (gate && !pass(gate, clock_mono_ms()))
		return;
	put(&line, "action", action);
	put(&line, "result", results[result]);
	va_start(ap, result);
	while ((key = va_arg(ap, const char *)))
		put(&line, key, va_arg(ap, const char *));
	va_end(ap);
	if (gate && gate->left_out) {
		put(&line, "left_out", AUDIT_NUM(gate->left_out));
		gate->left_out = 0;
	}
	log_line(LOG_LVL_NOTICE, true, "audit: %s", buf_str(&line));
}
