/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The one suspension point.
 *
 * Openers and conversations are written in blocking style and wait only here.
 * Who waits is the executor's business: `direct` waits in poll(2), or turns the
 * loop of its thread when one is open (loop.h); `process` is a fork followed by
 * direct (child.h); a `fiber` is suspended and others run meanwhile (fiber.h).
 * No opener can tell the difference.
 *
 * A wait ends early with -ETIMEDOUT at the deadline and with -ECANCELED when a
 * signal that ends the program has come (signals.h).  Both are passed up
 * unchanged; cleanup attributes do the rest.
 */

#include "base/base.h"
#include "base/clock.h"

/* Waits until the descriptor is ready for one of the poll(2) events, or in
 * error.  0, -ETIMEDOUT, -ECANCELED, -EBADF. */
int task_wait(int fd, short events);

/* Waits for so many microseconds.  0, -ETIMEDOUT when the deadline came first,
 * -ECANCELED. */
int task_sleep(int64_t microseconds);

/* Waits until some signal was noted or some child ended.  0, -ETIMEDOUT,
 * -ECANCELED. */
int task_wait_signal(void);

/* The same, no longer than until the moment (clock.h), in place of the deadline; that it
 * has come is no error.  0, -ECANCELED. */
int task_wait_signal_until(int64_t moment);

/* Starts fn(arg) beside whoever calls: on a fiber, until its first wait.  A loop
 * must be open.  It has no deadline at first.  0 or -errno. */
int task_start(void (*fn)(void *arg), void *arg);

/* Lets everybody else go on until something has happened.  On the thread's own
 * stack, with an open loop.  0, -ECANCELED, -errno. */
int task_turn(void);

/* Sets the moment (clock.h) at which waits give up; returns the previous one,
 * to be set back by the caller.  CLOCK_NEVER: no limit. */
int64_t task_deadline(int64_t moment);

/* While *spared is true, a signal that ends the program does not cancel the waits of the task
 * that calls this.  NULL, as at first: it does. */
void task_spare(const bool *spared);

/* Runs a call that may block for long (getaddrinfo, open of a FIFO, a record
 * lock) so that deadline and signals still hold.  The function runs on a helper
 * thread with all signals blocked; the caller waits until it has returned or
 * was cancelled (pthread_cancel + join), so arg may live on the caller's stack.
 * Without signals_open() and without a deadline it is simply called.
 * Returns what fn returned; -ETIMEDOUT or -ECANCELED only if fn was cut off. */
typedef int task_fn(void *arg);
int task_offload(task_fn *fn, void *arg);
