/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dialer/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <nss.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/addr.h"
#include "ipc/ipc.h"
#include "lib/array.h"
#include "lib/log.h"
#include "lib/text.h"
#include "seccomp/sandbox.h"

int resolver_host_ok(const char *host)
{
	size_t n = strlen(host);

	if (!n || n >= DIAL_HOST_MAX || *host == '-')
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		char c = host[i];

		if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))
			continue;
		if (!strchr(".-_:", c))
			return -EINVAL;
	}
	return 0;
}

/* The list's order is RFC 6724's; a family that comes first keeps the first place. */
static void take_turns(struct resolver_answer *out, const struct addrinfo *list)
{
	const struct addrinfo *next[2] = { list, list };
	int first = list && list->ai_family == AF_INET ? AF_INET : AF_INET6;
	const int family[2] = { first, first == AF_INET ? AF_INET6 : AF_INET };

	while (out->count < DIAL_ADDRS_MAX && (next[0] || next[1])) {
		for (int f = 0; f < 2 && out->count < DIAL_ADDRS_MAX; f++) {
			while (next[f] && next[f]->ai_family != family[f])
				next[f] = next[f]->ai_next;
			if (!next[f])
				continue;
			if (!dial_addr_from(&out->addr[out->count], next[f]->ai_addr,
					    next[f]->ai_addrlen))
				out->count++;
			next[f] = next[f]->ai_next;
		}
	}
}

static void resolve(const struct resolver_ask *ask, struct resolver_answer *out)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
	int r;

	hints.ai_family = ask->family == DIAL_IPV4   ? AF_INET
			  : ask->family == DIAL_IPV6 ? AF_INET6
						     : AF_UNSPEC;
	r = getaddrinfo(ask->host, NULL, &hints, &list);
	if (r == EAI_NONAME || r == EAI_NODATA || r == EAI_ADDRFAMILY)
		out->status = -ENOENT;
	else if (r)
		out->status = -EAGAIN;
	if (r)
		return;
	take_turns(out, list);
	freeaddrinfo(list);
	if (!out->count)
		out->status = -ENOENT;
}

/* What resolv.conf says now. */
static void tell_servers(struct resolver_answer *out)
{
	struct __res_state state;

	memset(&state, 0, sizeof(state));
	if (res_ninit(&state)) {
		out->status = -EAGAIN;
		return;
	}
	for (int i = 0; i < state.nscount && out->count < DIAL_ADDRS_MAX; i++) {
		const struct sockaddr *at = (const void *)&state.nsaddr_list[i];
		socklen_t len = sizeof(state.nsaddr_list[i]);

		/* glibc keeps IPv6 servers apart, and leaves their place empty. */
		if (!at->sa_family && state._u._ext.nsaddrs[i]) {
			at = (const void *)state._u._ext.nsaddrs[i];
			len = sizeof(*state._u._ext.nsaddrs[i]);
		}
		if (!dial_addr_from(&out->addr[out->count], at, len))
			out->count++;
	}
	if (state.dnsrch[0])
		(void)text_copy(out->domain, sizeof(out->domain), state.dnsrch[0],
				strnlen(state.dnsrch[0], sizeof(out->domain)));
	res_nclose(&state);
}

static int serve(int fd)
{
	for (;;) {
		struct resolver_ask ask;
		struct resolver_answer answer = { .id = 0 };
		ssize_t n = recv(fd, &ask, sizeof(ask), 0);

		if (n == 0)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(ask) || ask.host[DIAL_HOST_MAX - 1])
			return 1;
		answer.id = ask.id;
		if (*ask.host)
			resolve(&ask, &answer);
		else
			tell_servers(&answer);
		if (send(fd, &answer, sizeof(answer), MSG_NOSIGNAL) != sizeof(answer))
			return errno == EPIPE ? 0 : 1;
	}
}

/* resolv.conf is replaced by renaming: what must stay readable is the folder it is in. */
static const char *resolv_conf_dir(char path[PATH_MAX])
{
	char *slash;

	if (!realpath("/etc/resolv.conf", path))
		return "/etc";
	slash = strrchr(path, '/');
	if (!slash || slash == path)
		return "/etc";
	*slash = '\0';
	return path;
}

static int prepare(uid_t uid, gid_t gid)
{
	static char dir[PATH_MAX];
	const struct sb_path paths[] = { { "/etc", false }, { resolv_conf_dir(dir), false } };
	const struct sb_request sandbox = { .role = SB_RESOLVER,
					    .uid = uid,
					    .gid = gid,
					    .paths = paths,
					    .npaths = ARRAY_SIZE(paths) };
	struct addrinfo *list = NULL;

	/* No other NSS module: those would be loaded at run time, and some start threads. */
	if (__nss_configure_lookup("hosts", "files dns"))
		return -errno;
	if (setenv("RES_OPTIONS", "timeout:2 attempts:2", 1))
		return -errno;
	/* Warms up what is read only once; needs no network. */
	if (!getaddrinfo("localhost", NULL, NULL, &list))
		freeaddrinfo(list);
	return sb_enter(&sandbox);
}

int resolver_start(uid_t uid, gid_t gid)
{
	int fd[2], r;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd))
		return -errno;
	pid = fork();
	if (pid < 0) {
		r = -errno;
		close(fd[0]);
		close(fd[1]);
		return r;
	}
	if (pid) {
		close(fd[1]);
		return fd[0];
	}
	log_open("sallyport-resolver");
	(void)prctl(PR_SET_NAME, "sallyport-dns");
	/* Only this end and standard error. */
	if (fd[1] != 3) {
		if (dup3(fd[1], 3, O_CLOEXEC) < 0)
			_exit(1);
	}
	if (close_range(4, ~0u, 0))
		_exit(1);
	r = prepare(uid, gid);
	if (r) {
		log_err("cannot enter the sandbox: %s", strerror(-r));
		_exit(1);
	}
	_exit(serve(3));
}
