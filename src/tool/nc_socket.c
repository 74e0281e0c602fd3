/* SPDX-License-Identifier: MIT */
/* Socket options as rows, each once per family; see nc_socket.h. */

#include "tool/nc_socket.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

int nc_socket_type(const struct nc_place *place)
{
	if (place->dccp)
		return SOCK_DCCP;
	return place->datagram ? SOCK_DGRAM : SOCK_STREAM;
}

int nc_socket_protocol(const struct nc_place *place)
{
	if (place->family == AF_UNIX)
		return 0;
	if (place->dccp)
		return IPPROTO_DCCP;
	return place->datagram ? IPPROTO_UDP : IPPROTO_TCP;
}

const char *nc_socket_protocol_name(const struct nc_place *place)
{
	if (place->dccp)
		return "dccp";
	return place->datagram ? "udp" : "tcp";
}

int nc_socket_open(const struct nc_place *place, int family)
{
	int fd = socket(family, nc_socket_type(place) | SOCK_CLOEXEC, nc_socket_protocol(place));

	return fd < 0 ? -errno : fd;
}

/* RFC 2385.  Without a peer's address the key counts for everybody. */
static int sign_segments(int fd, int family, const char *key)
{
	struct tcp_md5sig sig = { .tcpm_flags = TCP_MD5SIG_FLAG_PREFIX };
	size_t len = strlen(key);

	((struct sockaddr *)&sig.tcpm_addr)->sa_family = (sa_family_t)family;
	sig.tcpm_keylen = (uint16_t)MIN(len, sizeof(sig.tcpm_key));
	memcpy(sig.tcpm_key, key, sig.tcpm_keylen);
	return setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG_EXT, &sig, sizeof(sig)) < 0 ? -errno : 0;
}

struct option_place {
	int level, name;
	const char *doing; /* NULL: the reason alone is the message */
};

int nc_socket_tune(int fd, int family, const struct nc_tuning *o, struct err *err)
{
	const struct {
		long long value; /* negative: not asked for */
		struct option_place in, in6;
	} rows[] = {
		{ o->broadcast ? 1 : -1,
		  { SOL_SOCKET, SO_BROADCAST },
		  { SOL_SOCKET, SO_BROADCAST } },
		{ o->keepalive ? 1 : -1,
		  { SOL_SOCKET, SO_KEEPALIVE },
		  { SOL_SOCKET, SO_KEEPALIVE } },
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

	if (o->md5_key) {
		int r = sign_segments(fd, family, o->md5_key);

		if (r < 0)
			return err_set(err, r, "%s", err_reason(r));
	}
	if (o->route_len &&
	    setsockopt(fd, IPPROTO_IP, IP_OPTIONS, o->route, (socklen_t)o->route_len) < 0)
		return err_set(err, -errno, "set source route: %s", err_reason(-errno));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct option_place *p = family == AF_INET6 ? &rows[i].in6 : &rows[i].in;
		int value = (int)rows[i].value;

		if (rows[i].value < 0)
			continue;
		if (setsockopt(fd, p->level, p->name, &value, sizeof(value)) < 0)
			return err_set(err, -errno, "%s%s%s", p->doing ? p->doing : "",
				       p->doing ? ": " : "", err_reason(-errno));
	}
	return 0;
}
