/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/conf.h"
#include "lib/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct conf *c;
	uid_t uid;
	gid_t gid;

	log_set_fd(-1);
	if (conf_parse(&c, "fuzz", (const char *)data, size))
		return 0;
	if (strchr(conf_str(c, "run.dir", ""), '\n'))
		__builtin_trap();
	(void)conf_bool(c, "acs.allow_http", false);
	(void)conf_int(c, "connreq.port", 7547, 1, 65535);
	if (!conf_user(c, "user.radio", &uid, &gid) && uid == (uid_t)-1)
		__builtin_trap();
	conf_free(c);
	return 0;
}
