/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What survives a restart: a small text file of "key = value" lines, replaced atomically, over a
 * read-only factory layer of the same format. Keys without '@' are parameter paths; keys with '@'
 * are records of the agent: "@row...", "@attr...", "@event...", "@boot".
 * A key that nobody knows is kept as it is (written by a newer release, wanted after a fall-back).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct store;

/*
 * Before lockdown: opens state_dir (kept as the only descriptor) and reads state and factory_file
 * (NULL or absent: empty factory layer). A state file that can't be read as ours is renamed to
 * state.bad, logged, and the factory layer is used: a gateway must come up and reach its ACS.
 * Returns 0 or -errno; -EINVAL with a log line for a factory file that is wrong.
 */
int store_open(struct store **, const char *state_dir, const char *factory_file);
void store_close(struct store *);
int store_dirfd(const struct store *); /* for the sandbox: openat, renameat, fsync */

/* Value of the state, else of the factory layer, else NULL. Terminated; good until changed. */
const char *store_get(const struct store *, const char *key, size_t *len);
const char *store_factory(const struct store *, const char *key, size_t *len);
bool store_has(const struct store *, const char *key); /* in the state itself */

/*
 * Changes are in memory until store_save(). -ENOSPC when the quota would be passed, -EINVAL for a
 * key that the format can't hold. Setting what the factory layer already says removes the line.
 */
int store_set(struct store *, const char *key, const char *value, size_t len);
int store_del(struct store *, const char *key);
/* The same for what an ACS can make grow with the box's tables: STORE_BYTES_FREE stay free. */
int store_set_spare(struct store *, const char *key, const char *value, size_t len);
/*
 * Writes "state.new", fsync, rename to "state", fsync of the directory. No-op when nothing changed.
 * After an error memory still holds the changes; store_revert() goes back to what is on disk.
 */
int store_save(struct store *);
void store_revert(struct store *);
/* Saves, and reads the file again: does it say what memory does? 0, -EIO, or why it can't be. */
int store_check(struct store *);
bool store_dirty(const struct store *);

/*
 * Every key that begins with prefix, sorted; the factory layer's too when with_factory. fn may not
 * change the store.
 */
typedef void (*store_fn)(void *arg, const char *key, const char *value, size_t len);
void store_each_factory(const struct store *, const char *prefix, store_fn, void *arg);
void store_each(const struct store *, const char *prefix, bool with_factory, store_fn, void *arg);
/* Keys directly usable by callers: removes every key that begins with prefix (state only). */
int store_del_prefix(struct store *, const char *prefix);
/* Set when the box is to come up from the factory layer: the next start resets the store. */
#define STORE_KEY_RESET "@factory_reset"
/* A change that waits for an answer of the ACS, with all that was kept of it. */
#define STORE_KEY_CONFIRM "@confirm"
/* Unix seconds when the clock was last known to be right; coarse. */
#define STORE_KEY_TIME "@keep.time"
/* FactoryReset: drops all but records whose key begins with "@keep."; saved by the caller. */
int store_factory_reset(struct store *);
