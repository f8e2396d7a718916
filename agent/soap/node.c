/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "agent/soap/read.h"
#include "lib/num.h"

const struct soap_node *soap_first(const struct soap_msg *m, const struct soap_node *n)
{
	return n && n->child ? &m->nodes[n->child] : NULL;
}

const struct soap_node *soap_next(const struct soap_msg *m, const struct soap_node *n)
{
	return n->next ? &m->nodes[n->next] : NULL;
}

const char *soap_text(const struct soap_msg *m, const struct soap_node *n)
{
	return m->text + n->text;
}

const char *soap_name(const struct soap_msg *m, const struct soap_node *n)
{
	return m->text + n->name;
}

bool soap_is(const struct soap_msg *m, const struct soap_node *n, const char *name)
{
	return !strcmp(soap_name(m, n), name);
}

const struct soap_node *soap_find(const struct soap_msg *m, const struct soap_node *n,
				  const char *name)
{
	for (n = soap_first(m, n); n; n = soap_next(m, n))
		if (soap_is(m, n, name))
			return n;
	return NULL;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *trimmed(const struct soap_msg *m, const struct soap_node *n, size_t *len)
{
	const char *s = soap_text(m, n);

	*len = n->len;
	while (*len && is_space(s[*len - 1]))
		(*len)--;
	while (*len && is_space(*s)) {
		s++;
		(*len)--;
	}
	return s;
}

int soap_bool(const struct soap_msg *m, const struct soap_node *n, bool *out)
{
	const char *s;
	size_t len;

	if (!n)
		return -EINVAL;
	s = trimmed(m, n, &len);
	if ((len == 1 && *s == '1') || (len == 4 && !memcmp(s, "true", 4)))
		*out = true;
	else if ((len == 1 && *s == '0') || (len == 5 && !memcmp(s, "false", 5)))
		*out = false;
	else
		return -EINVAL;
	return 0;
}

int soap_uint(const struct soap_msg *m, const struct soap_node *n, uint32_t *out)
{
	uint64_t v;
	const char *s;
	size_t len;

	if (!n)
		return -EINVAL;
	s = trimmed(m, n, &len);
	if (len && *s == '+') {
		s++;
		len--;
	}
	if (num_parse_u64(s, len, UINT32_MAX, &v))
		return -EINVAL;
	*out = (uint32_t)v;
	return 0;
}
