/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Many clients at once, in one process.
 *
 *	-k		standard input goes to all of them, what they say to standard output
 *	--broker	what each of them says goes to all others, as does standard input
 *	--chat		the same, and everybody is told who said it
 *
 * Each client has a fiber that reads, and, while something waits for it, one that
 * writes.  Who sends more than a client takes waits for it, as with any connection; a
 * client that takes nothing for half a minute is sent away, so it cannot stop the
 * others for ever.
 */

#include "task/loop.h"
#include "tool/nc_text.h"
#include "tool/ncat.h"

struct ncat_hub {
	struct ncat *n;
	struct link members;
	size_t count;			 /* of clients */
	struct ncat_member *out;	 /* standard output; NULL with --broker */
	struct watch input;		 /* standard input, once somebody is there to hear it */
	bool input_runs;		 /* a fiber reads what is there */
	bool input_over;		 /* it has ended */
	bool after_cr;			 /* -C between two reads */
	int64_t active_at;		 /* -i counts from here */
	void (*finished)(void *context); /* --send-only: all was sent */
	void *context;
};

/* A loop must be open. */
void ncat_hub_open(struct ncat_hub *hub, struct ncat *n);

/* Sends everybody away and waits until they are gone. */
void ncat_hub_close(struct ncat_hub *hub);

/* Takes a connection over. */
void ncat_hub_add(struct ncat_hub *hub, int fd, const struct net_address *peer);

/* When the silence will have been too long; CLOCK_NEVER: never, or nobody is there. */
int64_t ncat_hub_idle_at(const struct ncat_hub *hub);
