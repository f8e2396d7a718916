/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/soap/write.h"

#include <string.h>

#include "agent/soap/escape.h"
#include "lib/buf.h"
#include "lib/num.h"

#define LIT(b, s) buf_put(b, s, sizeof(s) - 1)
#define COUNT_ROOM 13 /* ten digits, ]" and > */

static const char supported_versions[] = "1.0,1.1,1.2,1.3,1.4";

static void begin_envelope(struct soap_writer *w, struct buf *out, uint8_t version)
{
	char digit = version == CWMP_1_0 ? '0' : version == CWMP_1_1 ? '1' : '2';

	*w = (struct soap_writer){ .out = out };
	LIT(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<soap-env:Envelope"
		 " xmlns:soap-env=\"http://schemas.xmlsoap.org/soap/envelope/\""
		 " xmlns:soap-enc=\"http://schemas.xmlsoap.org/soap/encoding/\""
		 " xmlns:xsd=\"http://www.w3.org/2001/XMLSchema\""
		 " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""
		 " xmlns:cwmp=\"urn:dslforum-org:cwmp-1-");
	buf_putc(out, digit);
	LIT(out, "\">\n");
}

static void put_id(struct buf *out, const char *id, size_t len)
{
	LIT(out, "<cwmp:ID soap-env:mustUnderstand=\"1\">");
	soap_escape(out, id, len);
	LIT(out, "</cwmp:ID>");
}

void soap_begin(struct soap_writer *w, struct buf *out, uint8_t version, const char *id,
		size_t id_len)
{
	begin_envelope(w, out, version);
	if (id) {
		LIT(out, "<soap-env:Header>");
		put_id(out, id, id_len);
		LIT(out, "</soap-env:Header>\n");
	}
	LIT(out, "<soap-env:Body>\n");
}

void soap_begin_inform(struct soap_writer *w, struct buf *out, uint8_t version, const char *id)
{
	begin_envelope(w, out, version);
	LIT(out, "<soap-env:Header>");
	put_id(out, id, strlen(id));
	/* The element exists in the namespace cwmp-1-2 only. */
	if (version >= CWMP_1_2) {
		LIT(out, "<cwmp:SupportedCWMPVersions soap-env:mustUnderstand=\"0\">");
		LIT(out, supported_versions);
		LIT(out, "</cwmp:SupportedCWMPVersions>");
	}
	LIT(out, "</soap-env:Header>\n<soap-env:Body>\n");
}

void soap_end(struct soap_writer *w)
{
	LIT(w->out, "\n</soap-env:Body>\n</soap-env:Envelope>\n");
}

void soap_open(struct soap_writer *w, const char *element)
{
	buf_putc(w->out, '<');
	buf_puts(w->out, element);
	buf_putc(w->out, '>');
}

void soap_close(struct soap_writer *w, const char *element)
{
	LIT(w->out, "</");
	buf_puts(w->out, element);
	buf_putc(w->out, '>');
}

void soap_put(struct soap_writer *w, const char *element, const char *text, size_t len)
{
	soap_open(w, element);
	soap_escape(w->out, text, len);
	soap_close(w, element);
}

void soap_puts(struct soap_writer *w, const char *element, const char *text)
{
	soap_put(w, element, text, strlen(text));
}

void soap_putu(struct soap_writer *w, const char *element, uint64_t value)
{
	soap_open(w, element);
	buf_putu(w->out, value);
	soap_close(w, element);
}

static void open_array(struct buf *out, const char *element, const char *item_type)
{
	buf_putc(out, '<');
	buf_puts(out, element);
	LIT(out, " soap-enc:arrayType=\"");
	buf_puts(out, item_type);
	buf_putc(out, '[');
}

void soap_array_begin(struct soap_writer *w, const char *element, const char *item_type)
{
	open_array(w->out, element, item_type);
	w->array_at = w->out->len;
	w->array_n = 0;
	buf_put(w->out, "             ", COUNT_ROOM);
}

void soap_array_item(struct soap_writer *w)
{
	w->array_n++;
}

void soap_array_end(struct soap_writer *w, const char *element)
{
	char *at;

	soap_close(w, element);
	if (w->out->failed)
		return;
	/* What is not needed stays as blanks between the attribute and '>'. */
	at = w->out->data + w->array_at;
	memcpy(at + num_put(at, w->array_n), "]\"", 2);
	at[COUNT_ROOM - 1] = '>';
}

void soap_array_fixed(struct soap_writer *w, const char *element, const char *item_type,
		      uint32_t count)
{
	open_array(w->out, element, item_type);
	buf_putu(w->out, count);
	LIT(w->out, "]\">");
}

static char *add(char *to, const char *text, size_t len)
{
	memcpy(to, text, len);
	return to + len;
}
#define ADD(to, s) add(to, s, sizeof(s) - 1)

/* The busiest function of a big answer: one look for room, then copies only. */
void soap_value(struct soap_writer *w, const char *path, size_t path_len, const char *type,
		const char *text, size_t len)
{
	static const char before[] = "<ParameterValueStruct><Name>";
	static const char between[] = "</Name><Value xsi:type=\"";
	static const char after[] = "</Value></ParameterValueStruct>\n";
	size_t type_len = strlen(type);
	bool plain = soap_plain(text, len) == len;
	size_t room = sizeof(before) + sizeof(between) + sizeof(after) + path_len + type_len + 2;
	char *start, *to;

	w->array_n++;
	start = buf_room(w->out, room + (plain ? len : 0));
	if (!start)
		return;
	to = ADD(start, before);
	to = add(to, path, path_len);
	to = ADD(to, between);
	to = add(to, type, type_len);
	to = ADD(to, "\">");
	if (plain) {
		to = add(to, text, len);
		to = ADD(to, after);
		buf_commit(w->out, (size_t)(to - start));
		return;
	}
	buf_commit(w->out, (size_t)(to - start));
	soap_escape(w->out, text, len);
	buf_put(w->out, after, sizeof(after) - 1);
}

void soap_info(struct soap_writer *w, const char *path, size_t path_len, bool writable)
{
	static const char before[] = "<ParameterInfoStruct><Name>";
	static const char between[] = "</Name><Writable>";
	static const char after[] = "</Writable></ParameterInfoStruct>\n";
	char *start, *to;

	w->array_n++;
	start = buf_room(w->out, sizeof(before) + sizeof(between) + sizeof(after) + path_len + 1);
	if (!start)
		return;
	to = ADD(start, before);
	to = add(to, path, path_len);
	to = ADD(to, between);
	*to++ = writable ? '1' : '0';
	to = ADD(to, after);
	buf_commit(w->out, (size_t)(to - start));
}

void soap_write_fault(struct buf *out, uint8_t version, const char *id, size_t id_len,
		      const char *code, const char *text)
{
	struct soap_writer w;

	soap_begin(&w, out, version, id, id_len);
	LIT(out, "<soap-env:Fault><faultcode>soap-env:");
	buf_puts(out, code);
	LIT(out, "</faultcode>");
	soap_puts(&w, "faultstring", text);
	LIT(out, "</soap-env:Fault>");
	soap_end(&w);
}
