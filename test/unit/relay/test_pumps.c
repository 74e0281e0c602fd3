/* SPDX-License-Identifier: MIT */
/* Pumps in one loop: fair shares, layers that want the opposite, ends in the wrong moment. */

#include "pumps.h"

#include "task/signals.h"

#include "flood.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { MOST_SHARE = 16 }; /* portions in a turn */

static struct stream *new_device(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	return stream_new(fd, fd, END_CLOSE);
}

/* Three of them never rest: each gets its share, and a line of the fourth passes at once. */
static void test_fairness(void **state)
{
	struct hosted *busy[3], *quiet;
	int peer[2];
	char line[8];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(busy); i++)
		busy[i] = start(new_device("/dev/zero"), new_device("/dev/null"));
	quiet = start(new_socket(&peer[0]), new_socket(&peer[1]));
	for (int i = 0; i < 5; i++)
		assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	for (size_t i = 0; i < ARRAY_SIZE(busy); i++) {
		assert_true(busy[i]->pump.flow[0].count.bytes > 0);
		assert_true(busy[i]->pump.flow[0].count.blocks <= 5 * MOST_SHARE);
		assert_int_equal(busy[i]->pump.flow[0].count.bytes,
				 busy[0]->pump.flow[0].count.bytes);
	}
	assert_int_equal(write(peer[0], "hello", 5), 5);
	assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(read(peer[1], line, sizeof(line)), 5);
	for (size_t i = 0; i < ARRAY_SIZE(busy); i++)
		stop(busy[i]);
	stop(quiet);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* A layer that has to send something before it can read, and to hear something before it
 * can write, as TLS in a new handshake. */
struct fake {
	bool must_send, must_hear;
	bool must_pause; /* the first read says when to read again, and that one fails */
};

/* Whoever reads hears it. */
static bool has_heard(struct stream *s)
{
	struct fake *fake = s->state;
	char byte;

	if (fake->must_hear && stream_read(s->below, &byte, 1) == 1)
		fake->must_hear = false;
	return !fake->must_hear;
}

static ssize_t fake_read(struct stream *s, void *buf, size_t len)
{
	struct fake *fake = s->state;

	if (fake->must_pause && s->reread_at)
		return -EIO;
	if (fake->must_pause)
		s->reread_at = clock_after(SOON);
	if (!has_heard(s) || s->reread_at)
		return -EAGAIN;
	if (fake->must_send && stream_write(s->below, "!", 1) < 0) {
		s->read_wants_write = true;
		return -EAGAIN;
	}
	fake->must_send = s->read_wants_write = false;
	return stream_read(s->below, buf, len);
}

static ssize_t fake_write(struct stream *s, const void *buf, size_t len)
{
	s->write_wants_read = !has_heard(s);
	if (s->write_wants_read)
		return -EAGAIN;
	return stream_write(s->below, buf, len);
}

/* It is told, and its answer awaited. */
static int fake_shut(struct stream *s)
{
	s->write_wants_read = !has_heard(s);
	return s->write_wants_read ? -EAGAIN : 0;
}

static const struct stream_ops fake_ops = { fake_read, fake_write, .shut = fake_shut };

static struct stream *layer_over(struct stream *below, struct fake *fake)
{
	struct stream *s = stream_new(below->rfd, below->wfd, END_KEEP);

	s->ops = &fake_ops;
	s->state = fake;
	s->below = below;
	s->shut = SHUT_DOWN;
	return s;
}

