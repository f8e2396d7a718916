/* SPDX-License-Identifier: Apache-2.0 */
/* sallyport-agent: the part that faces the network, and (--role dialer) its dialer. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/dialer/dialer.h"
#include "agent/priv.h"
#include "agent/tr181/device_type.h"
#include "agent/tree/tree.h"
#include "agent/vendor/vendor.h"
#include "lib/buf.h"
#include "lib/cleanup.h"
#include "lib/conf.h"
#include "lib/inherit.h"
#include "lib/limits.h"
#include "lib/log.h"
#include "lib/version.h"

#define DEFAULT_CONF "/etc/sallyport/sallyport.conf"

static const char usage_text[] =
	"usage: sallyport-agent [-c FILE] [--role dialer] [--check-config] [--device-type]\n"
	"  -c, --config FILE  default " DEFAULT_CONF "\n"
	"      --role dialer  only the dialer, as a service of its own\n"
	"      --check-config read the configuration, say what is wrong with it, and end\n"
	"      --device-type  write what the tree has as XML (TR-106 Annex B)\n"
	"      --version\n";

struct options {
	const char *conf;
	bool dialer, check;
};

static int print_device_type(void)
{
	_cleanup_buf_ struct buf out = BUF_INIT(DEVICE_TYPE_MAX);
	struct dm *dm;
	int r = dm_open(&dm, dm_objects, dm_nobjects, NULL);

	if (r)
		return r;
	r = device_type_write(dm, &out);
	dm_close(dm);
	return r || fwrite(out.data, out.len, 1, stdout) != 1 ? -EIO : 0;
}

/* 0: go on; else the exit status + 1. */
static int parse_options(int argc, char **argv, struct options *o)
{
	enum { OPT_ROLE = 256, OPT_CHECK, OPT_TYPE, OPT_VERSION, OPT_HELP };
	static const struct option longs[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "role", required_argument, NULL, OPT_ROLE },
		{ "check-config", no_argument, NULL, OPT_CHECK },
		{ "device-type", no_argument, NULL, OPT_TYPE },
		{ "version", no_argument, NULL, OPT_VERSION },
		{ "help", no_argument, NULL, OPT_HELP },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", longs, NULL)) != -1) {
		if (c == 'c') {
			o->conf = optarg;
		} else if (c == OPT_ROLE && !strcmp(optarg, "dialer")) {
			o->dialer = true;
		} else if (c == OPT_CHECK) {
			o->check = true;
		} else if (c == OPT_TYPE) {
			return print_device_type() ? 2 : 1;
		} else if (c == OPT_VERSION) {
			puts("sallyport-agent " SALLYPORT_VERSION);
			return 1;
		} else {
			fputs(usage_text, c == OPT_HELP || c == 'h' ? stdout : stderr);
			return c == OPT_HELP || c == 'h' ? 1 : 3;
		}
	}
	if (optind == argc)
		return 0;
	fputs(usage_text, stderr);
	return 3;
}

static int run(struct agent *agent)
{
	while (!agent->loop.quit) {
		int r = loop_once(&agent->loop, -1);

		if (r < 0) {
			log_err("cannot go on: %s", strerror(-r));
			return 1;
		}
		/* It cannot be reached again from inside of the sandbox: start anew. */
		if (priv_lost(agent->priv)) {
			log_err("the helper is lost");
			return 1;
		}
	}
	return agent->loop.status;
}

int main(int argc, char **argv)
{
	static struct dialer_config dialer;
	static struct agent agent;
	struct options o = { .conf = DEFAULT_CONF };
	int r = parse_options(argc, argv, &o);

	if (r)
		return r - 1;
	log_open(o.dialer ? "sallyport-dialer" : "sallyport-agent");
	r = inherit_nothing();
	if (r) {
		log_err("what was inherited: %s", strerror(-r));
		return 1;
	}
	umask(077);
	/* A peer that goes away is an error of a call, not the end. */
	(void)signal(SIGPIPE, SIG_IGN);
	if (conf_load(&agent.conf, o.conf) || conf_log_level(agent.conf) ||
	    dialer_config_read(&dialer, agent.conf) || agent_settings_read(&agent.set, agent.conf))
		return 1;
	if (o.check)
		return vendor_check(agent.set.vendor_file) ? 1 : 0;
	if (o.dialer)
		return dialer_run(&dialer, -1);
	if (agent_start(&agent, &dialer))
		return 1;
	return run(&agent);
}
