/* SPDX-License-Identifier: MIT */
#pragma once

/* One session while it is being opened, and the policy around an opening. */

#include "relay/relay.h"

struct session {
	const struct relay_options *options;
	struct address_pair pair[2];
	struct stream *stream[2];
	struct env env;
	struct relay_result *result;
	bool told_waiting; /* hooks.waiting was called */
	bool nobody_came;  /* accept-timeout: a normal end */
};

/* A session with the variables that all its programs see. */
void session_init(struct session *session, const struct relay_options *options,
		  struct relay_result *result);
void session_done(struct session *session); /* ends both streams */

/* Opens one side, with retry, lock files, accepting and forking.  The stream is
 * stored in session->stream[side]; with nofork there may be none.  0, negative
 * with the sentence in err, -ECANCELED. */
int session_open(struct session *session, int side, enum addr_direction wanted, struct err *err);
