/* SPDX-License-Identifier: Apache-2.0 */
/* Our own calls beside the Inform, and whether this ACS takes them (TR-069 A6 A.3.1, A.4.1.1). */
#include <string.h>

#include "agent/cwmp/handlers.h"
#include "agent/cwmp/session_state.h"
#include "lib/log.h"

bool cwmp_acs_takes(const struct cwmp_acs *acs, enum cwmp_call call)
{
	if (acs->refused & 1u << call)
		return false;
	if (call == CALL_INFORM || call == CALL_GET_RPC_METHODS || call == CALL_TRANSFER_COMPLETE)
		return true; /* an ACS has to */
	return !acs->answered || acs->calls & 1u << call;
}

/* Without this its events would come again in every session, for ever. */
static void refuse(struct cwmp_env *env, const struct cwmp_own_call *call)
{
	if (cwmp_events_drop(env->events, call->call) || !(env->acs->told & 1u << call->call))
		log_notice("the ACS does not know %s: it is not called",
			   cwmp_call_names[call->call]);
	env->acs->told |= 1u << call->call;
	if (env->ops->call_answered)
		env->ops->call_answered(env->ops->arg, call, 8000);
}

static size_t keep_known(struct cwmp_env *env, struct cwmp_own_call *calls, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (cwmp_acs_takes(env->acs, calls[i].call))
			calls[kept++] = calls[i];
		else
			refuse(env, &calls[i]);
	}
	return kept;
}

size_t cwmp_calls_plan(struct cwmp_env *env, struct cwmp_own_call out[CWMP_CALLS_MAX])
{
	size_t n = 0;

	if (!env->acs)
		return 0;
	if (env->ops && env->ops->pending_calls)
		n = env->ops->pending_calls(env->ops->arg, out, CWMP_CALLS_MAX - 1);
	n = keep_known(env, out, n);
	/* Also at the first contact, so that the answer is there when something waits. */
	if (env->acs->asked || (!n && !cwmp_event_pending(env->events, EV_BOOTSTRAP)))
		return n;
	memmove(out + 1, out, n * sizeof(*out));
	out[0] = (struct cwmp_own_call){ .call = CALL_GET_RPC_METHODS };
	return n + 1;
}

void rpc_keep_known_calls(struct cwmp_env *env, struct session *s)
{
	size_t next = s->call + 1;

	s->ncalls = next + keep_known(env, s->calls + next, s->ncalls - next);
}
