/* SPDX-License-Identifier: MIT */
/* Packets directly over IP: to one host, to a group, one packet, all packets.  Where
 * others have a port there is the number of the protocol. */

#include "addr/families.h"
#include "addr/ip.h"
#include "base/num.h"

#include <errno.h>

enum { PROTOCOL_MAX = 255 };

static int check_bind(const struct opening *o)
{
	auto_free char *host = NULL;
	auto_free char *port = NULL;

	if (!o->address->settings.bind)
		return 0;
	ip_split(o->address->settings.bind, &host, &port);
	return port ? err_set(o->err, -EINVAL,
			      "%s: port specification not allowed in this bind option",
			      o->address->keyword)
		    : 0;
}

/* The row's kind with the protocol of the last parameter. */
static int raw_kind(struct opening *o, struct socket_kind *ret)
{
	const struct address *a = o->address;
	const char *text = a->params[a->n_params - 1];
	struct socket_kind kind;
	long long protocol;
	int r;

	r = socket_kind(o, &kind);
	if (r == 0)
		r = check_bind(o);
	if (r < 0)
		return r;
	if (num_parse_c(text, 0, PROTOCOL_MAX, &protocol) < 0)
		return err_set(o->err, -EINVAL, "%s: protocol \"%s\" is not a number 0..%d",
			       a->keyword, text, PROTOCOL_MAX);
	if (a->settings.protocol < 0)
		kind.protocol = (int)protocol;
	*ret = kind;
	return 0;
}

/* Only IPv4 delivers its header with the data, and only to raw sockets. */
static frame_header *header_of(const struct socket_kind *kind)
{
	return kind->family == AF_INET && kind->type == SOCK_RAW ? frame_ip4_header : NULL;
}

/* To one peer; peer_only: and from nobody else. */
static int open_packets(struct opening *o, bool peer_only, struct stream **ret)
{
	auto_addresses list = { 0 };
	struct socket_kind kind;
	int r;

	r = raw_kind(o, &kind);
	if (r == 0)
		r = ip_resolve_host(o, &kind, o->address->params[0], &list);
	if (r < 0)
		return r;
	kind.family = list.items[0].any.sa_family;
	r = socket_open_packets(o, &kind, ip_bind_client, &list.items[0], peer_only, ret);
	if (r == 0)
		(*ret)->datagrams->header = header_of(&kind);
	return r;
}

static int open_sendto(struct opening *o, struct stream **ret)
{
	return open_packets(o, true, ret);
}

static int open_datagram(struct opening *o, struct stream **ret)
{
	return open_packets(o, false, ret);
}

/* A raw socket hears all addresses of its family: bound only if it has to be. */
static int receiving_socket(struct opening *o, struct socket_kind *ret_kind)
{
	const char *bind = o->address->settings.bind;
	struct net_address local;
	struct socket_kind kind;
	auto_close int fd = -1;
	int bound, r;

	r = raw_kind(o, &kind);
	if (r < 0)
		return r;
	kind.family = ip_serve_family(o, &kind, bind);
	bound = ip_local(o, &kind, -1, &local);
	if (bound < 0)
		return bound;
	if (bound)
		kind.family = local.any.sa_family;
	else if (kind.family == AF_UNSPEC)
		kind.family = AF_INET;
	fd = socket_new(o, &kind);
	if (fd < 0)
		return fd;
	r = bound ? socket_bind(o, fd, &local, NULL) : socket_leave_unbound(o, fd);
	if (r < 0)
		return r;
	*ret_kind = kind;
	return take_fd(&fd);
}

static int open_recv(struct opening *o, struct stream **ret)
{
	struct socket_kind kind;
	int fd, r;

	fd = receiving_socket(o, &kind);
	if (fd < 0)
		return fd;
	r = socket_open_received(o, fd, ret);
	if (r == 0)
		(*ret)->datagrams->header = header_of(&kind);
	return r;
}

