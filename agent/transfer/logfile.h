/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Vendor log files: 1 is the agent's own, in the state folder, the older half moved aside when the
 * newer is full; 2 is the system's, when log.system names it.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct log_job;
struct transfers;
struct transfer_handler;

extern const struct transfer_handler logfile_handler;

/* Opens the own log and takes every line from then on. 0 or -errno. */
int logfile_new(struct transfers *ts);
void logfile_free(struct transfers *ts);

#define LOGFILES_MAX 2
bool logfile_exists(const struct log_job *job, uint32_t number);
/* The file's name and the bytes that it has at most; 0: not known. Only of one that exists. */
const char *logfile_name(const struct log_job *job, uint32_t number);
uint32_t logfile_max(const struct log_job *job, uint32_t number);
/* Each line of the own log, oldest first, that has text in it, whatever the case. */
typedef void (*logfile_fn)(void *arg, const char *line);
void logfile_search(struct log_job *job, const char *text, logfile_fn fn, void *arg);
