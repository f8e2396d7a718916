/* SPDX-License-Identifier: Apache-2.0 */
/* nl80211/attr.c against bytes: good ones, and every way to be wrong. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "tests/unit/unit.h"

#include <linux/netlink.h>

#include "nl80211/attr.h"

/* One attribute: length, type (both little or big endian as the machine), value, padding. */
#define HEAD(len, type) (len) & 0xff, 0, (type), 0

static struct nl_view view(const uint8_t *p, size_t n)
{
	return (struct nl_view){ p, n };
}

static void nl_read_takes_what_it_wants_and_passes_over_the_rest(void **state)
{
	static const uint8_t in[] = { HEAD(8, 1), 0x78, 0x56, 0x34, 0x12,	HEAD(5, 9),
				      0xff,	  0,	0,    0,    HEAD(4, 2), HEAD(8, 3),
				      'a',	  'b',	'c',  0 };
	uint32_t n = 0;
	bool flag = false, other = false;
	char text[4];
	const struct nl_want want[] = {
		NL_NEED(1, NL_U32, &n),
		NL_MAY(2, NL_FLAG, &flag),
		NL_MAY(7, NL_FLAG, &other),
		NL_NEED_SIZE(3, NL_TEXT, text, sizeof(text)),
	};

	assert_int_equal(nl_read(view(in, sizeof(in)), want, ARRAY_SIZE(want)), 0);
	assert_int_equal(n, 0x12345678);
	assert_true(flag);
	assert_false(other);
	assert_string_equal(text, "abc");
}

static void nl_read_tells_missing_twice_and_bad_length_apart(void **state)
{
	static const uint8_t twice[] = { HEAD(5, 1), 7, 0, 0, 0, HEAD(5, 1), 8, 0, 0, 0 };
	static const uint8_t longer[] = { HEAD(6, 1), 7, 7, 0, 0 };
	static const uint8_t empty[] = { HEAD(4, 1) };
	uint8_t v;
	const struct nl_want need[] = { NL_NEED(1, NL_U8, &v) };
	const struct nl_want may[] = { NL_MAY(1, NL_U8, &v) };

	assert_int_equal(nl_read(view(NULL, 0), need, 1), -ENOENT);
	assert_int_equal(nl_read(view(NULL, 0), may, 1), 0);
	assert_int_equal(nl_read(view(twice, sizeof(twice)), may, 1), -EALREADY);
	assert_int_equal(nl_read(view(longer, sizeof(longer)), may, 1), -EINVAL);
	assert_int_equal(nl_read(view(empty, sizeof(empty)), may, 1), -EINVAL);
}

static void nl_read_refuses_attributes_that_overrun_their_room(void **state)
{
	static const uint8_t over[] = { HEAD(9, 1), 1, 2, 3, 4 };
	static const uint8_t under[] = { HEAD(3, 1), 1, 2, 3, 4 };
	static const uint8_t stub[] = { HEAD(4, 1), 1, 2 };
	uint32_t v;
	const struct nl_want want[] = { NL_MAY(1, NL_U32, &v) };
	const struct nl_want flag[] = { NL_MAY(9, NL_U32, &v) };

	assert_int_equal(nl_read(view(over, sizeof(over)), want, 1), -EBADMSG);
	assert_int_equal(nl_read(view(under, sizeof(under)), want, 1), -EBADMSG);
	assert_int_equal(nl_read(view(stub, sizeof(stub)), flag, 1), -EBADMSG);
}

static void nl_read_text_is_terminated_and_without_a_nul_inside(void **state)
{
	static const uint8_t with[] = { HEAD(8, 1), 'a', 'b', 'c', 0 };
	static const uint8_t without[] = { HEAD(7, 1), 'a', 'b', 'c', 'X' };
	static const uint8_t inside[] = { HEAD(8, 1), 'a', 0, 'c', 0 };
	char text[4];
	const struct nl_want four[] = { NL_MAY_SIZE(1, NL_TEXT, text, 4) };
	const struct nl_want three[] = { NL_MAY_SIZE(1, NL_TEXT, text, 3) };

	assert_int_equal(nl_read(view(with, sizeof(with)), four, 1), 0);
	assert_string_equal(text, "abc");
	memset(text, 'z', sizeof(text));
	assert_int_equal(nl_read(view(without, sizeof(without)), four, 1), 0);
	assert_string_equal(text, "abc");
	assert_int_equal(nl_read(view(with, sizeof(with)), three, 1), -EINVAL);
	assert_int_equal(nl_read(view(inside, sizeof(inside)), four, 1), -EINVAL);
}

