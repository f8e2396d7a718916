/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/rand.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/log.h"

int rand_bytes(void *out, size_t n)
{
	char *p = out;

	while (n) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got ? -errno : -EIO;
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

uint32_t rand_below(uint32_t n)
{
	/* The last, incomplete run of n values would favour the small ones. */
	uint32_t skip = (uint32_t)-n % n, v;

	do {
		if (rand_bytes(&v, sizeof(v))) {
			log_err("no random numbers from the kernel");
			abort();
		}
	} while (v < skip);
	return v % n;
}