static void test_read_wants_write(void **state)
{
	struct fake fake = { .must_send = true };
	struct stream *below;
	struct hosted *h;
	size_t filled;
	int peer[2];

	(void)state;
	below = new_socket(&peer[0]);
	filled = fill(below->wfd);
	h = start(layer_over(below, &fake), new_socket(&peer[1]));
	assert_int_equal(write(peer[0], "hello", 5), 5);
	turn_until_quiet();
	assert_int_equal(drain(peer[1]), 0);
	assert_int_equal(drain(peer[0]), filled); /* now it can send */
	turn_until_quiet();
	assert_int_equal(drain(peer[1]), 5);
	assert_int_equal(drain(peer[0]), 1);
	stop(h);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* It is the reader who hears it, before the writer or after. */
static void check_write_wants_read(size_t side)
{
	struct fake fake = { .must_hear = true };
	struct stream *s[2];
	struct hosted *h;
	int peer[2];

	s[side] = layer_over(new_socket(&peer[0]), &fake);
	s[1 - side] = new_socket(&peer[1]);
	h = start(s[0], s[1]);
	turn_until_quiet();
	assert_int_equal(write(peer[1], "hello", 5), 5);
	turn_until_quiet();
	assert_int_equal(drain(peer[0]), 0);
	assert_int_equal(write(peer[0], "!answer", 7), 7);
	turn_until_quiet();
	assert_int_equal(drain(peer[0]), 5);
	assert_int_equal(drain(peer[1]), 6);
	stop(h);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

static void test_write_wants_read(void **state)
{
	(void)state;
	check_write_wants_read(0);
	check_write_wants_read(1);
}

/* Nothing comes back: whoever was told its end has as long for its answer as silence may
 * last after the first end. */
static void check_answer(bool comes)
{
	struct fake fake = { .must_hear = true };
	struct stream *right;
	struct hosted *h;
	int peer[2];

	right = layer_over(new_socket(&peer[1]), &fake);
	right->shut = SHUT_OWN;
	common.plan.closing_wait = comes ? -1 : SOON;
	common.finished = 0;
	h = start(new_socket(&peer[0]), right);
	assert_int_equal(shutdown(peer[0], SHUT_WR), 0);
	turn_until_quiet();
	assert_true(flow_awaits_answer(&h->pump.flow[0]));
	if (comes) {
		assert_int_equal(write(peer[1], "!", 1), 1);
		turn_until_quiet();
		assert_int_equal(h->pump.flow[0].state, FLOW_SHUT);
		stop(h);
	}
	turn_until_finished(1);
	assert_int_equal(common.result, 0);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

static void test_awaited_answer(void **state)
{
	(void)state;
	check_answer(true);
	check_answer(false);
}

/* The time to read again has come, and the source is broken. */
static void test_gone_by_its_timer(void **state)
{
	struct fake fake = { .must_pause = true };
	int peer[2];

	(void)state;
	(void)start(layer_over(new_socket(&peer[0]), &fake), new_socket(&peer[1]));
	assert_int_equal(write(peer[0], "hello", 5), 5);
	turn_until_quiet();
	assert_int_equal(common.finished, 0);
	turn_until_finished(1);
	assert_int_equal(common.result, -EIO);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* The source ends while the pipe between is full: all of it passes, then the end.  The
 * last test: from here on the process takes signals, which splicing needs. */
static void test_end_behind_full_duct(void **state)
{
	size_t sent = 0, heard = 0;
	struct hosted *h;
	int peer[2];
	char byte;

	(void)state;
	assert_int_equal(signals_open(), 0);
	h = start(new_socket(&peer[0]), new_socket(&peer[1]));
	while (sent < MUCH && (!h->pump.flow[0].duct || !h->pump.flow[0].duct->len)) {
		sent += fill(peer[0]);
		turn_until_quiet();
	}
	assert_non_null(h->pump.flow[0].duct);
	assert_int_equal(shutdown(peer[0], SHUT_WR), 0);
	turn_until_quiet();
	assert_int_equal(h->pump.flow[0].state, FLOW_OPEN); /* nobody has read so far */
	while (heard < sent) {
		size_t more = drain(peer[1]);

		assert_true(more > 0);
		heard += more;
		turn_until_quiet();
	}
	assert_int_equal(heard, sent);
	assert_int_equal(recv(peer[1], &byte, 1, MSG_DONTWAIT), 0);
	assert_int_equal(common.finished, 0);
	assert_int_equal(shutdown(peer[1], SHUT_WR), 0);
	turn_until_quiet();
	assert_int_equal(common.finished, 1);
	assert_int_equal(common.result, 0);
	assert_int_equal(common.stock.lent_ducts, 0);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* A pump that ends is gone: in the batch the kernel gave, by its timer, by its turn. */
static void test_gone_at_the_end(void **state)
{
	int peer[2][2];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		(void)start(new_socket(&peer[i][0]), new_socket(&peer[i][1]));
	turn_until_quiet();
	for (size_t i = 0; i < 4; i++)
		(void)close(peer[i / 2][i % 2]);
	turn_until_quiet(); /* both ends of both at once */
	assert_int_equal(common.finished, 2);

	common.plan.idle_limit = SOON;
	(void)start(new_socket(&peer[0][0]), new_socket(&peer[0][1]));
	turn_until_finished(3);

	common.plan.idle_limit = -1;
	(void)start(new_device("/dev/null"), new_device("/dev/null"));
	turn_until_quiet();
	assert_int_equal(common.finished, 4);
	(void)close(peer[0][0]);
	(void)close(peer[0][1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fairness),	     TEST(test_read_wants_write),
		TEST(test_write_wants_read), TEST(test_gone_at_the_end),
		TEST(test_awaited_answer),   TEST(test_gone_by_its_timer),
		TEST(test_end_behind_full_duct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
