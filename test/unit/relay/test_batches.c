/* SPDX-License-Identifier: MIT */
/* UDP packets through one flow: when they go in batches, what is kept while the destination
 * takes none, and how it ends. */

#include "relay/flow.h"

#include "base/log.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { BLOCK = 1000, MANY = 20 };

/* A flow between two sockets; the test has their peers. */
static struct {
	int source, sink;
	struct stream *from, *to;
	struct settings settings;
	struct flow_plan plan;
	struct stock stock;
	struct flow flow;
	int received, sent; /* instead of what the kernel says; 0: that */
	bool over;
	struct err err;
} bench;

static int fake_receive(struct stream *s, struct net_batch *batch, size_t most)
{
	return bench.received ? bench.received : net_batch_receive(s->rfd, batch, most);
}

static int fake_send(struct stream *s, struct net_batch *batch, bool *runs)
{
	return bench.sent ? bench.sent : net_batch_send(s->wfd, batch, NULL, runs);
}

static ssize_t fake_read(struct stream *s, void *buf, size_t len)
{
	ssize_t n = recv(s->rfd, buf, len, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static ssize_t fake_write(struct stream *s, const void *buf, size_t len)
{
	ssize_t n = send(s->wfd, buf, len, MSG_DONTWAIT);

	return n < 0 ? -errno : n;
}

static const struct stream_ops ops = {
	.read = fake_read, .write = fake_write, .receive = fake_receive, .send = fake_send,
};

/* A stream over a socket, and its peer. */
static struct stream *new_udp(int *ret_peer)
{
	struct sockaddr_in address[2];
	struct stream *s;
	int fds[2];

	for (size_t i = 0; i < 2; i++) {
		socklen_t len = sizeof(address[i]);

		address[i] = (struct sockaddr_in){ .sin_family = AF_INET };
		address[i].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		fds[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		assert_int_equal(bind(fds[i], (struct sockaddr *)&address[i], len), 0);
		assert_int_equal(getsockname(fds[i], (struct sockaddr *)&address[i], &len), 0);
	}
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(connect(fds[i], (struct sockaddr *)&address[1 - i],
					 sizeof(address[0])), 0);
	s = stream_new_socket(fds[0], fds[0], END_CLOSE);
	s->ops = &ops;
	s->packets = true;
	*ret_peer = fds[1];
	return s;
}

static int setup(void **state)
{
	(void)state;
	memset(&bench, 0, sizeof(bench));
	bench.settings.escape = -1;
	bench.from = new_udp(&bench.source);
	bench.to = new_udp(&bench.sink);
	bench.plan = (struct flow_plan){ .number = 1, .wanted = true, .source = &bench.settings,
					 .block_size = BLOCK, .bulk_size = BLOCK };
	stock_init(&bench.stock, BLOCK + 1);
	flow_init(&bench.flow, &bench.plan, &bench.stock, bench.from, bench.to, NULL);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	flow_done(&bench.flow);
	stock_done(&bench.stock);
	bench.from = stream_free(bench.from);
	bench.to = stream_free(bench.to);
	(void)close(bench.source);
	(void)close(bench.sink);
	return 0;
}

/* Packets of so many bytes, each with its number. */
static void say(size_t n, size_t len)
{
	char data[BLOCK] = "";

	for (size_t i = 0; i < n; i++) {
		data[0] = (char)i;
		assert_int_equal(send(bench.source, data, len, 0), len);
	}
}

static void assert_heard(size_t n, size_t len)
{
	char data[BLOCK + 1];

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(recv(bench.sink, data, sizeof(data), MSG_DONTWAIT), len);
		assert_int_equal(data[0], (char)i);
	}
	assert_int_equal(recv(bench.sink, data, sizeof(data), MSG_DONTWAIT), -1);
}

/* As after the kernel has named both ends. */
static int move(void)
{
	bench.flow.readable = bench.flow.writable = true;
	return flow_move(&bench.flow, &bench.over, &bench.err);
}

/* After this one packets go in batches. */
static void pass_first(void)
{
	say(1, 10);
	assert_int_equal(move(), 1);
	assert_null(bench.flow.batch);
	assert_int_equal(bench.flow.batches, FLOW_NOT_ASKED);
	assert_heard(1, 10);
}

/* The first one alone, then as many as there are; nothing is held afterwards. */
static void test_from_the_second_on(void **state)
{
	(void)state;
	pass_first();
	say(MANY, 10);
	for (int i = 0; i < MANY && bench.flow.count.blocks < 1 + MANY; i++)
		assert_int_equal(move(), 1);
	assert_int_equal(bench.flow.batches, FLOW_YES);
	assert_heard(MANY, 10);
	assert_int_equal(bench.flow.count.blocks, 1 + MANY);
	assert_int_equal(bench.flow.count.bytes, 10 + 10 * MANY);
	assert_null(bench.flow.batch);
	assert_int_equal(bench.stock.n_batches, 1);
	assert_int_equal(move(), 0);
	assert_false(bench.flow.readable);
}

/* A batch that was not full is all there was, unless an error may be behind it. */
static void test_drained(void **state)
{
	(void)state;
	pass_first();
	say(2, 10);
	assert_int_equal(move(), 1);
	assert_false(bench.flow.readable);
	bench.flow.may_stop_short = true;
	say(2, 10);
	assert_int_equal(move(), 1);
	assert_true(bench.flow.readable);
}

static void test_stalled(void **state)
{
	(void)state;
	pass_first();
	say(3, 10);
	bench.sent = -EAGAIN;
	assert_int_equal(move(), 1); /* they were read */
	assert_false(bench.flow.writable);
	assert_true(flow_has_data(&bench.flow));
	assert_heard(0, 0);
	assert_int_equal(flow_move(&bench.flow, &bench.over, &bench.err), 0); /* it knows */
	flow_end(&bench.flow);
	assert_false(flow_is_drained(&bench.flow));
	bench.sent = 0;
	assert_int_equal(move(), 1);
	assert_heard(3, 10);
	assert_true(flow_is_drained(&bench.flow));
	assert_int_equal(bench.stock.n_batches, 1);
}

/* A session that ends in between gives its batch back, empty. */
static void test_done_while_stalled(void **state)
{
	struct net_batch *batch;

	(void)state;
	pass_first();
	say(3, 10);
	bench.sent = -EAGAIN;
	assert_int_equal(move(), 1);
	flow_done(&bench.flow);
	assert_null(bench.flow.batch);
	assert_int_equal(bench.stock.n_batches, 1);
	batch = stock_take_batch(&bench.stock);
	assert_true(net_batch_is_empty(batch));
	stock_give_batch(&bench.stock, batch);
}

/* An empty packet is the end: what came before it still passes, what comes after does not. */
static void test_end(void **state)
{
	(void)state;
	pass_first();
	say(2, 10);
	say(1, 0);
	say(2, 10);
	while (bench.flow.state == FLOW_OPEN)
		assert_int_equal(move(), 1);
	assert_heard(2, 10);
	assert_true(flow_is_drained(&bench.flow));
}

static void test_read_error(void **state)
{
	(void)state;
	pass_first();
	bench.received = -ECONNREFUSED;
	assert_int_equal(move(), -ECONNREFUSED);
	assert_non_null(strstr(bench.err.text, "read("));
	assert_null(bench.flow.batch);
}

static void test_write_error(void **state)
{
	(void)state;
	pass_first();
	say(1, 10);
	bench.sent = -ECONNREFUSED;
	assert_int_equal(move(), -ECONNREFUSED);
	assert_non_null(strstr(bench.err.text, "write("));
	assert_non_null(strstr(bench.err.text, ", ..., 10): Connection refused"));
}

static void ignore(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	(void)text;
}

static void look_at_line_ends(void) { bench.plan.to_newline = NEWLINE_CRNL; }
static void look_for_escape(void) { bench.settings.escape = 0x7f; }
static void look_again(void) { bench.settings.ignoreeof = true; }
static void count_bytes(void) { bench.flow.bytes_left = BLOCK * BLOCK; }
static void log_all(void) { log_open(ignore, NULL, LEVEL_INFO); }
static void log_little(void) { log_open(ignore, NULL, LEVEL_NOTICE); }

static const struct {
	void (*look)(void);
	enum flow_answer batches;
} lookers[] = {
	{ look_at_line_ends, FLOW_NO }, { look_for_escape, FLOW_NO }, { look_again, FLOW_NO },
	{ count_bytes, FLOW_NO },	{ log_all, FLOW_NO },	      { log_little, FLOW_YES },
};

/* Where somebody looks at each packet, each goes alone. */
static void test_looked_at(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(lookers); i++) {
		print_message("%zu\n", i);
		lookers[i].look();
		say(1, 10);
		assert_int_equal(move(), 1);
		assert_heard(1, 10);
		say(3, 10);
		for (size_t k = 0; k < 3 && bench.flow.count.blocks < 4; k++)
			assert_int_equal(move(), 1);
		assert_heard(3, 10);
		assert_int_equal(bench.flow.batches, lookers[i].batches);
		log_open(NULL, NULL, LEVEL_FATAL);
		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_from_the_second_on), TEST(test_drained),    TEST(test_stalled),
		TEST(test_done_while_stalled), TEST(test_end),	      TEST(test_read_error),
		TEST(test_write_error),	       TEST(test_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
