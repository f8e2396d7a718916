/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/stun/udpreq.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <string.h>

#include "lib/hex.h"
#include "lib/num.h"

#define SHA1 20

enum field { TS, ID, UN, CN, SIG, FIELDS };

struct slice {
	const char *s;
	size_t len;
};

static const char *const names[FIELDS] = { "ts", "id", "un", "cn", "sig" };

/* "GET URI HTTP/1.1": the query of the URI, or nothing. */
static struct slice query_of(const char *data, size_t len)
{
	static const char method[] = "GET ", version[] = " HTTP/1.1";
	const struct slice none = { NULL, 0 };
	const char *end = memchr(data, '\r', len), *query;
	size_t line, uri;

	if (!end || end + 1 >= data + len || end[1] != '\n')
		return none;
	line = (size_t)(end - data);
	if (line < sizeof(method) + sizeof(version) - 2 ||
	    memcmp(data, method, sizeof(method) - 1) ||
	    memcmp(end - (sizeof(version) - 1), version, sizeof(version) - 1))
		return none;
	data += sizeof(method) - 1;
	uri = line - (sizeof(method) - 1) - (sizeof(version) - 1);
	query = memchr(data, '?', uri);
	if (!query)
		return none;
	query++;
	return (struct slice){ query, uri - (size_t)(query - data) };
}

/* Each once; others are not our business. */
static bool take_field(struct slice out[FIELDS], const char *s, size_t len)
{
	const char *eq = memchr(s, '=', len);
	size_t name;

	if (!eq)
		return true;
	name = (size_t)(eq - s);
	for (int i = 0; i < FIELDS; i++) {
		if (strlen(names[i]) != name || memcmp(names[i], s, name))
			continue;
		if (out[i].s)
			return false;
		out[i] = (struct slice){ eq + 1, len - name - 1 };
	}
	return true;
}

static bool split(struct slice out[FIELDS], struct slice query)
{
	while (query.s) {
		const char *amp = memchr(query.s, '&', query.len);
		size_t n = amp ? (size_t)(amp - query.s) : query.len;

		if (!take_field(out, query.s, n))
			return false;
		query.s = amp ? amp + 1 : NULL;
		query.len -= amp ? n + 1 : n;
	}
	for (int i = 0; i < FIELDS; i++)
		if (!out[i].s || !out[i].len || out[i].len > UDPREQ_FIELD)
			return false;
	return true;
}

/* Some ACSs escape a user name in the URI, others send it as it is. -1: a bad escape. */
static int unescape(char out[UDPREQ_FIELD], struct slice in)
{
	int n = 0;

	for (size_t i = 0; i < in.len; i++) {
		if (in.s[i] != '%') {
			out[n++] = in.s[i];
			continue;
		}
		if (in.len - i < 3 || hex_decode(out + n, in.s + i + 1, 2))
			return -1;
		n++;
		i += 2;
	}
	return n;
}

static bool is_user(struct slice un, const char *user)
{
	char plain[UDPREQ_FIELD];
	int n;

	if (un.len == strlen(user) && !memcmp(un.s, user, un.len))
		return true;
	n = unescape(plain, un);
	return n >= 0 && (size_t)n == strlen(user) && !memcmp(plain, user, (size_t)n);
}

/* HMAC-SHA1 over ts, id, un and cn as they stand in the URI, one behind the other. */
static bool is_signed(const struct slice f[FIELDS], struct slice un, const char *password)
{
	char text[2 * UDPREQ_FIELD + 64];
	uint8_t want[EVP_MAX_MD_SIZE], got[SHA1];
	unsigned int len = 0;
	size_t n = 0;

	if (f[SIG].len != sizeof(got) * 2 || hex_decode(got, f[SIG].s, f[SIG].len) ||
	    f[TS].len + f[ID].len > 64)
		return false;
	for (int i = TS; i <= CN; i++) {
		const struct slice *v = i == UN ? &un : &f[i];

		memcpy(text + n, v->s, v->len);
		n += v->len;
	}
	return HMAC(EVP_sha1(), password, (int)strlen(password), (const unsigned char *)text, n,
		    want, &len) &&
	       len == SHA1 && !CRYPTO_memcmp(want, got, SHA1);
}

static bool is_new(struct udpreq_seen *seen, uint64_t ts, uint64_t id)
{
	if (ts < seen->ts)
		return false;
	if (ts > seen->ts) {
		*seen = (struct udpreq_seen){ .ts = ts, .n = 1, .id = { id } };
		return true;
	}
	for (uint32_t i = 0; i < seen->n; i++)
		if (seen->id[i] == id)
			return false;
	if (seen->n == UDPREQ_IDS)
		return false;
	seen->id[seen->n++] = id;
	return true;
}

enum udpreq_verdict udpreq_check(struct udpreq_seen *seen, const char *data, size_t len,
				 const char *user, const char *password)
{
	struct slice f[FIELDS] = { { NULL, 0 } };
	const struct slice plain = { user, strlen(user) };
	uint64_t ts, id;

	/* What is signed has nothing between ts and id: digits that move from the one to the other
	 * would make a later time of an old request, and those of the ACS replays from then on. */
	if (len > UDPREQ_MAX || !split(f, query_of(data, len)) || f[TS].len > UDPREQ_TS ||
	    num_parse_u64(f[TS].s, f[TS].len, UINT64_MAX, &ts) ||
	    num_parse_u64(f[ID].s, f[ID].len, UINT64_MAX, &id))
		return UDPREQ_MALFORMED;
	if (!*user || !*password || plain.len > UDPREQ_FIELD || !is_user(f[UN], user) ||
	    (!is_signed(f, f[UN], password) && !is_signed(f, plain, password)))
		return UDPREQ_UNSIGNED;
	return is_new(seen, ts, id) ? UDPREQ_OK : UDPREQ_REPLAY;
}
