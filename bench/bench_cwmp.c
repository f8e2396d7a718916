/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole RPCs without the network: the request is read, the tree walked or changed, the response
 * written. And the writer alone. References are the best peer's 116,116 parameters/s for a
 * GetParameterValues of everything, and 4.8 M structs/s of a plain escaping loop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/cwmp/rpc.h"
#include "agent/cwmp/session_state.h"
#include "agent/soap/write.h"
#include "agent/tree/rows.h"
#include "lib/array.h"
#include "lib/log.h"

#define ROWS 1000
#define NAMES 32 /* that GenieACS asks for at once */
#define SECONDS 0.5

static const char *const modes[] = { "Up", "Down", NULL };
static const struct dm_param host_params[] = {
	{ "PhysAddress", DM_STRING, DM_RW, .def = "00:11:22:33:44:55", DM_MAXLEN(64) },
	{ "IPAddress", DM_STRING, DM_RW, .def = "192.0.2.17", DM_MAXLEN(45) },
	{ "Active", DM_BOOL, DM_RW },
	{ "Layer1Interface", DM_STRING, DM_RW, .def = "Device.WiFi.SSID.1", DM_MAXLEN(256) },
	{ "HostName", DM_STRING, DM_RW, .def = "a host & its name", DM_MAXLEN(64) },
	{ "BytesSent", DM_ULONG, DM_RW, .def = "1234567890" },
	{ "Status", DM_STRING, DM_RW, .def = "Up", DM_VALUES(modes) },
	{ "When", DM_DATETIME, DM_RW, .def = "2026-01-02T03:04:05Z" },
	{ "VendorClassID", DM_STRING, DM_RW, DM_MAXLEN(255) },
	{ "LeaseTimeRemaining", DM_INT, DM_RW, .def = "-1" },
};
static const struct dm_object device = DM_EMPTY("Device.");
static const struct dm_param server_params[] = { { "ParameterKey", DM_STRING, DM_RO,
						   DM_MAXLEN(32) } };
static const struct dm_object server = DM_SINGLE("Device.ManagementServer.", server_params);
static const struct dm_object hosts = DM_EMPTY("Device.Hosts.");
static const struct dm_object host =
	DM_TABLE("Device.Hosts.Host.{i}.", host_params, .flags = DM_ADD, .max = ROWS,
		 .entries = "HostNumberOfEntries");
static const struct dm_object *const objects[] = { &device, &server, &hosts, &host };

static struct cwmp_env env;
static struct session *session;
static struct buf request;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *why)
{
	fprintf(stderr, "bench_cwmp: %s\n", why);
	exit(1);
}

/* One RPC from bytes to bytes. */
static void exchange(void)
{
	struct action action = { .kind = ACT_RUN, .run = RUN_REQUEST };

	if (soap_read(session->reader, request.data, request.len, &session->msg))
		die(soap_why(session->reader));
	if (cwmp_run(&env, session, &action) || strstr(session->out.data, ":Fault>"))
		die(session->out.data ? session->out.data : "no answer");
}

static void begin(const char *method)
{
	buf_reset(&request);
	buf_printf(&request,
		   "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' "
		   "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
		   "xmlns:c='urn:dslforum-org:cwmp-1-2'><s:Header><c:ID s:mustUnderstand='1'>1"
		   "</c:ID></s:Header><s:Body><c:%s>",
		   method);
}

static void end(const char *method)
{
	buf_printf(&request, "</c:%s></s:Body></s:Envelope>", method);
	if (request.failed)
		die("request too big");
}

/* Does the answer, when it is a list, hold as many as are counted? */
static bool complete(size_t n)
{
	char count[32];

	snprintf(count, sizeof(count), "Struct[%zu]", n);
	return !strstr(session->out.data, "Struct[") || strstr(session->out.data, count);
}

static void report(const char *name, size_t per_round, double reference)
{
	double start, spent;
	size_t rounds = 0;

	exchange(); /* warm */
	if (!complete(per_round))
		die("not as many as were to be counted");
	start = now();
	do {
		exchange();
		rounds++;
		spent = now() - start;
	} while (spent < SECONDS);
	printf("{\"name\": \"%s\", \"unit\": \"parameters/s of CPU\", \"value\": %.0f", name,
	       (double)(per_round * rounds) / spent);
	if (reference > 0)
		printf(", \"reference\": %.0f", reference);
	printf("}\n");
}

