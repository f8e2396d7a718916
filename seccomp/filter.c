/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "config.h"
#include "lib/log.h"
#include "seccomp/policy.h"

static int add_rule(scmp_filter_ctx ctx, const struct sb_rule *rule)
{
	uint32_t action = rule->err ? SCMP_ACT_ERRNO((uint16_t)rule->err) : SCMP_ACT_ALLOW;
	struct scmp_arg_cmp cmp[SB_CMPS];
	unsigned int n = 0;
	int i, r;

	/* Not a call of this architecture: libseccomp's numbers for those are negative. */
	if (rule->nr < 0)
		return 0;
	for (i = 0; i < SB_CMPS; i++) {
		const struct sb_cmp *c = &rule->cmp[i];

		if (!c->used)
			continue;
		cmp[n++] = (struct scmp_arg_cmp){ .arg = c->arg,
						  .op = SCMP_CMP_MASKED_EQ,
						  .datum_a = c->mask,
						  .datum_b = c->value };
	}
	r = seccomp_rule_add_exact_array(ctx, action, rule->nr, n, cmp);
	if (r)
		log_err("sandbox: rule for %s", rule->name);
	return r;
}

static int add_table(scmp_filter_ctx ctx, const struct sb_rule *rule)
{
	int r = 0;

	for (; rule->name && !r; rule++)
		r = add_rule(ctx, rule);
	return r;
}

static int fill(scmp_filter_ctx ctx, enum sb_role role)
{
	int r;

	/* A call by another architecture's numbers (int 0x80, x32) means something else. */
	if ((r = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_NNP, 0)) ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_CTL_TSYNC, 1)) ||
	    (r = seccomp_attr_set(ctx, SCMP_FLTATR_API_SYSRAWRC, 1)) ||
	    (r = add_table(ctx, sb_policies[role].rules)))
		return r;
#ifdef SAN
	if ((r = add_table(ctx, sb_san)))
		return r;
#endif
#ifdef CONFIG_SANDBOX_DEBUG
	/* Out of the reporter's handler. */
	r = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(rt_sigreturn), 0);
#endif
	return r;
}

int sb_filter_build(enum sb_role role, uint32_t otherwise, scmp_filter_ctx *out)
{
	scmp_filter_ctx ctx = seccomp_init(otherwise);
	int r;

	if (!ctx)
		return -ENOMEM;
	r = fill(ctx, role);
	if (r)
		seccomp_release(ctx);
	else
		*out = ctx;
	return r;
}

int sb_filter_load(enum sb_role role)
{
#ifdef CONFIG_SANDBOX_DEBUG
	uint32_t otherwise = SCMP_ACT_TRAP;
#else
	uint32_t otherwise = SCMP_ACT_KILL_PROCESS;
#endif
	scmp_filter_ctx ctx;
	int r = sb_filter_build(role, otherwise, &ctx);

	if (r)
		return r;
	r = seccomp_load(ctx);
	seccomp_release(ctx);
	return r;
}
