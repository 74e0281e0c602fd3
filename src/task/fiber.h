/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Sequential code that can stop in the middle and go on later.
 *
 * A fiber runs on a stack of its own and on the thread that resumed it, until it
 * suspends itself or ends; then whoever resumed it goes on.  It can suspend
 * itself from any depth, so openers need not know that they run on one.
 *
 * Two files implement this, chosen by the build: fiber_ucontext.c switches
 * stacks; fiber_thread.c hands one baton between threads, for C libraries
 * without makecontext(3) and for tools that cannot follow switched stacks.
 */

#include "base/base.h"

enum { FIBER_STACK = 256 * 1024 }; /* bytes; touched pages only are memory */

struct fiber;
typedef void fiber_fn(void *arg);

/* Runs fn(arg) on a new fiber, until it suspends itself or ends.  0 or -errno. */
int fiber_start(fiber_fn *fn, void *arg);

/* The fiber that is running, or NULL: the thread's own stack. */
struct fiber *fiber_current(void);

/* Stops the fiber that is running, until somebody resumes it. */
void fiber_suspend(void);

/* Lets it run on; not from within itself. */
void fiber_resume(struct fiber *fiber);

/* Frees the stacks that wait to be used again. */
void fiber_tidy(void);
