/* SPDX-License-Identifier: Apache-2.0 */
/* What a frame must look like, decided from bytes alone: no I/O, no state, no allocation. */
#include <stddef.h>
#include <string.h>

#include "ipc/ipc.h"

_Static_assert(sizeof(struct ipc_hdr) == 24, "no hidden padding on the wire");
_Static_assert(sizeof(struct ipc_frame) == IPC_FRAME_MAX, "no hidden padding on the wire");
_Static_assert(offsetof(struct ipc_frame, payload) % 8 == 0, "payloads are aligned");

const char *ipc_fault_text(enum ipc_fault fault)
{
	static const char *const text[IPC_FAULTS] = {
		[IPC_FINE] = "fine",
		[IPC_BAD_LENGTH] = "wrong length of the packet",
		[IPC_BAD_MAGIC] = "wrong magic",
		[IPC_BAD_VERSION] = "wrong version",
		[IPC_BAD_KIND] = "not a kind that may come this way",
		[IPC_BAD_OP] = "not an operation of this role",
		[IPC_BAD_SIZE] = "wrong size of the payload",
		[IPC_BAD_SEQ] = "wrong sequence number",
		[IPC_BAD_STATUS] = "impossible status",
		[IPC_BAD_ZERO] = "reserved bytes are not zero",
		[IPC_BAD_STRING] = "string not terminated",
		[IPC_BAD_RANGE] = "field out of range",
		[IPC_BAD_FDS] = "wrong number of descriptors",
		[IPC_BAD_STATE] = "not now",
	};

	return (unsigned int)fault < IPC_FAULTS ? text[fault] : "?";
}

static bool all_zero(const uint8_t *p, size_t n)
{
	uint8_t any = 0;

	while (n--)
		any |= *p++;
	return any == 0;
}

static uint64_t load_uint(const uint8_t *p, size_t size)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (size) {
	case 1:
		memcpy(&u8, p, sizeof(u8));
		return u8;
	case 2:
		memcpy(&u16, p, sizeof(u16));
		return u16;
	case 4:
		memcpy(&u32, p, sizeof(u32));
		return u32;
	default:
		memcpy(&u64, p, sizeof(u64));
		return u64;
	}
}

static int64_t load_int(const uint8_t *p, size_t size)
{
	uint64_t sign = UINT64_C(1) << (8 * size - 1);

	return (int64_t)((load_uint(p, size) ^ sign) - sign);
}

static enum ipc_fault check_string(const uint8_t *p, size_t size)
{
	const uint8_t *end = memchr(p, 0, size);

	if (!end)
		return IPC_BAD_STRING;
	return all_zero(end, size - (size_t)(end - p)) ? IPC_FINE : IPC_BAD_ZERO;
}

static enum ipc_fault check_bytes(const struct ipc_field *f, const uint8_t *base)
{
	uint64_t len = load_uint(base + f->len_offset, f->len_size);

	if (len > f->size)
		return IPC_BAD_RANGE;
	return all_zero(base + f->offset + len, f->size - len) ? IPC_FINE : IPC_BAD_ZERO;
}

static enum ipc_fault check_field(const struct ipc_field *f, const uint8_t *base)
{
	const uint8_t *p = base + f->offset;
	int64_t i;

	switch (f->kind) {
	case IPC_F_UINT:
		return load_uint(p, f->size) <= f->max ? IPC_FINE : IPC_BAD_RANGE;
	case IPC_F_INT:
		i = load_int(p, f->size);
		return i >= f->min && i <= (int64_t)f->max ? IPC_FINE : IPC_BAD_RANGE;
	case IPC_F_STR:
		return check_string(p, f->size);
	case IPC_F_BYTES:
		return check_bytes(f, base);
	case IPC_F_ZERO:
		return all_zero(p, f->size) ? IPC_FINE : IPC_BAD_ZERO;
	case IPC_F_RAW:
	case IPC_F_SUB:
		return IPC_FINE;
	}
	return IPC_BAD_RANGE;
}

typedef enum ipc_fault (*check_fn)(const struct ipc_struct *s, const uint8_t *base);

