/* SPDX-License-Identifier: Apache-2.0 */
/* The codec, and the deterministic mutation of every message that there is (OpenSSH's idea). */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "ipc/ipc.h"

#define KIND(k) (1u << (k))
#define ASKER (KIND(IPC_KIND_REPLY) | KIND(IPC_KIND_EVENT))

struct sample {
	struct ipc_frame frame;
	const struct ipc_row *row;
	const struct ipc_struct *shape;
	size_t len;
	unsigned int nfds, kinds;
};

static void fill_flat(const struct ipc_struct *s, uint8_t *base)
{
	uint16_t i;

	for (i = 0; i < s->nfields; i++) {
		const struct ipc_field *f = &s->fields[i];

		if (f->kind == IPC_F_STR)
			memset(base + f->offset, 'x', f->size - 1u);
		else if (f->kind == IPC_F_RAW)
			memset(base + f->offset, 0xa5, f->size);
		else if (f->kind == IPC_F_UINT && f->max)
			base[f->offset] = 1; /* little endian, as all that we build for */
	}
	for (i = 0; i < s->nfields; i++) {
		const struct ipc_field *f = &s->fields[i];

		if (f->kind != IPC_F_BYTES)
			continue;
		base[f->len_offset] = (uint8_t)(f->size / 2);
		memset(base + f->offset, 0x0a, f->size / 2u);
	}
}

static void fill(const struct ipc_struct *s, uint8_t *base)
{
	uint16_t i, k;

	fill_flat(s, base);
	for (i = 0; i < s->nfields; i++) {
		const struct ipc_field *f = &s->fields[i];

		for (k = 0; f->kind == IPC_F_SUB && k < f->count; k++)
			fill_flat(f->sub, base + f->offset + (size_t)k * f->size);
	}
}

static void make_sample(struct sample *s, enum ipc_op op, enum ipc_kind kind)
{
	uint8_t payload[IPC_PAYLOAD_MAX] = { 0 };

	memset(s, 0, sizeof(*s));
	s->row = &ipc_rows[op];
	s->shape = kind == IPC_KIND_REPLY ? s->row->rep : s->row->req;
	fill(s->shape, payload);
	ipc_build(&s->frame, kind, op, kind == IPC_KIND_EVENT ? 0 : 7, 0, payload);
	s->len = sizeof(s->frame.hdr) + s->shape->size;
	s->nfds = kind == IPC_KIND_REPLY ? s->row->fd_out : s->row->fd_in;
	s->kinds = kind == IPC_KIND_REQUEST ? KIND(kind) : ASKER;
}

/* In a block of exactly len bytes: reading behind the packet's end is for the sanitizer to see. */
static enum ipc_fault check(const struct sample *s, const void *bytes, size_t len)
{
	void *exact = malloc(len ? len : 1);
	enum ipc_fault fault;

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	fault = ipc_check(exact, len, s->nfds, s->row->role, s->kinds);
	free(exact);
	return fault;
}

static enum ipc_fault check_sample(const struct sample *s)
{
	return check(s, &s->frame, s->len);
}

static void each(void (*fn)(struct sample *s))
{
	static struct sample s;
	int op;

	for (op = 0; op < IPC_OPS; op++) {
		make_sample(&s, op, ipc_rows[op].event ? IPC_KIND_EVENT : IPC_KIND_REQUEST);
		fn(&s);
		if (ipc_rows[op].event)
			continue;
		make_sample(&s, op, IPC_KIND_REPLY);
		fn(&s);
	}
}

static void is_fine(struct sample *s)
{
	assert_int_equal(check_sample(s), IPC_FINE);
}

static void every_message_as_it_should_be_is_accepted(void **state)
{
	each(is_fine);
}

static void header_is_exact(struct sample *s)
{
	struct ipc_hdr *h = &s->frame.hdr, good = *h;

	h->magic ^= 1;
	assert_int_equal(check_sample(s), IPC_BAD_MAGIC);
	*h = good, h->version++;
	assert_int_equal(check_sample(s), IPC_BAD_VERSION);
	*h = good, h->kind = 0;
	assert_int_equal(check_sample(s), IPC_BAD_KIND);
	*h = good, h->kind = 4;
	assert_int_equal(check_sample(s), IPC_BAD_KIND);
	*h = good, h->kind = good.kind == IPC_KIND_REQUEST ? IPC_KIND_REPLY : IPC_KIND_REQUEST;
	assert_int_equal(check_sample(s), IPC_BAD_KIND);
	*h = good, h->op = IPC_OPS;
	assert_int_equal(check_sample(s), IPC_BAD_OP);
	*h = good, h->zero = 1;
	assert_int_equal(check_sample(s), IPC_BAD_ZERO);
	*h = good, h->seq = good.seq ? 0 : 1;
	assert_int_equal(check_sample(s), IPC_BAD_SEQ);
	*h = good, h->status = 1;
	assert_int_equal(check_sample(s), IPC_BAD_STATUS);
	*h = good, h->status = -4096;
	assert_int_equal(check_sample(s), IPC_BAD_STATUS);
	*h = good, h->size++;
	assert_int_equal(check_sample(s), IPC_BAD_SIZE);
	*h = good, h->size--;
	assert_int_equal(check_sample(s), IPC_BAD_SIZE);
	*h = good, h->size = UINT32_MAX;
	assert_int_equal(check_sample(s), IPC_BAD_SIZE);
}

