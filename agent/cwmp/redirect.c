/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/cwmp/session_state.h"
#include "lib/audit.h"

static const char *after_scheme(const char *url, bool *https)
{
	*https = !strncasecmp(url, "https://", 8);
	if (*https)
		return url + 8;
	return strncasecmp(url, "http://", 7) ? NULL : url + 7;
}

const char *session_redirect_refused(const char *from, const char *to, bool https_only)
{
	bool was_https, is_https;
	const char *host = after_scheme(to, &is_https);
	size_t host_len;

	if (strlen(to) > CWMP_URL_MAX)
		return "URL too long";
	for (const char *c = to; *c; c++)
		if (*c <= ' ' || *c == 0x7f || *c == '\\')
			return "character that no URL has";
	if (!host)
		return "neither http nor https";
	host_len = strcspn(host, "/?#");
	if (!host_len || *host == ':')
		return "no host";
	/* A redirect must not choose the credentials that we send. */
	if (memchr(host, '@', host_len))
		return "user name in the URL";
	after_scheme(from, &was_https);
	if (was_https && !is_https)
		return "https to http";
	if (https_only && !is_https)
		return "plain http is not allowed";
	return NULL;
}

void session_audit_url(const char *action, const char *key, const char *url, const char *refused)
{
	const char *slashes = strstr(url, "://");
	const char *host = slashes ? slashes + 3 : url;
	/* The last one wherever it is: what is refused need not keep to the syntax. */
	const char *at = strrchr(host, '@');
	char shown[CWMP_URL_MAX + 1];

	(void)snprintf(shown, sizeof(shown), "%.*s%s", (int)(host - url), url, at ? at + 1 : host);
	audit(action, AUDIT_REFUSED, key, shown, "reason", refused);
}
