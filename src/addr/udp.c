/* SPDX-License-Identifier: MIT */
/* UDP: connected, listening, to one peer, to a group, one packet, all packets. */

#include "addr/udp.h"

#include "addr/families.h"
#include "addr/ip.h"
#include "base/log.h"
#include "base/str.h"
#include "net/connect.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>

int udp_connect(struct opening *o, struct stream **ret)
{
	int r = ip_open_connect(o, ret);

	if (r == 0)
		(*ret)->shut = SHUT_NULL;
	return r;
}

/* An unconnected socket that sends to one peer. */
static int prepare(struct opening *o, socket_binder *binder, struct stream **ret)
{
	const struct address *a = o->address;
	struct socket_kind kind;
	auto_addresses list = { 0 };
	int r;

	r = socket_kind(o, &kind);
	if (r == 0)
		r = ip_resolve(o, &kind, a->params[0], a->params[1], &list);
	if (r < 0)
		return r;
	kind.family = list.items[0].any.sa_family;
	return socket_open_packets(o, &kind, binder, &list.items[0], ret);
}

int udp_sendto(struct opening *o, struct stream **ret)
{
	int r = prepare(o, ip_bind_client, ret);

	if (r == 0)
		(*ret)->datagrams->peer_only = true;
	return r;
}

/* Option sourceport means here, whatever its number: only those who send from the
 * port we send to. */
static bool admits_datagram(const struct stream *s, const struct net_address *from)
{
	const struct settings *settings = s->datagrams->permits_context;
	long port = settings->sourceport < 0 ? -1 : net_address_port(&s->datagrams->peer);

	return peer_is_admitted_from(settings, from, port);
}

int udp_datagram(struct opening *o, struct stream **ret)
{
	int r = prepare(o, ip_bind_datagram, ret);

	if (r == 0) {
		(*ret)->datagrams->permits = admits_datagram;
		(*ret)->datagrams->permits_context = &o->address->settings;
	}
	return r;
}

static int bound_socket(struct opening *o, const char *port, bool reuse_address)
{
	struct socket_kind kind;
	int r = socket_kind(o, &kind);

	return r < 0 ? r : ip_serve(o, &kind, port, reuse_address);
}

/* The port that was chosen, where 0 was asked for. */
static void tell_bound(const struct opening *o, const char *who, int fd)
{
	char text[NET_ADDRESS_TEXT];
	struct net_address local;

	if (str_equal(o->address->params[0], "0") && net_address_local(fd, &local) == 0)
		log_notice("%s: bound to %s", who, net_address_text(&local, text, sizeof(text)));
}

int udp_recv(struct opening *o, struct stream **ret)
{
	int fd = bound_socket(o, o->address->params[0], false);

	if (fd < 0)
		return fd;
	tell_bound(o, "_xioopen_dgram_recv()", fd);
	return socket_open_received(o, fd, ret);
}

int udp_recvfrom(struct opening *o, struct listener **ret)
{
	int fd = bound_socket(o, o->address->params[0], false);

	if (fd < 0)
		return fd;
	tell_bound(o, "_xioopen_dgram_recvfrom()", fd);
	return packet_listen(o, fd, ret);
}

static int listening_socket(struct opening *o, const char *port, bool reuse_address)
{
	auto_close int fd = bound_socket(o, port, reuse_address);
	int r = fd < 0 ? fd : opening_apply(o, PHASE_FD, fd, NULL);

	return r < 0 ? r : take_fd(&fd);
}

/* The next peer may write at once: listens again before the fork, and on the
 * same port, also when the system chose it. */
static int listen_again(struct listener *l, const struct opening *o,
			const struct net_address *local)
{
	struct opening again = { .address = o->address, .context = o->context, .err = o->err };
	char port[32];

	(void)snprintf(port, sizeof(port), "%ld", net_address_port(local));
	l->fd = listening_socket(&again, port, true);
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
		if (peer_is_admitted(&o->address->settings, &ret->peer))
			break;
		(void)recv(l->fd, &byte, 1, MSG_DONTWAIT);
	}
	r = net_connect_nonblocking(l->fd, &ret->peer);
	if (r < 0)
		return err_set(o->err, r, "connect(%d, %s, %u): %s", l->fd,
			       net_address_text(&ret->peer, text, sizeof(text)), ret->peer.len,
			       err_reason(r));
	ret->fd = take_fd(&l->fd);
	(void)net_address_local(ret->fd, &ret->local);
	return o->address->settings.fork ? listen_again(l, o, &ret->local) : 0;
}

