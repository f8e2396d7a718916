/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/kernel/leases.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "agent/kernel/files.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/hex.h"
#include "lib/limits.h"
#include "lib/num.h"

/* The next word of the line; its length, 0 at the end. */
static size_t word(const char **at, const char *end, const char **out)
{
	while (*at < end && **at == ' ')
		(*at)++;
	*out = *at;
	while (*at < end && **at != ' ')
		(*at)++;
	return (size_t)(*at - *out);
}

static int parse_mac(const char *s, size_t n, uint8_t mac[6])
{
	if (n != 17)
		return -EINVAL;
	for (size_t i = 0; i < 6; i++)
		if (hex_decode(&mac[i], s + 3 * i, 2) || (i < 5 && s[3 * i + 2] != ':'))
			return -EINVAL;
	return 0;
}

static int parse_ip(const char *s, size_t n, uint8_t ip[4])
{
	char text[INET_ADDRSTRLEN];

	if (n >= sizeof(text))
		return -EINVAL;
	memcpy(text, s, n);
	text[n] = '\0';
	return inet_pton(AF_INET, text, ip) == 1 ? 0 : -EINVAL;
}

/* A client chooses its name: what the tree cannot show is none. */
static void take_name(const char *s, size_t n, char out[LEASE_NAME_MAX + 1])
{
	out[0] = '\0';
	if (!n || n > LEASE_NAME_MAX || (n == 1 && s[0] == '*'))
		return;
	for (size_t i = 0; i < n; i++)
		if (s[i] < 0x21 || s[i] > 0x7e)
			return;
	memcpy(out, s, n);
	out[n] = '\0';
}

static int parse_line(const char *at, const char *end, struct lease *l)
{
	const char *w;
	size_t n = word(&at, end, &w);
	uint64_t until;

	if (num_parse_u64(w, n, INT64_MAX, &until))
		return -EINVAL;
	memset(l, 0, sizeof(*l));
	l->until = (int64_t)until;
	n = word(&at, end, &w);
	if (parse_mac(w, n, l->mac))
		return -EINVAL;
	n = word(&at, end, &w);
	if (parse_ip(w, n, l->ip))
		return -EINVAL;
	n = word(&at, end, &w);
	take_name(w, n, l->name);
	return 0;
}

void leases_parse(const char *text, size_t len, lease_fn fn, void *arg)
{
	const char *end = text + len;
	struct lease l;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		const char *stop = nl ? nl : end;

		if (!parse_line(text, stop, &l))
			fn(arg, &l);
		text = stop + 1;
	}
}

int leases_read(const char *file, lease_fn fn, void *arg)
{
	_cleanup_buf_ struct buf text = BUF_INIT(LEASES_BYTES_MAX);
	int r = file_read(file, &text);

	if (!r)
		leases_parse(buf_str(&text), text.len, fn, arg);
	return r;
}
