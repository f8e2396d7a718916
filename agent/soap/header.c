/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "agent/soap/reader.h"

static bool taken_header(struct soap_msg *m, const struct soap_node *h)
{
	if (h->ns != SOAP_NS_CWMP)
		return false;
	if (soap_is(m, h, "ID")) {
		m->id = soap_text(m, h);
		m->id_len = h->len;
	} else if (soap_is(m, h, "HoldRequests")) {
		/* Unreadable is not a reason to stop talking. */
		soap_bool(m, h, &m->hold_requests);
	} else if (soap_is(m, h, "SessionTimeout")) {
		m->has_session_timeout = !soap_uint(m, h, &m->session_timeout);
	} else if (soap_is(m, h, "UseCWMPVersion")) {
		m->use_version = soap_text(m, h);
	} else {
		/* The first is in TR-069 of 2004 only; the second is for us to send. */
		return soap_is(m, h, "NoMoreRequests") || soap_is(m, h, "SupportedCWMPVersions");
	}
	return true;
}

static void take_header(struct soap_msg *m, const struct soap_node *header)
{
	const struct soap_node *h;

	for (h = soap_first(m, header); h; h = soap_next(m, h))
		if (!taken_header(m, h) && (h->flags & SOAP_F_UNDERSTAND) && !m->not_understood)
			m->not_understood = soap_name(m, h);
}

void soap_take_header(struct soap_reader *r, struct soap_msg *m)
{
	const struct soap_node *root = &r->nodes[1], *header;

	if (r->n < 3 || r->text.failed || root->ns != SOAP_NS_ENV || !root->child)
		return;
	header = &r->nodes[root->child];
	/* Something follows it: so it has ended. */
	if (header->ns == SOAP_NS_ENV && header->next && soap_is(m, header, "Header"))
		take_header(m, header);
}

static void take_fault(struct soap_msg *m)
{
	const struct soap_node *detail = soap_find(m, m->body, "detail");
	const struct soap_node *fault = soap_find(m, detail, "Fault");
	const struct soap_node *text = soap_find(m, fault, "FaultString");

	m->kind = SOAP_FAULT;
	if (fault)
		m->version = fault->version;
	if (soap_uint(m, soap_find(m, fault, "FaultCode"), &m->fault_code))
		m->fault_code = 0;
	if (!text)
		text = soap_find(m, m->body, "faultstring");
	m->fault_text = text ? soap_text(m, text) : "";
}

static enum soap_error take_body(struct soap_reader *r, struct soap_msg *m,
				 const struct soap_node *body)
{
	static const char suffix[] = "Response";

	m->body = soap_first(m, body);
	if (!m->body || soap_next(m, m->body)) {
		soap_stop(r, SOAP_EENVELOPE, "the Body does not hold exactly one element");
		return r->error;
	}
	m->method = soap_name(m, m->body);
	m->method_len = strlen(m->method);
	m->version = m->body->version;
	if (m->body->ns == SOAP_NS_ENV && soap_is(m, m->body, "Fault")) {
		take_fault(m);
	} else if (m->method_len > sizeof(suffix) - 1 &&
		   !strcmp(m->method + m->method_len - (sizeof(suffix) - 1), suffix)) {
		m->kind = SOAP_RESPONSE;
		m->method_len -= sizeof(suffix) - 1;
	}
	return SOAP_OK;
}

enum soap_error soap_take_envelope(struct soap_reader *r, struct soap_msg *m)
{
	const struct soap_node *root = r->n > 1 ? &r->nodes[1] : NULL;
	const struct soap_node *n = NULL;

	if (!root || !soap_is(m, root, "Envelope")) {
		soap_stop(r, SOAP_EENVELOPE, "not a SOAP envelope");
		return r->error;
	}
	if (root->ns != SOAP_NS_ENV) {
		soap_stop(r, SOAP_EVERSION, "an Envelope that is not of SOAP 1.1");
		return r->error;
	}
	n = soap_first(m, root);
	if (n && n->ns == SOAP_NS_ENV && soap_is(m, n, "Header")) {
		take_header(m, n);
		n = soap_next(m, n);
	}
	if (!n || n->ns != SOAP_NS_ENV || !soap_is(m, n, "Body")) {
		soap_stop(r, SOAP_EENVELOPE, "an Envelope without a Body");
		return r->error;
	}
	return take_body(r, m, n);
}
