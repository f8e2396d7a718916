/* SPDX-License-Identifier: Apache-2.0 */
/*
 * I5: whatever network a hostile agent plans, as far as the codec lets it through: what is accepted
 * becomes settings that are known, each once, and nothing else.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"
#include "lib/text.h"
#include "wifi/station.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_lines(const char *lines)
{
	static const char *const names[] = { "ssid",	 "scan_ssid", "key_mgmt",   "proto",
					     "pairwise", "group",     "ieee80211w", "psk" };
	size_t i = 0, n;

	for (; *lines; lines += n + 1, i++) {
		n = strcspn(lines, "\n");
		if (lines[n] != '\n' || !ascii_printable(lines, n))
			abort();
		while (i < ARRAY_SIZE(names) && !text_eq(lines, strcspn(lines, " "), names[i]))
			i++;
		if (i == ARRAY_SIZE(names))
			abort(); /* unknown, twice, or out of order */
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct station_done done;
	struct station_network q;
	struct buf out;

	if (size < sizeof(q))
		return 0;
	memcpy(&q, data, sizeof(q));
	q.station %= STATION_MAX; /* what the codec would not let through is put right */
	q.security %= RADIO_MODES;
	q.ssid_len %= RADIO_SSID_MAX + 1;
	q.passphrase[sizeof(q.passphrase) - 1] = '\0';
	memset(&done, 0, sizeof(done));
	if (station_check(&q, NULL, &done) < 0) {
		if (!memchr(done.why, '\0', sizeof(done.why)) || !done.why[0])
			abort();
		return 0;
	}
	buf_init(&out, 1024);
	station_settings(&out, &q);
	if (out.failed)
		abort();
	check_lines(buf_str(&out));
	buf_free(&out);
	return 0;
}
