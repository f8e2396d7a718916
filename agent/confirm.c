/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/confirm.h"

#include <string.h>

static const char *const words[CONFIRM_PHASES] = { "done", "new", "old", "again", "last" };

/* clang-format off */
static const struct confirm_step steps[CONFIRM_PHASES][CONFIRM_INPUTS] = {
	[CONFIRM_NONE] = {
		[CONFIRM_CHANGED] = { CONFIRM_NEW, CONFIRM_WAIT },
		[CONFIRM_ANSWERED] = { CONFIRM_NONE, CONFIRM_NOTHING },
		[CONFIRM_DUE] = { CONFIRM_NONE, CONFIRM_NOTHING },
		[CONFIRM_DECIDED] = { CONFIRM_NONE, CONFIRM_NOTHING },
	},
	[CONFIRM_NEW] = {
		[CONFIRM_CHANGED] = { CONFIRM_NEW, CONFIRM_WAIT },
		[CONFIRM_ANSWERED] = { CONFIRM_NONE, CONFIRM_FORGET },
		[CONFIRM_DUE] = { CONFIRM_OLD, CONFIRM_PUT },
		[CONFIRM_DECIDED] = { CONFIRM_NONE, CONFIRM_FORGET },
	},
	[CONFIRM_OLD] = {
		[CONFIRM_CHANGED] = { CONFIRM_NEW, CONFIRM_WAIT },
		[CONFIRM_ANSWERED] = { CONFIRM_AGAIN, CONFIRM_PUT },
		[CONFIRM_DUE] = { CONFIRM_NONE, CONFIRM_PUT },
		[CONFIRM_DECIDED] = { CONFIRM_NONE, CONFIRM_FORGET },
	},
	[CONFIRM_AGAIN] = {
		[CONFIRM_CHANGED] = { CONFIRM_NEW, CONFIRM_WAIT },
		[CONFIRM_ANSWERED] = { CONFIRM_NONE, CONFIRM_FORGET },
		[CONFIRM_DUE] = { CONFIRM_LAST, CONFIRM_PUT },
		[CONFIRM_DECIDED] = { CONFIRM_NONE, CONFIRM_FORGET },
	},
	[CONFIRM_LAST] = {
		[CONFIRM_CHANGED] = { CONFIRM_NEW, CONFIRM_WAIT },
		[CONFIRM_ANSWERED] = { CONFIRM_NONE, CONFIRM_FORGET },
		[CONFIRM_DUE] = { CONFIRM_NONE, CONFIRM_PUT },
		[CONFIRM_DECIDED] = { CONFIRM_NONE, CONFIRM_FORGET },
	},
};
/* clang-format on */

struct confirm_step confirm_step(enum confirm_phase phase, enum confirm_input input)
{
	return steps[phase][input];
}

bool confirm_is_old(enum confirm_phase phase)
{
	return phase == CONFIRM_OLD || phase == CONFIRM_LAST;
}

const char *confirm_word(enum confirm_phase phase)
{
	return words[phase];
}

enum confirm_phase confirm_phase(const char *word)
{
	unsigned int i = 0;

	while (i < CONFIRM_PHASES && strcmp(word, words[i]) != 0)
		i++;
	return i;
}

bool confirm_covers(const char *paths, const char *parameter)
{
	const size_t len = strlen(parameter);
	size_t n;

	for (; *(paths += strspn(paths, " \t")); paths += n) {
		n = strcspn(paths, " \t");
		if (n <= len && !memcmp(paths, parameter, n) && (n == len || paths[n - 1] == '.'))
			return true;
	}
	return false;
}
