/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The peers of a UDP listener that forks, and packets that are not theirs yet.
 *
 * The listening socket is read for ever.  A peer who is new gets a socket of his own, bound
 * to the same address and connected to him; from then on the kernel gives it his packets,
 * and the listening socket those of everybody else.  In between, two things go astray:
 *
 *	in the listening socket	what he sent before his socket was connected
 *	in his socket		what others sent after it was bound and before it was
 *				connected: it was the last one bound, so it got all
 *
 * So both are emptied at once: his packets come first in his session, those of others
 * wait here for their turn.  The kernel's time of arrival puts them back in order.
 *
 * His socket is bound to the very address he sent to, not to the wildcard.  Else connect(2)
 * would choose one of our addresses, perhaps another, and move the socket to another chain of
 * the kernel's table; a packet for the listening socket that is being looked up there right
 * then follows it, finds nobody and is refused (Linux 6.18: one of two thousand, on two
 * processors that do nothing else).
 *
 * A session in this process stays known until it ends: a packet that was on its way to
 * the listening socket on another processor is handed to it even then, before those that
 * came to his own.
 */

#include "addr/udp_packet.h"
#include "stream/stream.h"

/* One who has a session, or is about to get one. */
struct udp_peer {
	struct link link; /* in its bucket */
	struct udp_peers *peers;
	struct net_address address, local;
	struct link packets; /* what was put back for it */
	size_t put_back_bytes;
	bool reads_own; /* his first packet from his own socket was read */
	int64_t since;	     /* when all that had gone astray was collected; 0: not yet */
	struct stream *stream;
};

struct udp_peers {
	unsigned int users; /* the listener, and each peer */
	int listening; /* the socket, which is the listener's; -1: closed */
	pid_t owner;
	struct net_address local; /* of the listening socket */
	struct link *buckets;
	size_t n_buckets, n_peers;
	uint64_t key;	     /* of the hash: nobody can choose addresses that collide */
	struct link waiting; /* packets of strangers */
	size_t waiting_bytes;
	char *memory; /* of one packet */
};

/* Of a socket that stays the listener's.  One user: the listener. */
struct udp_peers *udp_peers_new(int listening, const struct net_address *local);
void udp_peers_end(struct udp_peers *peers);	 /* the listener has ended */
void udp_peers_release(struct udp_peers *peers); /* frees it when nobody uses it */

/* Reads what is queued at the listening socket: to sessions, or waiting.  Stops when too
 * much waits already, and after a fair share. */
void udp_peers_collect(struct udp_peers *peers);

/* Until a packet comes to the listening socket, or a session hands one in that went astray.
 * 0, -ETIMEDOUT, -ECANCELED, -errno. */
int udp_peers_wait(struct udp_peers *peers);

/* The next packet of one who has no session, which the caller frees; NULL: none waits. */
struct udp_packet *udp_peers_next(struct udp_peers *peers);

/* Puts it back as the next one. */
void udp_peers_put_back(struct udp_peers *peers, struct udp_packet *packet);

/* Makes the sender of the packet one who has a session; his waiting packets, and this
 * one, which is taken over, are his now. */
struct udp_peer *udp_peer_new(struct udp_peers *peers, struct udp_packet *packet);

/* His socket was connected just now: collects what went astray. */
void udp_peer_begin(struct udp_peer *peer, int fd);

/* Forgets him and his packets.  NULL is fine; returns NULL. */
struct udp_peer *udp_peer_free(struct udp_peer *peer);

/* The stream of his own socket reads what was put back first, and frees him at its end. */
void udp_peer_attach(struct udp_peer *peer, struct stream *s);
