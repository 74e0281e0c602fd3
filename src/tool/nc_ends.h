/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The rules of nc's relay, without any descriptor: which of its four ends are
 * gone, what follows from that, and when the relay is over.  The theory stands
 * at the top of nc_relay.c.  Pure.
 */

#include "base/base.h"

enum nc_end {
	NC_IN,	/* standard input */
	NC_NW,	/* the network, writing */
	NC_NR,	/* the network, reading */
	NC_OUT, /* standard output */
	NC_ENDS,
};

struct nc_ends {
	bool gone[NC_ENDS];
	size_t to_net, to_out; /* bytes that wait in the two buffers */
	bool listening;	       /* we are the server */
	bool shut_at_eof;      /* -N */
	bool resting;	       /* -i: the pause after a line is not over */
};

/* What the caller has to do to the socket; none, one or both. */
enum { NC_SHUT_WRITE = 1, NC_SHUT_READ = 2 };

/* Is there nothing left to do?  Asked before every wait. */
bool nc_ends_done(const struct nc_ends *e);

/* After a wait: takes the errors and hang-ups out of the poll(2) events, one
 * per end.  Returns NC_SHUT_*. */
unsigned int nc_ends_trouble(struct nc_ends *e, const short events[NC_ENDS]);

/* After reading and writing: ends that have become useless go.  Returns
 * NC_SHUT_*. */
unsigned int nc_ends_settle(struct nc_ends *e);
