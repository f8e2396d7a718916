/* SPDX-License-Identifier: Apache-2.0 */
/*
 * S4, S5, S6: the calls whose danger is in their arguments. The filter that matrix.c has shown to
 * be the loaded one, and to do in the kernel what it does in our interpreter, is asked about every
 * combination.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <mtd/mtd-user.h>
#include <mtd/ubi-user.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "config.h"
#include "lib/array.h"
#include "tests/sandbox/filter.h"
#include "tests/sandbox/result.h"

static struct bpf_program_text prog;

static uint32_t ask(int nr, uint64_t a, uint64_t b, uint64_t c)
{
	const uint64_t args[6] = { a, b, c, 0, 0, 0 };

	return filter_run(&prog, AUDIT_ARCH_X86_64, nr, args);
}

static bool dies(int nr, uint64_t a, uint64_t b, uint64_t c)
{
	return ask(nr, a, b, c) == SECCOMP_RET_KILL_PROCESS;
}

/* No table has a mapping call at all: malloc() lives on brk(). */
static const char *S4(enum sb_role role)
{
	uint64_t prot;

	for (prot = 0; prot < 16; prot++) {
		if (!dies(SCMP_SYS(mmap), 0, 4096, prot) ||
		    !dies(SCMP_SYS(mprotect), 0, 4096, prot) ||
		    !dies(SCMP_SYS(pkey_mprotect), 0, 4096, prot))
			return "a mapping passes";
	}
	if (!dies(SCMP_SYS(mremap), 0, 0, 0) || !dies(SCMP_SYS(remap_file_pages), 0, 0, 0) ||
	    !dies(SCMP_SYS(shmat), 0, 0, 0))
		return "memory of another kind passes";
	return NULL;
}

/* A chunk of firmware is handed over in one that can be sealed. */
static const char *S4_memfd(enum sb_role role)
{
	uint64_t flags;

	for (flags = 0; flags < 64; flags++) {
		bool listed = role == SB_AGENT && flags == (MFD_CLOEXEC | MFD_ALLOW_SEALING);

		if (dies(SCMP_SYS(memfd_create), 0, flags, 0) == listed)
			return "memfd_create() of something else passes";
	}
	return NULL;
}

static const char *S5_agent_sockets(enum sb_role role)
{
	uint64_t domain, type, flag;

	if (role != SB_AGENT)
		return NULL;
	for (domain = 0; domain < 48; domain++) {
		for (type = 0; type < 16; type++) {
			if (!dies(SCMP_SYS(socket), domain, type, 0) ||
			    !dies(SCMP_SYS(socketpair), domain, type, 0))
				return "a socket can be made";
		}
	}
	if (!dies(SCMP_SYS(bind), 3, 0, 0) || !dies(SCMP_SYS(listen), 3, 0, 0))
		return "a socket can be bound";
	/* Answered, never made. */
	if (ask(SCMP_SYS(connect), 3, 1, 2) != (SECCOMP_RET_ERRNO | EINPROGRESS))
		return "connect() is not answered with EINPROGRESS";
	for (flag = 1; flag <= UINT32_MAX; flag <<= 1)
		if (dies(SCMP_SYS(sendmsg), 3, 0, flag) != (flag == MSG_FASTOPEN))
			return "sendmsg() connects, or does not send";
	return NULL;
}

#define ANY SB_ROLES

struct option {
	enum sb_role role;
	uint64_t level, name;
};

static const struct option get_options[] = {
	{ ANY, SOL_SOCKET, SO_ERROR },
	{ ANY, SOL_SOCKET, SO_PEERCRED },
	{ SB_DIALER, SOL_SOCKET, SO_BINDTOIFINDEX },
};

/* None of them gives a power: no SO_ATTACH_FILTER, no SO_MARK. */
static const struct option set_options[] = {
	{ ANY, IPPROTO_TCP, TCP_NODELAY },
	{ ANY, SOL_SOCKET, SO_KEEPALIVE },
	{ ANY, SOL_SOCKET, SO_REUSEADDR },
	{ ANY, IPPROTO_IPV6, IPV6_V6ONLY },
	{ ANY, IPPROTO_IP, IP_RECVERR },
	{ ANY, IPPROTO_IPV6, IPV6_RECVERR },
	{ ANY, IPPROTO_TCP, TCP_KEEPIDLE },
	{ ANY, IPPROTO_TCP, TCP_KEEPINTVL },
	/* Who makes sockets may narrow its own to one interface, once (Linux 5.7). */
	{ SB_DIALER, SOL_SOCKET, SO_BINDTODEVICE },
	{ SB_DIALER, SOL_SOCKET, SO_BINDTOIFINDEX },
	/* What a diagnosis sends, and when and where it was answered. */
	{ SB_DIALER, IPPROTO_IP, IP_TOS },
	{ SB_DIALER, IPPROTO_IPV6, IPV6_TCLASS },
	{ SB_DIALER, SOL_SOCKET, SO_PRIORITY },
	{ SB_DIALER, SOL_SOCKET, SO_TIMESTAMPNS },
	{ SB_DIALER, IPPROTO_IP, IP_PKTINFO },
	{ SB_DIALER, IPPROTO_IPV6, IPV6_RECVPKTINFO },
};

