/* SPDX-License-Identifier: Apache-2.0 */
/* The diagnoses that there are; each adds itself by diags_add(). 0 or -ENOMEM. */
#pragma once

struct diags;

int diag_ping_new(struct diags *all);
int diag_trace_new(struct diags *all);
