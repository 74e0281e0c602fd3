/* SPDX-License-Identifier: MIT */
/* What a pump watches, for how long, and what it leaves behind. */

#include "pumps.h"

#include "net/address.h"

#include "flood.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Counted on its way to the kernel. */
static int shuts;

int shutdown(int fd, int how)
{
	shuts++;
	return (int)syscall(SYS_shutdown, fd, how);
}

/* One end after the other: the second is told by closing, which comes next. */
static void test_needless_shut(void **state)
{
	int peer[2];
	char byte;

	(void)state;
	shuts = 0;
	(void)start(new_socket(&peer[0]), new_socket(&peer[1]));
	(void)syscall(SYS_shutdown, peer[0], SHUT_WR);
	turn_until_quiet();
	assert_int_equal(shuts, 1);
	assert_int_equal(recv(peer[1], &byte, 1, MSG_DONTWAIT), 0);
	(void)syscall(SYS_shutdown, peer[1], SHUT_WR);
	turn_until_quiet();
	assert_int_equal(common.finished, 1);
	assert_int_equal(shuts, 1);
	assert_int_equal(recv(peer[0], &byte, 1, MSG_DONTWAIT), 0);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* The end comes nearer than the timer was set for. */
static void test_timer_comes_forward(void **state)
{
	int peer[2];

	(void)state;
	common.plan.idle_limit = 3600LL * CLOCK_US_PER_S;
	common.plan.closing_wait = SOON;
	(void)start(new_socket(&peer[0]), new_socket(&peer[1]));
	turn_until_quiet();
	assert_int_equal(common.finished, 0);
	assert_int_equal(shutdown(peer[0], SHUT_WR), 0);
	turn_until_finished(1);
	assert_int_equal(common.result, 0);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* More than there are moments. */
static void test_endless_closing_wait(void **state)
{
	struct hosted *h;
	int peer[2];

	(void)state;
	common.plan.closing_wait = INT64_MAX;
	h = start(new_socket(&peer[0]), new_socket(&peer[1]));
	assert_int_equal(shutdown(peer[0], SHUT_WR), 0);
	turn_until_quiet();
	assert_int_equal(h->pump.flow[0].state, FLOW_SHUT);
	assert_int_equal(h->pump.timer.place, 0);
	stop(h);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* The descriptors outlive the session: the next one watches them as if they were new. */
static void test_kept_descriptors(void **state)
{
	struct stream *left, *right;
	int peer[2];

	(void)state;
	left = new_socket(&peer[0]);
	right = new_socket(&peer[1]);
	common.plan.idle_limit = 0;
	for (int i = 0; i < 2; i++) {
		struct stream *s[2] = { stream_new(left->rfd, left->wfd, END_KEEP),
					stream_new(right->rfd, right->wfd, END_KEEP) };
		struct hosted *h = start(s[0], s[1]);

		assert_false(h->pump.watch[0][0].duplicate);
		assert_int_equal(write(peer[0], "hello", 5), 5);
		turn_until_quiet();
		assert_int_equal(drain(peer[1]), 5);
		turn_until_finished(i + 1);
	}
	(void)stream_free(left);
	(void)stream_free(right);
	(void)close(peer[0]);
	(void)close(peer[1]);
}

/* Whatever was begun is taken back. */
static void test_bad_descriptor(void **state)
{
	struct stream *s[2];
	struct pump pump;
	int peer[2];

	(void)state;
	for (size_t i = 0; i < 2; i++)
		s[i] = new_socket(&peer[i]);
	(void)close(s[1]->rfd);
	pump_init(&pump, &common.plan, &common.stock, s, (struct tap *[2]){ NULL, NULL });
	assert_int_equal(pump_start(&pump), -EBADF);
	assert_int_equal(pump.watch[0][0].fd, -1);
	assert_int_equal(write(peer[0], "hello", 5), 5);
	assert_int_equal(loop_turn(0), 0);
	assert_int_equal(pump.flow[0].count.bytes, 0);
	pump_done(&pump);
	s[1]->end = END_KEEP;
	for (size_t i = 0; i < 2; i++) {
		(void)stream_free(s[i]);
		(void)close(peer[i]);
	}
}

/* Two descriptors for one side, and a side that is only written. */
static void test_apart(void **state)
{
	int in[2], back[2], out[2];
	struct hosted *h;
	char data[8];

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(back, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC | O_NONBLOCK), 0);
	h = start(stream_new(in[0], back[1], END_CLOSE), stream_new(-1, out[1], END_CLOSE));
	assert_true(h->pump.runs[0]);
	assert_false(h->pump.runs[1]);
	turn_until_quiet();
	assert_int_equal(write(in[1], "hello", 5), 5);
	turn_until_quiet();
	assert_int_equal(read(out[0], data, sizeof(data)), 5);
	(void)close(in[1]);
	turn_until_quiet();
	assert_int_equal(common.finished, 1);
	(void)close(back[0]);
	(void)close(out[0]);
}

/* Somebody else gets the number of a descriptor that shut-close has closed. */
static void test_closed_number(void **state)
{
	int in[2], back[2], peer[3], number;
	struct hosted *h;

	(void)state;
	assert_int_equal(pipe2(in, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(back, O_CLOEXEC | O_NONBLOCK), 0);
	number = back[1];
	h = start(stream_new(in[0], back[1], END_CLOSE), new_socket(&peer[0]));
	h->s[0]->shut = SHUT_CLOSE;
	h->pump.is_last = false; /* which needs no care: everything is closed next */
	assert_int_equal(write(peer[0], "x", 1), 1);
	turn_until_quiet();
	assert_int_equal(shutdown(peer[0], SHUT_WR), 0);
	turn_until_quiet();
	assert_int_equal(fcntl(number, F_GETFD), -1);

	(void)start(new_socket(&peer[1]), new_socket(&peer[2]));
	assert_true(fcntl(number, F_GETFD) >= 0);
	turn_until_quiet();
	(void)close(in[1]);
	turn_until_quiet();
	assert_int_equal(common.finished, 1);
	for (size_t i = 1; i < 3; i++)
		assert_int_equal(write(peer[i], "hello", 5), 5);
	turn_until_quiet();
	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(drain(peer[i]), 5);
		(void)close(peer[i]);
	}
	turn_until_quiet();
	assert_int_equal(common.finished, 2);
	(void)close(back[0]);
	(void)close(peer[0]);
}

static int returned;

static void give_back(void *lender)
{
	(void)lender;
	returned++;
}

/* A descriptor that does not belong to one session. */
static struct stream *new_lent(int fd)
{
	struct stream *s = stream_new(fd, fd, END_KEEP);

	s->datagrams = new_object(struct datagrams);
	s->datagrams->lender = s;
	s->datagrams->give_back = give_back;
	return s;
}

/* Two sessions lend a descriptor, which takes no more: only now each of them watches it. */
static void test_lent(void **state)
{
	struct hosted *h[2];
	int lent[2], peer[2];
	size_t filled;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, lent), 0);
	filled = fill(lent[0]);
	for (size_t i = 0; i < 2; i++)
		h[i] = start(new_lent(lent[0]), new_socket(&peer[i]));
	turn_until_quiet();
	assert_int_equal(h[0]->pump.watch[0][1].fd, -1);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(write(peer[i], "hello", 5), 5);
	turn_until_quiet();
	for (size_t i = 0; i < 2; i++)
		assert_true(h[i]->pump.watch[0][1].fd >= 0);
	assert_int_equal(drain(lent[1]), filled);
	turn_until_quiet();
	assert_int_equal(drain(lent[1]), 10);
	returned = 0;
	for (size_t i = 0; i < 2; i++) {
		stop(h[i]);
		(void)close(peer[i]);
		(void)close(lent[i]);
	}
	assert_int_equal(returned, 2);
}

