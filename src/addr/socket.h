/* SPDX-License-Identifier: MIT */
#pragma once

/* What all socket families share: making, binding, connecting, listening, in the
 * order of phases that options rely on. */

#include "addr/addr.h"

struct socket_kind {
	int family, type, protocol;
};

/* The row's kind with the options type, protocol and protocol-family on top. */
int socket_kind(struct opening *o, struct socket_kind *ret);

/* These options on top of a kind that comes from elsewhere. */
int socket_kind_options(struct opening *o, struct socket_kind *kind);

/* socket(2), close-on-exec and non-blocking, with the options of PASTSOCKET. */
int socket_new(struct opening *o, const struct socket_kind *kind);

/* The same, bound to the address. */
int socket_new_bound(struct opening *o, const struct socket_kind *kind,
		     const struct net_address *local);

/* Two connected sockets of the kind that the address and its options say, without
 * options applied.  0, or negative with the sentence in o->err. */
int socket_new_pair(struct opening *o, struct socket_kind *ret_kind, int ret_fds[2]);

/* bind(2) between PREBIND and PASTBIND; path: of a UNIX socket, or NULL. */
int socket_bind(struct opening *o, int fd, const struct net_address *local, const char *path);

/* Both phases for a socket that gets no local address. */
int socket_leave_unbound(struct opening *o, int fd);

/* connect(2) within connect-timeout, then CONNECTED. */
int socket_connect(struct opening *o, int fd, const struct net_address *to);

/* Gives a client's socket its local address, if options ask for one; applies
 * PREBIND and PASTBIND either way.  kind has the family of the socket. */
typedef int socket_binder(struct opening *o, const struct socket_kind *kind, int fd);

/* A new socket, bound by the binder and connected: its descriptor. */
int socket_open_connected(struct opening *o, const struct socket_kind *kind,
			  socket_binder *bind_client, const struct net_address *to);

/* A new socket, bound by the binder, whose packets go to the peer.  It hears the peer
 * only, or everybody who is permitted. */
int socket_open_packets(struct opening *o, const struct socket_kind *kind,
			socket_binder *bind_client, const struct net_address *peer,
			bool peer_only, struct stream **ret);

/* A stream of the packets that everybody who is permitted sends to the socket,
 * which it owns.  FD and CONNECTED. */
int socket_open_received(struct opening *o, int fd, struct stream **ret);

/* PRELISTEN, listen(2), LISTEN; gives the listener, which owns fd. */
int socket_listen(struct opening *o, int fd, struct listener **ret);

/* accept() and finish() of stream sockets. */
extern const struct listener_ops socket_listener_ops;

/* A stream over a connected socket: its end is told with shutdown(2). */
struct stream *socket_stream(int fd, const struct opening *o);

/* SOCKADDR, SOCKPORT, PEERADDR, PEERPORT; local or peer may be NULL. */
void socket_env(const struct opening *o, const struct net_address *local,
		const struct net_address *peer);

/* A listener for *-RECVFROM on a socket, which it owns: each packet is an arrival
 * (packet.c).  FD. */
int packet_listen(struct opening *o, int fd, struct listener **ret);
