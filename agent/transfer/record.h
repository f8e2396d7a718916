/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transfer in the store:
 *	@transfer.3 = download waiting config 1 0 ...	(record.c has the order)
 *	@transfer.3.boot, .key, .fault, .version	texts that the queue knows
 *	@transfer.3.begun				how often it began
 *	@transfer.3.url, .user, .password		until it has ended
 *	@transfer.3.type, .target, .message1, .message2	as they were asked for
 */
#pragma once

#include <stdbool.h>

#include "agent/transfer/queue.h"

#define TRANSFER_RECORD "@transfer."

bool transfer_record_is_text(const char *key);
/* value is that of key: 0 or -EINVAL. */
int transfer_record_read(struct transfer *t, const struct store *store, const char *key,
			 const char *value);
int transfer_record_write(struct store *store, const struct transfer *t);
/* What only the store keeps. */
int transfer_record_texts(struct store *store, const struct transfer *t,
			  const struct cwmp_transfer *asked);
const char *transfer_record_text(const struct store *store, const struct transfer *t,
				 const char *field);
/* The field of what is said to whoever is to confirm in that window. */
const char *transfer_record_message(uint32_t window);
/* URL, user and password go. */
void transfer_record_forget(struct store *store, const struct transfer *t);
void transfer_record_delete(struct store *store, const struct transfer *t);
