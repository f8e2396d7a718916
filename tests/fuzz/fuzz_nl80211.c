/* SPDX-License-Identifier: Apache-2.0 */
/* X3: whatever bytes come on the netlink socket, what the readers give holds together. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/nl80211.h>

#include "nl80211/bss.h"
#include "nl80211/dump.h"
#include "nl80211/wiphy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct nl_wiphys wiphys;

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_wiphys(bool radar)
{
	static const unsigned int widths[] = { 20, 40, 80, 160 };
	struct nl_chandef d;
	uint32_t i, b, c, w;

	check(wiphys.n <= NL_WIPHYS_MAX);
	for (i = 0; i < wiphys.n; i++) {
		check(memchr(wiphys.w[i].name, '\0', sizeof(wiphys.w[i].name)) != NULL);
		for (b = 0; b < NL_BANDS; b++) {
			const struct nl_band *band = &wiphys.w[i].bands[b];

			check(band->nchans <= NL_CHANS_MAX);
			for (c = 0; c < band->nchans; c++) {
				const unsigned int number = band->chans[c].number;

				check(number > 0 && number < 256);
				for (w = 0; w < 4; w++)
					if (nl_chandef(&wiphys.w[i], b, number, widths[w], radar,
						       &d) == 0)
						check(d.width == widths[w] && d.center >= 2412);
			}
			(void)nl_chan_default(&wiphys.w[i], b);
		}
	}
}

static void read_one(const struct nl_head *h)
{
	struct nl_iface iface;
	struct nl_station station;
	struct nl_survey survey;
	struct nl_reg reg;
	struct nl_bss bss;

	switch (h->cmd) {
	case NL80211_CMD_NEW_WIPHY:
		(void)nl_wiphys_add(&wiphys, h->attrs);
		break;
	case NL80211_CMD_NEW_INTERFACE:
		if (nl_iface_read(&iface, h->attrs) == 1)
			check(iface.name[0] && iface.ssid_len <= NL_SSID_MAX);
		break;
	case NL80211_CMD_NEW_STATION:
		(void)nl_station_read(&station, h->attrs);
		break;
	case NL80211_CMD_NEW_SURVEY_RESULTS:
		(void)nl_survey_read(&survey, h->attrs);
		break;
	case NL80211_CMD_NEW_SCAN_RESULTS:
		if (nl_bss_read(&bss, h->attrs) > 0)
			check(bss.ssid_len <= NL_BSS_SSID_MAX && bss.nrates <= NL_BSS_RATES_MAX);
		break;
	case NL80211_CMD_GET_REG:
		if (nl_reg_read(&reg, h->attrs) == 0)
			check(strlen(reg.country) < sizeof(reg.country));
		break;
	default:
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct nl_view in = { data, size };
	struct nl_head h;
	char said[64];

	memset(&wiphys, 0, sizeof(wiphys));
	while (nl_message(&in, &h) > 0) {
		nl_error_text(&h, said, sizeof(said));
		check(strlen(said) < sizeof(said));
		read_one(&h);
	}
	check_wiphys(size % 2);
	return 0;
}
