/* SPDX-License-Identifier: Apache-2.0 */
/*
 * File transfers as the ACS asks for them and hears of them (TR-069 A6 A.3.2.8, A.3.3.2, A.4.1.5,
 * A.4.1.7 to A.4.1.9). The queue itself is agent/transfer/.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct soap_writer;

#define CWMP_WINDOWS_MAX 2    /* cwmp-1-2.xsd TimeWindowList */
#define CWMP_FILE_TYPE_MAX 64 /* characters; so are the next */
#define CWMP_TRANSFER_URL_MAX 256
#define CWMP_AUTONOMOUS_URL_MAX 1024
#define CWMP_TRANSFER_NAME_MAX 256 /* Username, Password, TargetFileName */
#define CWMP_USER_MESSAGE_MAX 256

/* Fault codes of a transfer (TR-069 A6 A.5.1). */
enum cwmp_transfer_fault {
	FAULT_DOWNLOAD = 9010, /* anything that has no code of its own */
	FAULT_UPLOAD = 9011,
	FAULT_FILE_LOGIN = 9012,
	FAULT_FILE_PROTOCOL = 9013, /* in an answer only, never in TransferComplete */
	FAULT_FILE_SERVER = 9015,   /* cannot be reached */
	FAULT_FILE_ACCESS = 9016,   /* it does not give the file */
	FAULT_FILE_CUT = 9017,	    /* broken off */
	FAULT_FILE_CORRUPT = 9018,
	FAULT_FILE_UNSIGNED = 9019,
	FAULT_WINDOWS_MISSED = 9020,
	FAULT_NO_CANCEL = 9021,
};

enum cwmp_window_mode {
	WINDOW_ANY_TIME = 1, /* the digit that its name begins with */
	WINDOW_IMMEDIATELY = 2,
	WINDOW_WHEN_IDLE = 3,
	WINDOW_CONFIRMATION = 4,
};

struct cwmp_window {
	uint32_t start, end; /* seconds from the receipt of the call */
	uint8_t mode;	     /* enum cwmp_window_mode */
	int32_t retries;     /* -1: as we like */
};

enum cwmp_transfer_kind { CWMP_DOWNLOAD, CWMP_UPLOAD, CWMP_SCHEDULE_DOWNLOAD };

/* What was asked for; strings belong to the request. */
struct cwmp_transfer {
	enum cwmp_transfer_kind kind;
	const char *key, *file_type, *url, *user, *password, *target;
	uint32_t file_size, delay;
	uint32_t nwindows;
	struct cwmp_window window[CWMP_WINDOWS_MAX];
	/* What is said to whoever is to confirm in that window; NULL: nothing. */
	const char *message[CWMP_WINDOWS_MAX];
};

/* One of the queue, for the two lists. */
struct cwmp_queued {
	const char *key, *file_type, *target;
	bool download, by_acs;
	uint32_t state, file_size; /* state: 1 not started, 2 in progress, 3 completed */
};
/* Returns true to go on. */
typedef bool (*cwmp_queued_fn)(void *arg, const struct cwmp_queued *);

struct cwmp_transfer_ops {
	/* 0 or a fault with *why: it is in the store when 0 is returned. */
	unsigned (*add)(void *arg, const struct cwmp_transfer *, const char **why);
	unsigned (*cancel)(void *arg, const char *key); /* 0 or FAULT_NO_CANCEL */
	void (*each)(void *arg, cwmp_queued_fn fn, void *fn_arg);
};

/* How one ended. Times are 0 when they are not known. */
struct cwmp_transfer_end {
	const char *key;
	uint32_t fault; /* 0: fine */
	const char *fault_text;
	int64_t started, ended; /* Unix seconds */
	/* AutonomousTransferComplete */
	const char *url, *file_type, *target;
	bool download;
	uint32_t file_size;
};
void cwmp_write_transfer_complete(struct soap_writer *, const struct cwmp_transfer_end *);
void cwmp_write_autonomous(struct soap_writer *, const struct cwmp_transfer_end *);
void cwmp_write_request_download(struct soap_writer *, const char *file_type);
