/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/range.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/limits.h"
#include "lib/num.h"
#include "lib/text.h"

void http_head_init(struct http_head *head)
{
	memset(head, 0, sizeof(*head));
	head->from = head->total = UINT64_MAX;
}

static void status_line(struct http_head *head, const char *line, size_t n)
{
	const char *space = memchr(line, ' ', n);
	uint64_t status;

	http_head_init(head);
	if (space && (size_t)(line + n - space) >= 4 && !num_parse_u64(space + 1, 3, 999, &status))
		head->status = (int)status;
}

/* The value of a line "Name: value", without blanks around it. */
static bool field(const char *line, size_t n, const char *name, const char **value, size_t *len)
{
	size_t at = strlen(name);

	if (n <= at || strncasecmp(line, name, at) || line[at] != ':')
		return false;
	for (at++; at < n && (line[at] == ' ' || line[at] == '\t'); at++)
		;
	while (n > at && strchr(" \t\r\n", line[n - 1]))
		n--;
	*value = line + at;
	*len = n - at;
	return true;
}

/* bytes FROM-TO/TOTAL, where TOTAL may be an asterisk */
static void content_range(struct http_head *head, const char *v, size_t n)
{
	const char *dash = memchr(v, '-', n), *slash = memchr(v, '/', n);
	uint64_t from, to, total = UINT64_MAX;

	head->from = head->total = UINT64_MAX;
	if (n < 6 || strncasecmp(v, "bytes ", 6) || !dash || !slash || slash < dash)
		return;
	if (num_parse_u64(v + 6, (size_t)(dash - v) - 6, UINT64_MAX - 1, &from) ||
	    num_parse_u64(dash + 1, (size_t)(slash - dash) - 1, UINT64_MAX - 1, &to) || to < from)
		return;
	slash++;
	n -= (size_t)(slash - v);
	if (!(n == 1 && *slash == '*') &&
	    (num_parse_u64(slash, n, UINT64_MAX - 1, &total) || total <= to))
		return;
	head->from = from;
	head->total = total;
}

static void take_validator(struct http_head *head, const char *v, size_t n)
{
	/* A weak one says nothing about the bytes. It goes out again: nothing but what is safe. */
	if (n > 1 && v[0] == 'W' && v[1] == '/')
		return;
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)v[i] < 0x20 || (unsigned char)v[i] > 0x7e)
			return;
	(void)text_copy(head->validator, sizeof(head->validator), v, n);
}

int http_head_line(struct http_head *head, const char *line, size_t n)
{
	const char *v;
	uint64_t size;
	size_t len;

	if (n > 5 && !strncmp(line, "HTTP/", 5))
		status_line(head, line, n);
	head->len += n;
	if (head->len > HTTP_HEAD_MAX)
		return -EFBIG;
	/* RFC 9110 14.4: means something in a 206 only */
	if (head->status == 206 && field(line, n, "Content-Range", &v, &len))
		content_range(head, v, len);
	else if (field(line, n, "Content-Length", &v, &len) && head->status == 200 &&
		 !num_parse_u64(v, len, UINT64_MAX - 1, &size))
		head->total = size;
	else if (field(line, n, "ETag", &v, &len))
		take_validator(head, v, len);
	else if (field(line, n, "Last-Modified", &v, &len) && head->validator[0] != '"')
		take_validator(head, v, len);
	return 0;
}
