/* SPDX-License-Identifier: MIT */
/* UDP: connected, listening, to one peer, to a group, one packet, all packets. */

#include "addr/families.h"
#include "addr/ip.h"
#include "base/log.h"
#include "base/str.h"
#include "net/connect.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static int open_connect(struct opening *o, struct stream **ret)
{
	struct socket_kind kind;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_connect(o, &kind, o->address->params[0], o->address->params[1]);
	if (fd < 0)
		return fd;
	*ret = socket_stream(fd, o);
	(*ret)->shut = SHUT_NULL;
	return 0;
}

/* An unconnected socket that sends to one peer. */
static int prepare(struct opening *o, struct stream **ret)
{
	struct socket_kind kind;
	auto_addresses list = { 0 };
	char text[NET_ADDRESS_TEXT];
	struct net_address local;
	auto_close int fd = -1;
	int r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	r = ip_resolve(o, &kind, o->address->params[0], o->address->params[1], &list);
	if (r < 0)
		return r;
	kind.family = list.items[0].any.sa_family;
	fd = socket_new(o, &kind);
	if (fd < 0)
		return fd;
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r < 0)
		return r;
	r = ip_bind_client(o, &kind, fd, kind.family);
	if (r < 0)
		return r;
	r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0)
		return r;
	if (net_address_local(fd, &local) == 0)
		log_notice("successfully prepared local socket %s",
			   net_address_text(&local, text, sizeof(text)));
	*ret = stream_new_packets(take_fd(&fd), &list.items[0]);
	return 0;
}

static int open_sendto(struct opening *o, struct stream **ret)
{
	int r = prepare(o, ret);

	if (r == 0)
		(*ret)->peer_only = true;
	return r;
}

static int open_datagram(struct opening *o, struct stream **ret)
{
	int r = prepare(o, ret);

	if (r == 0)
		packets_check_peers(*ret, &o->address->settings);
	return r;
}

static int bound_socket(struct opening *o, const char *port, bool reuse_address)
{
	struct socket_kind kind;
	int fd, r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	fd = ip_serve(o, &kind, port, reuse_address);
	if (fd < 0)
		return fd;
	r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r < 0) {
		(void)close(fd);
		return r;
	}
	return fd;
}

/* The port that was chosen, where 0 was asked for. */
static void tell_bound(const struct opening *o, const char *who, const struct net_address *local)
{
	char text[NET_ADDRESS_TEXT];

	if (!str_equal(o->address->params[0], "0"))
		return;
	log_notice("%s: bound to %s", who, net_address_text(local, text, sizeof(text)));
}

static int open_recv(struct opening *o, struct stream **ret)
{
	struct net_address local;
	char text[NET_ADDRESS_TEXT];
	int fd, r;

	fd = bound_socket(o, o->address->params[0], false);
	if (fd < 0)
		return fd;
	*ret = stream_new_packets(fd, NULL);
	(*ret)->wfd = -1;
	packets_check_peers(*ret, &o->address->settings);
	r = opening_apply(o, PHASE_CONNECTED, fd, NULL);
	if (r < 0) {
		*ret = stream_free(*ret);
		return r;
	}
	if (net_address_local(fd, &local) == 0) {
		tell_bound(o, "_xioopen_dgram_recv()", &local);
		log_notice("receiving on %s", net_address_text(&local, text, sizeof(text)));
	}
	return 0;
}

static int listen_recvfrom(struct opening *o, struct listener **ret)
{
	int fd = bound_socket(o, o->address->params[0], false);

	if (fd < 0)
		return fd;
	*ret = packet_listener_new(fd);
	tell_bound(o, "_xioopen_dgram_recvfrom()", &(*ret)->local);
	return 0;
}

/* The next peer may write at once: listens again before the fork, and on the
 * same port, also when the system chose it. */
static int listen_again(struct listener *l, const struct opening *o,
			const struct net_address *local)
{
	struct opening again = { .address = o->address, .context = o->context, .err = o->err };
	char port[32];

	(void)snprintf(port, sizeof(port), "%ld", net_address_port(local));
	l->fd = bound_socket(&again, port, true);
	return l->fd < 0 ? l->fd : 0;
}

/* Waits for the first packet of a peer, which stays in the queue, and connects
 * the socket to it. */
