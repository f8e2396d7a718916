/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "wifi/plan.h"

int plan_put_radio(struct plan *p, const struct plan_radio *q)
{
	struct plan_row *row;

	if (q->radio >= p->begin.radios || q->radio >= RADIO_MAX)
		return -EINVAL;
	row = &p->rows[q->radio];
	if (row->used)
		return -EINVAL;
	row->used = true;
	row->radio = *q;
	return 0;
}

int plan_put_bss(struct plan *p, const struct plan_bss *q)
{
	struct plan_row *row;

	if (q->radio >= RADIO_MAX || q->slot >= RADIO_BSS_MAX)
		return -EINVAL;
	row = &p->rows[q->radio];
	if (!row->used || row->has[q->slot])
		return -EINVAL;
	row->has[q->slot] = true;
	row->bss[q->slot] = *q;
	return 0;
}

bool plan_complete(const struct plan *p)
{
	uint32_t radios = 0, bsses = 0, i, s;

	for (i = 0; i < RADIO_MAX; i++)
		for (radios += p->rows[i].used, s = 0; s < RADIO_BSS_MAX; s++)
			bsses += p->rows[i].has[s];
	return radios == p->begin.radios && bsses == p->begin.bsses;
}

int plan_lead(const struct plan_row *row)
{
	int s;

	for (s = 0; s < RADIO_BSS_MAX; s++)
		if (row->has[s])
			return s;
	return -1;
}

bool plan_wants(const struct plan_row *row)
{
	return row->used && !row->bad && plan_lead(row) >= 0;
}

bool plan_bss_differs(const struct plan_bss *a, const struct plan_bss *b)
{
	return a->security != b->security || a->max_stations != b->max_stations ||
	       a->rekey_s != b->rekey_s || a->hidden != b->hidden || a->isolate != b->isolate ||
	       a->ssid_len != b->ssid_len || memcmp(a->ssid, b->ssid, sizeof(a->ssid)) != 0 ||
	       a->has_psk != b->has_psk || memcmp(a->psk, b->psk, sizeof(a->psk)) != 0;
}

bool plan_radio_differs(const struct plan_radio *a, const struct plan_radio *b)
{
	return a->band != b->band || a->channel != b->channel || a->width != b->width;
}
