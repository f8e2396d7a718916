/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random lives of an agent: events, sessions with an ACS that answers, refuses, holds, redirects,
 * hangs up and sends nonsense, reboots. Beside it runs a ledger of what the ACS must have heard:
 * no event lost, none repeated after its delivery, one session at a time, IDs echoed, BOOTSTRAP
 * never dropped, RetryCount right, waits inside the table. SEED and ROUNDS choose the lives.
 */
#include "tests/unit/cwmp_model.h"
#include "tests/unit/event_ledger.h"
#include "agent/cwmp/retry.h"
#include "agent/cwmp/schedule.h"
#include "agent/soap/write.h"
#include "lib/num.h"

#define STEPS_MAX 400

static struct {
	struct cwmp_box *b;
	struct cwmp_schedule schedule;
	struct owed saved[LEDGER_MAX];
	size_t nsaved;
	char store[CWMP_EVENTS_MAX][256];
	size_t nstore;
	struct cwmp_own_call calls[CWMP_CALLS_MAX];
	size_t ncalls;
	uint64_t now;
	uint32_t failures, seed, started, keys;
	bool ended;
	unsigned int sessions, good, informs, requests, again;
	struct buf body;
	struct session *s;
} life;

static uint32_t chance(uint32_t n)
{
	life.seed = life.seed * 1664525 + 1013904223;
	return (life.seed >> 8) % n;
}

static void save_one(void *arg, const char *key, const char *value, size_t len)
{
	snprintf(life.store[life.nstore++], sizeof(life.store[0]), "%.*s", (int)len, value);
}

/* What the agent's client does after a change that has to outlive a power cut. */
static void save(void)
{
	if (!cwmp_events_changed(&life.b->events))
		return;
	life.nstore = 0;
	cwmp_events_save(&life.b->events, save_one, NULL);
	memcpy(life.saved, ledger.v, sizeof(ledger.v));
	life.nsaved = ledger.n;
}

static void happen(enum cwmp_event event)
{
	char key[16] = "";
	int r;

	if (!cwmp_event_rows[event].single)
		snprintf(key, sizeof(key), "k%u", life.keys++);
	r = cwmp_event_raise(&life.b->events, event, key);
	if (r == -ENOSPC) {
		assert_true(life.b->events.n >= CWMP_M_EVENTS_MAX);
		return;
	}
	assert_true(r >= 0);
	owe(event, key);
	save();
}

/* A transfer that ended: 7 TRANSFER COMPLETE, M Download, and a call for the next session. */
static void finish_transfer(void)
{
	struct cwmp_own_call *call = &life.calls[life.ncalls];

	if (life.ncalls == CWMP_CALLS_MAX || !cwmp_events_room(&life.b->events, 1))
		return;
	*call = (struct cwmp_own_call){ .call = CALL_TRANSFER_COMPLETE };
	snprintf(call->key, sizeof(call->key), "k%u", life.keys);
	life.ncalls++;
	happen(EV_M_DOWNLOAD);
	happen(EV_TRANSFER_COMPLETE);
}

static int write_call(void *arg, const struct cwmp_own_call *call, struct soap_writer *w)
{
	soap_open(w, "cwmp:TransferComplete");
	soap_puts(w, "CommandKey", call->key);
	soap_close(w, "cwmp:TransferComplete");
	return 0;
}

static void call_answered(void *arg, const struct cwmp_own_call *call, uint32_t fault)
{
	if (fault)
		return;
	for (size_t i = 0; i < life.ncalls; i++) {
		if (strcmp(life.calls[i].key, call->key))
			continue;
		memmove(&life.calls[i], &life.calls[i + 1],
			(life.ncalls - i - 1) * sizeof(life.calls[0]));
		life.ncalls--;
		return;
	}
	fail_msg("an answer to a call that was not made: %s", call->key);
}

