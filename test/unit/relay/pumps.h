/* SPDX-License-Identifier: MIT */
#pragma once

/* Pumps beside each other in one loop, as in an engine: each is on the heap and freed by
 * its end.  The test turns the loop itself, so each edge comes when it says so. */

#include "relay/pump.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <cmocka.h>

enum { BLOCK = 16 * 1024, SOON = 20000, MUCH = 4 * 1024 * 1024 };

static const struct settings settings = { .escape = -1 };

/* What all pumps of a test share. */
static struct {
	struct pump_plan plan;
	struct stock stock;
	int finished, result;
} common;

static inline int setup(void **state)
{
	(void)state;
	common.plan = (struct pump_plan){ .closing_wait = -1, .idle_limit = -1 };
	for (int i = 0; i < 2; i++)
		common.plan.flow[i] = (struct flow_plan){ .number = i + 1, .wanted = true,
							  .source = &settings,
							  .block_size = BLOCK, .bulk_size = BLOCK };
	stock_init(&common.stock, BLOCK + 1);
	common.finished = 0;
	return loop_open();
}

static inline int teardown(void **state)
{
	(void)state;
	stock_done(&common.stock);
	loop_close();
	return 0;
}

/* As a session of an engine. */
struct hosted {
	struct pump pump;
	struct stream *s[2];
};

static inline void on_finished(struct pump *pump, int r, struct err *err)
{
	struct hosted *h = link_owner(pump, struct hosted, pump);

	(void)err;
	common.finished++;
	common.result = r;
	pump_done(pump);
	for (size_t i = 0; i < 2; i++)
		(void)stream_free(h->s[i]);
	free(h);
}

static inline struct hosted *start(struct stream *left, struct stream *right)
{
	struct hosted *h = new_object(struct hosted);

	h->s[0] = left;
	h->s[1] = right;
	pump_init(&h->pump, &common.plan, &common.stock, h->s, (struct tap *[2]){ NULL, NULL });
	h->pump.finished = on_finished;
	h->pump.is_last = true;
	assert_int_equal(pump_start(&h->pump), 0);
	return h;
}

static inline void stop(struct hosted *h)
{
	pump_stop(&h->pump);
	on_finished(&h->pump, 0, NULL);
}

/* A socket, and its peer's descriptor. */
static inline struct stream *new_socket(int *ret_peer)
{
	struct stream *s;
	int fds[2];

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	s = stream_new(fds[0], fds[0], END_CLOSE);
	s->shut = SHUT_DOWN;
	*ret_peer = fds[1];
	return s;
}

static inline void turn_until_finished(int n)
{
	for (int turns = 0; common.finished < n; turns++) {
		assert_true(turns < 20);
		assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	}
}

/* Until nothing happens any more by itself. */
static inline void turn_until_quiet(void)
{
	int turns = 0;

	while (loop_turn(0) > 0)
		assert_true(++turns < 10000);
}
