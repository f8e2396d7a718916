/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "seccomp/sandbox.h"

/* The lines of tests/README.md. A test whose name does not have in it what was asked for (argv) is
 * not wanted. */
void result_only(int argc, char **argv);
bool result_wanted(const char *name);
void result_ok(const char *name);
void result_fail(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void result_skip(const char *name, const char *why);
int result_status(void);

/* Runs fn in a child that is killed after five seconds; its wait status, -1: could not. */
int in_child(void (*fn)(void *arg), void *arg);
bool died_of(int status, int sig);

/* A request with the numbers that the tests use. */
struct sb_request request_for(enum sb_role role);