static int new_datagram_socket(struct net_address *ret)
{
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	sa_family_t automatic = AF_UNIX;

	assert_int_equal(bind(fd, (struct sockaddr *)&automatic, sizeof(automatic)), 0);
	assert_int_equal(net_address_local(fd, ret), 0);
	return fd;
}

/* An unconnected socket is called writable though its receiver takes no more, and each try
 * makes the kernel say so again: it is tried from time to time. */
static void test_full_receiver(void **state)
{
	struct net_address own, theirs;
	int sender = new_datagram_socket(&own), receiver = new_datagram_socket(&theirs);
	struct hosted *h;
	size_t filled = 0;
	char data[8];
	int peer;

	(void)state;
	while (sendto(sender, "x", 1, MSG_DONTWAIT, &theirs.any, theirs.len) == 1)
		filled++;
	h = start(stream_new_packets(sender, &theirs), new_socket(&peer));
	assert_int_equal(write(peer, "hello", 5), 5);
	turn_until_quiet();
	assert_true(flow_has_data(&h->pump.flow[1]));
	for (size_t i = 0; i < filled; i++)
		assert_int_equal(recv(receiver, data, sizeof(data), MSG_DONTWAIT), 1);
	while (flow_has_data(&h->pump.flow[1]))
		assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(recv(receiver, data, sizeof(data), MSG_DONTWAIT), 5);
	turn_until_quiet();
	assert_int_equal(h->pump.timer.place, 0); /* nothing is to be tried */
	stop(h);
	(void)close(peer);
	(void)close(receiver);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_needless_shut),	 TEST(test_timer_comes_forward),
		TEST(test_endless_closing_wait), TEST(test_kept_descriptors),
		TEST(test_bad_descriptor),	 TEST(test_apart),
		TEST(test_closed_number),
		TEST(test_lent),		 TEST(test_full_receiver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
