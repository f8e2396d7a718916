/* SPDX-License-Identifier: Apache-2.0 */
/* The value of an Authorization header. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/http/digest.h"
#include "agent/http/nonce.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct nonces nonces;
	struct digest_auth auth;

	if (digest_parse(&auth, (const char *)data, size))
		return 0;
	/* What was accepted is terminated and within its field. */
	if (strlen(auth.username) > DIGEST_VALUE_MAX || strlen(auth.nonce) > DIGEST_VALUE_MAX ||
	    strlen(auth.response) >= DIGEST_HEX_MAX)
		abort();
	if (auth.qop[0] && strlen(auth.nc) != 8)
		abort();
	if (nonce_check(&nonces, auth.nonce, auth.nc_value, 1000) == NONCE_GOOD &&
	    strlen(auth.nonce) != NONCE_TEXT - 1)
		abort();
	/* Nobody guesses the response of a password that was not used. */
	if (digest_verify(DIGEST_MD5, &auth, "sallyport", "acs", "vSx1pmV9", "GET"))
		abort();
	return 0;
}
