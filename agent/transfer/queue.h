/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The transfers that were asked for and not yet reported, each with its durable record, and when
 * the next may begin. Pure but for the store; nothing here moves a byte of a file.
 *
 * A transfer is in the store before its RPC is answered, and leaves it in the same save as its
 * events when TransferComplete was answered: a crash in between repeats a question, never an
 * answer. URL, user and password are in the store alone, and only until the transfer has ended.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/cwmp/events.h"
#include "agent/cwmp/transfer.h"
#include "lib/limits.h"

struct store;

enum transfer_kind {
	TRANSFER_DOWNLOAD = CWMP_DOWNLOAD,
	TRANSFER_UPLOAD = CWMP_UPLOAD,
	TRANSFER_SCHEDULED = CWMP_SCHEDULE_DOWNLOAD,
	TRANSFER_LOCAL, /* by sallyportctl: AutonomousTransferComplete, if its policy wants it */
	TRANSFER_KINDS
};

enum transfer_state {
	TRANSFER_WAITING, /* for its delay, its window, its turn */
	TRANSFER_RUNNING, /* bytes move; after a restart it begins again */
	TRANSFER_ARMED,	  /* an image is in flash, and the box is to boot it */
	TRANSFER_DONE,	  /* its report is owed */
	TRANSFER_STATES
};

enum transfer_file { TRANSFER_FIRMWARE, TRANSFER_CONFIG, TRANSFER_LOG, TRANSFER_FILES };

#define TRANSFER_BOOT_MAX 64	/* a boot id */
#define TRANSFER_TEXT_MAX 192	/* of a fault */
#define TRANSFER_VERSION_MAX 64 /* of an image */

struct transfer {
	uint32_t id;		  /* its number in the store; 0: this place is free */
	uint8_t kind;		  /* enum transfer_kind */
	uint8_t state;		  /* enum transfer_state */
	uint8_t file;		  /* enum transfer_file */
	uint8_t nwindows, window; /* of a Download: one, from its delay on without an end */
	bool confirmed;		  /* WINDOW_CONFIRMATION: somebody at the box said yes */
	uint32_t instance;	  /* row of VendorConfigFile or VendorLogFile */
	uint32_t file_size;	  /* as it was told; 0: not */
	uint32_t tries;		  /* that failed in the window of now */
	uint32_t not_before;	  /* age in seconds at which a retry may begin */
	uint32_t begun;		  /* times that it began since it ended or was stopped last */
	struct cwmp_window windows[CWMP_WINDOWS_MAX];
	/* The receipt, from which all seconds count. */
	char boot[TRANSFER_BOOT_MAX];
	int64_t received_boot;	/* CLOCK_BOOTTIME in that boot, seconds */
	int64_t received_wall;	/* Unix seconds; 0: the clock was not set */
	int64_t started, ended; /* Unix seconds; 0: not known */
	uint32_t fault;
	char fault_text[TRANSFER_TEXT_MAX];
	char key[CWMP_KEY_BYTES];
	char version[TRANSFER_VERSION_MAX]; /* TRANSFER_ARMED */
};

/* What time it is, from whoever may look. */
struct transfer_clock {
	const char *boot_id;
	int64_t boot_s; /* CLOCK_BOOTTIME */
	int64_t wall_s; /* Unix seconds; 0: the clock is not set */
};

struct transfer_queue {
	struct store *store;
	struct transfer v[TRANSFERS_MAX];
};

/* Reads what an earlier process left. Records that are not ours are left out, and logged. */
void transfer_load(struct transfer_queue *q, struct store *store, const struct transfer_clock *now);
/*
 * Takes one down in the store's memory: the caller saves. *out is the new one. 0; -ENOSPC: the
 * queue is full; other -errno of the store.
 */
int transfer_add(struct transfer_queue *q, const struct cwmp_transfer *asked,
		 enum transfer_kind kind, enum transfer_file file, uint32_t instance,
		 const struct transfer_clock *now, struct transfer **out);
/* Its state has changed: into the store's memory. One that has ended loses its secrets there. */
int transfer_put(struct transfer_queue *q, const struct transfer *t);
/* Removes it from queue and store (the caller saves). */
void transfer_drop(struct transfer_queue *q, struct transfer *t);

struct transfer *transfer_by_id(struct transfer_queue *q, uint32_t id);
size_t transfer_count(const struct transfer_queue *q);
/* "url", "user", "password", "target", "type", a transfer_record_message(); "" when it is not there
 * (any more). */
const char *transfer_text(const struct transfer_queue *q, const struct transfer *t,
			  const char *field);

/* Seconds since it was received; what passed while the box was off counts if the clock knows it. */
int64_t transfer_age(const struct transfer *t, const struct transfer_clock *now);

/* Seconds of another boot's clock mean nothing in this one: it counts in this from now on. */
void transfer_rebase(struct transfer *t, const struct transfer_clock *now);

enum transfer_due {
	TRANSFER_NOW,
	TRANSFER_LATER,	 /* in *wait seconds */
	TRANSFER_MISSED, /* its windows are over */
	TRANSFER_NEVER,	 /* it does not wait */
};
/* Moves a waiting transfer on to the window that it is in; *wait as said above. */
enum transfer_due transfer_due(struct transfer *t, const struct transfer_clock *now, int64_t *wait);
/* Seconds until the window of now ends; INT64_MAX: it has no end. */
int64_t transfer_left(const struct transfer *t, const struct transfer_clock *now);
/* It failed: may it try again (TR-069 A6 A.4.1.8 MaxRetries)? Then it waits again. */
bool transfer_retry(struct transfer *t, const struct transfer_clock *now);

/* Which event tells of it; EV_COUNT: none (TRANSFER_LOCAL). */
enum cwmp_event transfer_event(const struct transfer *t);