/* The socket that listened is the one that talks: its options are set already. */
static int finish_peer(struct opening *o, struct arrival *a, struct stream **ret)
{
	int r;

	socket_env(o, &a->local, &a->peer);
	r = opening_apply(o, PHASE_CONNECTED, a->fd, NULL);
	if (r < 0)
		return r;
	*ret = socket_stream(take_fd(&a->fd), o);
	stream_hear_only(*ret, &a->peer);
	(*ret)->shut = SHUT_NULL;
	return 0;
}

const struct listener_ops udp_listener_ops = { accept_peer, finish_peer };

int udp_listen(struct opening *o, struct listener **ret)
{
	bool reuse = o->address->settings.fork;
	int fd = listening_socket(o, o->address->params[0],
				  reuse && !opt_given(&o->address->options, "reuseaddr"));

	if (fd < 0)
		return fd;
	*ret = listener_new(&udp_listener_ops, fd);
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
	  DIR_BOTH, 2, 2, udp_connect, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-CONNECT UDP4", PEER, "exchange packets with one UDP peer over IPv4",
	  UDP_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, udp_connect, UDP_ARGS(AF_INET) },
	{ "UDP6-CONNECT UDP6", PEER, "exchange packets with one UDP peer over IPv6",
	  UDP_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, udp_connect, UDP_ARGS(AF_INET6) },
	{ "UDP-LISTEN UDP-L", PORT, "wait for the first packet of a UDP peer and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL,
	  udp_listen, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-LISTEN UDP4-L", PORT, "wait for a UDP peer over IPv4 and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  udp_listen, UDP_ARGS(AF_INET) },
	{ "UDP6-LISTEN UDP6-L", PORT, "wait for a UDP peer over IPv6 and stay with it",
	  UDP_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  udp_listen, UDP_ARGS(AF_INET6) },
	{ "UDP-SENDTO UDP-SEND", PEER, "send packets to a UDP peer and hear only its answers",
	  UDP_GROUPS | IP46, DIR_BOTH, 2, 2, udp_sendto, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-SENDTO UDP4-SEND", PEER, "send packets to a UDP peer over IPv4",
	  UDP_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, udp_sendto, UDP_ARGS(AF_INET) },
	{ "UDP6-SENDTO UDP6-SEND", PEER, "send packets to a UDP peer over IPv6",
	  UDP_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, udp_sendto, UDP_ARGS(AF_INET6) },
	{ "UDP-DATAGRAM UDP-DGRAM", PEER, "send to one UDP address, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | IP46, DIR_BOTH, 2, 2, udp_datagram, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-DATAGRAM UDP4-DGRAM", PEER, "send to one UDP address over IPv4, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 2, 2, udp_datagram, UDP_ARGS(AF_INET) },
	{ "UDP6-DATAGRAM UDP6-DGRAM", PEER, "send to one UDP address over IPv6, hear everybody",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 2, 2, udp_datagram,
	  UDP_ARGS(AF_INET6) },
	{ "UDP-RECVFROM", PORT, "take one UDP packet and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL, udp_recvfrom,
	  UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-RECVFROM", PORT, "take one UDP packet over IPv4 and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL,
	  udp_recvfrom, UDP_ARGS(AF_INET) },
	{ "UDP6-RECVFROM", PORT, "take one UDP packet over IPv6 and answer its sender",
	  UDP_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL,
	  udp_recvfrom, UDP_ARGS(AF_INET6) },
	{ "UDP-RECV", PORT, "read the UDP packets of everybody", UDP_GROUPS | GROUP_RANGE | IP46,
	  DIR_READ, 1, 1, udp_recv, UDP_ARGS(AF_UNSPEC) },
	{ "UDP4-RECV", PORT, "read the UDP packets of everybody over IPv4",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_READ, 1, 1, udp_recv, UDP_ARGS(AF_INET) },
	{ "UDP6-RECV", PORT, "read the UDP packets of everybody over IPv6",
	  UDP_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_READ, 1, 1, udp_recv, UDP_ARGS(AF_INET6) },
};

const struct addr_table udp_addresses = { rows, ARRAY_SIZE(rows) };
