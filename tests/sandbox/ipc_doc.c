/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of ipc/messages.def say, for people and for the fuzzer:
 *	ipc_doc               docs/ipc.md on standard output
 *	ipc_doc --seeds DIR   one valid frame per message, for tests/fuzz/fuzz_ipc.c
 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ipc/ipc.h"

static void range(const struct ipc_field *f)
{
	if (f->kind == IPC_F_INT)
		printf("%" PRId64 " to %" PRId64, f->min, (int64_t)f->max);
	else if (f->max == 1 && f->size == 1)
		printf("0 or 1");
	else if (f->size < 8 && f->max >= (1ull << 8 * f->size) - 1)
		printf("any");
	else
		printf("0 to %" PRIu64, f->max);
}

static void field(const struct ipc_struct *s, const struct ipc_field *f)
{
	printf("| %u | `%s` | ", f->offset, f->name);
	switch (f->kind) {
	case IPC_F_UINT:
		printf("uint%u, ", 8u * f->size);
		range(f);
		break;
	case IPC_F_INT:
		printf("int%u, ", 8u * f->size);
		range(f);
		break;
	case IPC_F_STR:
		printf("string, at most %u bytes and NUL, zero behind", f->size - 1u);
		break;
	case IPC_F_BYTES:
		for (uint16_t i = 0; i < s->nfields; i++) {
			if (s->fields[i].offset == f->len_offset)
				printf("up to %u bytes, as many as `%s` says, zero behind", f->size,
				       s->fields[i].name);
		}
		break;
	case IPC_F_RAW:
		printf("%u bytes, any", f->size);
		break;
	case IPC_F_ZERO:
		printf("%u bytes, zero", f->size);
		break;
	case IPC_F_SUB:
		printf("`%s`", f->sub->name);
		if (f->count > 1)
			printf(" x %u", f->count);
		break;
	}
	printf(" |\n");
}

static void shape(const char *title, const struct ipc_struct *s)
{
	uint16_t i;

	if (s == &ipc_none) {
		printf("%s: nothing.\n\n", title);
		return;
	}
	printf("%s: `struct %s`, %u bytes.\n\n| at | field | accepted |\n|---|---|---|\n", title,
	       s->name, s->size);
	for (i = 0; i < s->nfields; i++)
		field(s, &s->fields[i]);
	printf("\n");
}

static void states(uint32_t mask)
{
	if (mask == (uint32_t)IPC_ST_ANY) {
		printf("always");
		return;
	}
	printf("when%s%s%s", mask & IPC_ST_IDLE ? " idle" : "",
	       mask & IPC_ST_PLANNING ? " planning" : "", mask & IPC_ST_WRITING ? " writing" : "");
}

static void message(enum ipc_op op)
{
	const struct ipc_row *row = &ipc_rows[op];

	printf("### %u `%s`%s\n\n", op, row->name, row->event ? " (event)" : "");
	if (row->event) {
		shape("From the role, unasked", row->req);
		return;
	}
	printf("Legal ");
	states(row->states);
	if (row->per_minute)
		printf("; at most %u a minute", row->per_minute);
	printf("; answered within %u s%s.", row->timeout_ms / 1000,
	       row->audit ? "; leaves an audit line" : "");
	if (row->fd_in)
		printf(" One descriptor comes with the request.");
	if (row->fd_out)
		printf(" One descriptor comes with a reply that succeeded.");
	printf("\n\n");
	shape("Request", row->req);
	shape("Reply", row->rep);
}

/* Structs that are parts of others, and no message of their own. */
static void parts(const struct ipc_struct *s, const struct ipc_struct **seen)
{
	uint16_t i;

	for (i = 0; i < s->nfields; i++) {
		const struct ipc_struct *sub = s->fields[i].sub;

		if (!sub || sub == *seen)
			continue;
		*seen = sub;
		shape("Part of others", sub);
	}
}

static void document(void)
{
	const struct ipc_struct *seen = NULL;
	unsigned int role, op, n;

	printf("<!-- SPDX-License-Identifier: Apache-2.0 -->\n"
	       "<!-- Made by `make ipc.md` from ipc/messages.def and ipc/fields.def. -->\n"
	       "# Messages between the processes\n\n"
	       "SOCK_SEQPACKET, one message one packet: a header of %zu bytes (magic, version %d, "
	       "kind, number, sequence, status, size; ipc/ipc.h) and exactly the struct that is "
	       "named here, in host byte order. A packet that differs in anything - a length, a "
	       "reserved byte, a byte behind the end of a string, a value out of range, a "
	       "descriptor too many, a message at the wrong time - closes the connection without "
	       "an answer. What comes faster than its rate is answered with EAGAIN and not "
	       "done.\n\n",
	       sizeof(struct ipc_hdr), IPC_VERSION);
	for (role = 0; role < IPC_ROLES; role++) {
		for (op = n = 0; op < IPC_OPS; op++)
			n += ipc_rows[op].role == role;
		if (!n)
			continue;
		printf("## %s\n\n", ipc_role_name(role));
		for (op = 0; op < IPC_OPS; op++) {
			if (ipc_rows[op].role != role)
				continue;
			message(op);
			parts(ipc_rows[op].req, &seen);
			parts(ipc_rows[op].rep, &seen);
		}
	}
}

static int seed(int dir, enum ipc_op op, enum ipc_kind kind)
{
	static struct ipc_frame frame;
	const struct ipc_row *row = &ipc_rows[op];
	unsigned int nfds = kind == IPC_KIND_REPLY ? row->fd_out : row->fd_in;
	uint8_t how = (uint8_t)((kind == IPC_KIND_REQUEST ? 0x80 : 0) | nfds << 4 | row->role);
	size_t len;
	char name[64];
	int fd, bad;

	ipc_build(&frame, kind, op, kind == IPC_KIND_EVENT ? 0 : 1, 0, NULL);
	len = sizeof(frame.hdr) + frame.hdr.size;
	(void)snprintf(name, sizeof(name), "%s%s", row->name,
		       kind == IPC_KIND_REPLY ? "_reply" : "");
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return 1;
	bad = write(fd, &how, 1) != 1 || write(fd, &frame, len) != (ssize_t)len;
	close(fd);
	return bad;
}

static int seeds(const char *path)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), bad = dir < 0;
	int op;

	for (op = 0; op < IPC_OPS && !bad; op++) {
		bad = seed(dir, op, ipc_rows[op].event ? IPC_KIND_EVENT : IPC_KIND_REQUEST);
		if (!bad && !ipc_rows[op].event)
			bad = seed(dir, op, IPC_KIND_REPLY);
	}
	if (bad)
		perror(path);
	if (dir >= 0)
		close(dir);
	return bad;
}

int main(int argc, char **argv)
{
	if (argc == 3 && !strcmp(argv[1], "--seeds"))
		return seeds(argv[2]);
	document();
	return 0;
}
