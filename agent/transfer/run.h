/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the transfers: run.c drives, one file per file type carries out. */
#pragma once

#include "agent/agent.h"
#include "agent/http/stream.h"
#include "agent/loop.h"
#include "agent/transfer/queue.h"
#include "agent/transfer/transfer.h"

/* What becomes of a file, or where it comes from. Each returns 0 or a fault (transfers_fault()). */
struct transfer_handler {
	uint64_t max; /* bytes of a download */
	/* The file from its beginning; again when a server could not resume. */
	unsigned (*begin)(struct transfers *ts, struct transfer *t);
	unsigned (*take)(struct transfers *ts, const void *data, size_t n);
	/* All of it is here. It may leave t->state TRANSFER_ARMED: then there is no report yet. */
	unsigned (*finish)(struct transfers *ts, struct transfer *t);
	unsigned (*open)(struct transfers *ts, struct transfer *t, uint64_t *size);
	int64_t (*read)(struct transfers *ts, uint64_t at, void *to, size_t n);
	void (*close)(struct transfers *ts); /* however it ended */
};

struct firmware_job;
struct config_job;
struct log_job;

struct transfers {
	struct agent *agent;
	struct transfer_queue q;
	struct loop_timer due;	    /* the next may begin */
	struct loop_timer deadline; /* the running one must have ended */
	struct transfer *now;	    /* the running one */
	const struct transfer_handler *file;
	struct http_stream *stream;
	bool started;
	bool reboot_wanted;
	bool trial_news; /* of the image on trial, to be looked at when there is time */
	char request[TRANSFER_REQUESTS_MAX][CWMP_FILE_TYPE_MAX + 1]; /* "": free */
	unsigned int told; /* tenths of the file that the log has */
	uint32_t fault;	   /* of the handler */
	char fault_text[TRANSFER_TEXT_MAX];
	/* settings */
	bool allow_http;
	uint64_t rate;
	unsigned int resumes;
	/* the handlers' */
	struct firmware_job *firmware; /* NULL: no flash role */
	struct config_job *config;     /* NULL: no backup key */
	struct log_job *log;
};

/* Why it failed: keeps the text and returns code. No secret goes into the text. */
unsigned transfers_fault(struct transfers *ts, unsigned code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
struct transfer_clock transfers_clock(const struct transfers *ts);
/* Takes the result down, and wants it told. */
void transfers_complete(struct transfers *ts, struct transfer *t, unsigned fault, const char *text);
/* Its end into the history, in the store's memory; one that does not fit is logged, no more. */
void transfers_keep_end(struct transfers *ts, const struct transfer *t);
/* It ends without having been carried out, and nobody is told: out of the queue, into the history
 * with why. In the store's memory. */
void transfers_give_up(struct transfers *ts, struct transfer *t, const char *why);
/* Looks what is to be done now, and when to look again. */
void transfers_look(struct transfers *ts);
/* The box starts anew as soon as no session runs. */
void transfers_reboot(struct transfers *ts);

/* run.c */
void transfers_run(struct transfers *ts, struct transfer *t);
/* Ends the running one without a report. */
void transfers_stop(struct transfers *ts);

/* types.c: which file a FileType names. 0 or a fault; *why says what is allowed. */
unsigned transfer_type(const struct transfers *ts, bool upload, const char *text,
		       enum transfer_file *file, uint32_t *instance, const char **why);
/* Its name in lists and autonomous calls (TransferFileType). */
void transfer_type_name(const struct transfers *ts, const struct transfer *t,
			char out[CWMP_FILE_TYPE_MAX + 1]);
const struct transfer_handler *transfer_handler(enum transfer_file file);
