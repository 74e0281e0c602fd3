/* SPDX-License-Identifier: MIT */
#pragma once

/* Moves data between two open streams until both directions have ended. */

#include "relay/flow.h"
#include "task/loop.h"

/* What is the same for all sessions of a relay. */
struct pump_plan {
	struct flow_plan flow[2]; /* left to right, right to left */
	int64_t closing_wait;	  /* as in struct relay_options */
	int64_t idle_limit;
	bool losses_fail;
};

struct pump {
	const struct pump_plan *plan;
	struct flow flow[2];
	struct watch watch[2][2]; /* [stream][its rfd, its wfd] */
	struct timer timer;
	struct turn turn;
	int64_t last;		/* when something was moved */
	uint8_t softness;	/* of messages (log.h) */
	bool runs[2];		/* does this direction exist? */
	bool is_last;		/* the streams are closed as soon as it has finished, which
				 * tells their ends */
	/* It is over: 0 or the code that err tells about.  May free the pump, whose
	 * watches and timers are closed already. */
	void (*finished)(struct pump *pump, int r, struct err *err);
	void *owner; /* for it */
};

/* Prepares both directions; the streams stay the caller's. */
void pump_init(struct pump *p, const struct pump_plan *plan, struct stock *stock,
	       struct stream *const s[2], struct tap *const taps[2]);
void pump_done(struct pump *p);

/* Begins; the loop of this thread does the rest (loop.h).  0 or -errno. */
int pump_start(struct pump *p);

/* Stops without an end. */
void pump_stop(struct pump *p);

/* Looks whether something can be moved, or has ended, that no descriptor tells: a
 * program that died.  May finish it. */
void pump_look(struct pump *p);

/* The same for one who has nothing else to do: starts, and turns the loop until
 * the end.  signalled is called when a signal was noted; may be NULL.  0: all ended; -ECANCELED: a
 * signal ended it; else reading or writing failed. */
int pump_run(struct pump *p, void (*signalled)(struct pump *p, void *context), void *context,
	     struct err *err);
