/* SPDX-License-Identifier: MIT */
/* Bulk data through one flow, on real descriptors: how splicing begins, what is in the
 * way, and how it ends.  Byte i of what is sent is i * 7, so that a lost one is seen. */

#include "relay/flow.h"

#include "task/signals.h"

#include "pairs.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

enum { BLOCK = 16 * 1024, PORTION = 64 * 1024, MUCH = 1024 * 1024, SOON = 10 };

/* A flow between two ends; the test has the other ends of both. */
struct bench {
	int source, sink; /* -1: none */
	struct stream *from, *to;
	struct settings settings;
	struct flow_plan plan;
	struct stock stock;
	struct flow flow;
	size_t sent, heard;
	bool end_heard, over;
	struct err err;
};

static struct bench bench;

static void begin(make_pair *make_from, make_pair *make_to)
{
	struct bench *b = &bench;
	int from[2], to[2];

	*b = (struct bench){ .settings = { .escape = -1 } };
	make_from(from, true);
	make_to(to, false);
	b->source = from[1];
	b->sink = to[1];
	for (size_t i = 0; i < 2; i++)
		assert_true(fcntl(i ? b->sink : b->source, F_SETFL, O_NONBLOCK) == 0);
	b->from = stream_new(from[0], from[0], END_CLOSE);
	b->from->reads_all = make_from == tcp_pair;
	b->to = stream_new(to[0], to[0], END_CLOSE);
	b->to->shut = SHUT_DOWN;
	b->plan = (struct flow_plan){ .number = 1, .wanted = true, .source = &b->settings,
				      .block_size = BLOCK, .bulk_size = BLOCK };
	stock_init(&b->stock, BLOCK + 1);
	flow_init(&b->flow, &b->plan, &b->stock, b->from, b->to, NULL);
}

static int finish(void **state)
{
	struct bench *b = &bench;

	(void)state;
	flow_done(&b->flow);
	assert_int_equal(b->stock.lent_ducts, 0);
	stock_done(&b->stock);
	b->from = stream_free(b->from);
	b->to = stream_free(b->to);
	if (b->source >= 0)
		(void)close(b->source);
	if (b->sink >= 0)
		(void)close(b->sink);
	return 0;
}

/* Sends until so many have been sent, or no more are taken. */
static void say(size_t until)
{
	static uint8_t data[4096];
	ssize_t n = 1;

	while (n > 0 && bench.sent < until) {
		size_t len = MIN(sizeof(data), until - bench.sent);

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)((bench.sent + i) * 7);
		n = write(bench.source, data, len);
		bench.sent += (size_t)MAX(n, 0);
	}
}

/* Reads all that has arrived, and compares. */
static void hear(void)
{
	static uint8_t data[65536];
	ssize_t n;

	while ((n = read(bench.sink, data, sizeof(data))) > 0)
		for (ssize_t i = 0; i < n; i++)
			assert_int_equal(data[i], (uint8_t)(bench.heard++ * 7));
	bench.end_heard = n == 0;
}

static int move(void)
{
	return flow_move(&bench.flow, &bench.over, &bench.err);
}

/* As after the kernel has named both ends: until nothing moves any more. */
static void move_all(void)
{
	int r, moves = 0;

	bench.flow.readable = bench.flow.writable = true;
	while ((r = move()) > 0 && !bench.over)
		assert_true(++moves < 10000); /* it does not spin */
	assert_int_equal(r, 0);
}

/* Everything from the first byte to the end. */
static void pass_all(size_t total)
{
	for (int rounds = 0; bench.heard < total; rounds++) {
		struct pollfd arrives = { .fd = bench.sink, .events = POLLIN };

		assert_true(rounds < 10000);
		say(total);
		move_all();
		(void)poll(&arrives, 1, SOON);
		hear();
	}
	assert_int_equal(bench.flow.count.bytes, total);
}

static void assert_end_passes(void)
{
	assert_int_equal(close(bench.source), 0);
	bench.source = -1;
	move_all();
	assert_int_equal(bench.flow.state, FLOW_DRAINING);
	assert_int_equal(flow_settle(&bench.flow, &bench.err), 0);
	assert_int_equal(bench.flow.state, FLOW_SHUT);
	assert_null(bench.flow.duct);
	assert_null(bench.flow.block);
}

static const struct {
	make_pair *from, *to;
	bool direct;
} pairs[] = {
	{ tcp_pair, tcp_pair, false },	{ tcp_pair, unix_pair, false },
	{ unix_pair, tcp_pair, false }, { pipe_pair, tcp_pair, true },
	{ tcp_pair, pipe_pair, true },	{ pipe_pair, pipe_pair, true },
	{ unix_pair, pipe_pair, true }, { tcp_pair, file_pair, false },
	{ pipe_pair, file_pair, true },
};

