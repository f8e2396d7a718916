/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

void try_it(const struct secret *s);

void try_it(const struct secret *s)
{
#ifdef WRONG
	log_info("the password of %d bytes is %p", 1, s);
#else
	log_info("the password has %zu bytes", s->len);
#endif
}
