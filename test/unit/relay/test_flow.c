/* SPDX-License-Identifier: MIT */
/* One direction, move by move, between two fake streams: one that gives what a
 * script says, one that takes what a script says. */

#include "relay/flow.h"

#include "base/buf.h"
#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { BLOCK = 8 };

/* A read: text, "" for the end, or a negative code. */
struct give {
	const char *text;
	ssize_t code;
};

struct fake {
	struct stream stream; /* first: the ops cast back */
	const struct give *gives;
	const ssize_t *takes; /* at most so many bytes, or a negative code; 0: all */
	size_t n_reads, n_writes, last_room;
	struct buf written;
};

static ssize_t fake_read(struct stream *s, void *buf, size_t len)
{
	struct fake *f = (struct fake *)s;
	const struct give *give = &f->gives[f->n_reads++];
	size_t n;

	f->last_room = len;
	if (!give->text)
		return give->code;
	n = MIN(len, strlen(give->text));
	memcpy(buf, give->text, n);
	return (ssize_t)n;
}

static ssize_t fake_write(struct stream *s, const void *buf, size_t len)
{
	struct fake *f = (struct fake *)s;
	ssize_t take = f->takes ? f->takes[f->n_writes] : 0;

	f->n_writes++;
	if (take < 0)
		return take;
	if (take == 0)
		take = (ssize_t)len;
	buf_put(&f->written, buf, MIN((size_t)take, len));
	return (ssize_t)MIN((size_t)take, len);
}

static const struct stream_ops fake_ops = { fake_read, fake_write };

struct fixture {
	struct fake from, to;
	struct settings settings;
	struct flow_plan plan;
	struct stock stock;
	struct flow flow;
	struct err err;
	bool over;
};

static struct fixture fixture;

static void begin(const struct give *gives, const ssize_t *takes)
{
	struct fixture *f = &fixture;

	*f = (struct fixture){ .settings = { .escape = -1 } };
	f->from.stream = (struct stream){ .ops = &fake_ops, .rfd = -1, .wfd = -1 };
	f->from.gives = gives;
	f->to.stream = (struct stream){ .ops = &fake_ops, .rfd = -1, .shut = SHUT_NONE };
	f->to.stream.wfd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	f->to.takes = takes;
	f->plan = (struct flow_plan){ .number = 1, .wanted = true, .source = &f->settings,
				      .block_size = BLOCK, .bulk_size = BLOCK };
	stock_init(&f->stock, 2 * BLOCK + 1);
	flow_init(&f->flow, &f->plan, &f->stock, &f->from.stream, &f->to.stream, NULL);
}

static int finish(void **state)
{
	(void)state;
	flow_done(&fixture.flow);
	stock_done(&fixture.stock);
	buf_done(&fixture.to.written);
	(void)close(fixture.to.stream.wfd);
	return 0;
}

/* As after the kernel has named both ends. */
static int move(void)
{
	struct fixture *f = &fixture;

	f->flow.readable = f->flow.writable = true;
	return flow_move(&f->flow, &f->over, &f->err);
}

static void settle(enum flow_state state)
{
	assert_int_equal(flow_settle(&fixture.flow, &fixture.err), 0);
	assert_int_equal(fixture.flow.state, state);
	assert_int_equal(fixture.to.stream.write_shut, state == FLOW_SHUT);
}

static void assert_written(const char *text)
{
	assert_string_equal(buf_text(&fixture.to.written), text);
}

static void test_block(void **state)
{
	static const struct give gives[] = { { "hello" }, { "world" }, { "" } };

	(void)state;
	begin(gives, NULL);
	assert_int_equal(move(), 1);
	assert_written("hello");
	assert_int_equal(fixture.from.last_room, BLOCK);
	assert_true(fixture.flow.readable); /* nothing else is known */
	assert_true(fixture.flow.writable);
	assert_int_equal(move(), 1);
	assert_written("helloworld");
	assert_int_equal(fixture.flow.count.blocks, 2);
	assert_int_equal(fixture.flow.count.bytes, 10);
	settle(FLOW_OPEN);
	assert_int_equal(move(), 1);
	assert_int_equal(fixture.flow.state, FLOW_DRAINING);
	settle(FLOW_SHUT);
	assert_int_equal(move(), 0); /* nothing is asked any more */
	assert_int_equal(fixture.from.n_reads, 3);
	assert_int_equal(fixture.to.n_writes, 2);
}

/* Nothing is read before the destination can take it. */
static void test_readiness(void **state)
{
	static const struct give gives[] = { { "hello" } };
	struct flow *flow = &fixture.flow;

	(void)state;
	begin(gives, NULL);
	assert_int_equal(flow_move(flow, &fixture.over, &fixture.err), 0);
	flow->readable = true;
	assert_int_equal(flow_move(flow, &fixture.over, &fixture.err), 0);
	flow->readable = false;
	flow->writable = true;
	assert_int_equal(flow_move(flow, &fixture.over, &fixture.err), 0);
	assert_int_equal(fixture.from.n_reads, 0);
}

