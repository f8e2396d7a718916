/* SPDX-License-Identifier: Apache-2.0 */
/* The diagnoses that there are; each adds itself by diags_add(). 0 or -ENOMEM. */
#pragma once

struct agent;
struct diags;

/* The radio role and the events of nl80211 have to be there. */
int diag_neighbors_new(struct diags *all, struct agent *agent);
int diag_ping_new(struct diags *all);
int diag_trace_new(struct diags *all);
int diag_select_new(struct diags *all);
int diag_lookup_new(struct diags *all);
int diag_speed_new(struct diags *all);
int diag_echo_new(struct diags *all);
int diag_self_test_new(struct diags *all);
/* Not a diagnosis: it serves those of others. */
int echo_server_new(struct agent *agent);