static int accept_peer(struct listener *l, struct opening *o, struct arrival *ret)
{
	char text[NET_ADDRESS_TEXT], byte;
	int r;

	for (;;) {
		r = task_wait(l->fd, POLLIN);
		if (r < 0)
			return r;
		ret->peer = (struct net_address){ .len = sizeof(ret->peer.storage) };
		if (recvfrom(l->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT, &ret->peer.any,
			     &ret->peer.len) < 0)
			continue;
		log_notice("accepting UDP connection from %s",
			   net_address_text(&ret->peer, text, sizeof(text)));
		if (peer_is_admitted(&o->address->settings, "packet", &ret->peer))
			break;
		(void)recv(l->fd, &byte, 1, MSG_DONTWAIT);
	}
	r = net_connect(l->fd, &ret->peer);
	if (r < 0)
		return err_set(o->err, r, "connect(%d, %s, %u): %s", l->fd,
			       net_address_text(&ret->peer, text, sizeof(text)), ret->peer.len,
			       err_reason(r));
	ret->fd = take_fd(&l->fd);
	(void)net_address_local(ret->fd, &ret->local);
	return o->address->settings.fork ? listen_again(l, o, &ret->local) : 0;
}

static int finish_peer(struct opening *o, struct arrival *a, struct stream **ret)
{
	int r = socket_listener_ops.finish(o, a, ret);

	if (r == 0)
		(*ret)->shut = SHUT_NULL;
	return r;
}

static const struct listener_ops listen_ops = { accept_peer, finish_peer };

static int listen_udp(struct opening *o, struct listener **ret)
{
	bool reuse = o->address->settings.fork;
	int fd = bound_socket(o, o->address->params[0],
			      reuse && !opt_given(&o->address->options, "reuseaddr"));

	if (fd < 0)
		return fd;
	*ret = listener_new(&listen_ops, fd);
	(*ret)->waiting = "listening on UDP";
	return net_address_local(fd, &(*ret)->local);
}

#define UDP_GROUPS (GROUP_FD | GROUP_SOCKET | GROUP_UDP)
#define IP46 (GROUP_IP4 | GROUP_IP6)
#define UDP_ARGS(af) .args = { .family = (af), .type = SOCK_DGRAM, .protocol = IPPROTO_UDP }
#define PEER ":<host>:<port>"
#define PORT ":<port>"

static const struct addr_type rows[] = {
	{ "UDP-CONNECT UDP", PEER, "exchange packets with one UDP peer", UDP_GROUPS | IP46,
	  DIR_BOTH, 2, 2, open_connect, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-CONNECT UDP4", PEER, "exchange packets with one UDP peer over IPv4",
	  UDP_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, open_connect, UDP_ARGS(AF_INET) },
	{ "UDP6-CONNECT UDP6", PEER, "exchange packets with one UDP peer over IPv6",
	  UDP_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, open_connect, UDP_ARGS(AF_INET6) },
	{ "UDP-LISTEN UDP-L", PORT, "wait for the first packet of a UDP peer and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL,
	  listen_udp, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-LISTEN UDP4-L", PORT, "wait for a UDP peer over IPv4 and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  listen_udp, UDP_ARGS(AF_INET) },
	{ "UDP6-LISTEN UDP6-L", PORT, "wait for a UDP peer over IPv6 and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  listen_udp, UDP_ARGS(AF_INET6) },
	{ "UDP-SENDTO UDP-SEND", PEER, "send packets to a UDP peer and hear only its answers",
	  UDP_GROUPS | IP46, DIR_BOTH, 2, 2, open_sendto, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-SENDTO UDP4-SEND", PEER, "send packets to a UDP peer over IPv4",
	  UDP_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, open_sendto, UDP_ARGS(AF_INET) },
	{ "UDP6-SENDTO UDP6-SEND", PEER, "send packets to a UDP peer over IPv6",
	  UDP_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, open_sendto, UDP_ARGS(AF_INET6) },
	{ "UDP-DATAGRAM UDP-DGRAM", PEER, "send to one UDP address, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | IP46, DIR_BOTH, 2, 2, open_datagram, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-DATAGRAM UDP4-DGRAM", PEER, "send to one UDP address over IPv4, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 2, 2, open_datagram, UDP_ARGS(AF_INET) },
	{ "UDP6-DATAGRAM UDP6-DGRAM", PEER, "send to one UDP address over IPv6, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 2, 2, open_datagram,
	  UDP_ARGS(AF_INET6) },
	{ "UDP-RECVFROM", PORT, "take one UDP packet and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-RECVFROM", PORT, "take one UDP packet over IPv4 and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  listen_recvfrom, UDP_ARGS(AF_INET) },
	{ "UDP6-RECVFROM", PORT, "take one UDP packet over IPv6 and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  listen_recvfrom, UDP_ARGS(AF_INET6) },
	{ "UDP-RECV", PORT, "read the UDP packets of everybody", UDP_GROUPS | GROUP_RANGE | IP46,
	  DIR_READ, 1, 1, open_recv, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-RECV", PORT, "read the UDP packets of everybody over IPv4",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_READ, 1, 1, open_recv, UDP_ARGS(AF_INET) },
	{ "UDP6-RECV", PORT, "read the UDP packets of everybody over IPv6",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_READ, 1, 1, open_recv, UDP_ARGS(AF_INET6) },
};

const struct addr_table udp_addresses = { rows, ARRAY_SIZE(rows) };
