/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl/print.h"
#include "ctl/proto.h"
#include "lib/cleanup.h"

static void record_round_trip(void **state)
{
	static const char *const a[] = { "get", "", "Device.X" };
	static const char *const b[] = { "cut here, not there" };
	static const size_t cut[] = { 8 };
	_cleanup_buf_ struct buf packet;
	struct ctl_record r;
	const char *p;
	size_t left;

	buf_init(&packet, 1000);
	ctl_put(&packet, CTL_REQUEST, 3, a, NULL);
	ctl_put(&packet, CTL_LINE, 1, b, cut);
	ctl_put(&packet, CTL_DONE, 0, NULL, NULL);
	p = packet.data;
	left = packet.len;
	assert_int_equal(ctl_next(&p, &left, &r), 1);
	assert_int_equal(r.type, CTL_REQUEST);
	assert_int_equal(r.n, 3);
	assert_string_equal(r.field[0], "get");
	assert_string_equal(r.field[1], "");
	assert_string_equal(r.field[2], "Device.X");
	assert_int_equal(ctl_next(&p, &left, &r), 1);
	assert_string_equal(r.field[0], "cut here");
	assert_int_equal(ctl_next(&p, &left, &r), 1);
	assert_int_equal(r.n, 0);
	assert_int_equal(ctl_next(&p, &left, &r), 0);
}

static void malformed_packets_are_refused_at_every_length(void **state)
{
	static const char *const fields[] = { "set", "a", "b" };
	_cleanup_buf_ struct buf packet;
	struct ctl_record r;

	buf_init(&packet, 1000);
	ctl_put(&packet, CTL_REQUEST, 3, fields, NULL);
	for (size_t n = 1; n < packet.len; n++) {
		/* An exact allocation: a byte too far is seen by the sanitizer. */
		char *exact = malloc(n);
		const char *p = exact;
		size_t left = n;

		memcpy(exact, packet.data, n);
		assert_int_equal(ctl_next(&p, &left, &r), -EBADMSG);
		free(exact);
	}
	packet.data[1] = (char)(CTL_FIELDS_MAX + 1);
	{
		const char *p = packet.data;
		size_t left = packet.len;

		assert_int_equal(ctl_next(&p, &left, &r), -EBADMSG);
	}
}

static void record_that_does_not_fit_leaves_no_part_of_it(void **state)
{
	static const char *const fields[] = { "0123456789" };
	_cleanup_buf_ struct buf packet;

	buf_init(&packet, 20);
	ctl_put(&packet, CTL_LINE, 1, fields, NULL);
	assert_int_equal(packet.len, 13);
	ctl_put(&packet, CTL_LINE, 1, fields, NULL);
	assert_true(packet.failed);
	assert_int_equal(packet.len, 13);
	buf_reset(&packet);
	ctl_put(&packet, CTL_LINE, CTL_FIELDS_MAX + 1, fields, NULL);
	assert_true(packet.failed);
}

static void verbs_are_known_with_their_arguments(void **state)
{
	size_t min = 9, max = 9;

	assert_true(ctl_verb_args("names", &min, &max));
	assert_int_equal(min, 1);
	assert_int_equal(max, 2);
	assert_false(ctl_verb_args("name", &min, &max));
	assert_false(ctl_verb_args("", &min, &max));
}

/* What is printed to out and err, in that order, with a tab between. */
static const char *printed(enum print_form form, const char *verb, const struct ctl_record *rows,
			   size_t n)
{
	static char text[2][1000], both[2000];
	FILE *out = fmemopen(text[0], sizeof(text[0]), "w");
	FILE *err = fmemopen(text[1], sizeof(text[1]), "w");
	struct printer p;

	memset(text, 0, sizeof(text));
	print_begin(&p, out, err, form, verb);
	for (size_t i = 0; i < n; i++)
		print_record(&p, &rows[i]);
	assert_int_equal(print_end(&p), 0);
	fclose(out);
	fclose(err);
	snprintf(both, sizeof(both), "%s\t%s", text[0], text[1]);
	return both;
}

static const struct ctl_record rows[] = {
	{ CTL_VALUE, 3, { "Device.A", "xsd:string", "a\"\\\n\x1b[1m\xc3\xa4" } },
	{ CTL_VALUE, 3, { "Device.B", "xsd:boolean", "true" } },
	{ CTL_VALUE, 2, { "an older agent sends", "two fields" } },
	{ CTL_FAULT, 3, { "DM_EVALUE", "Device.C", "1 to 5" } },
};

static void text_cannot_forge_lines_or_drive_the_terminal(void **state)
{
	assert_string_equal(printed(PRINT_TEXT, "get", rows, ARRAY_SIZE(rows)),
			    "Device.A = a\"\\\\\\n\\x1b[1m\xc3\xa4\nDevice.B = true\n\t"
			    "sallyportctl: Device.C: 1 to 5 (DM_EVALUE)\n");
	assert_string_equal(printed(PRINT_BARE, "get", rows + 1, 1), "true\n\t");
}

static void json_is_one_document_and_faults_are_beside_it(void **state)
{
	static const struct ctl_record items[] = {
		{ CTL_ITEM, 2, { "acs", "https://acs/\xff" } },
		{ CTL_ITEM, 2, { "pid", "7" } },
	};

	assert_string_equal(
		printed(PRINT_JSON, "get", rows, ARRAY_SIZE(rows)),
		"[\n {\"path\": \"Device.A\", \"type\": \"xsd:string\", "
		"\"value\": \"a\\\"\\\\\\n\\u001b[1m\xc3\xa4\"},\n"
		" {\"path\": \"Device.B\", \"type\": \"xsd:boolean\", \"value\": \"true\"}\n]\n\t"
		"{\"error\": \"DM_EVALUE\", \"path\": \"Device.C\", \"text\": \"1 to 5\"}\n");
	assert_string_equal(printed(PRINT_JSON, "status", items, 2),
			    "{\n \"acs\": \"https://acs/\xef\xbf\xbd\",\n \"pid\": \"7\"\n}\n\t");
	assert_string_equal(printed(PRINT_JSON, "events", NULL, 0), "[]\n\t");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(record_round_trip),
		UNIT(malformed_packets_are_refused_at_every_length),
		UNIT(record_that_does_not_fit_leaves_no_part_of_it),
		UNIT(verbs_are_known_with_their_arguments),
		UNIT(text_cannot_forge_lines_or_drive_the_terminal),
		UNIT(json_is_one_document_and_faults_are_beside_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
