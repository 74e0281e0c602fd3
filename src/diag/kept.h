/* SPDX-License-Identifier: MIT */
#pragma once

/* Messages that have to wait for others: copies, one after the other, up to a
 * maximum.  Pure. */

#include "base/buf.h"

struct kept {
	struct buf bytes; /* each message behind its length, a uint32_t */
	size_t at;	  /* of the next one to be read */
};

#define auto_kept __attribute__((__cleanup__(kept_done))) struct kept

/* Nothing is kept past `max` bytes. */
void kept_init(struct kept *kept, size_t max);
void kept_done(struct kept *kept);

/* Keeps a copy; what finds no room makes it full. */
void kept_put(struct kept *kept, const void *message, size_t len);

/* Was there too much?  Then what is there is not all. */
bool kept_is_full(const struct kept *kept);

/* The next one, in the order in which they were put; false at the end. */
bool kept_next(struct kept *kept, const void **ret_message, size_t *ret_len);
