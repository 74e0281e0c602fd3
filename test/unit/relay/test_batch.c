/* SPDX-License-Identifier: MIT */
/* Packets in batches: what counts as activity, and what is asked for again.  What comes and
 * what can be sent is told by a script; the sockets are only asked whether they are UDP. */

#include "relay/batch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static struct fixture {
	struct stream from, to;
	struct settings settings;
	struct flow_plan plan;
	struct stock stock;
	struct flow flow;
	struct err err;
	bool over;
	int come;     /* packets of one byte; <0: a code */
	bool wanted;  /* or all dropped */
	bool drained; /* no more is queued */
	size_t go;    /* runs that can be sent */
} fixture;

static int receive(struct stream *s, struct net_batch *batch, size_t most)
{
	const struct fixture *f = &fixture;

	(void)s;
	(void)most;
	if (f->come < 0)
		return f->come;
	batch->at = 0;
	batch->n = f->wanted ? (size_t)f->come : 0;
	batch->drained = f->drained;
	batch->ended = false;
	for (size_t i = 0; i < batch->n; i++)
		batch->run[i] = (struct net_run){ .data = batch->memory[i], .len = 1,
						  .packet_size = 1 };
	return 0;
}

static int transmit(struct stream *s, struct net_batch *batch, bool *runs)
{
	struct fixture *f = &fixture;

	(void)s;
	(void)runs;
	while (f->go && batch->at < batch->n) {
		f->go--;
		batch->at++;
	}
	return batch->at < batch->n ? -EAGAIN : 0;
}

static ssize_t no_read(struct stream *s, void *buf, size_t len)
{
	(void)s;
	(void)buf;
	(void)len;
	return -EIO;
}

static ssize_t no_write(struct stream *s, const void *buf, size_t len)
{
	(void)s;
	(void)buf;
	(void)len;
	return -EIO;
}

static const struct stream_ops ops = {
	.read = no_read,
	.write = no_write,
	.receive = receive,
	.send = transmit,
};

static int begin(void **state)
{
	struct fixture *f = &fixture;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	*f = (struct fixture){ .settings = { .escape = -1 }, .wanted = true };
	f->from = f->to = (struct stream){ .ops = &ops, .rfd = fd, .wfd = fd, .packets = true };
	f->plan = (struct flow_plan){ .number = 1, .wanted = true, .source = &f->settings,
				      .block_size = 512, .bulk_size = 512 };
	stock_init(&f->stock, 1025);
	flow_init(&f->flow, &f->plan, &f->stock, &f->from, &f->to, NULL);
	f->flow.count.blocks = 1; /* the first packet goes alone */
	f->flow.readable = f->flow.writable = true;
	return 0;
}

static int finish(void **state)
{
	(void)state;
	flow_done(&fixture.flow);
	stock_done(&fixture.stock);
	return close(fixture.from.rfd);
}

static int move(void)
{
	return flow_move(&fixture.flow, &fixture.over, &fixture.err);
}

static void test_packets_are_activity(void **state)
{
	struct fixture *f = &fixture;

	(void)state;
	f->come = 3;
	f->go = 3;
	f->drained = true;
	assert_int_equal(move(), 1);
	assert_int_equal(f->flow.count.blocks, 4);
	assert_false(f->flow.readable);
	assert_false(flow_has_data(&f->flow));
	f->flow.readable = true;
	f->come = -EAGAIN;
	assert_int_equal(move(), 0);
	assert_false(f->flow.readable);
}

static void test_dropped_ones_are_none(void **state)
{
	struct fixture *f = &fixture;

	(void)state;
	f->come = NET_RUNS;
	f->wanted = false;
	assert_int_equal(move(), 0);
	assert_false(f->flow.readable);
	assert_int_not_equal(f->flow.pause_until, 0); /* more is queued: others first */
	f->flow.readable = true;
	f->drained = true;
	assert_int_equal(move(), 0);
	assert_false(f->flow.readable);
	assert_int_equal(f->flow.pause_until, 0); /* the kernel tells what comes */
	assert_int_equal(f->flow.count.blocks, 1);
}

static void test_waiting_to_send_is_none(void **state)
{
	struct fixture *f = &fixture;

	(void)state;
	f->come = 4;
	f->go = 1;
	f->drained = true;
	assert_int_equal(move(), 1);
	assert_false(f->flow.writable);
	f->flow.writable = true;
	assert_int_equal(move(), 0); /* woken for nothing */
	assert_false(f->flow.writable);
	f->flow.writable = true;
	f->go = 2;
	assert_int_equal(move(), 1);
	assert_true(flow_has_data(&f->flow));
	f->flow.writable = true;
	f->go = 1;
	assert_int_equal(move(), 1);
	assert_false(flow_has_data(&f->flow));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_packets_are_activity),
		TEST(test_dropped_ones_are_none),
		TEST(test_waiting_to_send_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
