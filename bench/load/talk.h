/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One connection of a client.  Its plan says everything it will do; the mode hears of each
 * completed round and of the end.
 *
 *	connecting -> talking -> (our side is shut ->) ended
 *
 * Each byte that comes is compared with the one that was due.
 */

#include "hello.h"
#include "load.h"
#include "loop.h"
#include "secure.h"

enum talk_event {
	TALK_ROUND, /* an answer is complete; what now is up to the mode */
	TALK_DONE,  /* both ends have seen everything and the end of the other */
	TALK_RESET, /* as planned, by us */
	TALK_CUT,   /* an end, or an error (talk.error), before everything came */
	TALK_WRONG, /* bytes that nobody had sent */
};

/* No plan: all bytes as fast as they go, then TALK_ROUND. */
struct plan {
	struct hello hello;
	uint64_t rounds;	 /* how many requests may be sent so far; duplex: 1 */
	size_t piece;		 /* at most so many bytes in a write, then a pause; 0: no limit */
	int64_t pause_ns;	 /* after a piece, and of a reader at stall_at */
	uint64_t stall_at;	 /* stops reading after so many bytes, for a pause; 0: does not */
	uint64_t reset_sent;	 /* resets after so many bytes were sent, with the hello ... */
	uint64_t reset_received; /* ... or received; 0: does not */
	bool silent;		 /* sends nothing at all */
	bool half_close;	 /* after the last request: our end, then waits for theirs */
};

struct talk {
	struct watch watch;
	struct secure *secure; /* NULL: no TLS */
	struct plan plan;
	void (*tell)(struct talk *talk, enum talk_event event);
	void *owner;   /* the mode's */
	uint64_t sent; /* with the hello */
	uint64_t received;
	uint64_t rounds;     /* completed */
	int64_t round_begin; /* when the first byte of the request was written */
	int64_t write_after; /* a pause until then; 0: none */
	int64_t read_after;
	int error; /* of TALK_CUT: -errno, or 0 for an end that came too early */
	bool shut;
	bool eof; /* the other side has ended its side, everything has come */
	bool ended;
};

/* Connects, with TLS if there is a secure.  plan, tell and owner are set; the rest is zero.  The
 * events come from loop. */
void talk_begin(struct talk *talk, struct loop *loop, const struct net_address *target,
		struct secure_client *secure);

/* One more round, after TALK_ROUND. */
void talk_more(struct talk *talk);

/* Closes or resets without more words; no event.  To leave is to close, but TLS says so before. */
void talk_close(struct talk *talk);
void talk_leave(struct talk *talk);
void talk_reset(struct talk *talk);

/* Goes on after pauses that are over; the mode calls it in its tick. */
void talk_tick(struct talk *talk, int64_t now);
