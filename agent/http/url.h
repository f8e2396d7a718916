/* SPDX-License-Identifier: Apache-2.0 */
/* http and https URLs, taken apart by libcurl's parser. Pure. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ipc/dialer.h"
#include "lib/limits.h"

struct url {
	bool https;
	uint16_t port;
	char host[DIAL_HOST_MAX];    /* without brackets */
	char text[CWMP_URL_MAX + 1]; /* without user, password and fragment: may be logged */
};

/* 0, -EINVAL (not a URL), -EPROTONOSUPPORT (neither http nor https), -ENAMETOOLONG, -ENOMEM. */
int url_parse(struct url *out, const char *text);
bool url_same_host(const struct url *a, const struct url *b);
/* Host, port and scheme: may share a connection. */
bool url_same_origin(const struct url *a, const struct url *b);