static bool among(const struct option *list, size_t n, enum sb_role role, uint64_t level,
		  uint64_t name)
{
	for (; n--; list++)
		if ((list->role == ANY || list->role == role) && list->level == level &&
		    list->name == name)
			return true;
	return false;
}

static const char *S5_options(enum sb_role role)
{
	uint64_t level, name;

	for (level = 0; level < 300; level++) {
		for (name = 0; name < 128; name++) {
			if (!among(get_options, ARRAY_SIZE(get_options), role, level, name) &&
			    !dies(SCMP_SYS(getsockopt), 3, level, name))
				return "getsockopt() of something else passes";
			if (!among(set_options, ARRAY_SIZE(set_options), role, level, name) &&
			    !dies(SCMP_SYS(setsockopt), 3, level, name))
				return "setsockopt() of something else passes";
		}
	}
	return NULL;
}

static const char *S5_fcntl_and_futex(enum sb_role role)
{
	uint64_t cmd;

	for (cmd = 0; cmd < 1100; cmd++) {
		/* The memfd gets out of the agent's hands; has it? */
		bool seals = (role == SB_AGENT && cmd == F_ADD_SEALS) ||
			     (role == SB_FLASH && cmd == F_GET_SEALS);

		if (cmd != F_GETFL && cmd != F_SETFL && cmd != F_SETFD && !seals &&
		    !dies(SCMP_SYS(fcntl), 3, cmd, 0))
			return "fcntl() of something else passes";
		if (cmd != FUTEX_WAKE_PRIVATE && cmd < 512 && !dies(SCMP_SYS(futex), 0, cmd, 0))
			return "futex() of something else passes";
	}
	return NULL;
}

/* All that any role may ask a device. */
static const struct {
	enum sb_role role;
	uint64_t cmd;
} ioctls[] = {
	{ SB_RESOLVER, FIONREAD }, /* how long is the datagram? */
	{ SB_FLASH, MEMERASE64 },     { SB_FLASH, MEMGETBADBLOCK },
	{ SB_FLASH, MEMSETBADBLOCK }, { SB_FLASH, ECCGETSTATS },
#ifdef CONFIG_FLASH_UBI
	{ SB_FLASH, UBI_IOCEBCH },
#endif
};

static bool flash_fd(uint64_t fd)
{
	return fd == SB_FD_SLOT || fd == SB_FD_ENV || fd == SB_FD_ENV_REDUNDANT;
}

static bool ioctl_listed(enum sb_role role, uint64_t fd, uint64_t cmd)
{
	size_t i;

	if (role == SB_FLASH && !flash_fd(fd))
		return false;

	for (i = 0; i < ARRAY_SIZE(ioctls); i++) {
		if (ioctls[i].role == role && ioctls[i].cmd == cmd)
			return true;
	}
	return false;
}

/* The log is written by write(): pwrite() is for flash, of which only three pieces are its own. */
static const char *S5_pwrite(enum sb_role role)
{
	uint64_t fd;

	for (fd = 0; role == SB_FLASH && fd < 64; fd++)
		if (dies(SCMP_SYS(pwrite64), fd, 0, 0) == flash_fd(fd))
			return "pwrite() to something else passes";
	return NULL;
}

static const char *S6(enum sb_role role)
{
	uint64_t cmd, fd;

	for (fd = 0; fd < 16; fd++) {
		/* The old numbers, and MTD's whole range with all sizes and directions. */
		for (cmd = 0; cmd < 0x20000; cmd++) {
			uint64_t nr = cmd < 0x10000
					      ? cmd
					      : (cmd & 0xff00) << 16 | 'M' << 8 | (cmd & 0xff);
			bool dead = dies(SCMP_SYS(ioctl), fd, nr, 0);

			if (dead == ioctl_listed(role, fd, nr))
				return dead ? "an ioctl() that is needed dies"
					    : "an ioctl() passes";
		}
	}
	for (cmd = 0; cmd < ARRAY_SIZE(ioctls); cmd++) {
		if (dies(SCMP_SYS(ioctl), SB_FD_SLOT, ioctls[cmd].cmd, 0) !=
		    !ioctl_listed(role, SB_FD_SLOT, ioctls[cmd].cmd))
			return "the list of ioctl()s";
	}
	return NULL;
}