static void test_pairs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		print_message("%zu\n", i);
		begin(pairs[i].from, pairs[i].to);
		pass_all(MUCH);
		assert_int_equal(bench.flow.splices, FLOW_YES);
		assert_int_equal(bench.flow.is_direct, pairs[i].direct);
		assert_null(bench.flow.duct); /* nothing is on its way, nothing is held */
		assert_end_passes();
		assert_int_equal(finish(NULL), 0);
	}
	begin(unix_pair, unix_pair);
}

/* Until the sink takes no more; then there is something in the duct. */
static void fill_duct(void)
{
	for (int i = 0; i < 1000 && (!bench.flow.duct || !bench.flow.duct->len); i++) {
		say(64 * MUCH);
		move_all();
	}
	assert_non_null(bench.flow.duct);
	assert_true(bench.flow.duct->len > 0);
	assert_true(flow_has_data(&bench.flow));
	assert_false(bench.flow.writable);
}

static void test_full_duct(void **state)
{
	(void)state;
	begin(tcp_pair, unix_pair);
	fill_duct();
	assert_int_equal(move(), 0); /* it knows */
	bench.flow.writable = true;
	assert_int_equal(move(), 0); /* a false alarm is no activity */
	assert_false(bench.flow.writable);
	pass_all(bench.sent);
	assert_null(bench.flow.duct);
}

/* The end of the source waits for what is in the duct. */
static void test_end_behind_full_duct(void **state)
{
	(void)state;
	begin(unix_pair, unix_pair);
	fill_duct();
	flow_end(&bench.flow);
	assert_false(flow_is_drained(&bench.flow));
	assert_int_equal(flow_settle(&bench.flow, &bench.err), 0);
	assert_int_equal(bench.flow.state, FLOW_DRAINING);
	while (!flow_is_drained(&bench.flow)) {
		hear();
		move_all();
	}
	assert_int_equal(flow_settle(&bench.flow, &bench.err), 0);
	assert_int_equal(bench.flow.state, FLOW_SHUT);
	hear();
	assert_int_equal(bench.heard, bench.flow.count.bytes);
	assert_true(bench.end_heard);
}

/* A session that ends in between takes its pipe along. */
static void test_done_with_full_duct(void **state)
{
	int duct;

	(void)state;
	begin(unix_pair, unix_pair);
	fill_duct();
	duct = bench.flow.duct->out;
	flow_done(&bench.flow);
	assert_int_equal(bench.stock.n_ducts, 0);
	assert_int_equal(fcntl(duct, F_GETFD), -1);
}

/* Not a byte too far is taken from the source, through a duct or without one. */
static void test_readbytes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		print_message("%zu\n", i);
		begin(pairs[i].from, pairs[i].to);
		bench.flow.bytes_left = MUCH / 2 + 123;
		while (bench.flow.state == FLOW_OPEN) {
			say(MUCH);
			move_all();
			hear();
		}
		assert_int_equal(bench.flow.splices, FLOW_YES);
		move_all();
		hear();
		assert_int_equal(bench.heard, MUCH / 2 + 123);
		assert_true(flow_is_drained(&bench.flow));
		assert_int_equal(finish(NULL), 0);
	}
	begin(unix_pair, unix_pair);
}

/* What is appended to a file cannot be spliced, through a duct or without one. */
static void test_append(void **state)
{
	static make_pair *const from[] = { tcp_pair, pipe_pair };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(from); i++) {
		begin(from[i], file_pair);
		assert_int_equal(fcntl(bench.to->wfd, F_SETFL, O_APPEND), 0);
		pass_all(MUCH);
		assert_int_equal(bench.flow.splices, FLOW_NO);
		assert_end_passes();
		assert_int_equal(finish(NULL), 0);
	}
	begin(unix_pair, unix_pair);
}

/* A socket that others use keeps its mode. */
static void test_shared_socket(void **state)
{
	(void)state;
	begin(unix_pair, unix_pair);
	bench.to->end = END_KEEP;
	pass_all(MUCH);
	assert_int_equal(bench.flow.splices, FLOW_NO);
	assert_false(fcntl(bench.to->wfd, F_GETFL) & O_NONBLOCK);
	(void)close(bench.to->wfd);
}

/* No pipe can be had: data are copied, until one can. */
static void test_no_pipe(void **state)
{
	struct rlimit limit, none;

	(void)state;
	begin(unix_pair, unix_pair);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	pass_all(MUCH);
	assert_int_equal(bench.flow.splices, FLOW_NOT_ASKED);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (bench.flow.splices == FLOW_NOT_ASKED)
		pass_all(bench.heard + MUCH);
	assert_int_equal(bench.flow.splices, FLOW_YES);
}

/* All pipes are lent when the next portion is due: it is copied. */
static void test_all_pipes_are_lent(void **state)
{
	(void)state;
	begin(unix_pair, unix_pair);
	pass_all(MUCH);
	assert_int_equal(bench.flow.splices, FLOW_YES);
	bench.stock.lent_ducts = STOCK_DUCTS;
	pass_all(2 * MUCH);
	assert_null(bench.flow.duct);
	assert_int_equal(bench.flow.splices, FLOW_YES);
	bench.stock.lent_ducts = 0;
	fill_duct();
}

