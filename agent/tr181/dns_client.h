/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device.DNS.Client.: the name servers of the box, which the dialer's resolver knows. It is asked
 * at the start, when a session begins and after each reading, so what is shown is a session old at
 * most.
 */
#pragma once

struct dial;
struct dm;

/* Inside the sandbox; the dialer must outlive it. 0 or -ENOMEM. */
int dns_client_start(struct dm *, struct dial *);
void dns_client_look(struct dm *); /* asks, unless it has just been asked */