static int listen_recvfrom(struct opening *o, struct listener **ret)
{
	struct socket_kind kind;
	int fd, r;

	fd = receiving_socket(o, &kind);
	if (fd < 0)
		return fd;
	r = packet_listen(o, fd, ret);
	if (r == 0)
		(*ret)->header = header_of(&kind);
	return r;
}

#define RAW_GROUPS (GROUP_FD | GROUP_SOCKET)
#define IP46 (GROUP_IP4 | GROUP_IP6)
#define RAW_ARGS(af) .args = { .family = (af), .type = SOCK_RAW }
#define PEER ":<host>:<protocol>"
#define PROTOCOL ":<protocol>"

static const struct addr_type rows[] = {
	{ "IP-SENDTO IP IP-SEND", PEER, "send raw IP packets to a host and hear only its answers",
	  RAW_GROUPS | IP46, DIR_BOTH, 2, 2, open_sendto, RAW_ARGS(AF_UNSPEC) },
	{ "IP4-SENDTO IP4 IP4-SEND", PEER, "send raw IP packets to a host over IPv4",
	  RAW_GROUPS | GROUP_IP4, DIR_BOTH, 2, 2, open_sendto, RAW_ARGS(AF_INET) },
	{ "IP6-SENDTO IP6 IP6-SEND", PEER, "send raw IP packets to a host over IPv6",
	  RAW_GROUPS | GROUP_IP6, DIR_BOTH, 2, 2, open_sendto, RAW_ARGS(AF_INET6) },
	{ "IP-DATAGRAM IP-DGRAM", PEER, "send raw IP packets to one host, hear everybody",
	  RAW_GROUPS | GROUP_RANGE | IP46, DIR_BOTH, 2, 2, open_datagram, RAW_ARGS(AF_UNSPEC) },
	{ "IP4-DATAGRAM IP4-DGRAM", PEER,
	  "send raw IP packets to one host, hear everybody over IPv4",
	  RAW_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 2, 2, open_datagram, RAW_ARGS(AF_INET) },
	{ "IP6-DATAGRAM IP6-DGRAM", PEER,
	  "send raw IP packets to one host, hear everybody over IPv6",
	  RAW_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 2, 2, open_datagram, RAW_ARGS(AF_INET6) },
	{ "IP-RECVFROM", PROTOCOL, "take one raw IP packet and answer its sender",
	  RAW_GROUPS | GROUP_CHILD | GROUP_RANGE | IP46, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  RAW_ARGS(AF_UNSPEC) },
	{ "IP4-RECVFROM", PROTOCOL, "take one raw IP packet and answer its sender over IPv4",
	  RAW_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP4, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  RAW_ARGS(AF_INET) },
	{ "IP6-RECVFROM", PROTOCOL, "take one raw IP packet and answer its sender over IPv6",
	  RAW_GROUPS | GROUP_CHILD | GROUP_RANGE | GROUP_IP6, DIR_BOTH, 1, 1, NULL, listen_recvfrom,
	  RAW_ARGS(AF_INET6) },
	{ "IP-RECV", PROTOCOL, "read the raw IP packets of everybody",
	  RAW_GROUPS | GROUP_RANGE | IP46, DIR_READ, 1, 1, open_recv, RAW_ARGS(AF_UNSPEC) },
	{ "IP4-RECV", PROTOCOL, "read the raw IP packets of everybody over IPv4",
	  RAW_GROUPS | GROUP_RANGE | GROUP_IP4, DIR_READ, 1, 1, open_recv, RAW_ARGS(AF_INET) },
	{ "IP6-RECV", PROTOCOL, "read the raw IP packets of everybody over IPv6",
	  RAW_GROUPS | GROUP_RANGE | GROUP_IP6, DIR_READ, 1, 1, open_recv, RAW_ARGS(AF_INET6) },
};

const struct addr_table rawip_addresses = { rows, ARRAY_SIZE(rows) };
