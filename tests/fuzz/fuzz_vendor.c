/* SPDX-License-Identifier: Apache-2.0 */
/* What a vendor's daemon says, and the file that declares its objects. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/vendor/conf.h"
#include "agent/vendor/line.h"
#include "lib/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void one_line(char *line, size_t len)
{
	char *text;
	size_t n;

	if (vendor_take_line(line, len, &text, &n) == VENDOR_MALFORMED)
		return;
	if (text < line || text + n > line + len || text[n] || !xml_clean(text, n))
		__builtin_trap();
}

static void whole_file(char *text, size_t len)
{
	struct vendor_wrong wrong;
	struct vendor_conf c;

	if (vendor_conf_parse(&c, text, len, &wrong))
		return;
	for (size_t i = 0; i < c.nobjects; i++)
		for (size_t k = 0; k < c.objects[i].nrows; k++) {
			const struct vendor_source *s = &c.objects[i].sources[k];

			if (!s->file == (s->daemon < 0) || s->daemon >= (int)c.ndaemons)
				__builtin_trap();
		}
	vendor_conf_free(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *own;

	if (!size)
		return 0;
	own = malloc(size);
	if (!own)
		return 0;
	memcpy(own, data + 1, size - 1);
	own[size - 1] = '\0';
	(data[0] & 1 ? one_line : whole_file)(own, size - 1);
	free(own);
	return 0;
}