static void nl_read_bytes_keep_to_their_limit(void **state)
{
	static const uint8_t in[] = { HEAD(7, 1), 1, 2, 3, 0 };
	struct nl_view v = { NULL, 0 };
	const struct nl_want two[] = { NL_MAY_SIZE(1, NL_BYTES, &v, 2) };
	const struct nl_want any[] = { NL_MAY(1, NL_BYTES, &v) };

	assert_int_equal(nl_read(view(in, sizeof(in)), two, 1), -EINVAL);
	assert_int_equal(nl_read(view(in, sizeof(in)), any, 1), 0);
	assert_int_equal(v.len, 3);
	assert_memory_equal(v.p, "\1\2\3", 3);
}

static void nl_next_ignores_the_flag_bits_of_a_type(void **state)
{
	static const uint8_t in[] = { 4, 0, 5, 0x80, 4, 0, 6, 0x40 };
	struct nl_view rest = view(in, sizeof(in)), v;
	uint16_t type;

	assert_int_equal(nl_next(&rest, &type, &v), 1);
	assert_int_equal(type, 5);
	assert_int_equal(nl_next(&rest, &type, &v), 1);
	assert_int_equal(type, 6);
	assert_int_equal(nl_next(&rest, &type, &v), 0);
}

struct message {
	struct nlmsghdr h;
	uint8_t body[64];
};

static void nl_message_reads_an_error_with_the_kernels_words(void **state)
{
	struct message m = { .h = { .nlmsg_type = NLMSG_ERROR,
				    .nlmsg_seq = 7,
				    .nlmsg_flags = NLM_F_CAPPED | NLM_F_ACK_TLVS } };
	static const uint8_t words[] = {
		HEAD(11, NLMSGERR_ATTR_MSG), 'n', 'o', '\n', 'w', 'a', 'y', 0, 0
	};
	const int error = -EINVAL;
	struct nl_view datagram;
	struct nl_head head;
	char said[16];

	memcpy(m.body, &error, sizeof(error));
	memcpy(m.body + 20, words, sizeof(words));
	m.h.nlmsg_len = sizeof(m.h) + 20 + sizeof(words);
	datagram = view((const uint8_t *)&m, m.h.nlmsg_len);
	assert_int_equal(nl_message(&datagram, &head), 1);
	assert_int_equal(head.error, -EINVAL);
	assert_int_equal(head.seq, 7);
	nl_error_text(&head, said, sizeof(said));
	assert_string_equal(said, "no?way");
	nl_error_text(&head, said, 3);
	assert_string_equal(said, "no");
	assert_int_equal(nl_message(&datagram, &head), 0);
}

static void nl_message_refuses_lengths_that_do_not_fit(void **state)
{
	struct message m = { .h = { .nlmsg_type = 0x20 } };
	struct nl_view datagram;
	struct nl_head head;
	size_t len;

	/* shorter than its own header, longer than what came, without room for the command */
	for (len = 0; len < sizeof(m.h); len++) {
		m.h.nlmsg_len = (uint32_t)len;
		datagram = view((const uint8_t *)&m, sizeof(m));
		assert_int_equal(nl_message(&datagram, &head), -EBADMSG);
	}
	m.h.nlmsg_len = sizeof(m) + 1;
	datagram = view((const uint8_t *)&m, sizeof(m));
	assert_int_equal(nl_message(&datagram, &head), -EBADMSG);
	m.h.nlmsg_len = sizeof(m.h) + 3;
	datagram = view((const uint8_t *)&m, sizeof(m));
	assert_int_equal(nl_message(&datagram, &head), -EBADMSG);
	datagram = view((const uint8_t *)&m, sizeof(m.h) - 1);
	assert_int_equal(nl_message(&datagram, &head), -EBADMSG);
	/* an error whose own number is none */
	m.h.nlmsg_type = NLMSG_ERROR;
	m.h.nlmsg_len = sizeof(m.h) + 4;
	m.body[0] = 1;
	datagram = view((const uint8_t *)&m, m.h.nlmsg_len);
	assert_int_equal(nl_message(&datagram, &head), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(nl_read_takes_what_it_wants_and_passes_over_the_rest),
		UNIT(nl_read_tells_missing_twice_and_bad_length_apart),
		UNIT(nl_read_refuses_attributes_that_overrun_their_room),
		UNIT(nl_read_text_is_terminated_and_without_a_nul_inside),
		UNIT(nl_read_bytes_keep_to_their_limit),
		UNIT(nl_next_ignores_the_flag_bits_of_a_type),
		UNIT(nl_message_reads_an_error_with_the_kernels_words),
		UNIT(nl_message_refuses_lengths_that_do_not_fit),
	};

	return cmocka_run_group_tests_name("nl80211_attr", tests, NULL, NULL);
}
