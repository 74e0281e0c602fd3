/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One direction of a relay.
 *
 *	FLOW_OPEN	reads from the source, writes to the destination
 *	FLOW_DRAINING	the source has ended; what was read is still to be written
 *	FLOW_SHUT	the destination was told that nothing more will come
 *
 * flow_move() moves one portion and never waits.  `readable` and `writable` are
 * what is known of the two ends: the pump sets them when the kernel says so, an
 * -EAGAIN takes them away.  Nothing is read while the destination is known to be
 * full: what nobody takes stays in the source.
 *
 * A portion goes through a block of memory that is borrowed for the moment
 * (stock.h).  When large portions come one after the other, and both ends are plain
 * descriptors and nobody looks at the data, the following ones are moved by
 * splice(2), without being copied (splice.h).  UDP packets go in batches from the
 * second one on, if nobody looks at them (batch.h).
 */

#include "addr/settings.h"
#include "relay/relay.h"
#include "relay/stock.h"
#include "relay/tap.h"
#include "stream/stream.h"

enum flow_state { FLOW_OPEN, FLOW_DRAINING, FLOW_SHUT, FLOW_STATES };

/* Do packets go in batches?  Is bulk data spliced? */
enum flow_answer { FLOW_NOT_ASKED, FLOW_YES, FLOW_NO };

/* What is the same for this direction in all sessions of a relay. */
struct flow_plan {
	int number;		       /* of the source: "socket 1" */
	bool wanted;		       /* -u, -U: only one is */
	const struct settings *source; /* ignoreeof, readbytes, escape */
	enum newline from_newline, to_newline;
	size_t block_size; /* of one read: a packet, or what is shown as one block */
	size_t bulk_size;  /* of one read between two streams of bytes */
};

struct flow {
	const struct flow_plan *plan;
	struct stock *stock;
	struct stream *from, *to;
	struct tap *tap;	/* NULL: nobody looks at the data */
	char *block;		/* block[at..len) is to be written; NULL: nothing is */
	uint32_t at, len, read_size;
	struct net_batch *batch; /* packets that are to be written; NULL: none */
	struct duct *duct;	/* what was spliced and is to be written; NULL: nothing */
	int64_t bytes_left;	/* readbytes; <0: no limit */
	int64_t pause_until;	/* ignoreeof, hang-up: do not read before; 0: no pause */
	struct flow_count count;
	uint8_t state;		/* enum flow_state */
	uint8_t large;		/* portions, one after the other: bulk data is on its way */
	bool readable, writable;
	bool hurried;		/* stream_hurry() was done */
	bool refused;		/* by a program, which does not read any more */
	bool ended;		/* the source itself said so */
	bool insist;		/* the other direction has ended: the end counts */
	bool is_plain;		/* the data are nobody's business: may be spliced */
	uint8_t splices;	/* enum flow_answer */
	uint8_t batches;	/* enum flow_answer */
	bool sends_runs;	/* packets of one size with one call (batch.h) */
	bool is_direct;		/* one end is a pipe: no duct is needed */
	bool may_stop_short;	/* urgent data or an end: a short read is not the last one */
};

/* All that it is given stays the caller's; what is borrowed meanwhile goes back in
 * flow_done(). */
void flow_init(struct flow *flow, const struct flow_plan *plan, struct stock *stock,
	       struct stream *from, struct stream *to, struct tap *tap);
void flow_done(struct flow *flow);

/* Was something read that is still to be written? */
bool flow_has_data(const struct flow *flow);

/* Is there something that the destination does not take? */
bool flow_is_stuck(const struct flow *flow);

/* Moves one portion.  1: something happened; 0: nothing can be done now; negative:
 * reading or writing failed, with the sentence in err.  *ret_over becomes true
 * when the reader has gone and cool-write takes that for a normal end. */
int flow_move(struct flow *flow, bool *ret_over, struct err *err);

/* A portion has been read (how large, of which limit), or nothing more will come: for splice.c. */
void flow_took(struct flow *flow, size_t len);
void flow_note_size(struct flow *flow, size_t len, size_t limit);
int flow_source_ended(struct flow *flow);
int flow_write_failed(struct flow *flow, int code, size_t len, bool *ret_over, struct err *err);
int flow_read_failed(struct flow *flow, int code, size_t len, struct err *err);

/* The source has ended: FLOW_OPEN becomes FLOW_DRAINING. */
void flow_end(struct flow *flow);

/* Is the destination to be told now?  True once all data of an ended source is
 * written. */
bool flow_is_drained(const struct flow *flow);

/* It is told, and may answer (stream_shut). */
bool flow_awaits_answer(const struct flow *flow);

/* The destination will know without being told. */
void flow_forgo(struct flow *flow);

/* Tells the destination, if it is time.  Apart from flow_move() because closing
 * the destination may close the source of the other direction, which is to be
 * moved first.  0 or negative. */
int flow_settle(struct flow *flow, struct err *err);