static enum ipc_fault check_flat(const struct ipc_struct *s, const uint8_t *base)
{
	enum ipc_fault fault = IPC_FINE;
	uint16_t i;

	for (i = 0; i < s->nfields && fault == IPC_FINE; i++)
		fault = check_field(&s->fields[i], base);
	return fault;
}

/* Its plain fields, and by inner the structs in it. */
static enum ipc_fault check_held(const struct ipc_struct *s, const uint8_t *base, check_fn inner)
{
	enum ipc_fault fault = check_flat(s, base);
	uint16_t i, k;

	for (i = 0; i < s->nfields; i++) {
		const struct ipc_field *f = &s->fields[i];

		if (f->kind != IPC_F_SUB)
			continue;
		for (k = 0; k < f->count && fault == IPC_FINE; k++)
			fault = inner(f->sub, base + f->offset + (size_t)k * f->size);
	}
	return fault;
}

static enum ipc_fault check_inner(const struct ipc_struct *s, const uint8_t *base)
{
	return check_held(s, base, check_flat);
}

/* Two levels of nesting are all there are: what is in a struct in a message holds plain fields. */
enum ipc_fault ipc_check_struct(const struct ipc_struct *s, const void *payload)
{
	return check_held(s, payload, check_inner);
}

static enum ipc_fault check_kind(const struct ipc_hdr *h, const struct ipc_row *row,
				 unsigned int nfds)
{
	unsigned int want;

	if (row->event != (h->kind == IPC_KIND_EVENT))
		return IPC_BAD_KIND;
	if (row->event ? h->seq != 0 : h->seq == 0)
		return IPC_BAD_SEQ;
	if (h->kind == IPC_KIND_REPLY ? h->status > 0 || h->status < -4095 : h->status != 0)
		return IPC_BAD_STATUS;
	if (h->kind == IPC_KIND_REPLY)
		want = h->status ? 0 : row->fd_out;
	else
		want = row->fd_in;
	return nfds == want ? IPC_FINE : IPC_BAD_FDS;
}

enum ipc_fault ipc_check(const struct ipc_frame *frame, size_t len, unsigned int nfds,
			 enum ipc_role role, unsigned int kinds)
{
	const struct ipc_hdr *h = &frame->hdr;
	const struct ipc_struct *shape;
	const struct ipc_row *row;
	enum ipc_fault fault;

	if (len < sizeof(*h) || len > sizeof(*frame))
		return IPC_BAD_LENGTH;
	if (h->magic != IPC_MAGIC)
		return IPC_BAD_MAGIC;
	if (h->version != IPC_VERSION)
		return IPC_BAD_VERSION;
	if (h->kind < IPC_KIND_REQUEST || h->kind > IPC_KIND_EVENT || !(kinds & 1u << h->kind))
		return IPC_BAD_KIND;
	if (h->zero)
		return IPC_BAD_ZERO;
	if (h->op >= IPC_OPS || ipc_rows[h->op].role != role)
		return IPC_BAD_OP;
	row = &ipc_rows[h->op];
	if ((fault = check_kind(h, row, nfds)))
		return fault;
	shape = h->kind == IPC_KIND_REPLY ? row->rep : row->req;
	if (h->size != shape->size)
		return IPC_BAD_SIZE;
	if (len != sizeof(*h) + h->size)
		return IPC_BAD_LENGTH;
	return ipc_check_struct(shape, frame->payload);
}

void ipc_build(struct ipc_frame *frame, enum ipc_kind kind, enum ipc_op op, uint32_t seq,
	       int32_t status, const void *payload)
{
	const struct ipc_row *row = &ipc_rows[op];
	const struct ipc_struct *shape = kind == IPC_KIND_REPLY ? row->rep : row->req;

	frame->hdr = (struct ipc_hdr){
		.magic = IPC_MAGIC,
		.version = IPC_VERSION,
		.kind = (uint16_t)kind,
		.op = (uint16_t)op,
		.seq = seq,
		.status = status,
		.size = shape->size,
	};
	memset(frame->payload, 0, shape->size);
	if (payload && shape->size)
		memcpy(frame->payload, payload, shape->size);
}