/* A source that only the flow knows. */
static void begin_with(int fd)
{
	assert_true(fd >= 0);
	begin(unix_pair, unix_pair);
	(void)stream_free(bench.from);
	bench.from = stream_new(fd, -1, END_CLOSE);
	flow_init(&bench.flow, &bench.plan, &bench.stock, bench.from, bench.to, NULL);
}

static void test_device(void **state)
{
	(void)state;
	begin_with(open("/dev/zero", O_RDONLY | O_CLOEXEC));
	bench.flow.readable = bench.flow.writable = true;
	while (bench.flow.writable)
		assert_true(move() >= 0);
	assert_int_equal(bench.flow.splices, FLOW_NO);
}

/* A file that can be read but not spliced from: the memory of this process. */
static void test_refused_source(void **state)
{
	static uint8_t data[MUCH];
	int fd = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);

	(void)state;
	for (size_t i = 0; i < MUCH; i++)
		data[i] = (uint8_t)(i * 7);
	assert_int_equal(lseek(fd, (off_t)(uintptr_t)data, SEEK_SET), (off_t)(uintptr_t)data);
	begin_with(fd);
	bench.flow.bytes_left = MUCH;
	while (bench.heard < MUCH) {
		move_all();
		hear();
	}
	assert_int_equal(bench.flow.splices, FLOW_NO);
	assert_null(bench.flow.duct);
	assert_int_equal(bench.flow.state, FLOW_DRAINING);
}

/* splice(2) stops before urgent data and says that there is nothing, or the end. */
static void test_urgent(void **state)
{
	(void)state;
	for (int ended = 0; ended < 2; ended++)
		for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
			if (pairs[i].from != tcp_pair)
				continue;
			print_message("%zu, ended %d\n", i, ended);
			begin(pairs[i].from, pairs[i].to);
			pass_all(MUCH / 2);
			say(MUCH / 2 + 3 * BLOCK);
			assert_int_equal(send(bench.source, "!", 1, MSG_OOB), 1);
			say(MUCH / 2 + 3 * BLOCK + 500);
			if (ended)
				assert_int_equal(shutdown(bench.source, SHUT_WR), 0);
			bench.flow.may_stop_short = true;
			for (int k = 0; k < 100 && bench.heard < bench.sent; k++) {
				move_all();
				hear();
			}
			assert_int_equal(bench.heard, bench.sent);
			assert_int_equal(bench.flow.state, ended ? FLOW_DRAINING : FLOW_OPEN);
			assert_int_equal(finish(NULL), 0);
		}
	begin(unix_pair, unix_pair);
}

/* Whose fault it was, and when it counts as the end. */
static void test_gone_reader(void **state)
{
	static make_pair *const from[] = { unix_pair, pipe_pair };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		int r;

		print_message("%zu\n", i);
		begin(from[i % 2], unix_pair);
		bench.to->cool_write = i / 2;
		pass_all(MUCH);
		bench.flow.large = 2;
		say(MUCH + PORTION);
		assert_int_equal(close(bench.sink), 0);
		bench.sink = -1;
		bench.flow.readable = bench.flow.writable = true;
		r = move();
		assert_int_equal(r, bench.to->cool_write ? 1 : -EPIPE);
		assert_int_equal(bench.over, bench.to->cool_write);
		if (r < 0)
			assert_non_null(strstr(bench.err.text, "write("));
		assert_int_equal(finish(NULL), 0);
	}
	begin(unix_pair, unix_pair);
}

/* The peer has broken off: that is no failed write, even without a duct between. */
static void test_reset_source(void **state)
{
	static make_pair *const to[] = { unix_pair, pipe_pair };
	const struct linger at_once = { .l_onoff = 1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(to); i++) {
		print_message("%zu\n", i);
		begin(tcp_pair, to[i]);
		bench.to->cool_write = true;
		pass_all(MUCH);
		assert_int_equal(setsockopt(bench.source, SOL_SOCKET, SO_LINGER, &at_once,
					    sizeof(at_once)), 0);
		assert_int_equal(close(bench.source), 0);
		bench.source = -1;
		bench.flow.large = 2;
		bench.flow.readable = bench.flow.writable = true;
		assert_int_equal(move(), -ECONNRESET);
		assert_non_null(strstr(bench.err.text, "read("));
		assert_false(bench.over);
		assert_int_equal(finish(NULL), 0);
	}
	begin(unix_pair, unix_pair);
}

static int open_signals(void **state)
{
	(void)state;
	return signals_open();
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pairs),	 TEST(test_full_duct),	 TEST(test_end_behind_full_duct),
		TEST(test_done_with_full_duct), TEST(test_readbytes), TEST(test_append),
		TEST(test_shared_socket), TEST(test_no_pipe),	 TEST(test_urgent),
		TEST(test_gone_reader),	 TEST(test_reset_source), TEST(test_all_pipes_are_lent),
		TEST(test_device),	 TEST(test_refused_source),
	};

	return cmocka_run_group_tests(tests, open_signals, NULL);
}