static void session_over(const struct action *a, bool informed)
{
	bool again;

	for (size_t i = 0; i < ledger.n; i++) {
		bool never = cwmp_event_rows[ledger.v[i].event].keep == KEEP_NEVER;

		if (ledger.v[i].tried && never)
			strike(i--);
		else
			ledger.v[i].tried = false;
	}
	mark_tried(true);
	for (size_t i = 0; i < ledger.n; i++)
		ledger.v[i].tried = false;
	/* Nothing is left to be told, but the ACS did not come to its end (3.2.1.1). */
	again = a->outcome != END_OK && informed && !ledger.n;
	if (again)
		owe(EV_PERIODIC, "");
	if (a->outcome == END_OK) {
		assert_true(informed);
		life.failures = 0;
		life.good++;
	} else {
		life.failures++;
		assert_true(a->retry_wait_ms >= cwmp_retry_wait_ms(life.failures, 5, 2000, 0, 0));
		assert_true(a->retry_wait_ms <=
			    cwmp_retry_wait_ms(life.failures, 5, 2000, UINT32_MAX, 7));
	}
	cwmp_schedule_ended(&life.schedule, &life.b->events, a->outcome == END_OK, life.now,
			    a->retry_wait_ms);
	assert_int_equal(life.schedule.failures, life.failures);
	if (again) {
		assert_true(cwmp_schedule_next(&life.schedule, &life.b->events, life.now, 0) ==
			    life.now + a->retry_wait_ms);
		life.again++;
	}
	save();
}

/* What the ACS knows about its half of the session. */
struct acs {
	char expects[40]; /* call of the agent that was posted, "" for none */
	char id[24];	  /* of our request under way */
	char key[CWMP_KEY_BYTES];
	unsigned int asked;
	bool informed, emptied, held;
};

static const char *answer(struct acs *acs, const char *body)
{
	uint32_t n = chance(3);

	acs->held = chance(5) == 0;
	buf_reset(&life.body);
	buf_printf(&life.body,
		   "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' "
		   "xmlns:c='urn:dslforum-org:cwmp-1-%u'><s:Header>%s%s",
		   n, *acs->id ? "<c:ID s:mustUnderstand='1'>" : "", acs->id);
	buf_printf(&life.body,
		   "%s<c:HoldRequests s:mustUnderstand='1'>%d</c:HoldRequests>%s"
		   "</s:Header><s:Body>%s</s:Body></s:Envelope>",
		   *acs->id ? "</c:ID>" : "", acs->held,
		   chance(9) ? "" : "<c:SessionTimeout>40</c:SessionTimeout>", body);
	return buf_str(&life.body);
}

static const char *fault(struct acs *acs, unsigned int code)
{
	char text[256];

	snprintf(text, sizeof(text),
		 "<s:Fault><detail><c:Fault><FaultCode>%u</FaultCode>"
		 "</c:Fault></detail></s:Fault>",
		 code);
	return answer(acs, text);
}

static const char *ask(struct acs *acs)
{
	static const char *const requests[] = {
		"<c:GetRPCMethods/>",
		"<c:Nonsense/>",
		GPV(NAME("")),
		GPN("Device.", "1"),
		GPV(NAME("Device.Nope")),
		SPV("", "key"),
		ADD("Device.Port.", ""),
		DELETE("Device.Port.1.", ""),
	};

	snprintf(acs->id, sizeof(acs->id), "%.*s", (int)chance(9), "id-12345");
	acs->asked++;
	life.requests++;
	return answer(acs, requests[chance(ARRAY_SIZE(requests))]);
}

static void http_ok(struct input *in, const char *body)
{
	in->status = 200;
	in->body = body;
	in->body_len = strlen(body);
}

static bool trouble(struct input *in)
{
	switch (chance(40)) {
	case 0:
		in->kind = IN_CLOSED;
		return true;
	case 1:
		in->kind = IN_TIMEOUT;
		return true;
	case 2:
		in->status = 503;
		in->retry_after = chance(8);
		return true;
	case 3:
		in->status = chance(2) ? 500 : 404;
		return true;
	case 4:
		in->status = chance(2) ? 302 : 307;
		in->location = chance(5) ? "https://b.example/" : "http://b.example/";
		return true;
	case 5:
		http_ok(in, chance(2) ? "<html>log in</html>" : "\x01garbage");
		return true;
	default:
		return false;
	}
}