static void test_false_alarm(void **state)
{
	static const struct give gives[] = { { NULL, -EAGAIN }, { "x" } };

	(void)state;
	begin(gives, NULL);
	assert_int_equal(move(), 0);
	assert_false(fixture.flow.readable);
	assert_true(fixture.flow.writable); /* still known */
	assert_int_equal(move(), 1);
	assert_written("x");
}

/* What was put back came short: that does not tell what the kernel has. */
static void test_put_back(void **state)
{
	static const struct give gives[] = { { "123" } };

	(void)state;
	begin(gives, NULL);
	fixture.from.stream.reads_all = true;
	stream_unread(&fixture.from.stream, "ab", 2);
	assert_int_equal(move(), 1);
	assert_true(fixture.flow.readable);
	assert_int_equal(move(), 1);
	assert_false(fixture.flow.readable); /* it was the kernel who came short */
	assert_written("ab123");
}

static void test_partial_writes(void **state)
{
	static const struct give gives[] = { { "12345678" }, { "" } };
	static const ssize_t takes[] = { 3, 2, -EAGAIN, 1, -EAGAIN, 0 };

	(void)state;
	begin(gives, takes);
	assert_int_equal(move(), 1);
	assert_written("12345");
	assert_true(flow_has_data(&fixture.flow));
	assert_false(fixture.flow.writable);
	assert_int_equal(move(), 1); /* goes on, reads nothing new */
	assert_written("123456");
	assert_int_equal(fixture.from.n_reads, 1);
	assert_int_equal(move(), 1);
	assert_written("12345678");
	assert_false(flow_has_data(&fixture.flow));
}

/* The end waits until everything is written. */
static void test_draining(void **state)
{
	static const struct give gives[] = { { "ab\x1d" "cd" } };
	static const ssize_t takes[] = { 1, -EAGAIN, -EAGAIN, 0 };

	(void)state;
	begin(gives, takes);
	fixture.settings.escape = 0x1d;
	assert_int_equal(move(), 1);
	settle(FLOW_DRAINING);
	assert_written("a");
	assert_int_equal(move(), 0); /* which is no activity */
	settle(FLOW_DRAINING);
	assert_int_equal(move(), 1);
	assert_written("ab"); /* what follows the escape character is dropped */
	settle(FLOW_SHUT);
	assert_int_equal(fixture.flow.count.bytes, 2);
}

static void test_no_escape(void **state)
{
	static const struct give gives[] = { { "abc" } };

	(void)state;
	begin(gives, NULL);
	fixture.settings.escape = 0x1d;
	assert_int_equal(move(), 1);
	settle(FLOW_OPEN);
	assert_written("abc");
}

static void test_escape_first(void **state)
{
	static const struct give gives[] = { { "\x1d" "cd" } };

	(void)state;
	begin(gives, NULL);
	fixture.settings.escape = 0x1d;
	assert_int_equal(move(), 1);
	settle(FLOW_SHUT);
	assert_int_equal(fixture.to.n_writes, 0);
}

static void test_readbytes(void **state)
{
	static const struct give gives[] = { { "123" }, { "45678" }, { "no" } };

	(void)state;
	begin(gives, NULL);
	fixture.flow.bytes_left = 5;
	assert_int_equal(move(), 1);
	assert_int_equal(fixture.from.last_room, 5); /* never a byte too far */
	settle(FLOW_OPEN);
	assert_int_equal(move(), 1);
	assert_int_equal(fixture.from.last_room, 2);
	assert_written("12345");
	settle(FLOW_SHUT);
}

static void test_ignoreeof(void **state)
{
	static const struct give gives[] = { { "" }, { "more" }, { "" }, { "" } };

	(void)state;
	begin(gives, NULL);
	fixture.settings.ignoreeof = true;
	assert_int_equal(move(), 0); /* no activity */
	assert_true(fixture.flow.pause_until > clock_now());
	settle(FLOW_OPEN);
	assert_int_equal(move(), 1);
	assert_written("more");
	assert_int_equal(fixture.flow.pause_until, 0);
	assert_int_equal(move(), 0);
	fixture.flow.insist = true; /* the other direction has ended */
	assert_int_equal(move(), 1);
	settle(FLOW_SHUT);
}

static void test_read_error(void **state)
{
	static const struct give gives[] = { { NULL, -ECONNRESET } };

	(void)state;
	begin(gives, NULL);
	assert_int_equal(move(), -ECONNRESET);
	assert_string_equal(fixture.err.text, "read(-1, ..., 8): Connection reset by peer");
}

static const struct {
	int code;
	bool cool, over;
} write_errors[] = {
	{ -EPIPE, false, false },     { -EPIPE, true, true },
	{ -ECONNRESET, false, false }, { -ECONNRESET, true, true },
	{ -ENOSPC, true, false },
};

