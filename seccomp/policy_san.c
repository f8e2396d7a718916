/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What AddressSanitizer and UndefinedBehaviorSanitizer need on top, in a build with SAN= only.
 * Such a build is for tests; its sandbox shows no property of a release.
 */
#include "seccomp/policy.h"

#ifdef SAN
/* LeakSanitizer starts a process of its own at the end, which no role may. The environment's
 * ASAN_OPTIONS come after this: unit tests look for leaks. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

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
