/* SPDX-License-Identifier: Apache-2.0 */
/* struct dial_addr to and from the kernel's form and text. Pure. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "ipc/dialer.h"

#define DIAL_ADDR_TEXT 64

/* 0, or -EAFNOSUPPORT. An IPv4-mapped IPv6 address becomes the IPv4 address it stands for. */
int dial_addr_from(struct dial_addr *out, const struct sockaddr *sa, socklen_t len);
/* Length of what was written to out; 0: no address in it. */
socklen_t dial_addr_to(const struct dial_addr *addr, struct sockaddr_storage *out);
/* A literal without brackets; a zone ("%eth0") is refused. 0 or -EINVAL. */
int dial_addr_parse(struct dial_addr *out, const char *text, uint16_t port);
/* "192.0.2.1", "2001:db8::1", with brackets "[2001:db8::1]"; "-" for none. Writes to out
 * (DIAL_ADDR_TEXT bytes) and returns it. */
const char *dial_addr_text(const struct dial_addr *addr, bool brackets, char *out);
/* The same host address, whatever the port. */
bool dial_addr_same(const struct dial_addr *a, const struct dial_addr *b);
