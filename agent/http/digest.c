/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/digest.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lib/hex.h"

enum field {
	F_USERNAME,
	F_REALM,
	F_NONCE,
	F_URI,
	F_RESPONSE,
	F_ALGORITHM,
	F_CNONCE,
	F_QOP,
	F_NC,
	FIELDS
};

static const struct {
	const char *name;
	size_t offset, size;
} fields[FIELDS] = {
#define FIELD(f)                                                                          \
	{                                                                                 \
#f, offsetof(struct digest_auth, f), sizeof(((struct digest_auth *)0)->f) \
	}
	[F_USERNAME] = FIELD(username),
	[F_REALM] = FIELD(realm),
	[F_NONCE] = FIELD(nonce),
	[F_URI] = FIELD(uri),
	[F_RESPONSE] = FIELD(response),
	[F_ALGORITHM] = FIELD(algorithm),
	[F_CNONCE] = FIELD(cnonce),
	[F_QOP] = FIELD(qop),
	[F_NC] = FIELD(nc),
#undef FIELD
};

struct cursor {
	const char *p, *end;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* RFC 9110 5.6.2 */
static bool is_token(char c)
{
	if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
		return true;
	return c && strchr("!#$%&'*+-.^_`|~", c);
}

static void skip_spaces(struct cursor *c)
{
	while (c->p < c->end && is_space(*c->p))
		c->p++;
}

static size_t take_token(struct cursor *c, const char **start)
{
	*start = c->p;
	while (c->p < c->end && is_token(*c->p))
		c->p++;
	return (size_t)(c->p - *start);
}

/* A token or a quoted string into out; out NULL: only skipped. */
static int take_value(struct cursor *c, char *out, size_t size)
{
	bool quoted = c->p < c->end && *c->p == '"';
	size_t n = 0;

	if (quoted)
		c->p++;
	for (;;) {
		if (c->p == c->end) {
			if (quoted)
				return -EINVAL;
			break;
		}
		char ch = *c->p;

		if (quoted ? ch == '"' : !is_token(ch))
			break;
		if (quoted && ch == '\\') {
			if (++c->p == c->end)
				return -EINVAL;
			ch = *c->p;
		}
		if ((unsigned char)ch < ' ' && ch != '\t')
			return -EINVAL;
		c->p++;
		if (!out)
			continue;
		if (n + 1 >= size)
			return -EINVAL;
		out[n++] = ch;
	}
	if (quoted)
		c->p++;
	else if (!n && out)
		return -EINVAL;
	if (out)
		out[n] = '\0';
	return 0;
}

static int take_param(struct cursor *c, struct digest_auth *out, unsigned int *seen)
{
	const char *name;
	size_t len = take_token(c, &name), i;

	if (!len)
		return -EINVAL;
	skip_spaces(c);
	if (c->p == c->end || *c->p != '=')
		return -EINVAL;
	c->p++;
	skip_spaces(c);
	for (i = 0; i < FIELDS; i++) {
		if (strlen(fields[i].name) == len && !strncasecmp(fields[i].name, name, len))
			break;
	}
	if (i == FIELDS)
		return take_value(c, NULL, 0);
	if (*seen & 1u << i)
		return -EINVAL;
	*seen |= 1u << i;
	return take_value(c, (char *)out + fields[i].offset, fields[i].size);
}

/* nc-value = 8LHEX */
static int parse_nc(struct digest_auth *auth)
{
	unsigned char raw[4];

	if (strlen(auth->nc) != 8 || hex_decode(raw, auth->nc, 8))
		return -EINVAL;
	auth->nc_value =
		(uint32_t)raw[0] << 24 | (uint32_t)raw[1] << 16 | (uint32_t)raw[2] << 8 | raw[3];
	return 0;
}

int digest_parse(struct digest_auth *out, const char *value, size_t n)
{
	static const unsigned int needed =
		1u << F_USERNAME | 1u << F_REALM | 1u << F_NONCE | 1u << F_URI | 1u << F_RESPONSE;
	struct cursor c = { value, value + n };
	unsigned int seen = 0;
	const char *scheme;
	size_t len;

	memset(out, 0, sizeof(*out));
	skip_spaces(&c);
	len = take_token(&c, &scheme);
	if (len != 6 || strncasecmp(scheme, "Digest", 6))
		return -EPROTONOSUPPORT;
	if (c.p == c.end || !is_space(*c.p))
		return -EINVAL;
	for (;;) {
		/* RFC 9110 5.6.1: a recipient accepts empty elements of a list. */
		while (c.p < c.end && (is_space(*c.p) || *c.p == ','))
			c.p++;
		if (c.p == c.end)
			break;
		if (take_param(&c, out, &seen))
			return -EINVAL;
		skip_spaces(&c);
		if (c.p < c.end && *c.p != ',')
			return -EINVAL;
	}
	if ((seen & needed) != needed)
		return -EINVAL;
	if (!(seen & 1u << F_QOP))
		return 0;
	if (!(seen & 1u << F_CNONCE) || !(seen & 1u << F_NC))
		return -EINVAL;
	return parse_nc(out);
}

const char *digest_alg_name(enum digest_alg alg)
{
	return alg == DIGEST_SHA256 ? "SHA-256" : "MD5";
}

/* Hash of the parts joined by ':'; NULL ends them. */
static int hash_parts(enum digest_alg alg, const char *const *parts, char out[DIGEST_HEX_MAX])
{
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int len = 0;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	if (!ctx)
		return -ENOMEM;
	ok = EVP_DigestInit_ex(ctx, alg == DIGEST_SHA256 ? EVP_sha256() : EVP_md5(), NULL);
	for (size_t i = 0; ok && parts[i]; i++) {
		if (i)
			ok = EVP_DigestUpdate(ctx, ":", 1);
		ok = ok && EVP_DigestUpdate(ctx, parts[i], strlen(parts[i]));
	}
	ok = ok && EVP_DigestFinal_ex(ctx, raw, &len) && len * 2 < DIGEST_HEX_MAX;
	EVP_MD_CTX_free(ctx);
	if (ok)
		hex_encode(out, raw, len);
	OPENSSL_cleanse(raw, sizeof(raw));
	return ok ? 0 : -EIO;
}

int digest_response(enum digest_alg alg, const struct digest_auth *auth, const char *password,
		    const char *method, char out[DIGEST_HEX_MAX])
{
	char a1[DIGEST_HEX_MAX], a2[DIGEST_HEX_MAX];
	const char *const p1[] = { auth->username, auth->realm, password, NULL };
	const char *const p2[] = { method, auth->uri, NULL };
	const char *const with_qop[] = { a1,	    auth->nonce, auth->nc, auth->cnonce,
					 auth->qop, a2,		 NULL };
	const char *const without[] = { a1, auth->nonce, a2, NULL };
	int r;

	r = hash_parts(alg, p1, a1);
	if (!r)
		r = hash_parts(alg, p2, a2);
	if (!r)
		r = hash_parts(alg, auth->qop[0] ? with_qop : without, out);
	OPENSSL_cleanse(a1, sizeof(a1));
	return r;
}

/* Equality of a padded copy: how long it takes tells nothing of where they differ. */
static bool same(const char *given, const char *right)
{
	char a[DIGEST_VALUE_MAX + 1] = "", b[DIGEST_VALUE_MAX + 1] = "";
	size_t na = strlen(given), nb = strlen(right);
	bool fits = na < sizeof(a) && nb < sizeof(b);

	if (fits) {
		memcpy(a, given, na);
		memcpy(b, right, nb);
	}
	return !CRYPTO_memcmp(a, b, sizeof(a)) & fits;
}

bool digest_verify(enum digest_alg alg, const struct digest_auth *auth, const char *realm,
		   const char *user, const char *password, const char *method)
{
	char right[DIGEST_HEX_MAX] = "", given[DIGEST_HEX_MAX];
	bool ok;

	if (strcasecmp(auth->algorithm[0] ? auth->algorithm : "MD5", digest_alg_name(alg)))
		return false;
	if (strcmp(auth->qop, "auth") || strcmp(auth->realm, realm))
		return false;
	if (digest_response(alg, auth, password, method, right))
		return false;
	/* RFC 7616 3.4: LHEX, but some send upper case. */
	for (size_t i = 0; i < sizeof(given); i++) {
		char c = auth->response[i];

		given[i] = c >= 'A' && c <= 'F' ? (char)(c - 'A' + 'a') : c;
	}
	given[sizeof(given) - 1] = '\0';
	/* Both compared whatever the first says: a wrong user takes as long as a wrong password. */
	ok = same(auth->username, user) & same(given, right);
	OPENSSL_cleanse(right, sizeof(right));
	return ok;
}
