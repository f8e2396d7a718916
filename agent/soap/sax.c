/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/soap/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/array.h"

#define NS_ENV "http://schemas.xmlsoap.org/soap/envelope/"
#define NS_XSI "http://www.w3.org/2001/XMLSchema-instance"
#define NS_CWMP "urn:dslforum-org:cwmp-1-"
#define ACTOR_NEXT "http://schemas.xmlsoap.org/soap/actor/next"

void soap_stop(struct soap_reader *r, enum soap_error error, const char *why)
{
	if (r->error)
		return;
	r->error = error;
	snprintf(r->why, sizeof(r->why), "%s", why);
}

static uint32_t new_node(struct soap_reader *r)
{
	if (r->n >= SOAP_NODES_MAX) {
		soap_stop(r, SOAP_ELIMIT, "too many elements");
		return 0;
	}
	if (r->n == r->cap) {
		uint32_t cap = r->cap * 2;
		struct soap_node *nodes = realloc(r->nodes, cap * sizeof(*nodes));

		if (!nodes) {
			soap_stop(r, SOAP_EMEMORY, "out of memory");
			return 0;
		}
		r->nodes = nodes;
		r->cap = cap;
	}
	r->nodes[r->n] = (struct soap_node){ .version = CWMP_UNKNOWN };
	return r->n++;
}

static uint32_t intern(struct soap_reader *r, const xmlChar *name)
{
	size_t slot = ((uintptr_t)name >> 3) % SOAP_NAME_CACHE;
	size_t len;

	if (r->cache[slot].name == name)
		return r->cache[slot].at;
	len = strlen((const char *)name);
	if (len > SOAP_NAME_MAX) {
		soap_stop(r, SOAP_ELIMIT, "an element's name is too long");
		return 0;
	}
	r->cache[slot].name = name;
	r->cache[slot].at = (uint32_t)r->text.len;
	buf_put(&r->text, name, len + 1);
	return r->cache[slot].at;
}

static void set_namespace(struct soap_node *node, const xmlChar *uri)
{
	const char *u = (const char *)uri;
	size_t prefix = strlen(NS_CWMP);

	if (!u)
		return;
	node->ns = SOAP_NS_OTHER;
	if (!strcmp(u, NS_ENV))
		node->ns = SOAP_NS_ENV;
	if (strncmp(u, NS_CWMP, prefix))
		return;
	node->ns = SOAP_NS_CWMP;
	/* cwmp-1-3 and 1-4 were never namespaces, but servers write them: they mean 1-2. */
	if (u[prefix] >= '0' && u[prefix] <= '4' && !u[prefix + 1])
		node->version = u[prefix] > '2' ? CWMP_1_2 : (uint8_t)(u[prefix] - '0');
}

static const struct {
	const char *name;
	uint8_t type;
} types[] = {
	{ "string", SOAP_T_STRING },	   { "int", SOAP_T_INT },
	{ "unsignedInt", SOAP_T_UINT },	   { "long", SOAP_T_LONG },
	{ "unsignedLong", SOAP_T_ULONG },  { "boolean", SOAP_T_BOOL },
	{ "dateTime", SOAP_T_DATETIME },   { "base64", SOAP_T_BASE64 },
	{ "base64Binary", SOAP_T_BASE64 }, { "hexBinary", SOAP_T_HEXBIN },
	{ "decimal", SOAP_T_DECIMAL },
};

static uint8_t type_of(const char *qname, size_t len)
{
	const char *colon = memchr(qname, ':', len);

	if (colon) {
		len -= (size_t)(colon + 1 - qname);
		qname = colon + 1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strlen(types[i].name) == len && !memcmp(types[i].name, qname, len))
			return types[i].type;
	return SOAP_T_OTHER;
}

struct attr {
	const char *name, *uri, *value;
	size_t len;
};

static bool attr_is(const struct attr *a, const char *uri, const char *name)
{
	return !strcmp(a->name, name) && a->uri && !strcmp(a->uri, uri);
}

static void take_attr(struct soap_node *node, const struct attr *a, bool *foreign)
{
	if (attr_is(a, NS_XSI, "type")) {
		node->type = type_of(a->value, a->len);
	} else if (attr_is(a, NS_ENV, "mustUnderstand")) {
		if ((a->len == 1 && *a->value == '1') ||
		    (a->len == 4 && !memcmp(a->value, "true", 4)))
			node->flags |= SOAP_F_UNDERSTAND;
	} else if (attr_is(a, NS_ENV, "actor")) {
		*foreign = a->len &&
			   (a->len != strlen(ACTOR_NEXT) || memcmp(a->value, ACTOR_NEXT, a->len));
	}
}

