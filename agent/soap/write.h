/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Envelopes written straight into a buffer. When the buffer's limit is reached buf->failed is set
 * and the rest goes nowhere; look once, at the end.
 *
 * Text is XML 1.0-clean whatever the bytes are. & < > and CR are escaped; each character that XML
 * 1.0 can't hold (C0 controls but TAB, LF, CR; U+FFFE, U+FFFF) and each byte that is not part of
 * well-formed UTF-8 becomes one U+FFFD. So the same bytes always give the same text, and
 * well-formed text comes out as it went in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/soap/escape.h"
#include "agent/soap/read.h"

struct buf;

struct soap_writer {
	struct buf *out;
	size_t array_at;  /* where the count of the open array belongs */
	uint32_t array_n; /* items so far */
};

/* Envelope, Header with the ID (NULL: none), and the start of Body. */
void soap_begin(struct soap_writer *, struct buf *out, uint8_t version, const char *id,
		size_t id_len);
/* As soap_begin(), with SupportedCWMPVersions where the version has it: for the Inform. */
void soap_begin_inform(struct soap_writer *, struct buf *out, uint8_t version, const char *id);
void soap_end(struct soap_writer *);

void soap_open(struct soap_writer *, const char *element); /* "<" element ">" */
void soap_close(struct soap_writer *, const char *element);
/* <element>text</element>; element is ours and not escaped. */
void soap_put(struct soap_writer *, const char *element, const char *text, size_t len);
void soap_puts(struct soap_writer *, const char *element, const char *text);
void soap_putu(struct soap_writer *, const char *element, uint64_t value);

/*
 * An encoded array; the count is patched in by soap_array_end(). Arrays inside an item of another
 * (AccessList) are written with soap_array_fixed(), whose count is known.
 */
void soap_array_begin(struct soap_writer *, const char *element, const char *item_type);
void soap_array_item(struct soap_writer *); /* counts one */
void soap_array_end(struct soap_writer *, const char *element);
void soap_array_fixed(struct soap_writer *, const char *element, const char *item_type,
		      uint32_t count);

/* One ParameterValueStruct, counted. path is clean (it comes from the tree); type "xsd:int". */
void soap_value(struct soap_writer *, const char *path, size_t path_len, const char *type,
		const char *text, size_t len);
/* One ParameterInfoStruct, counted. */
void soap_info(struct soap_writer *, const char *path, size_t path_len, bool writable);

/* A whole envelope with a plain SOAP fault, without CWMP detail; code is "MustUnderstand" or so. */
void soap_write_fault(struct buf *out, uint8_t version, const char *id, size_t id_len,
		      const char *code, const char *text);
