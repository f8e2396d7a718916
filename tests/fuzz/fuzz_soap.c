/* SPDX-License-Identifier: Apache-2.0 */
/* X3: whatever an ACS sends, the reader refuses it or gives a view that holds together. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/soap/escape.h"
#include "agent/soap/read.h"
#include "agent/soap/write.h"
#include "lib/buf.h"
#include "lib/limits.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Parents come before their children, so the indices bound this walk. */
static void walk(const struct soap_msg *m, const struct soap_node *root, struct buf *out)
{
	const struct soap_node *stack[SOAP_DEPTH_MAX], *n = root;
	size_t depth = 0;

	while (n) {
		const char *text = soap_text(m, n);
		bool flag;
		uint32_t number;

		if (strlen(text) != n->len || !utf8_valid(text, n->len) || n->len > SOAP_TEXT_MAX ||
		    strlen(soap_name(m, n)) > SOAP_NAME_MAX)
			abort();
		soap_bool(m, n, &flag);
		soap_uint(m, n, &number);
		buf_reset(out);
		soap_escape(out, text, n->len);
		if (out->failed || !xml_clean(buf_str(out), out->len))
			abort();
		if (soap_first(m, n)) {
			if (depth == SOAP_DEPTH_MAX)
				abort();
			stack[depth++] = n;
			n = soap_first(m, n);
			continue;
		}
		while (n && n != root && !soap_next(m, n))
			n = depth ? stack[--depth] : NULL;
		n = n && n != root ? soap_next(m, n) : NULL;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct soap_reader *reader;
	static struct buf out;
	struct soap_msg msg;

	if (!reader) {
		soap_warm_up();
		reader = soap_reader_new();
		buf_init(&out, 6 * SOAP_TEXT_MAX);
	}
	if (soap_read(reader, (const char *)data, size, &msg)) {
		if (!*soap_why(reader))
			abort();
		return 0;
	}
	if (strlen(msg.method) < msg.method_len || (msg.kind == SOAP_FAULT && !msg.fault_text))
		abort();
	walk(&msg, msg.body, &out);
	return 0;
}
