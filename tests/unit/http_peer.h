/* SPDX-License-Identifier: Apache-2.0 */
/* A scripted server in a child process, and a dialer that knows only it. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/dial.h"
#include "agent/http/client.h"
#include "tests/unit/unit.h"

#define SEEN_MAX 16
struct seen {
	int n;
	int conn[SEEN_MAX];
	char request[SEEN_MAX][4096];
	bool eof[SEEN_MAX]; /* connection i was closed by the client */
};

static struct seen *seen;
static pid_t server;
static uint16_t port;
static char url[64];
static int dials;

/* libcurl's connect() on the socket that the dialer connected. */
int connect(int fd, const struct sockaddr *sa, socklen_t len)
{
	errno = EINPROGRESS;
	return -1;
}

/* The dialer of this test: everything is at 127.0.0.1. */
int dial_connect(struct dial *d, const struct dial_connect *req, dial_fn fn, void *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(req->port) };
	struct dial_conn conn = {
		.peer = { .family = DIAL_IPV4, .port = req->port, .addr = { 127, 0, 0, 1 } },
		.local = { .family = DIAL_IPV4, .addr = { 127, 0, 0, 1 } }
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	dials++;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (syscall(SYS_connect, fd, &sin, sizeof(sin)) < 0) {
		int r = -errno;

		close(fd);
		fn(arg, r, -1, &conn);
		return 1;
	}
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	fn(arg, 0, fd, &conn);
	return 1;
}

void dial_cancel(struct dial *d, int id)
{
}

/* One request into out; its length, 0 at the end of the connection. */
static size_t read_request(int fd, char *out, size_t size)
{
	size_t n = 0, head = 0, body = 0;

	for (;;) {
		ssize_t r;
		char *end;

		out[n] = '\0';
		end = strstr(out, "\r\n\r\n");
		if (end && !head) {
			char *cl = strcasestr(out, "\r\nContent-Length: ");

			head = (size_t)(end + 4 - out);
			body = cl && cl < end ? strtoul(cl + 18, NULL, 10) : 0;
		}
		if (head && n >= head + body)
			return n;
		r = read(fd, out + n, size - 1 - n);
		if (r <= 0)
			return 0;
		n += (size_t)r;
	}
}

/* script: responses; "" stands before the next connection. */
static void serve(int listener, const char *const *script)
{
	for (int c = 0; *script; c++) {
		int fd = (int)accept(listener, NULL, NULL);

		for (; *script && **script; script++) {
			int i = seen->n;

			if (!read_request(fd, seen->request[i], sizeof(seen->request[i])))
				break;
			seen->conn[i] = c;
			seen->n++;
			/* "\n" is no answer, but the end of the connection. */
			if (**script == '\n') {
				script++;
				break;
			}
			if (write(fd, *script, strlen(*script)) < 0)
				break;
		}
		if (!*script) {
			char rest;

			seen->eof[c] = read(fd, &rest, 1) == 0;
		}
		close(fd);
		if (*script)
			script++;
	}
}

static void start(const char *const *script)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&sin, sizeof(sin)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sin, &len), 0);
	port = ntohs(sin.sin_port);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/acs", port);
	memset(seen, 0, sizeof(*seen));
	dials = 0;
	server = fork();
	if (!server) {
		alarm(20);
		serve(fd, script);
		_exit(0);
	}
	close(fd);
}

#define OK_BODY "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n"
#define OK OK_BODY "\r\n<a/>"
#define NO_CONTENT "HTTP/1.1 204 No Content\r\n\r\n"
#define UNAUTHORIZED(challenge) \
	"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: " challenge "\r\nContent-Length: 0\r\n"
#define DIGEST "Digest realm=\"acs\", nonce=\"n1\", qop=\"auth\", algorithm=MD5"

static int count(const char *haystack, const char *needle)
{
	int n = 0;

	for (const char *p = haystack; (p = strcasestr(p, needle)); p++)
		n++;
	return n;
}

/* What the client told last. */
static struct http_reply reply;
static char reply_body[4096], reply_why[512], reply_location[256];
static bool told;

static __attribute__((unused)) void on_done(void *arg, const struct http_reply *r)
{
	told = true;
	reply = *r;
	snprintf(reply_body, sizeof(reply_body), "%s", buf_str(r->body));
	snprintf(reply_why, sizeof(reply_why), "%s", r->why ? r->why : "");
	snprintf(reply_location, sizeof(reply_location), "%s", r->location ? r->location : "");
}
