/* SPDX-License-Identifier: MIT */
#pragma once

/* Bytes that wait between an end that was read and one that is to be written. */

#include "base/base.h"

enum { NC_QUEUE_SIZE = 65536 }; /* holds any UDP datagram */

struct nc_queue {
	size_t start, end;
	uint8_t data[NC_QUEUE_SIZE];
};

static inline size_t nc_queue_waiting(const struct nc_queue *q)
{
	return q->end - q->start;
}

static inline bool nc_queue_is_full(const struct nc_queue *q)
{
	return nc_queue_waiting(q) == sizeof(q->data);
}

static inline const uint8_t *nc_queue_head(const struct nc_queue *q)
{
	return q->data + q->start;
}

/* Sees to it that there is room at the tail, as long as the queue is not full
 * (all of it if the queue is empty), and returns how much.  What is then
 * written there is counted in by nc_queue_added(). */
size_t nc_queue_make_room(struct nc_queue *q);

static inline uint8_t *nc_queue_tail(struct nc_queue *q)
{
	return q->data + q->end;
}

static inline void nc_queue_added(struct nc_queue *q, size_t len)
{
	q->end += len;
}

static inline void nc_queue_taken(struct nc_queue *q, size_t len)
{
	q->start += len;
}
