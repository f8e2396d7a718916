/* SPDX-License-Identifier: Apache-2.0 */
/* Reboot, FactoryReset, ScheduleInform (TR-069 A6 A.3.2.9, A.4.1). What they start begins when
 * the session is over, so the answer always goes first. */
#include "agent/cwmp/handlers.h"

unsigned rpc_reboot(struct rpc *r)
{
	unsigned fault = 0;
	const char *key = rpc_string(r, "CommandKey", CWMP_KEY_MAX, &fault);

	if (!key)
		return fault;
	if (!cwmp_events_room(r->env->events, 1))
		return FAULT_RESOURCES;
	return r->env->ops->reboot(r->env->ops->arg, key);
}

unsigned rpc_factory_reset(struct rpc *r)
{
	return r->env->ops->factory_reset(r->env->ops->arg);
}

unsigned rpc_schedule_inform(struct rpc *r)
{
	unsigned fault = 0;
	const char *key = rpc_string(r, "CommandKey", CWMP_KEY_MAX, &fault);
	uint32_t delay;

	if (!key)
		return fault;
	if (soap_uint(r->req, soap_find(r->req, r->req->body, "DelaySeconds"), &delay) || !delay)
		return rpc_fault(r, FAULT_ARGUMENTS, "DelaySeconds is not 1 or more");
	return r->env->ops->schedule_inform(r->env->ops->arg, delay, key);
}
