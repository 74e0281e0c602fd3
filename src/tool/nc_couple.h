/* SPDX-License-Identifier: MIT */
#pragma once

/* Two streams that are carried into each other by the relay's pump, beside whatever else
 * this process does: a program and its client, a proxy's client and its target. */

#include "relay/stock.h"
#include "stream/stream.h"

struct nc_couple_plan {
	struct stock *stock;	    /* made by nc_couple_stock() */
	int64_t idle_us;	    /* end after that long without data; 0: never */
	bool crlf;		    /* what goes to the left gets CR LF at its line ends */
	void (*ended)(void *owner); /* both streams are gone */
	void *owner;
};

/* A stock with blocks of the size that couples use (stock.h); stock_done() ends it. */
void nc_couple_stock(struct stock *ret);

/* Takes both streams over.  A loop must be open (loop.h).  If the right one is a program
 * (s->program), its end is the end of the couple, once its output has arrived.  0 or -errno; then
 * ended() is not called. */
int nc_couple_start(struct stream **left, struct stream **right, const struct nc_couple_plan *plan);
