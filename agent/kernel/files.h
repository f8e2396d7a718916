/* SPDX-License-Identifier: Apache-2.0 */
/* Small files of /proc, /sys and others that Landlock leaves open. */
#pragma once

struct buf;

/* Appends the whole file. 0 or -errno; -EFBIG when the buffer's limit does not hold it. */
int file_read(const char *path, struct buf *out);

/* Every entry but "." and "..", as the kernel has them. 0 or -errno. */
typedef void (*folder_fn)(void *arg, const char *name);
int folder_each(const char *path, folder_fn, void *arg);
