/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <linux/filter.h>
#include <stddef.h>
#include <stdint.h>

#include "seccomp/policy.h"

/* A role's real filter as instructions, as the kernel would get them. */
struct bpf_program_text {
	struct sock_filter insn[1024];
	size_t n;
};

/* 0 or -errno. */
int filter_export(enum sb_role role, uint32_t otherwise, struct bpf_program_text *out);
/* What the filter answers: SECCOMP_RET_*. */
uint32_t filter_run(const struct bpf_program_text *prog, uint32_t arch, int nr,
		    const uint64_t args[6]);
