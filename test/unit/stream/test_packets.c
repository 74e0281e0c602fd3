/* SPDX-License-Identifier: MIT */
/* Streams over unconnected datagram sockets: whose packets come through. */

#include "stream/stream.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { OURS, PEER, STRANGER, ENDS };

struct ends {
	int fd[ENDS];
	struct net_address address[ENDS];
	struct stream *s; /* ours, sending to the peer */
};

static int setup(void **state)
{
	static struct ends ends;

	for (int i = 0; i < ENDS; i++) {
		struct net_address a;

		assert_int_equal(net_address_parse("127.0.0.1", AF_INET, 0, &a), 0);
		ends.fd[i] = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(ends.fd[i], &a.any, a.len), 0);
		assert_int_equal(net_address_local(ends.fd[i], &ends.address[i]), 0);
	}
	ends.s = stream_new_packets(ends.fd[OURS], &ends.address[PEER]);
	*state = &ends;
	return 0;
}

static int teardown(void **state)
{
	struct ends *e = *state;

	e->s = stream_free(e->s);
	(void)close(e->fd[PEER]);
	(void)close(e->fd[STRANGER]);
	return 0;
}

static void send_from(struct ends *e, int who, const char *text)
{
	const struct net_address *to = &e->address[OURS];

	assert_int_equal(sendto(e->fd[who], text, strlen(text), 0, &to->any, to->len),
			 strlen(text));
}

static void await(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, -1), 1);
}

static void test_boundaries(void **state)
{
	struct ends *e = *state;
	char data[16];

	assert_true(e->s->packets);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), -EAGAIN);
	send_from(e, PEER, "one");
	send_from(e, STRANGER, "three");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 3);
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, 4), 4); /* the rest is lost */
	assert_memory_equal(data, "thre", 4);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), -EAGAIN);
}

static void test_write(void **state)
{
	struct ends *e = *state;
	char data[16];

	assert_int_equal(stream_write(e->s, "hello", 5), 5);
	await(e->fd[PEER]);
	assert_int_equal(recv(e->fd[PEER], data, sizeof(data), 0), 5);
	assert_memory_equal(data, "hello", 5);
}

static void test_peer_only(void **state)
{
	struct ends *e = *state;
	char data[16];

	e->s->datagrams->peer_only = true;
	send_from(e, STRANGER, "no");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), -EAGAIN);
	send_from(e, PEER, "yes");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 3);
	assert_memory_equal(data, "yes", 3);
}

/* Strangers who never stop do not keep the reader: it is told when to come back. */
static void check_flood(struct ends *e)
{
	char data[16];
	int reads = 0;
	ssize_t n;

	for (int i = 0; i < 100; i++)
		send_from(e, STRANGER, "no");
	send_from(e, PEER, "yes");
	await(e->fd[OURS]);
	while ((n = stream_read(e->s, data, sizeof(data))) == -EAGAIN && reads < 10) {
		assert_true(e->s->reread_at > 0);
		reads++;
	}
	assert_int_equal(n, 3);
	assert_true(reads > 0);
	assert_int_equal(e->s->reread_at, 0);
}

static void test_flood(void **state)
{
	struct ends *e = *state;

	e->s->datagrams->peer_only = true;
	check_flood(e);
	stream_hear_only(e->s, &e->address[PEER]);
	check_flood(e);
}

static bool is_context(const struct stream *s, const struct net_address *from)
{
	return net_address_equal(s->datagrams->permits_context, from);
}

static void test_permits(void **state)
{
	struct ends *e = *state;
	char data[16];

	e->s->datagrams->permits = is_context;
	e->s->datagrams->permits_context = &e->address[STRANGER];
	send_from(e, PEER, "no");
	send_from(e, STRANGER, "yes");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 3);
	assert_memory_equal(data, "yes", 3);
}