static void get_everything(void)
{
	begin("GetParameterValues");
	buf_puts(&request, "<ParameterNames><string></string></ParameterNames>");
	end("GetParameterValues");
	report("cwmp GetParameterValues of the whole tree", ROWS * ARRAY_SIZE(host_params) + 2,
	       116116);
}

static void get_names(void)
{
	begin("GetParameterNames");
	buf_puts(&request, "<ParameterPath></ParameterPath><NextLevel>0</NextLevel>");
	end("GetParameterNames");
	report("cwmp GetParameterNames of the whole tree", ROWS * (ARRAY_SIZE(host_params) + 1) + 6,
	       0);
}

static void get_32(void)
{
	begin("GetParameterValues");
	buf_puts(&request, "<ParameterNames>");
	for (unsigned int i = 0; i < NAMES; i++)
		buf_printf(&request, "<string>Device.Hosts.Host.%u.%s</string>", i * 31 + 1,
			   host_params[i % ARRAY_SIZE(host_params)].name);
	buf_puts(&request, "</ParameterNames>");
	end("GetParameterValues");
	report("cwmp GetParameterValues of 32 names", NAMES, 0);
}

static void set_all_names(void)
{
	begin("SetParameterValues");
	buf_puts(&request, "<ParameterList>");
	for (unsigned int i = 1; i <= ROWS; i++)
		buf_printf(
			&request,
			"<ParameterValueStruct><Name>Device.Hosts.Host.%u.HostName</Name>"
			"<Value xsi:type=\"xsd:string\">station %u</Value></ParameterValueStruct>",
			i, i);
	buf_puts(&request, "</ParameterList><ParameterKey>k</ParameterKey>");
	end("SetParameterValues");
	report("cwmp SetParameterValues of 1,000 values", ROWS, 0);
}

static void read_only(void)
{
	double start = now(), spent;
	size_t rounds = 0;
	struct soap_msg msg;

	do {
		if (soap_read(session->reader, request.data, request.len, &msg))
			die("read");
		rounds++;
		spent = now() - start;
	} while (spent < SECONDS);
	printf("{\"name\": \"soap reading of 1,000 values\", \"unit\": \"values/s of CPU\", "
	       "\"value\": %.0f}\n",
	       (double)(rounds * ROWS) / spent);
}

static void write_only(void)
{
	static const char path[] = "Device.WiFi.AccessPoint.1.AssociatedDevice.17.SignalStrength";
	double start = now(), spent;
	struct soap_writer w;
	size_t n = 0;

	do {
		buf_reset(&session->out);
		soap_begin(&w, &session->out, CWMP_1_2, "1", 1);
		soap_array_begin(&w, "ParameterList", "cwmp:ParameterValueStruct");
		for (int i = 0; i < 10000; i++)
			soap_value(&w, path, sizeof(path) - 1, "xsd:int", "-61", 3);
		soap_array_end(&w, "ParameterList");
		soap_end(&w);
		n += 10000;
		spent = now() - start;
	} while (spent < SECONDS);
	if (session->out.failed)
		die("write");
	printf("{\"name\": \"soap writing of ParameterValueStructs\", "
	       "\"unit\": \"structs/s of CPU\", \"value\": %.0f, \"reference\": 4800000}\n",
	       (double)n / spent);
}

static void fill(struct dm *dm)
{
	struct dm_txn *txn = dm_begin(dm, DM_BY_SELF);
	uint32_t number;

	for (int i = 0; txn && i < ROWS; i++)
		if (dm_stage_add(txn, "Device.Hosts.Host.", &number))
			die("a row is refused");
	if (!txn || dm_commit(txn, NULL))
		die("no tree");
}

int main(void)
{
	static struct cwmp_events events;
	struct session_config config = { .url = "https://acs.example/", .events = &events };
	struct dm *dm;

	log_set_fd(-1);
	cwmp_events_init(&events);
	buf_init(&request, 4 << 20);
	session = session_new(&config);
	if (!session || dm_open(&dm, objects, ARRAY_SIZE(objects), NULL))
		die("no memory");
	session->version = CWMP_1_2;
	env = (struct cwmp_env){ .dm = dm, .events = &events };
	fill(dm);
	get_everything();
	get_names();
	get_32();
	set_all_names();
	read_only();
	write_only();
	session_free(session);
	buf_free(&request);
	dm_close(dm);
	return 0;
}