/* The agent posted what is in the session's buffer: is it what it may post now? */
static void read_post(struct acs *acs, const struct action *a, struct soap_msg *m)
{
	if (!a->body_len) {
		assert_true(acs->informed && !*acs->expects);
		acs->emptied = true;
		return;
	}
	assert_int_equal(soap_read(life.b->reader, a->body, a->body_len, m), SOAP_OK);
	if (m->kind != SOAP_CALL) {
		/* an answer to what we asked, with our ID */
		if (m->kind == SOAP_FAULT && !m->fault_code)
			return;
		assert_string_equal(m->id ? m->id : "", acs->id);
		return;
	}
	assert_true(!acs->emptied || !acs->held);
	snprintf(acs->expects, sizeof(acs->expects), "%s", m->method);
	if (!strcmp(m->method, "GetRPCMethods"))
		assert_false(life.b->acs.asked);
	if (!strcmp(m->method, "TransferComplete"))
		snprintf(acs->key, sizeof(acs->key), "%s",
			 soap_text(m, soap_find(m, m->body, "CommandKey")));
}

static void respond(struct acs *acs, struct input *in)
{
	char text[128];
	enum cwmp_call call = strcmp(acs->expects, "Inform") ? CALL_TRANSFER_COMPLETE : CALL_INFORM;

	acs->id[0] = '\0';
	if (chance(12) == 0) {
		static const unsigned int codes[] = { 8005, 8005, 8002, 8003, 8006 };

		http_ok(in, fault(acs, codes[chance(ARRAY_SIZE(codes))]));
		acs->expects[0] = '\0';
		acs->held = false; /* 8005 wants the call again, whatever the header says */
		return;
	}
	snprintf(text, sizeof(text), "<c:%sResponse/>", acs->expects);
	http_ok(in, answer(acs, text));
	if (strcmp(acs->expects, "GetRPCMethods"))
		deliver(call, acs->key);
	acs->informed = true;
	acs->expects[0] = '\0';
}

static struct input reply_to(struct acs *acs, const struct action *a)
{
	struct input in = { .kind = IN_HTTP, .status = 200 };
	struct soap_msg m;

	read_post(acs, a, &m);
	if (trouble(&in))
		return in;
	if (*acs->expects && (!acs->informed || chance(6))) {
		respond(acs, &in);
		return in;
	}
	if (acs->informed && acs->asked < 30 && chance(3))
		http_ok(&in, ask(acs));
	else if (chance(2))
		in.status = 204;
	if (!in.body_len)
		acs->held = false;
	return in;
}

static void meanwhile(void)
{
	static const enum cwmp_event often[] = { EV_PERIODIC,
						 EV_VALUE_CHANGE,
						 EV_CONNECTION_REQUEST,
						 EV_SCHEDULED,
						 EV_DIAGNOSTICS_COMPLETE,
						 EV_M_REBOOT,
						 EV_M_SCHEDULE_INFORM,
						 EV_HEARTBEAT };

	if (chance(20) == 0)
		finish_transfer();
	else if (chance(8) == 0)
		happen(often[chance(ARRAY_SIZE(often))]);
}

static int run(struct session *s, const struct action *a)
{
	int r = cwmp_run(&life.b->env, s, a);
	struct soap_msg m;

	if (a->run == RUN_CALL && !r) {
		assert_int_equal(soap_read(life.b->reader, s->out.data, s->out.len, &m), SOAP_OK);
		if (!strcmp(m.method, "Inform")) {
			check_inform(&m, life.failures);
			check_calls(s);
			life.informs++;
		}
	}
	return r;
}

/* As many as a session takes beside GetRPCMethods. */
static size_t pending_calls(void *arg, struct cwmp_own_call *out, size_t max)
{
	size_t n = life.ncalls < max ? life.ncalls : max;

	memcpy(out, life.calls, n * sizeof(*out));
	return n;
}

