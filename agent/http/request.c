/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/request.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

static bool is_tchar(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

/* Length of the line at p without its end; *next is behind the end. -1: no end yet. */
static long line_length(const char *p, const char *end, const char **next)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));

	if (!nl)
		return -1;
	*next = nl + 1;
	/* RFC 9112 2.2: a recipient may take a bare LF for the end of a line. */
	if (nl > p && nl[-1] == '\r')
		nl--;
	return nl - p;
}

static bool printable(const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

/* "/path?query" or "http://host/path" (RFC 9112 3.2) */
static bool split_target(struct request *out, const char *p, size_t n)
{
	const char *end = p + n, *query;

	for (size_t i = 0; i < n; i++) {
		if (p[i] <= ' ' || p[i] > '~')
			return false;
	}
	if (n > 7 && !strncasecmp(p, "http://", 7)) {
		const char *slash = memchr(p + 7, '/', n - 7);

		p = slash ? slash : end;
	} else if (!n || *p != '/') {
		return false;
	}
	query = memchr(p, '?', (size_t)(end - p));
	out->path = p;
	out->path_len = (size_t)((query ? query : end) - p);
	return true;
}

static enum request_verdict parse_line(struct request *out, const char *p, size_t n)
{
	const char *sp = memchr(p, ' ', n), *version;
	size_t method = sp ? (size_t)(sp - p) : 0;

	if (!method || n < method + 11)
		return REQUEST_BAD;
	for (size_t i = 0; i < method; i++) {
		if (!is_tchar(p[i]))
			return REQUEST_BAD;
	}
	version = p + n - 9; /* " HTTP/1.1" */
	if (memcmp(version, " HTTP/1.", 8) || version[8] < '0' || version[8] > '9')
		return REQUEST_BAD;
	if (version <= sp || !split_target(out, sp + 1, (size_t)(version - sp - 1)))
		return REQUEST_BAD;
	return method == 3 && !memcmp(p, "GET", 3) ? REQUEST_OK : REQUEST_METHOD;
}

static bool parse_field(struct request *out, const char *p, size_t n)
{
	const char *colon = memchr(p, ':', n), *value;
	size_t name = colon ? (size_t)(colon - p) : 0, len;

	if (!name)
		return false;
	/* RFC 9112 5.1, 5.2: no blank before the colon and no folded lines. */
	for (size_t i = 0; i < name; i++) {
		if (!is_tchar(p[i]))
			return false;
	}
	if (name != 13 || strncasecmp(p, "Authorization", 13))
		return true;
	if (out->authorization)
		return false;
	value = colon + 1;
	len = n - name - 1;
	while (len && (*value == ' ' || *value == '\t')) {
		value++;
		len--;
	}
	while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
		len--;
	out->authorization = value;
	out->authorization_len = len;
	return true;
}

enum request_verdict request_parse(struct request *out, const char *head, size_t n)
{
	const char *end = head + n, *p = head, *next;
	enum request_verdict verdict = REQUEST_MORE;

	memset(out, 0, sizeof(*out));
	for (bool first = true;; p = next) {
		long len = line_length(p, end, &next);

		if (len < 0)
			return REQUEST_MORE;
		if (first && !len)
			continue; /* RFC 9112 2.2: empty lines before the request line */
		if (!printable(p, (size_t)len))
			return REQUEST_BAD;
		if (first) {
			verdict = parse_line(out, p, (size_t)len);
			if (verdict == REQUEST_BAD)
				return REQUEST_BAD;
			first = false;
		} else if (!len) {
			return verdict;
		} else if (!parse_field(out, p, (size_t)len)) {
			return REQUEST_BAD;
		}
	}
}
