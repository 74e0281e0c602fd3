/* SPDX-License-Identifier: MIT */
/* UDP packets and where they came to; see udp_packet.h. */

#include "addr/udp_packet.h"

#include <errno.h>
#include <netinet/ip.h>
#include <string.h>
#include <time.h>

enum { CONTROL_MAX = 512 };

static const int64_t NS_PER_S = 1000000000;

static void tell(int fd, int level, int name, int value)
{
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

void udp_tell_times(int fd, bool on)
{
	tell(fd, SOL_SOCKET, SO_TIMESTAMPNS, on);
}

/* A socket of IPv6 may get packets of IPv4, of which both tell. */
void udp_tell_destinations(int fd, bool on)
{
	tell(fd, IPPROTO_IP, IP_PKTINFO, on);
	tell(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, on);
}

struct udp_packet *udp_packet_new(const struct net_address *from, const struct net_address *to,
				  const void *data, size_t len)
{
	struct udp_packet *packet = mem_new(1, sizeof(*packet) + len);

	packet->from = *from;
	packet->to = *to;
	packet->len = len;
	memcpy(packet->data, data, len);
	return packet;
}

static void learn_time(struct udp_packet *packet, const struct cmsghdr *c)
{
	struct timespec t;

	memcpy(&t, CMSG_DATA(c), sizeof(t));
	packet->time = (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* In an address of IPv6: as a mapped one. */
static void set_host4(struct net_address *a, struct in_addr host)
{
	if (a->any.sa_family == AF_INET) {
		a->in.sin_addr = host;
		return;
	}
	a->in6.sin6_addr = (struct in6_addr){ 0 };
	a->in6.sin6_addr.s6_addr[10] = a->in6.sin6_addr.s6_addr[11] = 0xff;
	memcpy(&a->in6.sin6_addr.s6_addr[12], &host, sizeof(host));
}

static bool is_wildcard(const struct net_address *a)
{
	return a->any.sa_family == AF_INET ? a->in.sin_addr.s_addr == htonl(INADDR_ANY)
					   : IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

/* The kernel says which address answers would have; of a packet for many, it is another. */
static void learn_destination4(struct udp_packet *packet, const struct cmsghdr *c, bool any)
{
	struct in_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	packet->to_many = info.ipi_addr.s_addr != info.ipi_spec_dst.s_addr;
	if (any && info.ipi_spec_dst.s_addr != htonl(INADDR_ANY))
		set_host4(&packet->to, info.ipi_spec_dst);
}

static void learn_destination6(struct udp_packet *packet, const struct cmsghdr *c, bool any)
{
	struct in6_pktinfo info;

	memcpy(&info, CMSG_DATA(c), sizeof(info));
	if (IN6_IS_ADDR_V4MAPPED(&info.ipi6_addr))
		return;
	packet->to_many = IN6_IS_ADDR_MULTICAST(&info.ipi6_addr);
	if (!any || packet->to_many)
		return;
	packet->to.in6.sin6_addr = info.ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr))
		packet->to.in6.sin6_scope_id = info.ipi6_ifindex;
}

static bool is_message(const struct cmsghdr *c, int level, int type, size_t len)
{
	return c->cmsg_level == level && c->cmsg_type == type && c->cmsg_len >= CMSG_LEN(len);
}

void udp_packet_learn(struct udp_packet *packet, struct msghdr *m)
{
	bool any = is_wildcard(&packet->to);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (is_message(c, SOL_SOCKET, SCM_TIMESTAMPNS, sizeof(struct timespec)))
			learn_time(packet, c);
		else if (is_message(c, IPPROTO_IP, IP_PKTINFO, sizeof(struct in_pktinfo)))
			learn_destination4(packet, c, any);
		else if (is_message(c, IPPROTO_IPV6, IPV6_PKTINFO, sizeof(struct in6_pktinfo)) &&
			 packet->to.any.sa_family == AF_INET6)
			learn_destination6(packet, c, any);
	}
}

struct udp_packet *udp_packet_receive(int fd, const struct net_address *bound, int flags,
				      void *memory)
{
	_Alignas(struct cmsghdr) char control[CONTROL_MAX];
	struct iovec block = { .iov_base = memory, .iov_len = UDP_PACKET_MAX };
	struct net_address from = { 0 };
	struct msghdr m = {
		.msg_name = &from.any,
		.msg_namelen = sizeof(from.storage),
		.msg_iov = &block,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct udp_packet *packet;
	ssize_t n;

	do
		n = recvmsg(fd, &m, flags | MSG_DONTWAIT);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return NULL;
	from.len = m.msg_namelen;
	packet = udp_packet_new(&from, bound, memory, (size_t)n);
	udp_packet_learn(packet, &m);
	return packet;
}

/* A socket of IPv6 is told of an address of IPv4 as a mapped one. */
static void set_source(struct msghdr *m, const struct net_address *source)
{
	bool is6 = source->any.sa_family == AF_INET6;
	struct in_pktinfo info4 = { .ipi_spec_dst = source->in.sin_addr };
	struct in6_pktinfo info6 = { 0 };
	size_t len = is6 ? sizeof(info6) : sizeof(info4);
	struct cmsghdr *c;

	m->msg_controllen = CMSG_SPACE(len);
	c = CMSG_FIRSTHDR(m);
	c->cmsg_level = is6 ? IPPROTO_IPV6 : IPPROTO_IP;
	c->cmsg_type = is6 ? IPV6_PKTINFO : IP_PKTINFO;
	c->cmsg_len = CMSG_LEN(len);
	if (is6) {
		info6.ipi6_addr = source->in6.sin6_addr;
		info6.ipi6_ifindex = source->in6.sin6_scope_id;
	}
	memcpy(CMSG_DATA(c), is6 ? (void *)&info6 : (void *)&info4, len);
}

void udp_packet_answer(int fd, const struct net_address *bound, const struct udp_packet *packet,
		       const void *data, size_t len)
{
	_Alignas(struct cmsghdr) char control[CONTROL_MAX] = { 0 };
	struct iovec block = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
	struct net_address peer = packet->from;
	struct msghdr m = {
		.msg_name = &peer.any,
		.msg_namelen = peer.len,
		.msg_iov = &block,
		.msg_iovlen = 1,
	};

	if (!net_address_equal(&packet->to, bound)) { /* else the socket knows it */
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		set_source(&m, &packet->to);
	}
	(void)sendmsg(fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL);
}
