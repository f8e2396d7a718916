/* SPDX-License-Identifier: Apache-2.0 */
/* The agent's answer as text for people or as JSON for programs, record by record. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "ctl/proto.h"

enum print_form {
	PRINT_TEXT,
	PRINT_JSON,
	PRINT_BARE, /* values only */
};

struct printer {
	FILE *out, *err;
	enum print_form form;
	bool object; /* status is one JSON object, the others are lists */
	size_t rows;
};

void print_begin(struct printer *p, FILE *out, FILE *err, enum print_form form, const char *verb);
void print_record(struct printer *p, const struct ctl_record *r);
/* Ends the JSON. 0, or -EIO when something could not be written. */
int print_end(struct printer *p);

/* json.c: a string with its quotes. Bytes that are not UTF-8 become U+FFFD. */
void json_string(struct buf *b, const char *s);
