/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "lib/text.h"
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

/* What can change in place is made equal; what differs then can't. */
unsigned int plan_bss_change(const struct plan_bss *from, const struct plan_bss *to)
{
	struct plan_bss like = *to;
	unsigned int change = 0;

	const struct plan_mode *m = plan_mode(to->security);

	if (from->has_psk == to->has_psk && !(m && m->wep) &&
	    (memcmp(from->passphrase, to->passphrase, sizeof(to->passphrase)) != 0 ||
	     memcmp(from->psk, to->psk, sizeof(to->psk)) != 0)) {
		change |= PLAN_KEY;
		memcpy(like.passphrase, from->passphrase, sizeof(like.passphrase));
		memcpy(like.psk, from->psk, sizeof(like.psk));
	}
	if (from->hidden != to->hidden || from->isolate != to->isolate ||
	    from->max_stations != to->max_stations || from->allowed_len != to->allowed_len ||
	    memcmp(from->allowed, to->allowed, sizeof(to->allowed)) != 0) {
		change |= PLAN_LIVE;
		like.hidden = from->hidden;
		like.isolate = from->isolate;
		like.max_stations = from->max_stations;
		like.allowed_len = from->allowed_len;
		memcpy(like.allowed, from->allowed, sizeof(like.allowed));
	}
	if (memcmp(&like, from, sizeof(like)) != 0)
		change = PLAN_NEW;
	explicit_bzero(&like, sizeof(like));
	return change;
}

unsigned int plan_radio_change(const struct plan_radio *from, const struct plan_radio *to)
{
	unsigned int change = 0;

	if (from->band != to->band || from->standards != to->standards || from->radar != to->radar)
		return PLAN_NEW;
	if (from->channel != to->channel || from->width != to->width ||
	    from->extension != to->extension)
		change |= PLAN_MOVE;
	if (from->power_mbm != to->power_mbm || from->retry != to->retry)
		change |= PLAN_POWER;
	return change;
}

static unsigned int words(const char *list)
{
	unsigned int n = 0;

	for (list += strspn(list, " "); *list; list += strspn(list, " "), n++)
		list += strcspn(list, " ");
	return n;
}

bool plan_word(const char *list, unsigned int n, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	while (n--) {
		list += len;
		list += strspn(list, " ");
		len = strcspn(list, " ");
	}
	return len && text_copy(out, size, list, len);
}

static bool name_ok(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				 "0123456789._-")] == '\0' &&
	       name[0] != '.' && name[0] != '-';
}

int plan_names(const char *list, unsigned int max, char out[][NL_IFNAME_MAX])
{
	const unsigned int n = words(list);
	unsigned int i, k;

	if (n > max)
		return -E2BIG;
	for (i = 0; i < n; i++) {
		if (!plan_word(list, i + 1, out[i], NL_IFNAME_MAX))
			return -ENAMETOOLONG;
		if (!name_ok(out[i]))
			return -EINVAL;
		for (k = 0; k < i; k++)
			if (strcmp(out[k], out[i]) == 0)
				return -EEXIST;
	}
	return (int)n;
}
