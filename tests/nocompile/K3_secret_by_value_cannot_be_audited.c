/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/audit.h"

void try_it(struct secret s);

void try_it(struct secret s)
{
#ifdef WRONG
	audit("plan", AUDIT_DONE, "passphrase", s.bytes);
#else
	audit("plan", AUDIT_DONE, "passphrase", AUDIT_NUM(s.len));
#endif
}
