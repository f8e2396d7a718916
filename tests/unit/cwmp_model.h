/* SPDX-License-Identifier: Apache-2.0 */
/* A small data model with what an Inform needs, and a session to run RPCs in, for the tests. */
#pragma once

#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cwmp/rpc.h"
#include "agent/cwmp/session_state.h"
#include "agent/tree/rows.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/log.h"

/* What the getters and the module's hooks do. */
static struct {
	const char *noise; /* value of Device.Noise */
	size_t noise_len;
	enum dm_error apply_says;
	unsigned int applies;
} box;

static enum dm_error get_noise(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_mem(sink, box.noise, box.noise_len);
	return DM_OK;
}

static enum dm_error get_text(struct dm_inst *in, const struct dm_param *p, struct dm_sink *sink)
{
	dm_put_str(sink, p->source);
	return DM_OK;
}

static enum dm_error apply(struct dm *dm, struct dm_txn *txn)
{
	box.applies++;
	return box.apply_says;
}

static const struct dm_module box_module = { .name = "box", .apply = apply };

#define FIXED(name, text, ...)                                                         \
	{                                                                              \
		name, DM_STRING, DM_RO, .get = get_text, .source = text, ##__VA_ARGS__ \
	}

static const struct dm_param device_params[] = {
	FIXED("RootDataModelVersion", "2.19", .flags = DM_FORCED_INFORM),
	{ "Noise", DM_STRING, DM_RO, .get = get_noise },
};
static const struct dm_object device = DM_SINGLE("Device.", device_params);

static const struct dm_param info_params[] = {
	FIXED("Manufacturer", "Sally & Sons"),
	FIXED("ManufacturerOUI", "00D09E"),
	FIXED("ProductClass", "gateway"),
	FIXED("SerialNumber", "0001"),
	{ "ProvisioningCode", DM_STRING, DM_RW, DM_MAXLEN(64), .flags = DM_FORCED_INFORM,
	  .notify = DM_FORCED_ACTIVE },
};
static const struct dm_object info = DM_SINGLE("Device.DeviceInfo.", info_params);

static const struct dm_param server_params[] = {
	{ "ParameterKey", DM_STRING, DM_RO, DM_MAXLEN(32), .flags = DM_FORCED_INFORM },
	{ "Password", DM_STRING, DM_RW, DM_MAXLEN(256), .flags = DM_SECRET },
	{ "PeriodicInformInterval", DM_UINT, DM_RW, DM_RANGE(1, DM_NOMAX), .def = "600" },
	{ "PeriodicInformTime", DM_DATETIME, DM_RW, .def = "0001-01-01T00:00:00Z" },
};
static const struct dm_object server = DM_SINGLE("Device.ManagementServer.", server_params);

static const char *const modes[] = { "Off", "On", NULL };
static const struct dm_param port_params[] = {
	{ "Enable", DM_BOOL, DM_RW, .def = "false" },
	{ "Name", DM_STRING, DM_RW, DM_MAXLEN(8) },
	{ "Mode", DM_STRING, DM_RW, DM_VALUES(modes), .def = "Off" },
	{ "Signed", DM_INT, DM_RW, DM_RANGE(-5, 5) },
	{ "Counter", DM_ULONG, DM_RO, .notify = DM_CAN_DENY },
	{ "List", DM_STRING, DM_RW, .flags = DM_LIST, .item = DM_UINT, .max_items = 3 },
};
static const struct dm_object port =
	DM_TABLE("Device.Port.{i}.", port_params, .flags = DM_ADD, .max = 3,
		 .entries = "PortNumberOfEntries", .module = &box_module);

static const struct dm_object *const box_objects[] = { &device, &info, &server, &port };

struct cwmp_box {
	struct dm *dm;
	struct cwmp_events events;
	struct cwmp_acs acs;
	struct cwmp_ops ops;
	struct cwmp_env env;
	struct session *session;
	struct soap_reader *reader; /* of the answers */
	struct soap_msg answer;
};

static int box_setup(void **state)
{
	struct cwmp_box *b = calloc(1, sizeof(*b));
	struct session_config config = { .url = "https://acs.example/",
					 .offer = CWMP_UNKNOWN,
					 .retry_min = 5,
					 .retry_mult = 2000 };

	assert_non_null(b);
	log_set_fd(-1);
	memset(&box, 0, sizeof(box));
	box.noise = "";
	assert_int_equal(dm_open(&b->dm, box_objects, ARRAY_SIZE(box_objects), NULL), 0);
	dm_sample(b->dm); /* as the agent does at its start */
	cwmp_events_init(&b->events);
	b->env = (struct cwmp_env){ .dm = b->dm,
				    .events = &b->events,
				    .acs = &b->acs,
				    .ops = &b->ops,
				    .time_known = true,
				    .unix_us = INT64_C(1767323045000000) };
	config.events = &b->events;
	b->session = session_new(&config);
	b->session->version = CWMP_1_2;
	b->reader = soap_reader_new();
	assert_non_null(b->reader);
	*state = b;
	return 0;
}

static int box_teardown(void **state)
{
	struct cwmp_box *b = *state;

	session_free(b->session);
	soap_reader_free(b->reader);
	dm_close(b->dm);
	free(b);
	return 0;
}

