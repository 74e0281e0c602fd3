/* SPDX-License-Identifier: MIT */
/*
 * UDP-LISTEN, which UDP-Lite and DTLS share.
 *
 * One who comes is known by his first packet.  Without fork the listening socket is
 * connected to him and becomes the session's.  With fork it goes on listening, and
 * each peer has a socket of his own (udp_peers.h).
 */

#include "addr/ip.h"
#include "addr/udp.h"
#include "addr/udp_peers.h"
#include "base/log.h"
#include "net/connect.h"
#include "task/task.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

enum { FIRST_PACKET = 2048 }; /* as much of it as decides whether it is worth a session */

/* When packets came, to put them in order, and where to; unless the user wants to know in his
 * own way. */
static void tell_arrivals(const struct opening *o, int fd, bool on)
{
	const struct opt_list *options = &o->address->options;

	if (!o->address->settings.fork)
		return;
	if (!opt_given(options, "so-timestamp"))
		udp_tell_times(fd, on);
	if (on || !(opt_given(options, "ip-pktinfo") || opt_given(options, "ipv6-recvpktinfo")))
		udp_tell_destinations(fd, on);
}

/* The listening socket, and those of peers, which have the same options. */
static int bound_socket(struct opening *o, const struct net_address *local)
{
	bool share = o->address->settings.fork && !opt_given(&o->address->options, "reuseaddr");
	struct socket_kind kind;
	auto_close int fd = -1;
	int one = 1;
	int r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	kind.family = local->any.sa_family;
	fd = socket_new(o, &kind);
	if (fd < 0)
		return fd;
	if (share)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	tell_arrivals(o, fd, true);
	r = socket_bind(o, fd, local, NULL);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	return r < 0 ? r : take_fd(&fd);
}

static void tell_peer(const struct net_address *peer)
{
	char text[NET_ADDRESS_TEXT];

	if (log_wants(LEVEL_NOTICE))
		log_notice("accepting UDP connection from %s",
			   net_address_text(peer, text, sizeof(text)));
}

/* False senders first, which is cheap; to admit one may take a name server. */
static bool is_welcome(struct listener *l, struct opening *o, const struct net_address *peer,
		       const void *packet, size_t len)
{
	if (l->is_worth && !l->is_worth(l, o, peer, packet, len))
		return false;
	tell_peer(peer);
	return peer_is_admitted(&o->address->settings, peer);
}

static int connect_to(int fd, const struct net_address *peer, struct err *err)
{
	char text[NET_ADDRESS_TEXT];
	int r = net_connect_nonblocking(fd, peer);

	if (r < 0)
		return err_set(err, r, "connect(%d, %s, %u): %s", fd,
			       net_address_text(peer, text, sizeof(text)), peer->len,
			       err_reason(r));
	return 0;
}

/* Without fork: the first packet stays in the queue of the socket that is connected. */
static int accept_one(struct listener *l, struct opening *o, struct arrival *ret)
{
	char first[FIRST_PACKET];
	ssize_t n;
	int r;

	for (;;) {
		r = task_wait(l->fd, POLLIN);
		if (r < 0)
			return r;
		ret->peer = (struct net_address){ .len = sizeof(ret->peer.storage) };
		n = recvfrom(l->fd, first, sizeof(first), MSG_PEEK | MSG_DONTWAIT, &ret->peer.any,
			     &ret->peer.len);
		if (n < 0)
			continue;
		if (is_welcome(l, o, &ret->peer, first, (size_t)n))
			break;
		(void)recv(l->fd, first, 1, MSG_DONTWAIT);
	}
	r = connect_to(l->fd, &ret->peer, o->err);
	if (r < 0)
		return r;
	ret->fd = take_fd(&l->fd);
	(void)net_address_local(ret->fd, &ret->local);
	return 0;
}

