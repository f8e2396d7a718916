/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/array.h"
#include "lib/limits.h"
#include "lib/text.h"

static const char *log_ident = "sallyport";
static int log_max = LOG_LVL_INFO;
static int log_fd = 2;
static struct {
	log_tap_fn fn;
	void *arg;
} taps[LOG_TAPS];

void log_open(const char *ident)
{
	log_ident = ident;
}

void log_set_level(int level)
{
	log_max = level;
}

void log_set_fd(int fd)
{
	log_fd = fd;
}

int log_add_tap(log_tap_fn tap, void *arg)
{
	for (size_t i = 0; i < LOG_TAPS; i++) {
		if (taps[i].fn)
			continue;
		taps[i].fn = tap;
		taps[i].arg = arg;
		return 0;
	}
	return -ENOSPC;
}

void log_drop_tap(log_tap_fn tap)
{
	for (size_t i = 0; i < LOG_TAPS; i++)
		if (taps[i].fn == tap)
			taps[i].fn = NULL;
}

int log_level_parse(const char *name)
{
	static const char *const names[] = { "err", "warn", "notice", "info", "debug" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(name, names[i]))
			return LOG_LVL_ERR + (int)i;
	return -EINVAL;
}

/* A line from the network must not forge another line or drive a terminal. */
static size_t escape(char *out, size_t room, const char *text, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	size_t o = 0;

	for (size_t i = 0; i < n;) {
		unsigned char c = (unsigned char)text[i];
		size_t seq = utf8_sequence(text + i, n - i);

		if (seq && c >= 0x20 && c != 0x7f &&
		    !(seq == 2 && c == 0xc2 && (unsigned char)text[i + 1] < 0xa0)) {
			if (o + seq > room)
				break;
			memcpy(out + o, text + i, seq);
			o += seq;
			i += seq;
			continue;
		}
		if (o + 4 > room)
			break;
		out[o++] = '\\';
		out[o++] = 'x';
		out[o++] = hex[c >> 4];
		out[o++] = hex[c & 15];
		i++;
	}
	return o;
}

void log_line(int level, bool always, const char *fmt, ...)
{
	char text[LOG_LINE_MAX], line[LOG_LINE_MAX];
	int saved = errno, head, n;
	size_t len, start;
	ssize_t written;
	va_list ap;

	if (level > log_max && !always)
		return;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0)
		n = 0;
	if ((size_t)n >= sizeof(text))
		n = (int)sizeof(text) - 1;
	head = snprintf(line, sizeof(line) / 2, "<%d>%s: ", level, log_ident);
	if (head < 0 || (size_t)head >= sizeof(line) / 2)
		head = (int)sizeof(line) / 2 - 1;
	start = (size_t)head;
	len = start + escape(line + start, sizeof(line) - start - 2, text, (size_t)n);
	line[len] = '\0';
	for (size_t i = 0; i < LOG_TAPS; i++)
		if (taps[i].fn)
			taps[i].fn(level, line + start, taps[i].arg);
	line[len++] = '\n';
	/* A log that cannot be written must not stop the gateway. */
	written = write(log_fd, line, len);
	(void)written;
	errno = saved;
}