static void one_session(void)
{
	static struct cwmp_own_call planned[CWMP_CALLS_MAX];
	struct session_config config = { .url = "https://a.example/",
					 .offer = CWMP_UNKNOWN,
					 .retry_min = 5,
					 .retry_mult = 2000,
					 .retry_count = life.failures,
					 .events = &life.b->events,
					 .calls = planned,
					 .ncalls = cwmp_calls_plan(&life.b->env, planned) };
	struct session *s = session_new(&config);
	struct input in = { .kind = IN_START };
	struct acs acs = { .asked = 0 };
	struct action a;

	assert_non_null(s);
	life.sessions++;
	life.b->env.retry_count = life.failures;
	cwmp_schedule_started(&life.schedule);
	mark_tried(true);
	for (int steps = 0;; steps++) {
		assert_true(steps < STEPS_MAX);
		in.now_ms = life.now += chance(50);
		in.random = life.seed;
		a = session_step(s, &in);
		if (a.kind == ACT_END)
			break;
		meanwhile();
		assert_true(cwmp_schedule_next(&life.schedule, &life.b->events, life.now, 0) ==
			    UINT64_MAX);
		in = (struct input){ .kind = IN_RUN_DONE };
		if (a.kind == ACT_RUN)
			in.result = run(s, &a);
		else if (a.kind == ACT_DIAL)
			in.kind = chance(15) ? IN_DIALED : IN_CLOSED;
		else
			in = reply_to(&acs, &a);
		if (in.result)
			fail_msg("run: %s", strerror(-in.result));
	}
	session_over(&a, acs.informed);
	session_free(s);
}

/* Power fails, or the agent alone: what is in the store comes back, and BOOT with it. */
static void reboot_now(void)
{
	bool power = chance(2);

	cwmp_events_init(&life.b->events);
	for (size_t i = 0; i < life.nstore; i++)
		assert_int_equal(
			cwmp_events_load(&life.b->events, life.store[i], strlen(life.store[i])), 0);
	if (power)
		cwmp_events_rebooted(&life.b->events);
	memset(&life.schedule, 0, sizeof(life.schedule));
	life.failures = 0;
	owe_again(life.saved, life.nsaved, power);
	happen(EV_BOOT);
}

static void live(uint32_t seed)
{
	uint64_t due;

	life.seed = seed;
	life.now = 1000;
	ledger.n = life.nsaved = life.nstore = life.ncalls = 0;
	life.failures = 0;
	memset(&life.schedule, 0, sizeof(life.schedule));
	cwmp_events_init(&life.b->events);
	happen(EV_BOOTSTRAP);
	happen(EV_BOOT);
	for (int i = 0; i < 40; i++) {
		meanwhile();
		if (chance(25) == 0)
			reboot_now();
		else if (chance(60) == 0)
			happen(EV_BOOTSTRAP), life.ncalls = 0,
					      memset(&life.b->acs, 0, sizeof(life.b->acs));
		due = cwmp_schedule_next(&life.schedule, &life.b->events, life.now, 0);
		if (due == UINT64_MAX) {
			/* silence is right only when there is nothing to tell (or it was told and a
			 * transfer's answer is all that is missing) */
			for (size_t j = 0; j < ledger.n; j++)
				assert_int_not_equal(
					cwmp_event_rows[ledger.v[j].event].delivered_by,
					CALL_INFORM);
			life.now += 100000;
			continue;
		}
		life.now = due;
		one_session();
	}
}

static uint32_t number_of(const char *name, uint32_t def)
{
	const char *text = getenv(name);
	uint64_t v;

	return text && !num_parse_u64(text, strlen(text), UINT32_MAX, &v) ? (uint32_t)v : def;
}

static void events_survive_any_life(void **state)
{
	uint32_t seed = number_of("SEED", 1), rounds = number_of("ROUNDS", 200);

	life.b = *state;
	life.b->ops = (struct cwmp_ops){ .write_call = write_call,
					 .call_answered = call_answered,
					 .pending_calls = pending_calls };
	life.b->acs.asked = true;
	buf_init(&life.body, 65536);
	for (uint32_t i = 0; i < rounds; i++) {
		life.started = seed + i;
		live(seed + i);
	}
	life.ended = true;
	print_message("%u sessions, %u good, %u Informs, %u events delivered, %u requests\n",
		      life.sessions, life.good, life.informs, ledger.delivered, life.requests);
	/* the lives were worth living */
	assert_true(life.good > life.sessions / 4 && life.good < life.sessions);
	assert_true(ledger.delivered > life.good);
	assert_true(life.again > 0);
}

static int tell_seed(void **state)
{
	if (!life.ended)
		print_message("again with SEED=%u ROUNDS=1\n", life.started);
	buf_free(&life.body);
	return box_teardown(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(events_survive_any_life, box_setup, tell_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
