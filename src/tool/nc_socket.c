/* SPDX-License-Identifier: MIT */
/* Socket options as rows, each once per family; see nc_socket.h. */

#include "tool/nc_socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

int nc_socket_protocol(const struct nc_options *o)
{
	return o->datagram ? IPPROTO_UDP : IPPROTO_TCP;
}

const char *nc_socket_protocol_name(const struct nc_options *o)
{
	return o->datagram ? "udp" : "tcp";
}

int nc_socket_open(const struct nc_options *o, const struct net_address *to)
{
	int type = o->datagram ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(to->any.sa_family, type | SOCK_CLOEXEC, nc_socket_protocol(o));

	return fd < 0 ? -errno : fd;
}

struct place {
	int level, name;
	const char *doing; /* NULL: the reason alone is the message */
};

int nc_socket_tune(int fd, int family, const struct nc_options *o, struct err *err)
{
	const struct {
		long long value; /* negative: not asked for */
		struct place in, in6;
	} rows[] = {
		{ o->broadcast ? 1 : -1,
		  { SOL_SOCKET, SO_BROADCAST },
		  { SOL_SOCKET, SO_BROADCAST } },
		{ o->debug ? 1 : -1, { SOL_SOCKET, SO_DEBUG }, { SOL_SOCKET, SO_DEBUG } },
		{ o->tos,
		  { IPPROTO_IP, IP_TOS, "set IP ToS" },
		  { IPPROTO_IPV6, IPV6_TCLASS, "set IPv6 traffic class" } },
		{ o->receive_buffer,
		  { SOL_SOCKET, SO_RCVBUF, "set TCP receive buffer size" },
		  { SOL_SOCKET, SO_RCVBUF, "set TCP receive buffer size" } },
		{ o->send_buffer,
		  { SOL_SOCKET, SO_SNDBUF, "set TCP send buffer size" },
		  { SOL_SOCKET, SO_SNDBUF, "set TCP send buffer size" } },
		{ o->ttl,
		  { IPPROTO_IP, IP_TTL, "set IP TTL" },
		  { IPPROTO_IPV6, IPV6_UNICAST_HOPS, "set IPv6 unicast hops" } },
		{ o->min_ttl,
		  { IPPROTO_IP, IP_MINTTL, "set IP min TTL" },
		  { IPPROTO_IPV6, IPV6_MINHOPCOUNT, "set IPv6 min hop count" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct place *p = family == AF_INET6 ? &rows[i].in6 : &rows[i].in;
		int value = (int)rows[i].value;

		if (rows[i].value < 0)
			continue;
		if (setsockopt(fd, p->level, p->name, &value, sizeof(value)) < 0)
			return err_set(err, -errno, "%s%s%s", p->doing ? p->doing : "",
				       p->doing ? ": " : "", err_reason(-errno));
	}
	return 0;
}