/* Connected after a stranger's packet had come: that one is not for us. */
static void test_hear_only(void **state)
{
	struct ends *e = *state;
	const struct net_address *peer = &e->address[PEER];
	char data[16];

	send_from(e, STRANGER, "no");
	send_from(e, PEER, "yes");
	assert_int_equal(connect(e->fd[OURS], &peer->any, peer->len), 0);
	stream_hear_only(e->s, peer);
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 3);
	assert_memory_equal(data, "yes", 3);
	assert_int_equal(stream_write(e->s, "back", 4), 4);
	await(e->fd[PEER]);
	assert_int_equal(recv(e->fd[PEER], data, sizeof(data), 0), 4);
}

static void test_write_call(void **state)
{
	struct ends *e = *state;
	char call[STREAM_CALL_TEXT], expected[STREAM_CALL_TEXT];

	(void)snprintf(expected, sizeof(expected), "sendto(%d, ..., 7, 0, AF=2 127.0.0.1:%ld, 16)",
		       e->fd[OURS], net_address_port(&e->address[PEER]));
	assert_string_equal(stream_write_call(e->s, 7, call, sizeof(call)), expected);
	stream_hear_only(e->s, &e->address[PEER]);
	(void)snprintf(expected, sizeof(expected), "write(%d, ..., 7)", e->fd[OURS]);
	assert_string_equal(stream_write_call(e->s, 7, call, sizeof(call)), expected);
}

static void test_empty_packets(void **state)
{
	struct ends *e = *state;
	char data[16];

	send_from(e, PEER, "");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), -EAGAIN);
	e->s->null_eof = true;
	send_from(e, PEER, "");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 0);
	/* of a stranger it is no end */
	e->s->datagrams->peer_only = true;
	send_from(e, STRANGER, "");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), -EAGAIN);
}

static void test_shut_null(void **state)
{
	struct ends *e = *state;
	char data[16];

	e->s->shut = SHUT_NULL;
	assert_int_equal(stream_shut(e->s), 0);
	await(e->fd[PEER]);
	assert_int_equal(recv(e->fd[PEER], data, sizeof(data), 0), 0);
	assert_int_equal(stream_shut(e->s), 0); /* once is enough */
	assert_int_equal(recv(e->fd[PEER], data, sizeof(data), MSG_DONTWAIT), -1);
}

/* A receiver who is busy is told later. */
static void test_shut_null_later(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int fds[2], n = 0;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds), 0);
	s = stream_new(fds[0], fds[0], END_CLOSE);
	s->shut = SHUT_NULL;
	while (stream_write(s, "x", 1) == 1)
		n++;
	assert_int_equal(stream_shut(s), -EAGAIN);
	for (int i = 0; i < n; i++)
		assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), 1);
	assert_int_equal(stream_shut(s), 0);
	assert_int_equal(recv(fds[1], data, sizeof(data), MSG_DONTWAIT), 0);
	(void)close(fds[1]);
}

/* What was put back is a packet: a read that is too short cuts it. */
static void test_unread_packet(void **state)
{
	struct ends *e = *state;
	char data[16];

	stream_unread(e->s, "hello", 5);
	send_from(e, PEER, "next");
	await(e->fd[OURS]);
	assert_int_equal(stream_read(e->s, data, 2), 2);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 4);
	assert_memory_equal(data, "next", 4);
}

/* RECVFROM: what was put back, then the end, whatever waits in the socket. */
static void test_one_packet(void **state)
{
	struct ends *e = *state;
	char data[16];

	e->s->one_packet = true;
	stream_unread(e->s, "hello", 5);
	send_from(e, PEER, "next");
	await(e->fd[OURS]);
	assert_true(stream_has_unread(e->s));
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 5);
	assert_true(stream_has_unread(e->s)); /* the end is to be read */
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 0);
	assert_int_equal(stream_read(e->s, data, sizeof(data)), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_boundaries),	 TEST(test_write),	TEST(test_peer_only),
		TEST(test_permits),	 TEST(test_flood),	 TEST(test_hear_only),
		TEST(test_write_call),
		TEST(test_empty_packets), TEST(test_shut_null), TEST(test_shut_null_later),
		TEST(test_unread_packet), TEST(test_one_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
