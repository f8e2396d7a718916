/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/sandbox/filter.h"

#include <errno.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int filter_export(enum sb_role role, uint32_t otherwise, struct bpf_program_text *out)
{
	scmp_filter_ctx ctx;
	int fd, r = sb_filter_build(role, otherwise, &ctx);
	ssize_t n;

	if (r)
		return r;
	fd = memfd_create("bpf", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(ctx, fd);
	seccomp_release(ctx);
	n = r ? 0 : pread(fd, out->insn, sizeof(out->insn), 0);
	close(fd);
	if (r || n <= 0 || (size_t)n == sizeof(out->insn))
		return r ? r : -E2BIG;
	out->n = (size_t)n / sizeof(out->insn[0]);
	return 0;
}

static uint32_t load(const struct seccomp_data *data, uint32_t at)
{
	uint32_t v;

	memcpy(&v, (const char *)data + at, sizeof(v));
	return v;
}

static int jumps(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return (a & k) != 0;
	}
}

uint32_t filter_run(const struct bpf_program_text *prog, uint32_t arch, int nr,
		    const uint64_t args[6])
{
	struct seccomp_data data = { .nr = nr, .arch = arch };
	uint32_t a = 0;
	size_t pc;

	memcpy(data.args, args, sizeof(data.args));
	for (pc = 0; pc < prog->n; pc++) {
		const struct sock_filter *i = &prog->insn[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			a = load(&data, i->k);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			if (BPF_CLASS(i->code) != BPF_JMP)
				return SECCOMP_RET_TRAP;
			pc += jumps(i->code, a, i->k) ? i->jt : i->jf;
		}
	}
	return SECCOMP_RET_TRAP;
}
