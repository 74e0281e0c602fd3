/* SPDX-License-Identifier: MIT */
/* The loop of both ends. */

#include "loop.h"
#include "load.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

int64_t now_ns(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

void loop_init(struct loop *loop)
{
	loop->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (loop->epoll < 0)
		fail("epoll: %s", err_reason(-errno));
}

void loop_done(struct loop *loop)
{
	close(loop->epoll);
}

void loop_add(struct loop *loop, struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, watch->fd, &event) < 0)
		fail("epoll: %s", err_reason(-errno));
}

void loop_run(struct loop *loop)
{
	struct epoll_event events[64];
	int64_t next = now_ns() + loop->tick_ns;

	loop->stop = false;
	while (!loop->stop) {
		int64_t left = loop->tick_ns ? MAX(next - now_ns(), 0) : -1;
		int i, n = epoll_wait(loop->epoll, events, ARRAY_SIZE(events),
				      left < 0 ? -1 : (int)((left + NS_PER_MS - 1) / NS_PER_MS));

		for (i = 0; i < n; i++) {
			struct watch *watch = events[i].data.ptr;

			watch->ready(watch, events[i].events);
		}

		if (loop->tick_ns && now_ns() >= next) {
			next = now_ns() + loop->tick_ns;
			loop->tick(loop->arg);
		}
	}
}
