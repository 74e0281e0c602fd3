/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The event loop of a thread: descriptors, moments and signals, all told by one
 * epoll(7) wait.
 *
 * Readiness is edge-triggered and remembered: `ready` of a watch gets bits from
 * the kernel and loses them when its owner was told -EAGAIN.  So nothing has to
 * be re-armed, and a descriptor that stays ready for what nobody wants (a
 * hang-up, a stalled peer) costs nothing.
 *
 * Whoever waits in task/ while a loop is open turns it; see task.h.
 */

#include "base/list.h"

#include <poll.h>

/* A descriptor that is watched.  Lives in its owner; wake may free it. */
struct watch {
	int fd;		/* as registered; -1: not watched */
	short ready;	/* poll(2) events that came; the owner takes them away */
	bool duplicate; /* the number was taken: fd is one of our own */
	void (*wake)(struct watch *watch);
};

/* Watches for POLLIN, POLLOUT, POLLPRI and the end.  What epoll refuses (regular
 * files) is always ready, without waking.  wake is set by the caller before.  0 or -errno. */
int watch_open(struct watch *watch, int fd);
void watch_close(struct watch *watch); /* not watched: nothing happens */

/* The same for a descriptor that is closed next, and that nobody else has open: the
 * kernel needs not be told. */
void watch_forget(struct watch *watch);

/* A moment to be told about.  Zeroed: none. */
struct timer {
	int64_t moment;
	size_t place; /* in the heap, from 1; 0: not set */
	void (*ring)(struct timer *timer);
};

/* CLOCK_NEVER takes it back. */
void timer_set(struct timer *timer, int64_t moment);

/* Work that is to go on after everybody else had a turn.  Zeroed: none. */
struct turn {
	struct link link;
	void (*go_on)(struct turn *turn);
};

void turn_ask(struct turn *turn); /* for one, however often it is called */
void turn_leave(struct turn *turn);

/* Told when a signal was noted or a child has ended.  Zeroed: closed. */
struct ear {
	struct link link;
	void (*hear)(struct ear *ear);
};

void ear_open(struct ear *ear);
void ear_close(struct ear *ear);

struct loop;

/* Opens the loop of this thread, or counts one more user.  0 or -errno. */
int loop_open(void);
void loop_close(void);
bool loop_is_open(void);

/* In a forked child that has nothing to do with what the parent watches: forgets
 * the loop without touching the kernel's table, which both share. */
void loop_forget(void);

/* In a forked child that goes on with what the parent watched: its signals are its own, and
 * as long as the parent has its descriptors too, closing one here does not end the watch.
 * 0 or -errno. */
int loop_inherit(void);

/* For a fiber that runs on a thread of its own (fiber_thread.c): uses the loop of
 * the thread it belongs to. */
struct loop *loop_current(void);
void loop_adopt(struct loop *loop);

/* Waits, no longer than until the moment, and wakes everybody who is concerned.
 * 1: something happened; 0: the moment has come; or -errno. */
int loop_turn(int64_t until);
