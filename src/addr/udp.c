/* SPDX-License-Identifier: MIT */
/* UDP: connected, to one peer, to a group, one packet, all packets. */

#include "addr/udp.h"

#include "addr/families.h"
#include "addr/ip.h"
#include "base/log.h"
#include "base/str.h"

int udp_connect(struct opening *o, struct stream **ret)
{
	int r = ip_open_connect(o, ret);

	if (r == 0)
		(*ret)->shut = SHUT_NULL;
	return r;
}

/* An unconnected socket that sends to one peer; peer_only: and hears nobody else. */
static int open_packets(struct opening *o, socket_binder *binder, bool peer_only,
			struct stream **ret)
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
	return socket_open_packets(o, &kind, binder, &list.items[0], peer_only, ret);
}

int udp_sendto(struct opening *o, struct stream **ret)
{
	return open_packets(o, ip_bind_client, true, ret);
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
	int r = open_packets(o, ip_bind_datagram, false, ret);

	if (r == 0)
		(*ret)->datagrams->permits = admits_datagram;
	return r;
}

static int bound_socket(struct opening *o, const char *port)
{
	struct socket_kind kind;
	int r = socket_kind(o, &kind);

	return r < 0 ? r : ip_serve(o, &kind, port, false);
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
	int fd = bound_socket(o, o->address->params[0]);

	if (fd < 0)
		return fd;
	tell_bound(o, "_xioopen_dgram_recv()", fd);
	return socket_open_received(o, fd, ret);
}

int udp_recvfrom(struct opening *o, struct listener **ret)
{
	int fd = bound_socket(o, o->address->params[0]);

	if (fd < 0)
		return fd;
	tell_bound(o, "_xioopen_dgram_recvfrom()", fd);
	return packet_listen(o, fd, ret);
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