#define BOX_ENVELOPE(ns, head, body)                                                           \
	"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'"                      \
	" xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"                               \
	" xmlns:c='urn:dslforum-org:cwmp-1-" ns "'><s:Header>" head "</s:Header><s:Body>" body \
	"</s:Body></s:Envelope>"
#define BOX_ID "<c:ID s:mustUnderstand='1'>id &lt;7&gt;</c:ID>"

/* Reads what is in the session's buffer. */
__attribute__((unused)) static void box_read_answer(struct cwmp_box *b)
{
	enum soap_error e =
		soap_read(b->reader, b->session->out.data, b->session->out.len, &b->answer);

	if (e)
		fail_msg("%s: %s", soap_why(b->reader), b->session->out.data);
}

/* Carries out a whole envelope of the ACS. */
__attribute__((unused)) static void box_run(struct cwmp_box *b, const char *envelope)
{
	struct action action = { .kind = ACT_RUN, .run = RUN_REQUEST };

	assert_int_equal(
		soap_read(b->session->reader, envelope, strlen(envelope), &b->session->msg),
		SOAP_OK);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	box_read_answer(b);
	if (b->session->msg.id)
		assert_string_equal(b->answer.id, b->session->msg.id);
	else
		assert_null(b->answer.id);
}

/* The body element of a request, run; the body's text of the answer. */
__attribute__((unused)) static const char *box_rpc(struct cwmp_box *b, const char *element)
{
	_cleanup_buf_ struct buf request;
	char *body;

	buf_init(&request, 16u << 20);
	buf_puts(&request, BOX_ENVELOPE("2", BOX_ID, ""));
	request.len -= strlen("</s:Body></s:Envelope>");
	buf_puts(&request, element);
	buf_puts(&request, "</s:Body></s:Envelope>");
	box_run(b, request.data);
	body = strstr(b->session->out.data, "<soap-env:Body>");
	assert_non_null(body);
	return body + strlen("<soap-env:Body>\n");
}

__attribute__((unused)) static void box_fault(struct cwmp_box *b, const char *element,
					      unsigned int code)
{
	const char *text = box_rpc(b, element);

	if (b->answer.kind != SOAP_FAULT || b->answer.fault_code != code)
		fail_msg("not fault %u: %s", code, text);
	assert_true(strlen(b->answer.fault_text) > 5);
}

/* Value of a parameter in the answer; NULL when it is not there. */
__attribute__((unused)) static const char *box_value(struct cwmp_box *b, const char *name)
{
	const struct soap_msg *m = &b->answer;
	const struct soap_node *n = soap_find(m, m->body, "ParameterList");

	for (n = soap_first(m, n); n; n = soap_next(m, n))
		if (!strcmp(soap_text(m, soap_find(m, n, "Name")), name))
			return soap_text(m, soap_find(m, n, "Value"));
	return NULL;
}

__attribute__((unused)) static const char *box_get(struct cwmp_box *b, const char *name)
{
	char request[512];

	snprintf(request, sizeof(request),
		 "<c:GetParameterValues><ParameterNames><string>%s</string></ParameterNames>"
		 "</c:GetParameterValues>",
		 name);
	box_rpc(b, request);
	return box_value(b, name);
}

__attribute__((unused)) static const char *child(struct cwmp_box *b, const char *name)
{
	const struct soap_node *n = soap_find(&b->answer, b->answer.body, name);

	return n ? soap_text(&b->answer, n) : NULL;
}

__attribute__((unused)) static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what))) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* Requests */
#define GPN(path, next)                                                                \
	"<c:GetParameterNames><ParameterPath>" path "</ParameterPath><NextLevel>" next \
	"</NextLevel></c:GetParameterNames>"
#define GPV(names) \
	"<c:GetParameterValues><ParameterNames>" names "</ParameterNames></c:GetParameterValues>"
#define NAME(n) "<string>" n "</string>"
#define SPV(list, key)                                                                    \
	"<c:SetParameterValues><ParameterList>" list "</ParameterList><ParameterKey>" key \
	"</ParameterKey></c:SetParameterValues>"
#define SET(name, type, value)                                             \
	"<ParameterValueStruct><Name>" name "</Name><Value" type ">" value \
	"</Value></ParameterValueStruct>"
#define T(t) " xsi:type='xsd:" t "'"
#define ADD(path, key)                                                     \
	"<c:AddObject><ObjectName>" path "</ObjectName><ParameterKey>" key \
	"</ParameterKey></c:AddObject>"
#define DELETE(path, key)                                                     \
	"<c:DeleteObject><ObjectName>" path "</ObjectName><ParameterKey>" key \
	"</ParameterKey></c:DeleteObject>"
#define SERVER "Device.ManagementServer."

#define SPA(name, nc, n, ac, list)                                                           \
	"<c:SetParameterAttributes><ParameterList><SetParameterAttributesStruct><Name>" name \
	"</Name><NotificationChange>" nc "</NotificationChange><Notification>" n             \
	"</Notification><AccessListChange>" ac "</AccessListChange><AccessList>" list        \
	"</AccessList></SetParameterAttributesStruct></ParameterList></c:SetParameterAttributes>"
#define GPA(names)                                                             \
	"<c:GetParameterAttributes><ParameterNames>" names "</ParameterNames>" \
	"</c:GetParameterAttributes>"
#define TEST(f) cmocka_unit_test_setup_teardown(f, box_setup, box_teardown)
