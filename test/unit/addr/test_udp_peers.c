/* SPDX-License-Identifier: MIT */
/* Packets of UDP peers: where they came to, and whose they are. */

#include "addr/udp_peers.h"
#include "base/clock.h"
#include "task/loop.h"
#include "task/task.h"

#include <errno.h>
#include <netinet/ip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

struct destination {
	const char *bound, *header, *answers; /* the last two are what the kernel tells */
	const char *to;
	bool to_many;
};

static struct net_address address(const char *host, uint16_t port)
{
	struct net_address a;

	assert_int_equal(net_address_parse(host, AF_UNSPEC, port, &a), 0);
	return a;
}

static size_t put_message(struct cmsghdr *c, const struct destination *d)
{
	struct in6_pktinfo info6 = { .ipi6_ifindex = 7 };
	struct in_pktinfo info4 = { .ipi_ifindex = 7 };
	bool is6 = strchr(d->header, ':');
	size_t len = is6 ? sizeof(info6) : sizeof(info4);

	c->cmsg_level = is6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = is6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(len);
	if (is6) {
		info6.ipi6_addr = address(d->header, 0).in6.sin6_addr;
		memcpy(CMSG_DATA(c), &info6, sizeof(info6));
	} else {
		info4.ipi_addr = address(d->header, 0).in.sin_addr;
		info4.ipi_spec_dst = address(d->answers, 0).in.sin_addr;
		memcpy(CMSG_DATA(c), &info4, sizeof(info4));
	}
	return CMSG_SPACE(len);
}

static void test_where_a_packet_came_to(void **state)
{
	static const struct destination rows[] = {
		{ "0.0.0.0", "10.0.0.2", "10.0.0.2", "10.0.0.2", false },
		{ "0.0.0.0", "10.0.0.255", "10.0.0.2", "10.0.0.2", true },
		{ "0.0.0.0", "224.0.0.5", "10.0.0.2", "10.0.0.2", true },
		{ "0.0.0.0", "224.0.0.5", "0.0.0.0", "0.0.0.0", true },
		{ "10.0.0.2", "10.0.0.2", "10.0.0.2", "10.0.0.2", false },
		{ "224.0.0.5", "224.0.0.5", "10.0.0.2", "224.0.0.5", true },
		{ "::", "2001:db8::1", NULL, "2001:db8::1", false },
		{ "::", "fe80::1", NULL, "fe80::1%7", false },
		{ "::", "ff02::1", NULL, "::", true },
		{ "::", "10.0.0.2", "10.0.0.2", "::ffff:10.0.0.2", false },
		{ "::", "::ffff:10.0.0.255", NULL, "::", false }, /* IP_PKTINFO knows better */
		{ "2001:db8::1", "2001:db8::1", NULL, "2001:db8::1", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		_Alignas(struct cmsghdr) char control[256] = { 0 };
		struct net_address wanted = address(rows[i].to, 99);
		struct net_address bound = address(rows[i].bound, 99);
		struct udp_packet *packet = udp_packet_new(&bound, &bound, "x", 1);
		struct msghdr m = { .msg_control = control };

		m.msg_controllen = put_message((struct cmsghdr *)control, &rows[i]);
		udp_packet_learn(packet, &m);
		assert_int_equal(packet->to_many, rows[i].to_many);
		assert_true(net_address_equal(&packet->to, &wanted));
		free(packet);
	}
}

static int socket_at(const struct net_address *a)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	assert_int_equal(bind(fd, &a->any, a->len), 0);
	return fd;
}

static struct udp_packet *packet_from(int fd, const struct net_address *to)
{
	struct net_address from;

	assert_int_equal(net_address_local(fd, &from), 0);
	return udp_packet_new(&from, to, "first", 5);
}

/* A session that reads its socket whenever there is something. */
static void read_on(void *arg)
{
	struct stream *s = arg;
	char buf[16];

	while (stream_read_wait(s, buf, sizeof(buf)) > 0)
		;
}

/* A stranger's packet that a session finds in its socket wakes the listener, though nothing
 * came to the listening socket. */
