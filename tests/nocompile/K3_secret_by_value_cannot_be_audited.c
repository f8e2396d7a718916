/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

void try_it(struct secret s);

void try_it(struct secret s)
{
#ifdef WRONG
	log_audit("plan", "%s %s", "passphrase", s.bytes);
#else
	log_audit("plan", "%s %zu", "passphrase", s.len);
#endif
}
