/* SPDX-License-Identifier: Apache-2.0 */
/* Shared by read.c, sax.c and header.c only. */
#pragma once

#include <libxml/parser.h>

#include "agent/soap/read.h"
#include "lib/buf.h"
#include "lib/limits.h"

#define SOAP_NAME_CACHE 64 /* power of two */

struct soap_reader {
	struct soap_node *nodes; /* [0] is nobody, [1] the root */
	uint32_t n, cap;
	struct buf text;		/* [0] is "" */
	uint32_t stack[SOAP_DEPTH_MAX]; /* open elements */
	uint32_t last[SOAP_DEPTH_MAX];	/* their newest children */
	uint32_t depth;
	xmlSAXHandler sax;
	xmlParserCtxtPtr ctxt;
	enum soap_error error;
	char why[160];
	/* libxml2 interns names: the same pointer is the same name */
	struct {
		const xmlChar *name;
		uint32_t at;
	} cache[SOAP_NAME_CACHE];
};

void soap_sax_init(xmlSAXHandler *);
/*
 * Notes the first error: all callbacks return at once from then on, and parsing ends with
 * the chunk.
 * (xmlStopParser() would free what the running callback still reads.)
 */
void soap_stop(struct soap_reader *, enum soap_error, const char *why);
/* Fills msg from the nodes; SOAP_OK, SOAP_EENVELOPE or SOAP_EVERSION. */
enum soap_error soap_take_envelope(struct soap_reader *, struct soap_msg *);
/* After an error: the header, when it was read whole. */
void soap_take_header(struct soap_reader *, struct soap_msg *);
