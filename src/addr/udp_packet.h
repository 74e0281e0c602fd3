/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A UDP packet with what the kernel knows of it: from whom it is, to which of our addresses
 * it came, and when (cmsg(3), ip(7), ipv6(7)).
 */

#include "base/list.h"
#include "net/address.h"

enum { UDP_PACKET_MAX = 65536 }; /* longer than any */

struct udp_packet {
	struct link link;
	struct net_address from;
	struct net_address to; /* ours, from which it is answered; its host may be the wildcard */
	bool to_many;	       /* sent to a group or to everybody: each socket got one */
	int64_t time;	       /* of arrival, nanoseconds of the clock; 0: not known */
	size_t len;
	char data[];
};

/* Has the kernel tell when packets arrive at this socket, and where to; or no longer. */
void udp_tell_times(int fd, bool on);
void udp_tell_destinations(int fd, bool on);

/* A packet on the heap, of unknown time. */
struct udp_packet *udp_packet_new(const struct net_address *from, const struct net_address *to,
				  const void *data, size_t len);

/* The next packet that is queued at the socket, which is bound to that address; NULL: none
 * is.  flags: MSG_PEEK or 0; memory: UDP_PACKET_MAX bytes. */
struct udp_packet *udp_packet_receive(int fd, const struct net_address *bound, int flags,
				      void *memory);

/* Sends something back from the same socket, from the address that the packet came to.  What
 * cannot be sent now is lost, as packets are. */
void udp_packet_answer(int fd, const struct net_address *bound, const struct udp_packet *packet,
		       const void *data, size_t len);

/* What control messages say of the address (bound) and the time of a packet.  Pure. */
struct msghdr;
void udp_packet_learn(struct udp_packet *packet, struct msghdr *m);
