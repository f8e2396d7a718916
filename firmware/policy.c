/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "firmware/policy.h"

enum fw_reason fw_policy(const struct fw_manifest *m, const struct fw_box *box)
{
	if (strcmp(m->model, box->model) != 0)
		return FW_WRONG_MODEL;
	if (m->counter < box->counter)
		return FW_DOWNGRADE;
	if (m->counter - box->counter > box->jump_max)
		return FW_JUMP;
	if (m->payload > box->slot_bytes)
		return FW_TOO_BIG;
	return FW_OK;
}
