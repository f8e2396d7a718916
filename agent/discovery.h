/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DHCP says about the ACS (TR-069 A6 3.1, Annex F): options 43 and 125 of DHCPv4, option 17 of
 * DHCPv6, as the DHCP client's hook (packaging/dhcp/) writes them into discovery.file: one option
 * per line, a name and its octets in hex. Pure; whoever answers DHCP may be hostile.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define DISCOVERY_URL_MAX 2048
#define DISCOVERY_CODE_MAX 256 /* octets: 64 characters */

struct discovery {
	char url[DISCOVERY_URL_MAX + 1];   /* "": none was offered */
	char code[DISCOVERY_CODE_MAX + 1]; /* ProvisioningCode, "": none */
	uint32_t retry_wait;		   /* CWMPRetryMinimumWaitInterval, 0: none */
	uint32_t retry_multiplier;	   /* CWMPRetryIntervalMultiplier, 0: none */
};

/* Each reads the payload of one option. -EBADMSG when it is malformed: nothing of it counts; out is
 * only written when it names something. */
int discovery_option43(struct discovery *out, const uint8_t *p, size_t n);
int discovery_option125(struct discovery *out, const uint8_t *p, size_t n);
int discovery_option17(struct discovery *out, const uint8_t *p, size_t n);

/*
 * The text of the file. All comes from one option, the first of 43, 125 and 17 that offers a URL.
 * 0; -ENOENT: no URL is offered; -EBADMSG: neither, and an option or a line was malformed.
 */
int discovery_parse(struct discovery *out, const char *text, size_t len);