static void I2_every_field_of_the_header_is_checked(void **state)
{
	each(header_is_exact);
}

static void lengths_are_exact(struct sample *s)
{
	size_t len;

	for (len = 0; len <= sizeof(s->frame); len++) {
		if (len != s->len)
			assert_int_not_equal(check(s, &s->frame, len), IPC_FINE);
	}
}

static void I2_every_other_length_is_refused(void **state)
{
	each(lengths_are_exact);
}

static void roles_are_apart(struct sample *s)
{
	unsigned int role;

	for (role = 0; role < IPC_ROLES; role++) {
		if (role != s->row->role)
			assert_int_equal(ipc_check(&s->frame, s->len, s->nfds, role, s->kinds),
					 IPC_BAD_OP);
	}
}

static void I2_an_operation_of_another_role_is_refused(void **state)
{
	each(roles_are_apart);
}

static void descriptors_are_counted(struct sample *s)
{
	unsigned int n;

	for (n = 0; n < 5; n++)
		assert_int_equal(ipc_check(&s->frame, s->len, n, s->row->role, s->kinds),
				 n == s->nfds ? IPC_FINE : IPC_BAD_FDS);
	if (s->frame.hdr.kind != IPC_KIND_REPLY)
		return;
	/* What failed hands nothing over. */
	s->frame.hdr.status = -5;
	assert_int_equal(ipc_check(&s->frame, s->len, 0, s->row->role, s->kinds), IPC_FINE);
	assert_int_equal(ipc_check(&s->frame, s->len, 1, s->row->role, s->kinds), IPC_BAD_FDS);
}

static void I2_the_number_of_descriptors_is_exact(void **state)
{
	each(descriptors_are_counted);
}

/* A field of one message, made wrong in the ways that its kind has; of what is at base. */
static void break_field(struct sample *s, const struct ipc_field *f, uint8_t *base)
{
	uint8_t *p = base + f->offset;
	uint8_t saved[IPC_PAYLOAD_MAX];

	memcpy(saved, s->frame.payload, s->shape->size);
	if (f->kind == IPC_F_STR) {
		memset(p, 'x', f->size);
		assert_int_equal(check_sample(s), IPC_BAD_STRING);
		memset(p, 0, f->size);
		p[f->size - 1] = 1;
		assert_int_equal(check_sample(s), IPC_BAD_ZERO);
	} else if (f->kind == IPC_F_ZERO) {
		p[f->size - 1] = 0x80;
		assert_int_equal(check_sample(s), IPC_BAD_ZERO);
	} else if (f->kind == IPC_F_BYTES) {
		p[f->size - 1] = 1;
		assert_int_equal(check_sample(s), IPC_BAD_ZERO);
		memset(base + f->len_offset, 0xff, f->len_size);
		assert_int_not_equal(check_sample(s), IPC_FINE);
	} else if (f->kind == IPC_F_UINT &&
		   f->max < (f->size == 8 ? UINT64_MAX : (1ull << 8 * f->size) - 1)) {
		memset(p, 0xff, f->size);
		assert_int_equal(check_sample(s), IPC_BAD_RANGE);
	} else if (f->kind == IPC_F_INT) {
		memset(p, 0xff, f->size);
		p[f->size - 1] = 0x7f; /* the largest */
		assert_int_equal(check_sample(s), IPC_BAD_RANGE);
		memset(p, 0, f->size);
		p[f->size - 1] = 0x80; /* the smallest */
		assert_int_equal(check_sample(s), IPC_BAD_RANGE);
	}
	memcpy(s->frame.payload, saved, s->shape->size);
}

