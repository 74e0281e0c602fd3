/* SPDX-License-Identifier: MIT */
/* Two streams as one: each half keeps its own. */

#include "stream/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* Two pairs of sockets; [0] of each is in the joined stream. */
struct pairs {
	int reading[2], writing[2];
};

static struct stream *join(struct pairs *p)
{
	struct stream *reading, *writing;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->reading), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, p->writing), 0);
	reading = stream_new(p->reading[0], p->reading[0], END_CLOSE);
	writing = stream_new(p->writing[0], p->writing[0], END_CLOSE);
	writing->shut = SHUT_DOWN;
	return stream_new_joined(reading, writing);
}

static void leave(const struct pairs *p)
{
	(void)close(p->reading[1]);
	(void)close(p->writing[1]);
}

static bool is_closed(int fd)
{
	return fcntl(fd, F_GETFD) < 0 && errno == EBADF;
}

static void test_directions(void **state)
{
	struct pairs p;
	auto_stream s = join(&p);
	char data[16];

	(void)state;
	assert_int_equal(s->rfd, p.reading[0]);
	assert_int_equal(s->wfd, p.writing[0]);
	assert_int_equal(write(p.reading[1], "in", 2), 2);
	assert_int_equal(stream_read(s, data, sizeof(data)), 2);
	assert_memory_equal(data, "in", 2);
	assert_int_equal(stream_write(s, "out", 3), 3);
	assert_int_equal(read(p.writing[1], data, sizeof(data)), 3);
	assert_memory_equal(data, "out", 3);
	leave(&p);
}

static void test_shut(void **state)
{
	struct pairs p;
	auto_stream s = join(&p);
	char data[16];

	(void)state;
	assert_int_equal(stream_shut(s), 0);
	assert_int_equal(read(p.writing[1], data, sizeof(data)), 0);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN); /* goes on */
	leave(&p);
}

/* What an option says about the whole (TEXT,shut-close) holds for the half. */
static void test_shut_by_option(void **state)
{
	struct pairs p;
	auto_stream s = join(&p);

	(void)state;
	s->shut = SHUT_CLOSE;
	assert_int_equal(stream_shut(s), 0);
	assert_true(is_closed(p.writing[0]));
	assert_int_equal(s->wfd, -1);
	assert_int_equal(s->rfd, p.reading[0]);
	leave(&p);
}

static void test_unread(void **state)
{
	struct pairs p;
	auto_stream s = join(&p);
	char data[16];

	(void)state;
	assert_false(stream_has_unread(s));
	stream_unread(s->reading, "back", 4);
	assert_true(stream_has_unread(s));
	assert_int_equal(stream_read(s, data, sizeof(data)), 4);
	leave(&p);
}

static void test_end(void **state)
{
	struct pairs p;
	struct stream *s = join(&p);

	(void)state;
	s = stream_free(s);
	assert_null(s);
	assert_true(is_closed(p.reading[0]));
	assert_true(is_closed(p.writing[0]));
	leave(&p);
}

static void test_disown(void **state)
{
	struct pairs p;
	auto_stream s = join(&p);

	(void)state;
	s->reading->end = s->writing->end = END_SHUTDOWN;
	stream_disown(s);
	assert_int_equal(s->reading->end, END_CLOSE);
	assert_int_equal(s->writing->end, END_CLOSE);
	leave(&p);
}

/* With -u or -U only one half is opened. */
static void test_one_half(void **state)
{
	auto_stream reading = stream_new_joined(stream_new(0, -1, END_KEEP), NULL);
	auto_stream writing = stream_new_joined(NULL, stream_new(-1, 1, END_KEEP));

	(void)state;
	assert_int_equal(reading->rfd, 0);
	assert_int_equal(reading->wfd, -1);
	assert_int_equal(stream_shut(reading), 0);
	assert_int_equal(writing->rfd, -1);
	assert_int_equal(writing->wfd, 1);
	assert_false(stream_has_unread(writing));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_shut),
		cmocka_unit_test(test_shut_by_option),
		cmocka_unit_test(test_unread),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_disown),
		cmocka_unit_test(test_one_half),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
