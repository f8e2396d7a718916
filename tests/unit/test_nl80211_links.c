/* SPDX-License-Identifier: Apache-2.0 */
/* Which of rtnetlink's messages say that an access point may be gone. */
#include "tests/unit/unit.h"

#include "nl80211/links.c"

static const struct nl_ifaces ours = { .n = 2, .v = { { .ifindex = 4 }, { .ifindex = 7 } } };

static struct link_news news(uint16_t type, int ifindex, unsigned int flags)
{
	return (struct link_news){ .head.nlmsg_type = type,
				   .link = { .ifi_index = ifindex, .ifi_flags = flags } };
}

static bool lost(uint16_t type, int ifindex, unsigned int flags)
{
	const struct link_news m = news(type, ifindex, flags);

	return is_lost(&m, sizeof(m), &ours);
}

static void a_link_of_a_radio_that_goes_or_goes_quiet_is_lost(void **state)
{
	assert_true(lost(RTM_DELLINK, 4, IFF_UP | IFF_RUNNING));
	assert_true(lost(RTM_NEWLINK, 7, IFF_UP));
	assert_true(lost(RTM_NEWLINK, 7, 0));
}

static void other_news_are_none(void **state)
{
	assert_false(lost(RTM_NEWLINK, 7, IFF_UP | IFF_RUNNING)); /* a station, a carrier */
	assert_false(lost(RTM_DELLINK, 5, 0));			  /* not a radio's */
	assert_false(lost(RTM_NEWADDR, 7, 0));
	assert_false(lost(NLMSG_ERROR, 7, 0));
}

static void half_a_message_is_none(void **state)
{
	const struct link_news m = news(RTM_DELLINK, 4, 0);
	size_t n;

	for (n = 0; n < sizeof(m); n++)
		assert_false(is_lost(&m, n, &ours));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(a_link_of_a_radio_that_goes_or_goes_quiet_is_lost),
		UNIT(other_news_are_none),
		UNIT(half_a_message_is_none),
	};

	return cmocka_run_group_tests_name("nl80211_links", tests, NULL, NULL);
}
