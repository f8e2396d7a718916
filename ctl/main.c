/* SPDX-License-Identifier: Apache-2.0 */
/* sallyportctl: one verb to the running agent, its answer to standard output. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/print.h"
#include "ctl/proto.h"
#include "lib/array.h"
#include "lib/cleanup.h"
#include "lib/conf.h"
#include "lib/limits.h"
#include "lib/log.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_UNREACHABLE = 3 };

static const char default_conf[] = "/etc/sallyport/sallyport.conf";
static const char default_run[] = "/run/sallyport";

static const struct verb_help {
	const char *name, *args, *text;
} verbs[] = {
#define CTL_VERB(name, min, max, args, text) { #name, args, text },
#include "ctl/verbs.def"
#undef CTL_VERB
};

struct options {
	const char *socket, *conf;
	enum print_form form;
};

static void usage(FILE *f)
{
	fputs("usage: sallyportctl [-s SOCKET | -c FILE] [--json | --bare] VERB [ARGUMENT...]\n\n",
	      f);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(f, "  %-9s %-33s %s\n", verbs[i].name, verbs[i].args, verbs[i].text);
	fputs("\nThe socket is SOCKET, else $SALLYPORT_CTL, else ctl.sock in run.dir of FILE\n"
	      "(/etc/sallyport/sallyport.conf). --bare prints values or paths only.\n"
	      "Status: 0 done, 1 refused by the agent, 2 wrong usage, 3 no agent there.\n",
	      f);
}

static int parse_options(struct options *o, int argc, char **argv)
{
	static const struct option names[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "bare", no_argument, NULL, 'b' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	/* "+": a value that begins with '-' is no option of ours. */
	while ((c = getopt_long(argc, argv, "+s:c:jbh", names, NULL)) != -1) {
		switch (c) {
		case 's':
			o->socket = optarg;
			break;
		case 'c':
			o->conf = optarg;
			break;
		case 'j':
			o->form = PRINT_JSON;
			break;
		case 'b':
			o->form = PRINT_BARE;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	return optind;
}

/* --json and --bare are understood behind the verb too: no path begins like that. Behind the first
 * path of a set it could be a value. */
static void late_options(struct options *o, char **args)
{
	bool set = !strcmp(args[0], "set"), path = false;
	char **to = args + 1;

	for (char **a = args + 1; *a; a++) {
		if (!(set && path) && !strcmp(*a, "--json")) {
			o->form = PRINT_JSON;
		} else if (!(set && path) && !strcmp(*a, "--bare")) {
			o->form = PRINT_BARE;
		} else {
			path = true;
			*to++ = *a;
		}
	}
	*to = NULL;
}

static int find_socket(const struct options *o, char *out, size_t size)
{
	const char *path = o->socket ? o->socket : getenv("SALLYPORT_CTL");
	struct conf *conf = NULL;
	int n;

	if (path && !o->conf) {
		n = snprintf(out, size, "%s", path);
	} else if (o->conf || access(default_conf, R_OK) == 0) {
		if (conf_load(&conf, o->conf ? o->conf : default_conf))
			return -EINVAL;
		n = snprintf(out, size, "%s/%s", conf_str(conf, "run.dir", default_run),
			     CTL_SOCKET);
		conf_free(conf);
	} else {
		n = snprintf(out, size, "%s/%s", default_run, CTL_SOCKET);
	}
	return n > 0 && (size_t)n < size ? 0 : -ENAMETOOLONG;
}

static int connect_to(const char *path)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	_cleanup_close_ int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(sa.sun_path))
		return -ENAMETOOLONG;
	memcpy(sa.sun_path, path, strlen(path));
	if (connect(fd, (const struct sockaddr *)&sa, sizeof(sa)))
		return -errno;
	return take_fd(&fd);
}

/* "PATH=VALUE" becomes PATH and VALUE; no path has a '=', and what follows a bare PATH is its
 * value, whatever is in it. */
static int split_pairs(struct buf *storage, const char **fields, size_t *n, char **args)
{
	for (; *args; args++) {
		const char *eq = strchr(*args, '=');

		if (*n + 2 > CTL_FIELDS_MAX)
			return -E2BIG;
		if (!eq) {
			fields[(*n)++] = *args;
			if (!args[1])
				return -EINVAL;
			fields[(*n)++] = *++args;
			continue;
		}
		/* The storage was made large enough: it does not move. */
		fields[(*n)++] = storage->data + storage->len;
		buf_put(storage, *args, (size_t)(eq - *args));
		buf_putc(storage, '\0');
		fields[(*n)++] = eq + 1;
	}
	return storage->failed ? -ENOMEM : 0;
}