static const char *domains(enum sb_role role)
{
	uint64_t domain, type;

	for (domain = 0; domain < 48; domain++) {
		for (type = 0; type < 16; type++) {
			bool inet = domain == AF_INET || domain == AF_INET6;
			bool ours = (role == SB_DIALER || role == SB_RESOLVER) && inet &&
				    (type == SOCK_STREAM || type == SOCK_DGRAM);

			if (role == SB_RESOLVER && domain == AF_NETLINK && type == SOCK_RAW)
				ours = true; /* NETLINK_ROUTE is protocol 0 */
			/* Told that there is none, without a socket: nscd. */
			if (role == SB_RESOLVER && domain == AF_UNIX) {
				if (ask(SCMP_SYS(socket), domain, type, 0) !=
				    (SECCOMP_RET_ERRNO | EACCES))
					return "a local socket";
				continue;
			}
			if (dies(SCMP_SYS(socket), domain, type, 0) == ours)
				return ours ? "a socket that is needed dies" : "a socket too many";
			if (domain == AF_NETLINK && !dies(SCMP_SYS(socket), domain, type, 16))
				return "generic netlink passes";
		}
	}
	return NULL;
}

/* radio's exception: sendto() to an address of AF_UNIX's size; others are not hostapd's. */
static const char *P3_sendto(enum sb_role role)
{
	uint64_t len;

	if (role != SB_RADIO)
		return NULL;
	for (len = 0; len < 256; len++) {
		const uint64_t args[6] = { 6, 0, 10, 0, 0, len };
		bool dead = filter_run(&prog, AUDIT_ARCH_X86_64, SCMP_SYS(sendto), args) ==
			    SECCOMP_RET_KILL_PROCESS;

		if (dead != (len != sizeof(struct sockaddr_un)))
			return "sendto() of another address passes";
	}
	return NULL;
}

static const char *P3_open(enum sb_role role)
{
	const uint64_t write_bits = O_ACCMODE | O_CREAT | O_TRUNC;
	uint64_t flags;

	for (flags = 0; flags < 0x800000; flags += 1) {
		bool reads = (flags & write_bits) == O_RDONLY;
		bool replaces = (flags & write_bits) == (O_WRONLY | O_CREAT | O_TRUNC);
		bool dead = dies(SCMP_SYS(openat), 3, 0, flags);

		if (role != SB_AGENT && role != SB_RESOLVER && !dead)
			return "openat() passes";
		if (!dead && !reads && !(role == SB_AGENT && replaces))
			return "openat() for writing passes";
	}
	return dies(SCMP_SYS(open), 0, 0, 0) && dies(SCMP_SYS(openat2), 0, 0, 0) &&
			       dies(SCMP_SYS(creat), 0, 0, 0)
		       ? NULL
		       : "a file by another way";
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		const char *(*run)(enum sb_role role);
	} tests[] = {
		{ "S4_nothing_can_be_mapped", S4 },
		{ "S4_the_agent_makes_memfds_to_be_sealed_and_nobody_else", S4_memfd },
		{ "S5_the_agent_makes_no_socket", S5_agent_sockets },
		{ "S5_only_harmless_socket_options", S5_options },
		{ "S5_only_listed_fcntl_and_futex", S5_fcntl_and_futex },
		{ "S5_only_internet_sockets_where_any", domains },
		{ "S5_the_flash_role_writes_only_its_own_flash", S5_pwrite },
		{ "S6_no_ioctl_but_the_listed", S6 },
		{ "P3_sendto_is_for_hostapd", P3_sendto },
		{ "P3_files_are_not_opened", P3_open },
	};
	char name[128];
	const char *why;
	size_t i;
	int role;

	result_only(argc, argv);
	for (role = 0; role < SB_ROLES; role++) {
		if (filter_export(role, SCMP_ACT_KILL_PROCESS, &prog))
			return 1;
		for (i = 0; i < ARRAY_SIZE(tests); i++) {
			(void)snprintf(name, sizeof(name), "%s[role=%s]", tests[i].name,
				       sb_policies[role].name);
			if (!result_wanted(name))
				continue;
			why = tests[i].run(role);
			if (why)
				result_fail(name, "%s", why);
			else
				result_ok(name);
		}
	}
	return result_status();
}