/* However deep they nest: the codec has to go as deep. */
static void break_fields(struct sample *s, const struct ipc_struct *shape, uint8_t *base)
{
	for (uint16_t i = 0; i < shape->nfields; i++) {
		const struct ipc_field *f = &shape->fields[i];

		break_field(s, f, base);
		for (uint16_t k = 0; f->kind == IPC_F_SUB && k < f->count; k++)
			break_fields(s, f->sub, base + f->offset + (size_t)k * f->size);
	}
}

static void fields_are_checked(struct sample *s)
{
	break_fields(s, s->shape, s->frame.payload);
}

static void I2_ranges_padding_and_terminators_are_checked(void **state)
{
	each(fields_are_checked);
}

/* A frame that is accepted says the same when it is built again: nothing hides in it. */
static void still_sound(struct sample *s)
{
	static struct ipc_frame again;
	const struct ipc_hdr *h = &s->frame.hdr;

	if (check_sample(s) != IPC_FINE)
		return;
	ipc_build(&again, h->kind, h->op, h->seq, h->status, s->frame.payload);
	assert_memory_equal(&again, &s->frame, s->len);
}

static void mutate(struct sample *s)
{
	uint8_t *bytes = (uint8_t *)&s->frame;
	size_t i;
	int bit;

	for (i = 0; i < s->len; i++) {
		uint8_t was = bytes[i];

		for (bit = 0; bit < 8; bit++) {
			bytes[i] = was ^ (uint8_t)(1 << bit);
			still_sound(s);
		}
		for (bit = 0; bit < 256; bit += 15) {
			bytes[i] = (uint8_t)bit;
			still_sound(s);
		}
		bytes[i] = was;
	}
	assert_int_equal(check_sample(s), IPC_FINE);
}

static void I2_every_bit_and_byte_of_every_message_flipped(void **state)
{
	each(mutate);
}

static void what_is_wrong_has_a_text(void **state)
{
	unsigned int f;

	for (f = 0; f < IPC_FAULTS; f++)
		assert_non_null(ipc_fault_text(f));
	assert_string_equal(ipc_fault_text(IPC_FAULTS), "?");
	assert_string_equal(ipc_role_name(IPC_RADIO), "radio");
	assert_string_equal(ipc_role_name(IPC_ROLES), "?");
}

static void I4_a_burst_of_a_minute_passes_and_no_more(void **state)
{
	static struct ipc_gate gate;
	uint32_t rate = ipc_rows[IPC_PLAN_COMMIT].per_minute;
	uint32_t i;

	memset(&gate, 0, sizeof(gate));
	for (i = 0; i < rate; i++)
		assert_true(ipc_gate_pass(&gate, IPC_PLAN_COMMIT, 5000));
	assert_false(ipc_gate_pass(&gate, IPC_PLAN_COMMIT, 5000));
	/* Another operation has its own bucket. */
	assert_true(ipc_gate_pass(&gate, IPC_PLAN_BEGIN, 5000));
}

static void I4_a_flood_gets_its_rate_and_no_more(void **state)
{
	static struct ipc_gate gate;
	uint64_t now, passed = 0;
	uint32_t rate = ipc_rows[IPC_PLAN_COMMIT].per_minute;

	memset(&gate, 0, sizeof(gate));
	for (now = 0; now < 600000; now++)
		passed += ipc_gate_pass(&gate, IPC_PLAN_COMMIT, now);
	assert_in_range(passed, 10 * rate, 11 * rate);
}

static void I4_a_clock_that_goes_back_gives_nothing(void **state)
{
	static struct ipc_gate gate;
	uint32_t i;

	memset(&gate, 0, sizeof(gate));
	for (i = 0; i < ipc_rows[IPC_PLAN_COMMIT].per_minute; i++)
		assert_true(ipc_gate_pass(&gate, IPC_PLAN_COMMIT, 90000));
	assert_false(ipc_gate_pass(&gate, IPC_PLAN_COMMIT, 10));
	assert_false(ipc_gate_pass(&gate, IPC_PLAN_COMMIT, 20));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT(every_message_as_it_should_be_is_accepted),
		UNIT(I2_every_field_of_the_header_is_checked),
		UNIT(I2_every_other_length_is_refused),
		UNIT(I2_an_operation_of_another_role_is_refused),
		UNIT(I2_the_number_of_descriptors_is_exact),
		UNIT(I2_ranges_padding_and_terminators_are_checked),
		UNIT(I2_every_bit_and_byte_of_every_message_flipped),
		UNIT(what_is_wrong_has_a_text),
		UNIT(I4_a_burst_of_a_minute_passes_and_no_more),
		UNIT(I4_a_flood_gets_its_rate_and_no_more),
		UNIT(I4_a_clock_that_goes_back_gives_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
