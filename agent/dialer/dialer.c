/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/dialer/dialer.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/dialer/request.h"
#include "lib/audit.h"
#include "lib/cleanup.h"
#include "lib/log.h"
#include "seccomp/sandbox.h"

static void agent_gone(struct dialer *d)
{
	loop_io_del(&d->loop, &d->chan_io);
	ipc_chan_close(&d->chan);
	requests_drop(d);
	if (d->listen_io.fd < 0) {
		loop_quit(&d->loop, 0);
		return;
	}
	log_notice("the agent has left");
}

static void agent_speaks(void *arg, int fd, uint32_t events)
{
	struct dialer *d = arg;
	struct ipc_hdr hdr;
	int r;

	r = ipc_recv(&d->chan, &hdr, NULL);
	if (!r) {
		request_start(d, &hdr, d->chan.rx.payload);
	} else if (r != -EAGAIN) {
		/* After a violation the channel is closed already; epoll has forgotten it. */
		agent_gone(d);
	}
}

static void resolver_speaks(void *arg, int fd, uint32_t events)
{
	struct resolver_answer answer;
	struct dialer *d = arg;

	if (recv(fd, &answer, sizeof(answer), MSG_DONTWAIT) != sizeof(answer)) {
		log_err("the resolver is gone");
		loop_quit(&d->loop, 1);
		return;
	}
	request_answered(d, &answer);
}

static int serve_agent(struct dialer *d, int fd)
{
	ipc_chan_init(&d->chan, fd, IPC_DIALER, IPC_SERVES);
	return loop_io_add(&d->loop, &d->chan_io, fd, EPOLLIN, agent_speaks, d);
}

static void agent_comes(void *arg, int listener, uint32_t events)
{
	struct dialer *d = arg;
	int fd = ipc_accept(listener, d->cfg.agent_uid);

	if (fd < 0)
		return;
	if (d->chan_io.fd >= 0) {
		audit("ipc", AUDIT_REFUSED, "role", ipc_role_name(IPC_DIALER), "reason",
		      "there is a client");
		close(fd);
		return;
	}
	if (serve_agent(d, fd))
		ipc_chan_close(&d->chan);
	else
		log_info("serving the agent");
}

static int open_service(struct dialer *d)
{
	char path[128]; /* sun_path has 108 */
	int fd;

	if ((size_t)snprintf(path, sizeof(path), "%s/dialer.sock", d->cfg.run_dir) >= sizeof(path))
		return -ENAMETOOLONG;
	fd = ipc_listen(path, d->cfg.agent_gid);
	if (fd < 0) {
		log_err("cannot listen on %s: %s", path, strerror(-fd));
		return fd;
	}
	return loop_io_add(&d->loop, &d->listen_io, fd, EPOLLIN, agent_comes, d);
}

static int prepare(struct dialer *d, int fd)
{
	const struct sb_request sandbox = { .role = SB_DIALER,
					    .uid = d->cfg.uid,
					    .gid = d->cfg.gid };
	int r = loop_init(&d->loop), resolver;

	if (r)
		return r;
	bind_device(d->cfg.device);
	requests_init(d);
	resolver = resolver_start(d->cfg.uid, d->cfg.gid);
	if (resolver < 0)
		return resolver;
	r = loop_io_add(&d->loop, &d->resolver_io, resolver, EPOLLIN, resolver_speaks, d);
	if (!r)
		r = fd >= 0 ? serve_agent(d, fd) : open_service(d);
	if (!r)
		r = sb_enter(&sandbox);
	return r;
}

int dialer_run(const struct dialer_config *cfg, int fd)
{
	static struct dialer d; /* two frames of 4 KiB are in it */
	int r;

	log_open("sallyport-dialer");
	(void)prctl(PR_SET_NAME, "sallyport-dial");
	(void)signal(SIGPIPE, SIG_IGN);
	d.cfg = *cfg;
	d.chan.fd = -1;
	d.chan_io.fd = -1;
	d.resolver_io.fd = -1;
	d.listen_io.fd = -1;
	r = prepare(&d, fd);
	if (r) {
		log_err("cannot start: %s", strerror(-r));
		return 1;
	}
	r = loop_run(&d.loop);
	if (r < 0)
		log_err("cannot go on: %s", strerror(-r));
	return r < 0 ? 1 : r;
}

int dialer_fork(const struct dialer_config *cfg, int *fd)
{
	int pair[2], r = ipc_pair(pair);
	pid_t pid;

	if (r)
		return r;
	pid = fork();
	if (pid < 0) {
		r = -errno;
		close(pair[0]);
		close(pair[1]);
		return r;
	}
	if (!pid) {
		close(pair[0]);
		_exit(dialer_run(cfg, pair[1]));
	}
	close(pair[1]);
	*fd = pair[0];
	return 0;
}
