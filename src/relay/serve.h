/* SPDX-License-Identifier: MIT */
#pragma once

/* One try of an address, and what a listener does with whoever comes. */

#include "relay/session.h"

struct attempt {
	struct session *session;
	struct opening opening;
	struct opt_used begun; /* used before the first try */
	unsigned int retries;  /* left */
	bool short_of;	       /* of something that ending sessions give back; was told */
	bool forked;	       /* this process was forked for one arrival or connection */
};

/* Listens; then waits, accepts and hands over to a session, as long as fork says
 * so.  Returns with the stream of a session (without fork, or in a forked child),
 * or with an error. */
int serve(struct attempt *a, struct stream **ret);

/* A client that forks: connects, hands over to a child, pauses, connects again. */
int connect_again_and_again(struct attempt *a, struct stream **ret);
