/* SPDX-License-Identifier: MIT */
#pragma once

/* One session while it is being opened, and the policy around an opening. */

#include "relay/relay.h"
#include "relay/tap.h"

struct engine;

struct session {
	const struct relay_options *options;
	const struct address_pair *pair; /* left and right; the relay's */
	struct engine *engine;	   /* serves all sessions in this process; NULL: a process each */
	struct stream *stream[2];
	struct tap *tap[2];	   /* copies of what each side says; NULL: none */
	struct env env;
	struct relay_result *result;
	bool wants_env;	   /* somebody will read the variables */
	bool told_waiting; /* hooks.waiting was called */
	bool nobody_came;  /* accept-timeout: a normal end */
};

/* A session with the variables that all its programs see. */
void session_init(struct session *session, const struct relay_options *options,
		  const struct address_pair *pair, struct relay_result *result);
void session_done(struct session *session); /* ends both streams */

/* Opens one side, with retry, lock files, accepting and forking.  The stream is
 * stored in session->stream[side]; with nofork there may be none.  0, negative
 * with the sentence in err, -ECANCELED. */
int session_open(struct session *session, int side, enum addr_direction wanted, struct err *err);

/* Opens the right side for what the left one leaves it to do. */
int session_open_right(struct session *session, struct err *err);

/* Opens the copies that are asked for; trouble is a warning. */
void session_open_taps(struct session *session);

/* The log's line where an opening ends and the transfer begins. */
void session_tell_transfer(const struct session *session);

/* The process of a session has this number now. */
void session_set_pid(struct session *session, const char *name, pid_t pid);
