/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Many sessions in one process.
 *
 * Each arrival is opened on a fiber, so no look-up, connect or handshake delays
 * another session; then a pump moves its data and the fiber is over. What a session
 * keeps is its two streams and its pump.
 *
 * Addresses that change the process, or start programs, have sessions with a
 * process of their own (engine_suits() tells).
 */

#include "relay/pump.h"
#include "relay/serve.h"

struct engine {
	const struct relay_options *options;
	const struct address_pair *pair;
	const struct pump_plan *plan;
	struct stock *stock;
	struct link sessions;
	size_t n_sessions, n_openings; /* alive; of these, not yet open */
	size_t files;		       /* descriptors that sessions may have */
	size_t files_per_session;      /* the most that one has had */
	size_t ceiling;		       /* sessions that the open-file limit allows */
	bool spares_openings;	       /* a signal does not cancel them (engine_outlive) */
	bool told_full;
	bool lingers;		       /* the option: closing a socket is no way to end it */
	struct flow_count total[2];    /* of sessions that have ended */
	struct relay_result unused;    /* no session of ours is replaced by a program */
	struct ear ear;
	struct timer tidy;	       /* frees the stacks of a rush that is over */
	struct worker *workers; /* processes that serve the listener (processes.c); NULL: none */
	size_t n_workers;
	bool is_worker; /* this is one */
};

/* Can the sessions of these addresses share a process? */
bool engine_suits(const struct address_pair *pair);

/* Opens the loop and raises the soft limit of open files.  0, or negative with the
 * sentence in err. */
int engine_open(struct engine *engine, const struct relay_options *options,
		const struct address_pair *pair, const struct pump_plan *plan,
		struct stock *stock, struct err *err);

/* Ends all sessions. */
void engine_close(struct engine *engine);

/* Waits until one more session may begin; max: 0, or what max-children says. */
int engine_wait_for_slot(struct engine *engine, int max);

/* Forks so many processes, which serve the same listener, each with a loop of its own, and
 * watches over them: in the place of one that dies another one begins, after a pause
 * that grows while they die at once.  0: this is such a process.  In the first one it returns
 * when all is over: -ECANCELED by a signal, -ETIMEDOUT when nobody has come to any of
 * them, or negative with the sentence in err. */
int engine_fork_workers(struct engine *engine, int n, struct err *err);

/* Starts a session for the arrival, which it takes over; opening is the listener's.  0,
 * or negative with the sentence in opening->err: the arrival stays the caller's. */
int engine_serve(struct engine *engine, const struct opening *opening, struct listener *l,
		 struct arrival *arrival);

/* Goes on until the last session has ended, or the next signal comes. */
void engine_finish_sessions(struct engine *engine);

/* The listener has ended: by a signal, its time-out or an error.  Its sessions go on:
 * with sessions_survive in a forked process, as forked sessions do when their parent
 * ends, else here, and this waits until the last one has ended.  What is still being opened
 * has a second to succeed.  But not if the
 * signal came from the terminal, which means all, nor after a second one.  True: this
 * is the forked process. */
bool engine_outlive(struct engine *engine);

/* In descriptors.c.  Raises the soft limit of open files, and tells how many descriptors may be
 * sessions' and how many pipes. */
void engine_share_descriptors(struct engine *engine);

/* This session is open: pipes, files of copies and dual addresses need more descriptors than
 * two sockets do, and so will the next ones. */
void engine_note_descriptors(struct engine *engine, const struct session *session);

/* For processes.c.  Living workers get the signal. */
void engine_tell_workers(const struct engine *engine, int signo);

/* What the sessions are to put back or remove at their end is the heir's business. */
void engine_bequeath(struct engine *engine, pid_t heir);

/* In the process that was asked to end: forgets the loop and the sessions, whose
 * descriptors the heir has. */
void engine_let_go(struct engine *engine);
