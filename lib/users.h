/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups by name or number. Reads /etc/passwd and /etc/group itself:
 * NSS would load libraries into the helper and ask the network.
 */
#pragma once

#include <sys/types.h>

/* A number needs no entry; its group is the entry's, or else the same number.
 * 0, -EINVAL (empty, or not a valid number), -ENOENT (no such name), -errno. */
int user_lookup(const char *name, uid_t *uid, gid_t *gid);
int group_lookup(const char *name, gid_t *gid);
