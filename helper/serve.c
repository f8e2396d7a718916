/* SPDX-License-Identifier: Apache-2.0 */
#include "helper/serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/audit.h"
#include "lib/clock.h"
#include "lib/log.h"
#include "lib/text.h"

#define FIRST_OWN 3 /* polls: listener, line, client, then the role's own */

static volatile sig_atomic_t ended;

static void on_term(int sig)
{
	ended = 1;
}

/* SIGTERM arrives only while waiting: what has been begun is finished. SIGINT of a terminal goes to
 * the whole group; the parent passes it on as SIGTERM. */
static int signals(sigset_t *waiting)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_term;
	if (sigaction(SIGTERM, &sa, NULL))
		return -errno;
	sa.sa_handler = SIG_IGN;
	if (sigaction(SIGINT, &sa, NULL) || sigaction(SIGHUP, &sa, NULL) ||
	    sigaction(SIGPIPE, &sa, NULL))
		return -errno;
	/* The parent forked with these blocked. */
	sigemptyset(waiting);
	return 0;
}

static int lock_down(struct role_io *io, const struct conf *conf)
{
	const struct role *role = io->role;
	gid_t groups[ROLE_GROUPS];
	char sockets[108];
	struct sb_request req = { .role = role->sandbox, .groups = groups };
	int i, r;

	if ((r = conf_user(conf, role->user_key, &req.uid, &req.gid)))
		return r;
	if (req.uid == io->agent) {
		log_err("%s must not be the agent's user", role->user_key);
		return -EINVAL;
	}
	for (i = 0; i < ROLE_GROUPS && role->group_keys[i]; i++) {
		if ((r = conf_group(conf, role->group_keys[i], &groups[i])))
			return r;
		req.ngroups++;
	}
	if (role->talks_to && text_folder(sockets, sizeof(sockets), role->talks_to(io->self)))
		req.sockets = sockets;
	return sb_enter(&req);
}

static int listen_for_agent(struct role_io *io, const struct conf *conf, const char *run_dir)
{
	char path[128]; /* sun_path has 108 */
	gid_t gid;
	int n, r;

	if ((r = conf_user(conf, "user.agent", &io->agent, &gid)))
		return r;
	n = snprintf(path, sizeof(path), "%s/%s.sock", run_dir, ipc_role_name(io->role->ipc));
	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	io->listener = ipc_listen(path, gid);
	if (io->listener < 0)
		log_err("%s: %s", path, strerror(-io->listener));
	return io->listener < 0 ? io->listener : 0;
}

static void client_comes(struct role_io *io)
{
	int fd = ipc_accept(io->listener, io->agent);

	if (fd < 0)
		return;
	if (io->chan.fd >= 0) {
		audit("ipc", AUDIT_REFUSED, "role", ipc_role_name(io->role->ipc), "reason",
		      "there is a client");
		close(fd);
		return;
	}
	ipc_chan_init(&io->chan, fd, io->role->ipc, IPC_SERVES);
	log_info("the agent is here");
}

static void client_goes(struct role_io *io)
{
	io->violations += io->chan.violations;
	ipc_chan_close(&io->chan);
	if (io->role->client_gone)
		io->role->client_gone(io->self);
	log_info("the agent is gone (%llu violations since the start)",
		 (unsigned long long)io->violations);
}

static int prepare(struct role_io *io, const struct conf *conf, const char *run_dir)
{
	const struct role *role = io->role;
	int r;

	if ((r = role->open(&io->self, conf, io)))
		return r;
	if ((r = listen_for_agent(io, conf, run_dir)))
		return r;
	if ((r = lock_down(io, conf)))
		return r;
	if (role->ready && (r = role->ready(io->self)))
		return r;
	return write(io->line, "", 1) == 1 ? 0 : -EPIPE;
}

/* One wait and what came of it. */
static void turn(struct role_io *io, const sigset_t *waiting)
{
	const struct role *role = io->role;
	struct pollfd p[FIRST_OWN + ROLE_POLLS] = {
		{ io->listener, POLLIN, 0 },
		{ io->line, POLLIN, 0 },
		{ io->chan.fd, POLLIN, 0 },
	};
	unsigned int own = role->polls ? role->polls(io->self, p + FIRST_OWN) : 0;
	int ms = role->timeout ? role->timeout(io->self) : -1;
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };
	int n = ppoll(p, FIRST_OWN + own, ms < 0 ? NULL : &ts, waiting);
	int r;

	if (n < 0) {
		if (errno != EINTR) {
			log_err("poll: %s", strerror(errno));
			ended = 1;
		}
		return;
	}
	/* The parent never says anything: that it can be read means that it is gone. */
	if (p[1].revents) {
		log_err("the helper's first process is gone");
		ended = 1;
		return;
	}
	if (own && role->polled)
		role->polled(io->self, p + FIRST_OWN, own);
	if (role->tick && role->timeout && role->timeout(io->self) == 0)
		role->tick(io->self);
	if (p[2].revents && io->chan.fd >= 0) {
		r = dispatch(io);
		if (r && r != -EAGAIN)
			ipc_chan_close(&io->chan);
	}
	if (p[2].fd >= 0 && io->chan.fd < 0)
		client_goes(io);
	if (p[0].revents)
		client_comes(io);
}

int role_serve(struct role_io *io, const struct conf *conf, const char *run_dir, int line)
{
	sigset_t waiting;
	int r;

	io->line = line;
	io->chan.fd = -1;
	io->listener = -1;
	if ((r = signals(&waiting)) || (r = prepare(io, conf, run_dir))) {
		log_err("cannot start: %s", strerror(-r));
		return 1;
	}
	log_info("ready");
	while (!ended)
		turn(io, &waiting);
	log_info("ends");
	return 0;
}
