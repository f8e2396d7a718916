/* SPDX-License-Identifier: Apache-2.0 */
/* Prints every role's filter as libseccomp makes it: docs/policy.txt, by make policy.txt. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "seccomp/policy.h"
#include "tests/sandbox/filter.h"

static unsigned int calls(const struct sb_policy *p)
{
	const struct sb_rule *a, *b;
	unsigned int n = 0;

	for (a = p->rules; a->name; a++) {
		for (b = p->rules; b < a && b->nr != a->nr; b++)
			;
		n += b == a;
	}
	return n;
}

int main(void)
{
	static struct bpf_program_text prog;
	scmp_filter_ctx ctx;
	int role;

	for (role = 0; role < SB_ROLES; role++) {
		const struct sb_policy *p = &sb_policies[role];

		if (filter_export(role, SCMP_ACT_KILL_PROCESS, &prog)) {
			fprintf(stderr, "%s: no filter\n", p->name);
			return 1;
		}
		printf("# role %s: %u calls, %zu instructions\n", p->name, calls(p), prog.n);
		fflush(stdout);
		if (sb_filter_build(role, SCMP_ACT_KILL_PROCESS, &ctx) ||
		    seccomp_export_pfc(ctx, STDOUT_FILENO))
			return 1;
		seccomp_release(ctx);
	}
	return 0;
}
