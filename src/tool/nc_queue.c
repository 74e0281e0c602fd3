/* SPDX-License-Identifier: MIT */
/* The one part of the queue that does something; see nc_queue.h. */

#include "tool/nc_queue.h"

#include <string.h>

size_t nc_queue_make_room(struct nc_queue *q)
{
	if (q->start) {
		memmove(q->data, nc_queue_head(q), nc_queue_waiting(q));
		q->end -= q->start;
		q->start = 0;
	}
	return sizeof(q->data) - q->end;
}
