/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A wpa_supplicant on a real socket that does what its control interface says, and fails at one
 * command of the test's choice. It works in a thread of its own; the test looks at it while it
 * waits for a command. The clock is the test's: it stands still but when an answer will not come.
 */
#pragma once

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#define NETS 8

enum failure {
	REFUSES,       /* FAIL, and nothing is done */
	SILENT_UNDONE, /* lost on the way there */
	SILENT_DONE,   /* lost on the way back */
	LATE,	       /* done, and answered when nobody waits any more */
	DIES,
	FAILURES
};

struct net {
	bool used;
	char settings[16][160];
	unsigned int n;
};

struct iface {
	char name[16], file[64];
	unsigned int next; /* number of the next network */
	int in_use;	   /* the one selected, -1: none */
	struct net nets[NETS];
};

static struct {
	char dir[64], path[96];
	int sock;
	pthread_t thread;
	struct iface ifaces[4];
	unsigned int n;
	unsigned int steps;    /* commands so far, of those that change or ask something */
	unsigned int fails_at; /* of them, from 1; 0: none */
	enum failure how;
	bool failed;
	atomic_bool silent;    /* whoever waits for an answer may give up */
	uint64_t clock;	       /* ms */
	char changes[64][600]; /* what changed something */
	unsigned int nchanges;
} sup;

static struct iface *find_iface(const char *name)
{
	unsigned int i;

	for (i = 0; i < sup.n; i++)
		if (strcmp(sup.ifaces[i].name, name) == 0)
			return &sup.ifaces[i];
	return NULL;
}

static const char *setting(const struct net *net, const char *name)
{
	const size_t len = strlen(name);
	unsigned int i;

	for (i = net->n; i-- > 0;)
		if (strncmp(net->settings[i], name, len) == 0 && net->settings[i][len] == ' ')
			return net->settings[i] + len + 1;
	return NULL;
}

/* The setting of the network in use on an interface; "": there is none. */
static __attribute__((unused)) const char *in_use(const char *ifname, const char *name)
{
	const struct iface *f = find_iface(ifname);
	const char *value = f && f->in_use >= 0 ? setting(&f->nets[f->in_use], name) : NULL;

	return value ? value : "";
}

static const char *add_interface_for(const char *text)
{
	struct iface *f = &sup.ifaces[sup.n];

	memset(f, 0, sizeof(*f));
	f->in_use = -1;
	if (sup.n == 4 || sscanf(text, "%15[^\t]\t%63[^\t]\tnl80211", f->name, f->file) != 2 ||
	    find_iface(f->name))
		return "FAIL\n";
	sup.n++;
	return "OK\n";
}

static const char *remove_interface(const char *name)
{
	struct iface *f = find_iface(name);

	if (!f)
		return "FAIL\n";
	*f = sup.ifaces[--sup.n];
	return "OK\n";
}

static const char *network_command(struct iface *f, const char *text, char *room)
{
	char name[32], value[120];
	struct net *net;
	unsigned int id;

	if (strcmp(text, "ADD_NETWORK") == 0) {
		if (f->next == NETS)
			return "FAIL\n";
		f->nets[f->next].used = true;
		(void)snprintf(room, 16, "%u\n", f->next++);
		return room;
	}
	if (sscanf(text, "%*s %u", &id) != 1 || id >= NETS || !f->nets[id].used)
		return "FAIL\n";
	net = &f->nets[id];
	if (sscanf(text, "SET_NETWORK %*u %31s %119[^\n]", name, value) == 2) {
		(void)snprintf(net->settings[net->n++], sizeof(net->settings[0]), "%s %s", name,
			       value);
	} else if (sscanf(text, "GET_NETWORK %*u %31s", name) == 1) {
		const char *is = setting(net, name);

		(void)snprintf(room, 160, "%s", is ? is : "FAIL\n");
		return room;
	} else if (strncmp(text, "SELECT_NETWORK ", 15) == 0) {
		f->in_use = (int)id;
	} else if (strncmp(text, "REMOVE_NETWORK ", 15) == 0) {
		memset(net, 0, sizeof(*net));
		if (f->in_use == (int)id)
			f->in_use = -1;
	} else {
		return "UNKNOWN COMMAND\n";
	}
	return "OK\n";
}