static void test_write_errors(void **state)
{
	static const struct give gives[] = { { "hello" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(write_errors); i++) {
		const ssize_t takes[] = { 2, write_errors[i].code };

		print_message("%zu\n", i);
		begin(gives, takes);
		fixture.to.stream.cool_write = write_errors[i].cool;
		if (write_errors[i].over) {
			assert_int_equal(move(), 1);
		} else {
			assert_int_equal(move(), write_errors[i].code);
			assert_non_null(strstr(fixture.err.text, "write("));
			assert_non_null(strstr(fixture.err.text, ", ..., 3): "));
		}
		assert_int_equal(fixture.over, write_errors[i].over);
		(void)finish(NULL);
	}
	begin(gives, NULL);
}

/* A full block of line feeds has room for as many carriage returns. */
static void test_newlines(void **state)
{
	static const struct give gives[] = { { "\n\n\n\n\n\n\n\n" }, { "a\nb" } };

	(void)state;
	begin(gives, NULL);
	fixture.plan.to_newline = NEWLINE_CRNL;
	assert_int_equal(move(), 1);
	assert_written("\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n");
	assert_int_equal(fixture.flow.count.bytes, 8); /* as read */
	assert_int_equal(move(), 1);
	assert_non_null(strstr(buf_text(&fixture.to.written), "a\r\nb"));
}

/* A block of which nothing is left is no end and no write. */
static void test_dropped_block(void **state)
{
	static const struct give gives[] = { { "\r\r" }, { "x" } };

	(void)state;
	begin(gives, NULL);
	fixture.plan.from_newline = NEWLINE_CRNL;
	assert_int_equal(move(), 1);
	assert_int_equal(fixture.to.n_writes, 0);
	settle(FLOW_OPEN);
	assert_int_equal(move(), 1);
	assert_written("x");
}

/* A copy is of what was converted, and of nothing when nothing is left. */
static void test_tap(void **state)
{
	static const struct give gives[] = { { "\r" }, { "a\r\n" } };
	struct tap tap = { .direction = '>', .text = true, .raw_fd = -1 };
	char copy[256] = "";
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	begin(gives, NULL);
	fixture.plan.from_newline = NEWLINE_CRNL;
	tap.dump_fd = fds[1];
	fixture.flow.tap = &tap;
	assert_int_equal(move(), 1);
	assert_int_equal(read(fds[0], copy, sizeof(copy)), -1);
	assert_int_equal(move(), 1);
	assert_true(read(fds[0], copy, sizeof(copy) - 1) > 0);
	assert_non_null(strstr(copy, "length=2 "));
	fixture.flow.tap = NULL;
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* The destination cannot be told yet, or breaks while it is told. */
static int shut_result;

static int fake_shut(struct stream *s)
{
	(void)s;
	return shut_result;
}

static void test_shut(void **state)
{
	static const struct stream_ops ops = { fake_read, fake_write, .shut = fake_shut };
	static const struct {
		int shut, result;
	} cases[] = { { -EAGAIN, 0 },	    { 0, 0 }, { -EPIPE, -EPIPE },
		      { -ECONNRESET, -ECONNRESET }, { -ENOTCONN, 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("%zu\n", i);
		begin(NULL, NULL);
		fixture.to.stream.ops = &ops;
		fixture.to.stream.shut = SHUT_OWN;
		fixture.flow.writable = true;
		flow_end(&fixture.flow);
		shut_result = cases[i].shut;
		assert_int_equal(flow_settle(&fixture.flow, &fixture.err), cases[i].result);
		assert_int_equal(fixture.flow.state,
				 shut_result == -EAGAIN ? FLOW_DRAINING : FLOW_SHUT);
		assert_int_equal(fixture.flow.writable, shut_result != -EAGAIN);
		if (cases[i].result)
			assert_non_null(strstr(fixture.err.text, "shutdown("));
		(void)finish(NULL);
	}
	begin(NULL, NULL);
}

static void test_end(void **state)
{
	(void)state;
	begin(NULL, NULL);
	flow_end(&fixture.flow);
	assert_int_equal(fixture.flow.state, FLOW_DRAINING);
	settle(FLOW_SHUT);
	flow_end(&fixture.flow); /* once is enough */
	settle(FLOW_SHUT);
}

#define TEST(name) cmocka_unit_test_teardown(name, finish)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_block),	TEST(test_readiness),	 TEST(test_false_alarm),
		TEST(test_partial_writes), TEST(test_draining),	 TEST(test_escape_first),
		TEST(test_readbytes),	TEST(test_ignoreeof),	 TEST(test_read_error),
		TEST(test_write_errors), TEST(test_newlines),	 TEST(test_dropped_block),
		TEST(test_end),		TEST(test_put_back),	 TEST(test_no_escape),
		TEST(test_tap),		TEST(test_shut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
