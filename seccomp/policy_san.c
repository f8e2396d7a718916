/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What AddressSanitizer and UndefinedBehaviorSanitizer need on top, in a build with SAN= only.
 * Such a build is for tests; its sandbox shows no property of a release.
 */
#include "seccomp/policy.h"

const struct sb_rule sb_san[] = {
#ifdef SAN
	ALLOW(mmap),	    /* the sanitizer's malloc(), shadow memory */
	ALLOW(munmap),	    /* the same */
	ALLOW(mremap),	    /* the same */
	ALLOW(mprotect),    /* the same */
	ALLOW(madvise),	    /* the same */
	ALLOW(sigaltstack), /* the handler of SIGSEGV; thread exit */
	ALLOW(sched_yield), /* its locks */
	ALLOW(gettid),	    /* reports */
	ALLOW(getrlimit),   /* the stack's bounds */
	ALLOW(prlimit64),   /* the same */
	ALLOW(readlink),    /* the program's name in a report */
	ALLOW(open),	    /* /proc/self/maps in a report */
	ALLOW(getuid),	    /* reports */
#endif
	END
};
