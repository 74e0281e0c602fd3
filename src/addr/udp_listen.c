/* SPDX-License-Identifier: MIT */
/*
 * UDP-LISTEN, which UDP-Lite and DTLS share.
 *
 * One who comes is known by his first packet.  Without fork the listening socket is
 * connected to him and becomes the session's, unless he would be answered from another
 * of our addresses than the one he sent to.  Then, and with fork, where the listening
 * socket goes on listening, he has a socket of his own (udp_peers.h).
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
#include <unistd.h>

/* When packets came, to put them in order, and where to; unless the user wants to know in his
 * own way. */
static void tell_arrivals(const struct opening *o, int fd, bool on)
{
	const struct opt_list *options = &o->address->options;

	if (!opt_given(options, "so-timestamp"))
		udp_tell_times(fd, on);
	if (on || !(opt_given(options, "ip-pktinfo") || opt_given(options, "ipv6-recvpktinfo")))
		udp_tell_destinations(fd, on);
}

static void share_address(int fd)
{
	int one = 1;

	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
}

/* The listening socket, and those of peers, which have the same options. */
static int bound_socket(struct opening *o, const struct net_address *local, bool share)
{
	struct socket_kind kind;
	auto_close int fd = -1;
	int r;

	r = socket_kind(o, &kind);
	if (r < 0)
		return r;
	kind.family = local->any.sa_family;
	fd = socket_new(o, &kind);
	if (fd < 0)
		return fd;
	if (share)
		share_address(fd);
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
static bool is_welcome(struct listener *l, struct opening *o, const struct udp_packet *first)
{
	if (l->is_worth && !l->is_worth(l, o, first))
		return false;
	tell_peer(&first->from);
	return peer_is_admitted(&o->address->settings, &first->from);
}

static bool is_shared(const struct opening *o)
{
	return o->address->settings.fork && !opt_given(&o->address->options, "reuseaddr");
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

static int socket_at(const struct opening *o, const struct net_address *local, bool share)
{
	struct opening own = { .address = o->address, .context = o->context, .err = o->err };

	return bound_socket(&own, local, share);
}

/* A socket of his own.  One who cannot be answered (port 0, a broadcast address) is sent
 * away.  1: here it is; 0: sent away; else -errno. */
static int connect_peer(struct listener *l, struct opening *o, const struct udp_packet *first,
			int *ret)
{
	bool share = is_shared(o) || !o->address->settings.fork;
	auto_close int fd = socket_at(o, &first->to, share);

	if (fd == -EADDRNOTAVAIL) /* we have that address no longer */
		fd = socket_at(o, &l->local, share);
	if (fd < 0)
		return fd;
	if (connect_to(fd, &first->from, o->err) < 0) {
		log_warn("%s", o->err->text);
		return 0;
	}
	*ret = take_fd(&fd);
	return 1;
}

/* He has a socket; his first packet, which is taken over, and what has gone astray are his. */
static void settle(struct listener *l, struct opening *o, struct udp_packet *first,
		   struct arrival *ret)
{
	ret->peer = first->from;
	(void)net_address_local(ret->fd, &ret->local);
	ret->udp_peer = udp_peer_new(l->state, first);
	udp_peer_begin(ret->udp_peer, ret->fd);
	tell_arrivals(o, ret->fd, false);
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
	if (r > 0)
		settle(l, o, packet, ret);
	return r;
}

static int accept_many(struct listener *l, struct opening *o, struct arrival *ret)
{
	struct udp_packet *packet;
	int r;

	do {
		r = next_stranger(l, &packet);
		if (r < 0)
			return r;
		if (is_welcome(l, o, packet))
			r = welcome(l, o, packet, ret);
		else
			free(packet);
	} while (r == 0);
	return MIN(r, 0);
}

static void forget_peers(void *state)
{
	udp_peers_end(state);
}

static void know_peers(struct listener *l)
{
	l->state = udp_peers_new(l->fd, &l->local);
	l->state_done = forget_peers;
}

static void forget_first(struct listener *l)
{
	char byte;

	(void)recv(l->fd, &byte, sizeof(byte), MSG_DONTWAIT);
}

/* Without fork: the first packet stays in the queue until it is known what becomes of it. */
static int wait_for_one(struct listener *l, struct opening *o, struct udp_packet **ret)
{
	auto_free char *memory = mem_new(1, UDP_PACKET_MAX);
	struct udp_packet *first;
	int r;

	for (;;) {
		r = task_wait(l->fd, POLLIN);
		if (r < 0)
			return r;
		first = udp_packet_receive(l->fd, &l->local, MSG_PEEK, memory);
		if (!first)
			continue;
		if (is_welcome(l, o, first))
			break;
		free(first);
		forget_first(l);
	}
	*ret = first;
	return 0;
}

/* Would the listening socket, once it is connected, have another address than he sent to? */
static bool is_answered_elsewhere(const struct listener *l, const struct udp_packet *first)
{
	auto_close int fd = -1;
	struct net_address local, to = first->to;

	if (net_address_equal(&to, &l->local))
		return false;
	fd = socket(first->from.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || net_connect_nonblocking(fd, &first->from) < 0 ||
	    net_address_local(fd, &local) < 0)
		return false;
	net_address_set_port(&to, (uint16_t)net_address_port(&local));
	return !net_address_equal(&to, &local);
}

/* From the listening socket, which shares its address for this moment only.  false: he
 * cannot have one of his own. */
static bool move_to_own(struct listener *l, struct opening *o, struct udp_packet *first,
			struct arrival *ret)
{
	share_address(l->fd);
	if (connect_peer(l, o, first, &ret->fd) <= 0)
		return false;
	forget_first(l);
	know_peers(l);
	settle(l, o, first, ret);
	forget_peers(take_ptr(l->state));
	(void)close(take_fd(&l->fd));
	return true;
}

static int connect_listening(struct listener *l, struct opening *o, const struct udp_packet *first,
			     struct arrival *ret)
{
	int r = connect_to(l->fd, &first->from, o->err);

	if (r < 0)
		return r;
	tell_arrivals(o, l->fd, false);
	ret->peer = first->from;
	ret->fd = take_fd(&l->fd);
	(void)net_address_local(ret->fd, &ret->local);
	return 0;
}

static int accept_one(struct listener *l, struct opening *o, struct arrival *ret)
{
	auto_free struct udp_packet *first = NULL;
	int r = wait_for_one(l, o, &first);

	if (r < 0)
		return r;
	if (is_answered_elsewhere(l, first) && move_to_own(l, o, first, ret)) {
		(void)take_ptr(first);
		return 0;
	}
	return connect_listening(l, o, first, ret);
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
	l->fd = bound_socket(o, &local, is_shared(o));
	if (l->fd < 0)
		return l->fd;
	l->waiting = "listening on UDP";
	r = net_address_local(l->fd, &l->local);
	if (r < 0)
		return r;
	if (o->address->settings.fork)
		know_peers(l);
	*ret = take_ptr(l);
	return 0;
}
