/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/log.h"

void try_it(const struct secret *s);

void try_it(const struct secret *s)
{
#ifdef WRONG
	log_debug("%d: %s", 1, s->bytes);
#else
	log_debug("%d: %zu", 1, s->len);
#endif
}
