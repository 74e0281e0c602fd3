/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The processes this one has started, and how they ended.
 *
 * Children are registered right after fork() and reaped in the normal flow,
 * when a wait was woken by SIGCHLD, so an early death is never missed and a
 * number never counted wrong.
 */

#include "base/base.h"

enum child_kind {
	CHILD_SESSION,	/* a forked session; counts for max-children */
	CHILD_STARTING, /* is to become a program; why it did not, it says itself */
	CHILD_PROGRAM,	/* the program of an EXEC, SYSTEM or SHELL address */
	CHILD_WORKER,	/* serves a listener; how it ended, whoever watches over it says */
};

/* fork(2) that registers the child and, in the child, forgets all others and
 * opens signal handling anew.  Returns as fork(2), with -errno on failure. */
pid_t child_fork(enum child_kind kind);

/* What was starting has become a program.  If that has ended already, this is when its
 * end becomes an event (child_reap). */
void child_started(pid_t pid);

/* How many of that kind are alive. */
size_t child_count(enum child_kind kind);

/* Is it a child of this process that has not ended, as far as is known? */
bool child_lives(pid_t pid);

/* Has it ended?  Its wait status (waitpid(2)) is given once it has. */
bool child_ended(pid_t pid, int *ret_status);

/* Collects everybody that ended, without waiting; in a library, which never
 * called signals_open(), only the registered ones.  Sessions are forgotten at
 * once; programs and workers stay until child_forget().  Each end is an event: Info for
 * status 0 and for sessions, Warn for a program that failed, nothing for what
 * never became one, in these words:
 * `waitpid(): child N exited with status S`, `waitpid(): child N exited on
 * signal S`. */
void child_reap(void);

/* Waits until the child has ended (through task/).  0, -ETIMEDOUT, -ECANCELED. */
int child_wait(pid_t pid);

/* Nothing more will be asked about it. */
void child_forget(pid_t pid);
