/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/http/url.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "lib/num.h"
#include "lib/text.h"

static int take_part(CURLU *u, CURLUPart part, unsigned int flags, char *out, size_t size)
{
	char *value = NULL;
	int r = 0;

	if (curl_url_get(u, part, &value, flags) != CURLUE_OK)
		return -EINVAL;
	if (!text_copy(out, size, value, strlen(value)))
		r = -ENAMETOOLONG;
	curl_free(value);
	return r;
}

static int take_host(CURLU *u, struct url *out)
{
	char host[DIAL_HOST_MAX + 2];
	int r = take_part(u, CURLUPART_HOST, 0, host, sizeof(host));
	size_t n = r ? 0 : strlen(host);
	const char *start = host;

	if (r)
		return r;
	if (*host == '[') {
		start++;
		n -= 2;
	}
	return n && text_copy(out->host, sizeof(out->host), start, n) ? 0 : -EINVAL;
}

static int take_apart(CURLU *u, const char *text, struct url *out)
{
	char scheme[16], port[8];
	uint64_t number;
	int r;

	if (strlen(text) > CWMP_URL_MAX)
		return -ENAMETOOLONG;
	if (curl_url_set(u, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		return -EINVAL;
	if (take_part(u, CURLUPART_SCHEME, 0, scheme, sizeof(scheme)))
		return -EPROTONOSUPPORT;
	out->https = !strcmp(scheme, "https");
	if (!out->https && strcmp(scheme, "http"))
		return -EPROTONOSUPPORT;
	if ((r = take_host(u, out)) ||
	    (r = take_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof(port))))
		return r;
	if (num_parse_u64(port, strlen(port), UINT16_MAX, &number) || !number)
		return -EINVAL;
	out->port = (uint16_t)number;
	/* Credentials are parameters of their own (TR-181 ManagementServer.Username); those in a
	 * URL would be logged, and a redirect could choose them. A zone is of no use to a peer. */
	if (curl_url_set(u, CURLUPART_USER, NULL, 0) ||
	    curl_url_set(u, CURLUPART_PASSWORD, NULL, 0) ||
	    curl_url_set(u, CURLUPART_ZONEID, NULL, 0) ||
	    curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0))
		return -EINVAL;
	return take_part(u, CURLUPART_URL, 0, out->text, sizeof(out->text));
}

int url_parse(struct url *out, const char *text)
{
	CURLU *u = curl_url();
	int r;

	memset(out, 0, sizeof(*out));
	if (!u)
		return -ENOMEM;
	r = take_apart(u, text, out);
	curl_url_cleanup(u);
	if (r)
		memset(out, 0, sizeof(*out));
	return r;
}

bool url_same_host(const struct url *a, const struct url *b)
{
	return !strcasecmp(a->host, b->host);
}

bool url_same_origin(const struct url *a, const struct url *b)
{
	return a->https == b->https && a->port == b->port && url_same_host(a, b);
}
