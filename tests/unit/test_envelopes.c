/* SPDX-License-Identifier: Apache-2.0 */
/*
 * T001: one envelope of every kind that the agent sends, judged by the Broadband Forum's schemas
 * when they lie beside the checkout (../shared/spec); else only whether our reader takes them.
 */
#include "tests/unit/cwmp_model.h"

#include <sys/wait.h>
#include <unistd.h>

#include "agent/soap/write.h"

#define VALIDATE "../shared/spec/validate.sh"

static char dir[64];
static unsigned int files;

static void keep(struct cwmp_box *b, const char *name)
{
	char path[160];
	int fd;

	box_read_answer(b);
	snprintf(path, sizeof(path), "%s/%02u-%s.xml", dir, files++, name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, b->session->out.data, b->session->out.len), b->session->out.len);
	close(fd);
}

static void keep_rpc(struct cwmp_box *b, const char *name, const char *element)
{
	box_rpc(b, element);
	keep(b, name);
}

static void write_own(struct cwmp_box *b, const char *name, enum cwmp_call call, uint8_t version)
{
	struct action action = { .kind = ACT_RUN, .run = RUN_CALL };

	b->session->calls[0].call = call;
	b->session->id++;
	b->session->offer = version;
	b->session->version = call == CALL_INFORM ? CWMP_UNKNOWN : version;
	buf_reset(&b->session->out);
	assert_int_equal(cwmp_run(&b->env, b->session, &action), 0);
	keep(b, name);
	b->session->version = CWMP_1_2;
}

/* Our half of a transfer's end is the caller's; the shape is what the schema is asked about. */
static int write_transfer_complete(void *arg, const struct cwmp_own_call *call,
				   struct soap_writer *w)
{
	soap_open(w, "cwmp:TransferComplete");
	soap_puts(w, "CommandKey", call->key);
	soap_open(w, "FaultStruct");
	soap_putu(w, "FaultCode", 0);
	soap_puts(w, "FaultString", "");
	soap_close(w, "FaultStruct");
	soap_puts(w, "StartTime", "2026-01-02T03:04:05Z");
	soap_puts(w, "CompleteTime", "0001-01-01T00:00:00Z");
	soap_close(w, "cwmp:TransferComplete");
	return 0;
}

static unsigned int yes(void *arg, const char *key)
{
	return 0;
}

static unsigned int yes_reset(void *arg)
{
	return 0;
}

static unsigned int yes_inform(void *arg, uint32_t delay, const char *key)
{
	return 0;
}

static void informs(struct cwmp_box *b)
{
	for (int e = 0; e < EV_COUNT; e++)
		cwmp_event_raise(&b->events, (enum cwmp_event)e,
				 cwmp_event_rows[e].single ? NULL : "a<\xc3\xa9>\x01");
	write_own(b, "inform-1-0", CALL_INFORM, CWMP_1_0);
	write_own(b, "inform-1-1", CALL_INFORM, CWMP_1_1);
	write_own(b, "inform", CALL_INFORM, CWMP_NEWEST);
	b->env.time_known = false;
	b->env.uptime_s = 183845;
	/* a change, made by the box itself */
	dm_set_own(b->dm, "Device.DeviceInfo.ProvisioningCode", "x", 1);
	write_own(b, "inform-without-time", CALL_INFORM, CWMP_NEWEST);
	write_own(b, "get-rpc-methods", CALL_GET_RPC_METHODS, CWMP_NEWEST);
	write_own(b, "get-rpc-methods-1-0", CALL_GET_RPC_METHODS, CWMP_1_0);
	write_own(b, "transfer-complete", CALL_TRANSFER_COMPLETE, CWMP_NEWEST);
}

