/* SPDX-License-Identifier: MIT */
/* Sockets of any family: numbers for socket(2), and addresses in the data language
 * (dalan.h), without the family in front. */

#include "addr/families.h"
#include "addr/socket.h"
#include "base/num.h"
#include "opt/dalan.h"

#include <errno.h>
#include <limits.h>

static int parse_number(struct opening *o, size_t param, const char *what, int *ret)
{
	const struct address *a = o->address;
	long long number;

	if (num_parse_c(a->params[param], 0, INT_MAX, &number) < 0)
		return err_set(o->err, -EINVAL, "%s: %s \"%s\" is not a number", a->keyword, what,
			       a->params[param]);
	*ret = (int)number;
	return 0;
}

static int parse_data(struct opening *o, const char *text, int family, struct net_address *ret)
{
	struct net_address a = { .len = 0 };
	size_t head = offsetof(struct sockaddr, sa_data), len;
	int r;

	r = dalan_parse(text, (char *)&a.storage + head, sizeof(a.storage) - head, &len, o->err);
	if (r < 0)
		return r;
	a.any.sa_family = (sa_family_t)family;
	a.len = (socklen_t)(head + len);
	*ret = a;
	return 0;
}

/* Domain, type (where the row has none of its own) and protocol, with what options
 * say on top; then the address. */
static int parse_params(struct opening *o, struct socket_kind *ret_kind,
			struct net_address *ret_address)
{
	bool has_type = o->address->n_params == 4;
	struct socket_kind kind = { .type = SOCK_STREAM };
	size_t at = 0;
	int r;

	r = parse_number(o, at++, "domain", &kind.family);
	if (r == 0 && has_type)
		r = parse_number(o, at++, "type", &kind.type);
	if (r == 0)
		r = parse_number(o, at++, "protocol", &kind.protocol);
	if (r == 0)
		r = socket_kind_options(o, &kind);
	if (r == 0)
		r = parse_data(o, o->address->params[at], kind.family, ret_address);
	if (r == 0)
		*ret_kind = kind;
	return r;
}

static int bind_client(struct opening *o, const struct socket_kind *kind, int fd)
{
	const char *bind = o->address->settings.bind;
	struct net_address local;
	int r;

	(void)opening_take(o, "bind");
	if (!bind)
		return socket_leave_unbound(o, fd);
	r = parse_data(o, bind, kind->family, &local);
	return r < 0 ? r : socket_bind(o, fd, &local, NULL);
}

static int open_connect(struct opening *o, struct stream **ret)
{
	struct socket_kind kind;
	struct net_address peer;
	int fd, r;

	r = parse_params(o, &kind, &peer);
	if (r < 0)
		return r;
	fd = socket_open_connected(o, &kind, bind_client, &peer);
	if (fd < 0)
		return fd;
	*ret = socket_stream(fd, o);
	return 0;
}

/* To one peer; peer_only: and from nobody else. */
static int open_packets(struct opening *o, bool peer_only, struct stream **ret)
{
	struct socket_kind kind;
	struct net_address peer;
	int r = parse_params(o, &kind, &peer);

	return r < 0 ? r : socket_open_packets(o, &kind, bind_client, &peer, peer_only, ret);
}

static int open_sendto(struct opening *o, struct stream **ret)
{
	return open_packets(o, true, ret);
}

static int open_datagram(struct opening *o, struct stream **ret)
{
	return open_packets(o, false, ret);
}

/* A socket bound to the address in the parameters. */
static int bound_socket(struct opening *o)
{
	struct socket_kind kind;
	struct net_address local;
	int r = parse_params(o, &kind, &local);

	return r < 0 ? r : socket_new_bound(o, &kind, &local);
}

static int listen_stream(struct opening *o, struct listener **ret)
{
	int fd = bound_socket(o);

	return fd < 0 ? fd : socket_listen(o, fd, ret);
}

static int open_recv(struct opening *o, struct stream **ret)
{
	int fd = bound_socket(o);

	return fd < 0 ? fd : socket_open_received(o, fd, ret);
}

static int listen_recvfrom(struct opening *o, struct listener **ret)
{
	int fd = bound_socket(o);

	return fd < 0 ? fd : packet_listen(o, fd, ret);
}

#define GENERIC_GROUPS (GROUP_FD | GROUP_SOCKET)
#define CONNECTED ":<domain>:<protocol>:<remote-address>"
#define LISTENING ":<domain>:<protocol>:<local-address>"
#define REMOTE ":<domain>:<type>:<protocol>:<remote-address>"
#define LOCAL ":<domain>:<type>:<protocol>:<local-address>"

static const struct addr_type rows[] = {
	{ "SOCKET-CONNECT", CONNECTED, "connect a socket of any family",
	  GENERIC_GROUPS | GROUP_CHILD | GROUP_RETRY, DIR_BOTH, 3, 3, open_connect },
	{ "SOCKET-LISTEN", LISTENING, "wait for a connection on a socket of any family",
	  GENERIC_GROUPS | GROUP_LISTEN | GROUP_CHILD | GROUP_RETRY | GROUP_RANGE, DIR_BOTH, 3, 3,
	  NULL, listen_stream },
	{ "SOCKET-SENDTO SENDTO", REMOTE, "send packets of any family and hear only the answers",
	  GENERIC_GROUPS, DIR_BOTH, 4, 4, open_sendto },
	{ "SOCKET-DATAGRAM DATAGRAM DGRAM", REMOTE, "send packets of any family, hear everybody",
	  GENERIC_GROUPS | GROUP_RANGE, DIR_BOTH, 4, 4, open_datagram },
	{ "SOCKET-RECVFROM", LOCAL, "take one packet of any family and answer its sender",
	  GENERIC_GROUPS | GROUP_CHILD | GROUP_RANGE, DIR_BOTH, 4, 4, NULL, listen_recvfrom },
	{ "SOCKET-RECV", LOCAL, "read the packets of everybody in any family",
	  GENERIC_GROUPS | GROUP_RANGE, DIR_READ, 4, 4, open_recv },
};

const struct addr_table generic_addresses = { rows, ARRAY_SIZE(rows) };