static void test_stray_packet_wakes_the_listener(void **state)
{
	struct net_address local = address("127.0.0.1", 0);
	int listening = socket_at(&local), peer = socket_at(&local), stranger = socket_at(&local);
	struct udp_peers *peers;
	struct udp_packet *packet;
	struct udp_peer *known;
	struct stream *s;
	int own;

	(void)state;
	assert_int_equal(net_address_local(listening, &local), 0);
	peers = udp_peers_new(listening, &local);
	own = socket_at(&local); /* not connected: it gets all */
	known = udp_peer_new(peers, packet_from(peer, &local));
	udp_peer_begin(known, own);
	s = stream_new_socket(own, own, END_CLOSE);
	udp_peer_attach(known, s);

	assert_int_equal(loop_open(), 0);
	assert_int_equal(sendto(stranger, "stray", 5, 0, &local.any, local.len), 5);
	assert_int_equal(task_start(read_on, s), 0);
	(void)task_deadline(clock_after(10 * CLOCK_US_PER_S));
	assert_int_equal(udp_peers_wait(peers), 0);
	packet = udp_peers_next(peers);
	assert_non_null(packet);
	assert_memory_equal(packet->data, "stray", 5);
	assert_true(net_address_equal(&packet->to, &local));
	free(packet);

	(void)task_deadline(clock_now());
	assert_int_equal(udp_peers_wait(peers), -ETIMEDOUT);
	(void)task_deadline(CLOCK_NEVER);
	/* The empty packet ends the session's reading. */
	assert_int_equal(sendto(peer, "", 0, 0, &local.any, local.len), 0);
	(void)loop_turn(CLOCK_NEVER);
	loop_close();
	(void)stream_free(s);
	udp_peers_release(peers);
	(void)close(listening);
	(void)close(peer);
	(void)close(stranger);
}

/* A packet that was late at the listening socket comes before a later one of his own socket. */
static void test_late_packet_keeps_its_place(void **state)
{
	struct net_address local = address("127.0.0.1", 0), from;
	int listening = socket_at(&local), peer = socket_at(&local), own;
	struct udp_peers *peers;
	struct udp_peer *known;
	struct stream *s;
	char buf[16];

	(void)state;
	assert_int_equal(net_address_local(listening, &local), 0);
	assert_int_equal(net_address_local(peer, &from), 0);
	peers = udp_peers_new(listening, &local);
	known = udp_peer_new(peers, packet_from(peer, &local));
	assert_int_equal(sendto(peer, "late", 4, 0, &local.any, local.len), 4);
	own = socket_at(&local);
	assert_int_equal(connect(own, &from.any, from.len), 0);
	assert_int_equal(sendto(peer, "own", 3, 0, &local.any, local.len), 3);
	s = stream_new_socket(own, own, END_CLOSE);
	udp_peer_attach(known, s);
	assert_int_equal(stream_read(s, buf, sizeof(buf)), 5);
	assert_true(stream_has_unread(s)); /* no batch yet */
	assert_int_equal(stream_read(s, buf, sizeof(buf)), 4);
	assert_memory_equal(buf, "late", 4);
	assert_int_equal(stream_read(s, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "own", 3);
	assert_false(stream_has_unread(s));
	(void)stream_free(s);
	udp_peers_end(peers);
	(void)close(listening);
	(void)close(peer);
}

/* What one peer sends faster than his session reads has a limit. */
static void test_what_is_put_back_has_a_limit(void **state)
{
	struct net_address local = address("127.0.0.1", 0);
	int listening = socket_at(&local), peer = socket_at(&local);
	static const char big[8192];
	struct udp_peers *peers;
	struct udp_peer *known;
	size_t n = 0;

	(void)state;
	assert_int_equal(net_address_local(listening, &local), 0);
	peers = udp_peers_new(listening, &local);
	known = udp_peer_new(peers, packet_from(peer, &local));
	for (int i = 0; i < 200; i++) {
		assert_int_equal(sendto(peer, big, sizeof(big), 0, &local.any, local.len),
				 sizeof(big));
		udp_peers_collect(peers);
	}
	for (const struct link *l = known->packets.next; l != &known->packets; l = l->next)
		n++;
	assert_in_range(n, 20, 40);
	assert_null(udp_peers_next(peers));
	(void)udp_peer_free(known);
	udp_peers_release(peers);
	(void)close(listening);
	(void)close(peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where_a_packet_came_to),
		cmocka_unit_test(test_stray_packet_wakes_the_listener),
		cmocka_unit_test(test_late_packet_keeps_its_place),
		cmocka_unit_test(test_what_is_put_back_has_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