static const char *carry_out(const char *text, char *room)
{
	char name[16];
	struct iface *f;
	unsigned int i;
	size_t n = 0;

	if (strcmp(text, "INTERFACES") == 0) {
		for (room[0] = '\0', i = 0; i < sup.n; i++)
			n += (size_t)snprintf(room + n, 120 - n, "%s\n", sup.ifaces[i].name);
		return room;
	}
	if (!strstr(text, "GET_NETWORK") && sup.nchanges < 64)
		(void)snprintf(sup.changes[sup.nchanges++], sizeof(sup.changes[0]), "%s", text);
	if (strncmp(text, "INTERFACE_ADD ", 14) == 0)
		return add_interface_for(text + 14);
	if (strncmp(text, "INTERFACE_REMOVE ", 17) == 0)
		return remove_interface(text + 17);
	if (sscanf(text, "IFNAME=%15s", name) != 1)
		return "UNKNOWN COMMAND\n";
	f = find_iface(name);
	return f ? network_command(f, strchr(text, ' ') + 1, room) : "FAIL-NO-IFNAME-MATCH\n";
}

/* false: it is gone */
static bool serve_one(const char *text, const struct sockaddr_un *from, socklen_t len)
{
	const bool fails = ++sup.steps == sup.fails_at;
	const char *answer = "FAIL\n";
	char room[160];

	if (!fails || sup.how == SILENT_DONE || sup.how == LATE)
		answer = carry_out(text, room);
	if (fails) {
		sup.failed = true;
		sup.silent = sup.how != REFUSES;
		if (sup.how == DIES)
			return false;
		while (sup.how == LATE && sup.silent)
			usleep(1000);
	}
	if (!fails || sup.how == REFUSES || sup.how == LATE)
		(void)sendto(sup.sock, answer, strlen(answer), 0, (const struct sockaddr *)from,
			     len);
	return true;
}

static void *serve(void *arg)
{
	struct sockaddr_un from;
	char text[600];
	socklen_t len;
	ssize_t n;

	for (;;) {
		len = sizeof(from);
		n = recvfrom(sup.sock, text, sizeof(text) - 1, 0, (struct sockaddr *)&from, &len);
		if (n <= 0)
			return arg;
		text[n] = '\0';
		if (strcmp(text, "STOP") == 0)
			return arg;
		if (strcmp(text, "PING") == 0)
			(void)sendto(sup.sock, "PONG\n", 5, 0, (struct sockaddr *)&from, len);
		else if (!serve_one(text, &from, len))
			break;
	}
	close(sup.sock); /* its socket's file stays behind */
	sup.sock = -1;
	return arg;
}

static __attribute__((unused)) uint64_t world_clock(void)
{
	return sup.clock;
}

/* An answer takes as long as it takes, and one that does not come no time at all. */
static __attribute__((unused)) int world_poll(struct pollfd *fds, nfds_t n, int ms)
{
	unsigned int tries;
	int r;

	for (tries = 0; tries < 30000; tries++) {
		r = poll(fds, n, 1);
		if (r)
			return r;
		if (sup.silent) {
			sup.clock += (uint64_t)ms;
			sup.silent = false;
			return 0;
		}
	}
	fail_msg("no answer for half a minute");
	return -1;
}

/* A new one, that knows nothing. */
static void supplicant_starts(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	(void)unlink(sup.path);
	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", sup.path);
	memset(sup.ifaces, 0, sizeof(sup.ifaces));
	sup.n = sup.steps = sup.nchanges = sup.fails_at = 0;
	sup.failed = false;
	sup.silent = false;
	sup.sock = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(sup.sock, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(pthread_create(&sup.thread, NULL, serve, NULL), 0);
}

static void supplicant_dies(void)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int s = socket(AF_UNIX, SOCK_DGRAM, 0);

	(void)snprintf(at.sun_path, sizeof(at.sun_path), "%s", sup.path);
	(void)sendto(s, "STOP", 4, 0, (struct sockaddr *)&at, sizeof(at));
	close(s);
	pthread_join(sup.thread, NULL);
	if (sup.sock >= 0)
		close(sup.sock);
	sup.sock = -1;
}

static void fails_at(unsigned int step, enum failure how)
{
	sup.steps = sup.nchanges = 0;
	sup.fails_at = step;
	sup.how = how;
	sup.failed = false;
}