static int make_request(struct buf *b, struct buf *storage, char **args)
{
	const char *fields[CTL_FIELDS_MAX];
	size_t n = 0, total = 1;
	int r;

	for (char **a = args; *a; a++)
		total += strlen(*a) + 1;
	if (total > CTL_PACKET_MAX || !buf_room(storage, total))
		return -E2BIG;
	fields[n++] = *args;
	if (!strcmp(*args, "set")) {
		r = split_pairs(storage, fields, &n, args + 1);
		if (r)
			return r;
	} else {
		while (*++args) {
			if (n == CTL_FIELDS_MAX)
				return -E2BIG;
			fields[n++] = *args;
		}
	}
	ctl_put(b, CTL_REQUEST, n, fields, NULL);
	return b->failed ? -E2BIG : 0;
}

/* The agent's answer until CTL_DONE. 0, EXIT_REFUSED, or -errno. */
static int read_answer(int fd, struct printer *p, struct buf *packet)
{
	for (;;) {
		char *room;
		const char *at;
		struct ctl_record r;
		ssize_t n;
		size_t left;
		int more;

		buf_reset(packet);
		room = buf_room(packet, CTL_PACKET_MAX);
		if (!room)
			return -ENOMEM;
		n = recv(fd, room, CTL_PACKET_MAX, 0);
		if (n < 0)
			return -errno;
		if (!n)
			return -ECONNRESET;
		at = room;
		left = (size_t)n;
		while ((more = ctl_next(&at, &left, &r)) > 0) {
			if (r.type == CTL_DONE && r.n == 1)
				return strcmp(r.field[0], "failed") ? 0 : EXIT_REFUSED;
			print_record(p, &r);
		}
		if (more < 0)
			return more;
	}
}

static int talk(int fd, const struct options *o, char **args)
{
	_cleanup_buf_ struct buf request = BUF_INIT(CTL_PACKET_MAX);
	_cleanup_buf_ struct buf storage = BUF_INIT(CTL_PACKET_MAX);
	_cleanup_buf_ struct buf packet = BUF_INIT(CTL_PACKET_MAX);
	struct timeval patience = { .tv_sec = 120 };
	struct printer p;
	int r;

	r = make_request(&request, &storage, args);
	if (r) {
		fprintf(stderr, "sallyportctl: %s\n",
			r == -EINVAL ? "the last path has no value" : "the request is too large");
		return EXIT_USAGE;
	}
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, request.data, request.len, MSG_NOSIGNAL) < 0) {
		fprintf(stderr, "sallyportctl: cannot send: %s\n", strerror(errno));
		return EXIT_UNREACHABLE;
	}
	print_begin(&p, stdout, stderr, o->form, args[0]);
	r = read_answer(fd, &p, &packet);
	if (print_end(&p) && r == 0)
		r = EXIT_REFUSED;
	if (r < 0) {
		fprintf(stderr, "sallyportctl: no whole answer: %s\n",
			r == -EAGAIN ? "timed out" : strerror(-r));
		return EXIT_UNREACHABLE;
	}
	return r;
}

int main(int argc, char **argv)
{
	struct options o = { .form = PRINT_TEXT };
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	_cleanup_close_ int fd = -1;
	size_t min, max, nargs;
	int first;

	log_open("sallyportctl");
	first = parse_options(&o, argc, argv);
	if (first < 0)
		return EXIT_USAGE;
	if (first == argc || !ctl_verb_args(argv[first], &min, &max)) {
		usage(stderr);
		return EXIT_USAGE;
	}
	late_options(&o, argv + first);
	for (nargs = 0; argv[(size_t)first + 1 + nargs];)
		nargs++;
	if (nargs < min || nargs > 2 * max) {
		usage(stderr);
		return EXIT_USAGE;
	}
	if (find_socket(&o, path, sizeof(path))) {
		fputs("sallyportctl: cannot tell where the agent's socket is\n", stderr);
		return EXIT_USAGE;
	}
	fd = connect_to(path);
	if (fd < 0) {
		fprintf(stderr, "sallyportctl: cannot reach the agent at %s: %s\n", path,
			strerror(-fd));
		return EXIT_UNREACHABLE;
	}
	return talk(fd, &o, argv + first);
}