/* attrs: five pointers each, name, prefix, namespace, value and its end (libxml/parser.h) */
static void take_attrs(struct soap_reader *r, struct soap_node *node, int n, const xmlChar **attrs)
{
	bool foreign = false;

	for (int i = 0; i < n; i++) {
		const xmlChar **p = attrs + 5 * i;
		const struct attr a = {
			.name = (const char *)p[0],
			.uri = (const char *)p[2],
			.value = (const char *)p[3],
			.len = (size_t)(p[4] - p[3]),
		};

		if (a.len > SOAP_ATTR_MAX) {
			soap_stop(r, SOAP_ELIMIT, "an attribute is too long");
			return;
		}
		take_attr(node, &a, &foreign);
	}
	/* A header for another actor is not ours to understand (SOAP 1.1 4.2.2). */
	if (foreign)
		node->flags &= (uint8_t)~SOAP_F_UNDERSTAND;
}

static void on_start(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
		     int n_ns, const xmlChar **ns, int n_attrs, int n_default,
		     const xmlChar **attrs)
{
	struct soap_reader *r = arg;
	struct soap_node *node;
	uint32_t i, parent;

	(void)prefix, (void)n_default;
	if (r->error)
		return;
	if (r->depth == SOAP_DEPTH_MAX) {
		soap_stop(r, SOAP_ELIMIT, "elements are nested too deep");
		return;
	}
	if (n_ns + n_attrs > SOAP_ATTRS_MAX) {
		soap_stop(r, SOAP_ELIMIT, "too many attributes");
		return;
	}
	for (int j = 0; j < n_ns; j++) {
		if (strlen((const char *)ns[2 * j + 1]) > SOAP_ATTR_MAX) {
			soap_stop(r, SOAP_ELIMIT, "a namespace name is too long");
			return;
		}
	}
	i = new_node(r);
	if (!i)
		return;
	if (r->depth) {
		parent = r->stack[r->depth - 1];
		if (r->nodes[parent].child) {
			r->nodes[r->last[r->depth - 1]].next = i;
		} else {
			/* White space before the first child: it is no leaf after all. */
			buf_truncate(&r->text, r->nodes[parent].text);
			r->nodes[parent].child = i;
			r->nodes[parent].text = 0;
			r->nodes[parent].len = 0;
		}
		r->last[r->depth - 1] = i;
	}
	r->stack[r->depth++] = i;
	node = &r->nodes[i];
	node->name = intern(r, name);
	node->text = (uint32_t)r->text.len;
	set_namespace(node, uri);
	take_attrs(r, node, n_attrs, attrs);
}

static void on_end(void *arg, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	struct soap_reader *r = arg;

	(void)name, (void)prefix, (void)uri;
	if (r->error || !r->depth)
		return;
	if (!r->nodes[r->stack[--r->depth]].child)
		buf_putc(&r->text, '\0');
}

static void on_text(void *arg, const xmlChar *text, int len)
{
	struct soap_reader *r = arg;
	struct soap_node *node;

	if (r->error || !r->depth || len <= 0)
		return;
	node = &r->nodes[r->stack[r->depth - 1]];
	if (node->child)
		return;
	if (node->len + (uint32_t)len > SOAP_TEXT_MAX) {
		soap_stop(r, SOAP_ELIMIT, "a text is too long");
		return;
	}
	buf_put(&r->text, text, (size_t)len);
	node->len += (uint32_t)len;
}

static void refuse(struct soap_reader *r, const char *why)
{
	soap_stop(r, SOAP_EXML, why);
	xmlStopParser(r->ctxt);
}

/* XXE and entity bombs all begin with a DTD: nothing after it is looked at. */
static void on_dtd(void *arg, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
	(void)name, (void)id, (void)system;
	refuse(arg, "a DTD is not allowed");
}

static void on_pi(void *arg, const xmlChar *target, const xmlChar *data)
{
	(void)target, (void)data;
	refuse(arg, "a processing instruction is not allowed");
}

static xmlEntityPtr on_entity(void *arg, const xmlChar *name)
{
	return xmlGetPredefinedEntity(name);
}

static void on_reference(void *arg, const xmlChar *name)
{
	refuse(arg, "an entity is not allowed");
}

static void on_error(void *arg, xmlErrorPtr e)
{
	struct soap_reader *r = arg;
	char why[sizeof(r->why)];
	size_t n;

	/* An unbound prefix is an error to libxml2, but well-formed; real servers do that. */
	if (r->error || e->level < XML_ERR_ERROR || e->domain == XML_FROM_NAMESPACE)
		return;
	n = (size_t)snprintf(why, sizeof(why), "line %d: %s", e->line,
			     e->message ? e->message : "not well-formed");
	if (n >= sizeof(why))
		n = sizeof(why) - 1;
	while (n && (why[n - 1] == '\n' || why[n - 1] == ' '))
		why[--n] = '\0';
	soap_stop(r, SOAP_EXML, why);
}

void soap_sax_init(xmlSAXHandler *sax)
{
	*sax = (xmlSAXHandler){
		.initialized = XML_SAX2_MAGIC,
		.internalSubset = on_dtd,
		.externalSubset = on_dtd,
		.getEntity = on_entity,
		.reference = on_reference,
		.processingInstruction = on_pi,
		.startElementNs = on_start,
		.endElementNs = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
		.serror = on_error,
	};
}