static void responses(struct cwmp_box *b)
{
	box.noise = "\xff\x01<&>\r\n";
	box.noise_len = 7;
	keep_rpc(b, "get-rpc-methods", "<c:GetRPCMethods/>");
	keep_rpc(b, "add-object", ADD("Device.Port.", "k"));
	keep_rpc(b, "names", GPN("", "0"));
	keep_rpc(b, "names-next", GPN("Device.Port.", "1"));
	keep_rpc(b, "values", GPV(NAME("")));
	keep_rpc(b, "values-none", GPV(""));
	keep_rpc(b, "set-values", SPV(SET("Device.Port.1.Name", T("string"), "x"), "k"));
	keep_rpc(b, "attributes", GPA(NAME("Device.")));
	keep_rpc(b, "set-attributes", SPA("Device.", "1", "1", "1", ""));
	keep_rpc(b, "attributes-acs-only", GPA(NAME("Device.")));
	keep_rpc(b, "delete-object", DELETE("Device.Port.1.", "k"));
	keep_rpc(b, "reboot", "<c:Reboot><CommandKey/></c:Reboot>");
	keep_rpc(b, "factory-reset", "<c:FactoryReset/>");
	keep_rpc(b, "schedule-inform",
		 "<c:ScheduleInform><DelaySeconds>1</DelaySeconds>"
		 "<CommandKey/></c:ScheduleInform>");
	box_run(b, BOX_ENVELOPE("2", "", "<c:GetRPCMethods/>"));
	keep(b, "without-id");
	box_run(b, BOX_ENVELOPE("0", BOX_ID, GPV(NAME("Device."))));
	keep(b, "values-1-0");
}

static void faults(struct cwmp_box *b)
{
	keep_rpc(b, "fault-method", "<c:NoSuch/>");
	keep_rpc(b, "fault-name", GPV(NAME("Device.&lt;\xc3\xa9&gt;")));
	keep_rpc(b, "fault-arguments", "<c:Reboot/>");
	keep_rpc(b, "fault-notify", SPA("Device.", "1", "3", "0", ""));
	keep_rpc(b, "fault-values",
		 SPV(SET("Device.Nope", "", "") SET("Device.DeviceInfo.ProvisioningCode", T("int"),
						    "1") SET("Device.Noise", T("string"), "1")
			     SET("Device.ManagementServer.PeriodicInformInterval", T("unsignedInt"),
				 "0"),
		     ""));
	box_run(b, BOX_ENVELOPE("1", BOX_ID, SPV("<x/>", "")));
	keep(b, "fault-1-1");
}

/* exit status of the validator, -1 when it can't be run */
static int validate(const char *options, const char *pattern)
{
	char command[256];
	int status;

	snprintf(command, sizeof(command), "sh " VALIDATE " -q %s %s/%s >&2", options, dir,
		 pattern);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void T001_every_envelope_is_valid_against_the_schema(void **state)
{
	struct cwmp_box *b = *state;
	int strict, lax = 0;

	b->ops = (struct cwmp_ops){ .reboot = yes,
				    .factory_reset = yes_reset,
				    .schedule_inform = yes_inform,
				    .write_call = write_transfer_complete };
	informs(b);
	responses(b);
	faults(b);
	assert_int_equal(files, 29);
	if (access(VALIDATE, R_OK) || system("command -v xmllint > /dev/null")) {
		print_message("no " VALIDATE " or no xmllint: only read back\n");
		skip();
	}
	strict = validate("", "*.xml");
	/* A SOAP fault that is not CWMP's has no detail, which only the public schema knows. */
	buf_reset(&b->session->out);
	soap_write_fault(&b->session->out, CWMP_1_2, "7", 1, "MustUnderstand", "CWMP fault");
	keep(b, "soap-fault");
	lax = validate("-l", "*-soap-fault.xml");
	assert_int_equal(strict, 0);
	assert_int_equal(lax, 0);
}

static int make_dir(void **state)
{
	snprintf(dir, sizeof(dir), "/tmp/sallyport-test-XXXXXX");
	return mkdtemp(dir) ? box_setup(state) : -1;
}

static int remove_dir(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command) | box_teardown(state);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(T001_every_envelope_is_valid_against_the_schema,
						make_dir, remove_dir),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
