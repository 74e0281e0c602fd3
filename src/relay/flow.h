/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One direction of a relay.
 *
 *	FLOW_OPEN	reads from the source, writes to the destination
 *	FLOW_DRAINING	the source has ended; what was read is still to be written
 *	FLOW_SHUT	the destination was told that nothing more will come
 *
 * flow_move() does one read and the writes that follow; it never waits.  The
 * pump polls and stores the answers in `readable` and `writable`.  Nothing is
 * read before the destination can take it: what nobody takes stays in the source.
 */

#include "addr/settings.h"
#include "relay/relay.h"
#include "relay/tap.h"
#include "stream/stream.h"

enum flow_state { FLOW_OPEN, FLOW_DRAINING, FLOW_SHUT, FLOW_STATES };

struct flow {
	int number;			/* of the source: "socket 1" */
	struct stream *from, *to;
	const struct settings *source;	/* ignoreeof, readbytes, escape */
	enum newline from_newline, to_newline;
	struct tap tap;
	bool has_tap;
	enum flow_state state;
	bool readable, writable;	/* known since the last poll */
	char *block;			/* room for twice block_size */
	size_t block_size, at, len;	/* block[at..len) is to be written */
	int64_t bytes_left;		/* readbytes; <0: no limit */
	int64_t pause_until;		/* ignoreeof, hang-up: do not read before; 0: no pause */
	bool ended;			/* the source itself said so */
	bool insist;			/* the other direction has ended: the end counts */
	struct flow_count count;
};

void flow_init(struct flow *flow, int number, struct stream *from, struct stream *to,
	       size_t block_size);
void flow_done(struct flow *flow);

bool flow_has_data(const struct flow *flow);

/* Moves one block.  1: something happened; 0: nothing can be done now; negative:
 * reading or writing failed, with the sentence in err.  *ret_over becomes true
 * when the reader has gone and cool-write takes that for a normal end. */
int flow_move(struct flow *flow, bool *ret_over, struct err *err);

/* The source has ended: FLOW_OPEN becomes FLOW_DRAINING. */
void flow_end(struct flow *flow);

/* Tells the destination, once all data of an ended source is written.  Apart
 * from flow_move() because closing the destination may close the source of the
 * other direction, which is to be moved first.  0 or negative. */
int flow_settle(struct flow *flow, struct err *err);
