/* SPDX-License-Identifier: MIT */
/* The one part of the queue that does something; see nc_queue.h. */

#include "tool/nc_queue.h"

#include <string.h>

enum { ENOUGH = NC_QUEUE_SIZE / 4 }; /* room at the tail that is worth a read */

size_t nc_queue_make_room(struct nc_queue *q)
{
	size_t len = nc_queue_waiting(q);

	if (len == 0 || sizeof(q->data) - q->end < ENOUGH) {
		memmove(q->data, nc_queue_head(q), len);
		q->start = 0;
		q->end = len;
	}
	return sizeof(q->data) - q->end;
}
