/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOAP 1.1 envelopes as an ACS sends them, turned into a compact read-only view: one flat array
 * of nodes and one block of text. Pure: bytes in, view out. The sender is not trusted.
 *
 * Refused before anything is acted on: any DTD, entities other than the five of XML 1.0,
 * processing instructions, bytes that are not UTF-8, and whatever passes a limit of lib/limits.h.
 * A declared encoding is not looked at (TR-069 A6 3.4.1 says UTF-8; a converter would open files).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A CWMP version 1.x is its minor number. Namespaces on the wire: 1-0, 1-1, and 1-2 for 1.2-1.4. */
enum cwmp_version {
	CWMP_1_0,
	CWMP_1_1,
	CWMP_1_2,
	CWMP_1_3,
	CWMP_1_4,
	CWMP_NEWEST = CWMP_1_4,
	CWMP_UNKNOWN = 0xff,
};

enum soap_error {
	SOAP_OK,
	SOAP_EXML,	/* not well-formed, DTD, PI, foreign entity, not UTF-8 */
	SOAP_ELIMIT,	/* too big, deep, wide or long */
	SOAP_EENVELOPE, /* well-formed, but not one SOAP envelope with one body element */
	SOAP_EVERSION,	/* an Envelope, but not SOAP 1.1's */
	SOAP_EMEMORY,
};

enum soap_ns { SOAP_NS_NONE, SOAP_NS_ENV, SOAP_NS_CWMP, SOAP_NS_OTHER };

/* What an xsi:type named; prefixes are not resolved, real servers leave them unbound. */
enum soap_type {
	SOAP_T_NONE, /* no xsi:type */
	SOAP_T_STRING,
	SOAP_T_INT,
	SOAP_T_UINT,
	SOAP_T_LONG,
	SOAP_T_ULONG,
	SOAP_T_BOOL,
	SOAP_T_DATETIME,
	SOAP_T_BASE64,
	SOAP_T_HEXBIN,
	SOAP_T_DECIMAL,
	SOAP_T_OTHER,
};

struct soap_node {
	uint32_t name;	      /* offset of the local name in the text block */
	uint32_t text;	      /* offset of the text; of a leaf, "" when it has children */
	uint32_t len;	      /* octets of text */
	uint32_t next, child; /* index of the next sibling and of the first child; 0: none */
	uint8_t ns;	      /* enum soap_ns */
	uint8_t type;	      /* enum soap_type */
	uint8_t version;      /* enum cwmp_version, when ns is SOAP_NS_CWMP */
	uint8_t flags;	      /* enum soap_flags */
};

enum soap_flags {
	SOAP_F_UNDERSTAND = 1, /* mustUnderstand="1" and meant for us */
};

enum soap_kind {
	SOAP_CALL,     /* anything that is neither of the other two */
	SOAP_RESPONSE, /* "...Response" */
	SOAP_FAULT,
};

/* Valid until the next soap_read() with the same reader. Strings are terminated. */
struct soap_msg {
	const struct soap_node *nodes;
	const char *text;
	const struct soap_node *body; /* the RPC element or Fault */
	const char *method;	      /* local name of body */
	size_t method_len;	      /* without "Response" when that is the kind */
	enum soap_kind kind;
	uint8_t version; /* of the namespace: CWMP_1_0, _1_1, _1_2 or CWMP_UNKNOWN */

	/* header */
	const char *id; /* NULL: there was none */
	size_t id_len;
	bool hold_requests;
	bool has_session_timeout;
	uint32_t session_timeout;   /* seconds */
	const char *use_version;    /* text of UseCWMPVersion or NULL */
	const char *not_understood; /* name of a header with mustUnderstand that we don't know */

	/* kind SOAP_FAULT */
	uint32_t fault_code;	/* of the CWMP fault in the detail; 0: a plain SOAP fault */
	const char *fault_text; /* FaultString, else faultstring, never NULL */
};

struct soap_reader;
/* libxml2's own start: call once before the sandbox. */
void soap_warm_up(void);
/* NULL when memory is short. */
struct soap_reader *soap_reader_new(void);
void soap_reader_free(struct soap_reader *);
/*
 * Reads one whole envelope. On success *msg is filled. On an error *msg has what was understood
 * of the header (id may be set), and soap_why() says in one line what was wrong.
 */
enum soap_error soap_read(struct soap_reader *, const char *data, size_t len, struct soap_msg *msg);
const char *soap_why(const struct soap_reader *);

const struct soap_node *soap_first(const struct soap_msg *, const struct soap_node *);
const struct soap_node *soap_next(const struct soap_msg *, const struct soap_node *);
/* First child of that local name, whatever its namespace, or NULL. Node NULL gives NULL. */
const struct soap_node *soap_find(const struct soap_msg *, const struct soap_node *,
				  const char *name);
bool soap_is(const struct soap_msg *, const struct soap_node *, const char *name);
const char *soap_text(const struct soap_msg *, const struct soap_node *); /* terminated */
const char *soap_name(const struct soap_msg *, const struct soap_node *);
/* Lexical forms of XML Schema, white space around allowed. 0 or -EINVAL. Node NULL: -EINVAL. */
int soap_bool(const struct soap_msg *, const struct soap_node *, bool *out);
int soap_uint(const struct soap_msg *, const struct soap_node *, uint32_t *out);
