/* SPDX-License-Identifier: Apache-2.0 */
/* X3: whatever bytes come on the rtnetlink socket, the tables hold together. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <libmnl/libmnl.h>

#include "agent/kernel/ethtool.h"
#include "agent/kernel/rt.h"
#include "lib/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
	if (!holds)
		abort();
}

static void check_tables(const struct rt_tables *t)
{
	for (uint32_t w = 0; w < RT_TABLES; w++) {
		const struct rt_set *s = &t->set[w];

		check(s->n <= s->max && s->n <= s->cap + (s->cap == 0));
		for (uint32_t i = 0; i < s->n; i++)
			check(rt_set_find(s, rt_set_at(s, i)) == rt_set_at(s, i));
	}
	for (uint32_t i = 0; i < t->set[RT_LINKS].n; i++) {
		const struct rt_link *l = rt_set_at(&t->set[RT_LINKS], i);

		check(l->name[0] && memchr(l->name, 0, sizeof(l->name)) != NULL);
		for (const char *c = l->name; *c; c++)
			check(*c > 0x20 && *c < 0x7f);
	}
	for (uint32_t i = 0; i < t->set[RT_ADDRS].n; i++) {
		const struct rt_addr *a = rt_set_at(&t->set[RT_ADDRS], i);

		check(a->key.plen <= (a->key.family == 2 ? 32 : 128));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rt_tables t;
	const struct nlmsghdr *h;
	const void *at;
	size_t left;
	void *all;

	if (size < 2 || size > 65536)
		return 0;
	all = malloc(size);
	if (!all)
		return 0;
	memcpy(all, data, size);
	rt_tables_init(&t);
	t.set[RT_NEIGHS].max = t.set[RT_ROUTES].max = 64; /* to reach the ends of the tables */
	for (int dump = 0; dump < 2; dump++) {
		at = all;
		left = size;
		t.round++;
		while ((h = rt_message(&at, &left))) {
			struct eth_counts c;
			struct eth_mode m;

			rt_apply(&t, h, 1000u * (unsigned int)dump, dump);
			(void)ethtool_parse_family(h);
			if (ethtool_parse_counts(&c, h))
				check(c.index && c.has && c.has < 1u << ETH_COUNTS);
			if (ethtool_parse_mode(&m, h))
				check(m.index && m.speed <= INT32_MAX);
		}
		check_tables(&t);
	}
	t.round++;
	rt_sweep(&t, RT_ROUTES, 2);
	check_tables(&t);
	rt_tables_free(&t);
	free(all);
	return 0;
}