/* The first packet of somebody new.  While strangers wait, others have their turns. */
static int next_stranger(struct listener *l, struct udp_packet **ret)
{
	struct udp_peers *peers = l->state;
	int r = list_is_empty(&peers->waiting) ? 0 : task_sleep(0);

	if (r < 0)
		return r;
	udp_peers_collect(peers);
	while (!(*ret = udp_peers_next(peers))) {
		r = udp_peers_wait(peers);
		if (r < 0)
			return r;
		udp_peers_collect(peers);
	}
	return 0;
}

static int socket_at(const struct opening *o, const struct net_address *local)
{
	struct opening own = { .address = o->address, .context = o->context, .err = o->err };

	return bound_socket(&own, local);
}

/* A socket of his own.  One who cannot be answered (port 0, a broadcast address) is sent
 * away.  1: here it is; 0: sent away; else -errno. */
static int connect_peer(struct listener *l, struct opening *o, const struct udp_packet *first,
			int *ret)
{
	auto_close int fd = socket_at(o, &first->to);

	if (fd == -EADDRNOTAVAIL) /* we have that address no longer */
		fd = socket_at(o, &l->local);
	if (fd < 0)
		return fd;
	if (connect_to(fd, &first->from, o->err) < 0) {
		log_warn("%s", o->err->text);
		return 0;
	}
	*ret = take_fd(&fd);
	return 1;
}

/* Takes the packet over. */
static int welcome(struct listener *l, struct opening *o, struct udp_packet *packet,
		   struct arrival *ret)
{
	int r = connect_peer(l, o, packet, &ret->fd);

	if (r < 0)
		udp_peers_put_back(l->state, packet);
	if (r == 0)
		free(packet);
	if (r <= 0)
		return r;
	ret->peer = packet->from;
	(void)net_address_local(ret->fd, &ret->local);
	ret->udp_peer = udp_peer_new(l->state, packet);
	udp_peer_begin(ret->udp_peer, ret->fd);
	tell_arrivals(o, ret->fd, false);
	return 1;
}

static int accept_many(struct listener *l, struct opening *o, struct arrival *ret)
{
	struct udp_packet *packet;
	int r;

	do {
		r = next_stranger(l, &packet);
		if (r < 0)
			return r;
		if (is_welcome(l, o, &packet->from, packet->data, packet->len))
			r = welcome(l, o, packet, ret);
		else
			free(packet);
	} while (r == 0);
	return MIN(r, 0);
}

static int accept_peer(struct listener *l, struct opening *o, struct arrival *ret)
{
	return l->state ? accept_many(l, o, ret) : accept_one(l, o, ret);
}

/* The socket has its options already. */
static int finish_peer(struct opening *o, struct arrival *a, struct stream **ret)
{
	int r;

	socket_env(o, &a->local, &a->peer);
	r = opening_apply(o, PHASE_CONNECTED, a->fd, NULL);
	if (r < 0)
		return r;
	*ret = socket_stream(take_fd(&a->fd), o);
	if (a->udp_peer)
		udp_peer_attach(take_ptr(a->udp_peer), *ret);
	else
		stream_hear_only(*ret, &a->peer);
	(*ret)->shut = SHUT_NULL;
	return 0;
}

const struct listener_ops udp_listener_ops = { accept_peer, finish_peer };

static void forget_peers(void *state)
{
	udp_peers_end(state);
}

int udp_listen(struct opening *o, struct listener **ret)
{
	auto_listener l = listener_new(&udp_listener_ops, -1);
	struct socket_kind kind;
	struct net_address local;
	int r;

	if (o->address->settings.workers > 1)
		return err_set(o->err, -EINVAL,
			       "option \"workers\": a peer would have several of them");
	r = socket_kind(o, &kind);
	if (r == 0)
		r = ip_serve_address(o, &kind, o->address->params[0], &local);
	if (r < 0)
		return r;
	l->fd = bound_socket(o, &local);
	if (l->fd < 0)
		return l->fd;
	l->waiting = "listening on UDP";
	r = net_address_local(l->fd, &l->local);
	if (r < 0)
		return r;
	if (o->address->settings.fork) {
		l->state = udp_peers_new(l->fd, &l->local);
		l->state_done = forget_peers;
	}
	*ret = take_ptr(l);
	return 0;
}
