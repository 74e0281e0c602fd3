/* SPDX-License-Identifier: MIT */
#pragma once

/* What TCP, UDP and the other protocols over IP share: names, local addresses,
 * connecting to one of several addresses. */

#include "addr/socket.h"
#include "net/resolve.h"

/* The local address that bind or the port (-1: none) ask for, of the kind's family.
 * 1: there is one; 0: none asked for; negative: error. */
int ip_local(struct opening *o, const struct socket_kind *kind, int sourceport,
	     struct net_address *ret);

/* Binds a client's socket where bind, sourceport or lowport ask for it; for
 * *-DATAGRAM, where sourceport is about others, bind or lowport. */
socket_binder ip_bind_client, ip_bind_datagram;

/* Resolves host and service of a peer, in the order of preference. */
int ip_resolve(struct opening *o, const struct socket_kind *kind, const char *host,
	       const char *service, struct net_addresses *ret);

/* The same for peers that are a host only. */
int ip_resolve_host(struct opening *o, const struct socket_kind *kind, const char *host,
		    struct net_addresses *ret);

/* Connects to the first address of host:port that answers; the descriptor. */
int ip_connect(struct opening *o, const struct socket_kind *kind, const char *host,
	       const char *service);

/* The open function of all clients that connect to host:port. */
int ip_open_connect(struct opening *o, struct stream **ret);

/* The local address of servers and receivers at the port (a number or service). */
int ip_serve_address(struct opening *o, const struct socket_kind *kind, const char *service,
		     struct net_address *ret);

/* A socket bound to the port (a number or service) for servers and receivers. */
int ip_serve(struct opening *o, const struct socket_kind *kind, const char *service,
	     bool reuse_address);

/* The family of servers and receivers: of the address, the range, the program's
 * context, in this order.  host: of option bind, or NULL. */
int ip_serve_family(const struct opening *o, const struct socket_kind *kind, const char *host);

/* The listen function of all servers on a port. */
int ip_open_listen(struct opening *o, bool reuse_address, struct listener **ret);

/* Cuts "host:port", "[v6]:port", ":port", "host" into two texts, NULL for what
 * is not there.  The caller frees both. */
void ip_split(const char *text, char **ret_host, char **ret_port);
