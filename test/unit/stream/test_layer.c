/* SPDX-License-Identifier: MIT */
/* Layers: what they wait for, what poll(2) does not know of, how they end. */

#include "stream/stream.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* What the layer of these tests does and what was done to it. */
struct fake {
	bool pending;
	int shut_answer;
	int shuts, ends;
};

static ssize_t fake_read(struct stream *s, void *buf, size_t len)
{
	return stream_read(s->below, buf, len);
}

static ssize_t fake_write(struct stream *s, const void *buf, size_t len)
{
	return stream_write(s->below, buf, len);
}

static int fake_shut(struct stream *s)
{
	struct fake *fake = s->state;

	fake->shuts++;
	return fake->shut_answer;
}

static bool fake_pending(const struct stream *s)
{
	const struct fake *fake = s->state;

	return fake->pending;
}

static void fake_done(struct stream *s)
{
	struct fake *fake = s->state;

	fake->ends++;
}

static const struct stream_ops fake_ops = { fake_read, fake_write, fake_shut, fake_pending,
					    fake_done };

static struct stream *layer_over(struct stream *below, struct fake *fake)
{
	struct stream *s = stream_new(below->rfd, below->wfd, END_KEEP);

	s->ops = &fake_ops;
	s->below = below;
	s->state = fake;
	s->shut = SHUT_OWN;
	return s;
}

static bool is_poll(struct pollfd p, int fd, short events)
{
	return p.fd == fd && p.events == events;
}

static void test_waits_for_the_other_event(void **state)
{
	struct fake fake = { 0 };
	auto_stream s = layer_over(stream_new(3, 4, END_KEEP), &fake);
	auto_stream top = layer_over(take_ptr(s), &fake);

	(void)state;
	assert_true(is_poll(stream_poll_read(top), 3, POLLIN));
	assert_true(is_poll(stream_poll_write(top), 4, POLLOUT));
	top->below->read_wants_write = true;
	assert_true(is_poll(stream_poll_read(top), 4, POLLOUT));
	assert_true(is_poll(stream_poll_write(top), 4, POLLOUT));
	top->write_wants_read = true; /* whose reading waits for writing */
	assert_true(is_poll(stream_poll_write(top), 4, POLLOUT));
	top->below->read_wants_write = false;
	assert_true(is_poll(stream_poll_write(top), 3, POLLIN));
}

static void test_halves_wait_for_their_own(void **state)
{
	auto_stream s = stream_new_joined(stream_new(3, 4, END_KEEP), stream_new(5, 6, END_KEEP));

	(void)state;
	assert_true(is_poll(stream_poll_read(s), 3, POLLIN));
	assert_true(is_poll(stream_poll_write(s), 6, POLLOUT));
}

/* A layer in a half that waits for the opposite. */
static void test_halves_tell_what_they_want(void **state)
{
	struct fake fake = { 0 };
	struct stream *reading = layer_over(stream_new(-1, -1, END_KEEP), &fake);
	struct stream *writing = layer_over(stream_new(-1, -1, END_KEEP), &fake);
	auto_stream s = stream_new_joined(reading, writing);
	char byte;

	(void)state;
	reading->read_wants_write = writing->write_wants_read = true;
	(void)stream_read(s, &byte, 1);
	(void)stream_write(s, "x", 1);
	assert_true(s->read_wants_write);
	assert_true(s->write_wants_read);
}

static void test_pending_counts_as_unread(void **state)
{
	struct fake fake = { .pending = false };
	auto_stream s = layer_over(stream_new(-1, -1, END_KEEP), &fake);

	(void)state;
	assert_false(stream_has_unread(s));
	fake.pending = true;
	assert_true(stream_has_unread(s));
}

static void test_shut_is_called_until_done(void **state)
{
	struct fake fake = { .shut_answer = -EAGAIN };
	auto_stream s = layer_over(stream_new(3, 4, END_KEEP), &fake);

	(void)state;
	assert_int_equal(stream_shut(s), -EAGAIN);
	fake.shut_answer = 0;
	assert_int_equal(stream_shut(s), 0);
	assert_int_equal(stream_shut(s), 0);
	assert_int_equal(fake.shuts, 2);
}

/* The connection is the parent's: its child says nothing to the peer. */
static void test_disowned_is_not_told(void **state)
{
	struct fake fake = { 0 };
	struct stream *s = layer_over(stream_new(-1, -1, END_CLOSE), &fake);

	(void)state;
	stream_disown(s);
	assert_int_equal(s->shut, SHUT_NONE);
	(void)stream_free(s);
	assert_int_equal(fake.ends, 1);
	assert_int_equal(fake.shuts, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_waits_for_the_other_event),
		cmocka_unit_test(test_halves_wait_for_their_own),
		cmocka_unit_test(test_halves_tell_what_they_want),
		cmocka_unit_test(test_pending_counts_as_unread),
		cmocka_unit_test(test_shut_is_called_until_done),
		cmocka_unit_test(test_disowned_is_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
