/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * epoll.  Streams are added once, edge-triggered (STREAM_EVENTS): their function is called when
 * something changed.  A watch may go away inside its own function or inside the tick, nowhere else.
 */

#include "base/base.h"

#include <sys/epoll.h>

enum { STREAM_EVENTS = EPOLLIN | EPOLLOUT | EPOLLRDHUP | (int)EPOLLET };

static const int64_t NS_PER_MS = 1000000;
static const int64_t NS_PER_S = 1000000000;

struct watch {
	int fd;
	void (*ready)(struct watch *watch, uint32_t events);
};

struct loop {
	int epoll;
	bool stop;
	int64_t tick_ns;	 /* 0: no tick */
	void (*tick)(void *arg); /* called that often, at least */
	void *arg;
};

/* Nanoseconds; latencies are a few thousands of them. */
int64_t now_ns(void);

void loop_init(struct loop *loop);
void loop_done(struct loop *loop);
void loop_add(struct loop *loop, struct watch *watch, uint32_t events);

/* Until stop. */
void loop_run(struct loop *loop);
