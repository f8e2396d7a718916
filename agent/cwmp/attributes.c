/* SPDX-License-Identifier: Apache-2.0 */
/* GetParameterAttributes and SetParameterAttributes (TR-069 A6 A.3.2.4, A.3.2.5). */
#include <stdlib.h>
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "lib/cleanup.h"

#define SUBSCRIBER "Subscriber"
#define NOTIFICATION_ACTIVE 2
#define NOTIFICATION_LAST 6 /* 3 to 6 are lightweight notifications (Annex M) */

static int put_attributes(void *arg, const struct dm_attr *a)
{
	struct rpc *r = arg;

	soap_array_item(&r->w);
	soap_open(&r->w, "ParameterAttributeStruct");
	soap_put(&r->w, "Name", a->path, a->path_len);
	soap_putu(&r->w, "Notification", a->notification);
	soap_array_fixed(&r->w, "AccessList", "xsd:string", a->subscriber);
	if (a->subscriber)
		soap_puts(&r->w, "string", SUBSCRIBER);
	soap_close(&r->w, "AccessList");
	soap_close(&r->w, "ParameterAttributeStruct");
	return r->w.out->failed;
}

static unsigned get_attributes(struct rpc *r, const char *name)
{
	return rpc_dm_fault(r, dm_attr_get(r->env->dm, name, put_attributes, r), name);
}

unsigned rpc_get_parameter_attributes(struct rpc *r)
{
	unsigned fault;

	soap_array_begin(&r->w, "ParameterList", "cwmp:ParameterAttributeStruct");
	fault = rpc_each_name(r, get_attributes);
	soap_array_end(&r->w, "ParameterList");
	return fault;
}

static unsigned read_notification(struct rpc *r, const struct soap_node *item,
				  struct dm_attr_change *c)
{
	const struct soap_msg *m = r->req;
	uint32_t value;

	if (soap_bool(m, soap_find(m, item, "NotificationChange"), &c->set_notification))
		return rpc_fault(r, FAULT_ARGUMENTS, "%.128s: NotificationChange is no boolean",
				 c->path);
	/* Without a change GenieACS sends the element empty: it is not looked at. */
	if (!c->set_notification)
		return 0;
	if (soap_uint(m, soap_find(m, item, "Notification"), &value) || value > NOTIFICATION_LAST)
		return rpc_fault(r, FAULT_ARGUMENTS, "%.128s: Notification is not one of 0 to 2",
				 c->path);
	if (value > NOTIFICATION_ACTIVE)
		return rpc_fault(r, FAULT_NOTIFY,
				 "%.128s: there are no lightweight notifications here", c->path);
	c->notification = (uint8_t)value;
	return 0;
}

static unsigned read_access(struct rpc *r, const struct soap_node *item, struct dm_attr_change *c)
{
	const struct soap_msg *m = r->req;
	const struct soap_node *list = soap_find(m, item, "AccessList"), *n;

	if (soap_bool(m, soap_find(m, item, "AccessListChange"), &c->set_access))
		return rpc_fault(r, FAULT_ARGUMENTS, "%.128s: AccessListChange is no boolean",
				 c->path);
	if (!c->set_access)
		return 0;
	if (!list)
		return rpc_fault(r, FAULT_ARGUMENTS, "%.128s: AccessList is missing", c->path);
	for (n = soap_first(m, list); n; n = soap_next(m, n)) {
		if (strcmp(soap_text(m, n), SUBSCRIBER) != 0)
			return rpc_fault(r, FAULT_ARGUMENTS,
					 "%.128s: AccessList may hold only " SUBSCRIBER, c->path);
		c->subscriber = true;
	}
	return 0;
}

static unsigned read_change(struct rpc *r, const struct soap_node *item, struct dm_attr_change *c)
{
	const struct soap_node *name = soap_find(r->req, item, "Name");
	unsigned fault;

	*c = (struct dm_attr_change){ 0 };
	if (!rpc_is_text(name) || !soap_is(r->req, item, "SetParameterAttributesStruct"))
		return rpc_fault(r, FAULT_ARGUMENTS,
				 "ParameterList holds what is no SetParameterAttributesStruct");
	c->path = soap_text(r->req, name);
	fault = read_notification(r, item, c);
	return fault ? fault : read_access(r, item, c);
}

unsigned rpc_set_parameter_attributes(struct rpc *r)
{
	const struct soap_msg *m = r->req;
	const struct soap_node *list = soap_find(m, m->body, "ParameterList"), *n;
	_cleanup_free_ struct dm_attr_change *changes = NULL;
	size_t count = 0, bad = 0;
	enum dm_error e;
	unsigned fault;

	if (!list)
		return rpc_fault(r, FAULT_ARGUMENTS, "ParameterList is missing");
	for (n = soap_first(m, list); n; n = soap_next(m, n))
		count++;
	if (!count)
		return 0;
	changes = calloc(count, sizeof(*changes));
	if (!changes)
		return FAULT_RESOURCES;
	count = 0;
	for (n = soap_first(m, list); n; n = soap_next(m, n)) {
		fault = read_change(r, n, &changes[count++]);
		if (fault)
			return fault;
	}
	e = dm_attr_set(r->env->dm, changes, count, &bad);
	return rpc_dm_fault(r, e, changes[bad < count ? bad : 0].path);
}
