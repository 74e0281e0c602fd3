/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Many UDP packets with one system call.
 *
 * A batch has runs: a run is one packet, or several of one size, of which the last may be
 * shorter.  The kernel receives and sends such runs as one (UDP_GRO, UDP_SEGMENT:
 * udp(7)), several runs with one call (recvmmsg(2), sendmmsg(2)).  Where it does not
 * send a run, its packets are sent one by one; boundaries are the same.
 */

#include "net/address.h"

enum { NET_RUNS = 16, NET_RUN_SIZE = 64 * 1024 };

struct net_run {
	struct net_address from;
	char *data;
	size_t len;
	size_t packet_size; /* of each but the last; at least len: one packet */
};

/* Runs at..n are to be sent.  A megabyte, of which only what packets fill is touched. */
struct net_batch {
	size_t at, n;
	bool drained; /* nothing more was queued */
	bool ended;   /* the reader's: a packet that is the end came after them */
	struct net_run run[NET_RUNS];
	char memory[NET_RUNS][NET_RUN_SIZE];
};

bool net_batch_is_empty(const struct net_batch *batch);

/* Can packets be moved in batches between these sockets: UDP, and nobody asks for
 * the errors of earlier ones (ip-recverr)?  Has the kernel keep runs together that come in. */
bool net_batch_prepare(int from, int to);

/* Receives into an empty batch; packets are cut at most bytes.  0 or -errno. */
int net_batch_receive(int fd, struct net_batch *batch, size_t most);

/* Keeps only the runs that ask says yes to. */
void net_batch_keep(struct net_batch *batch, bool (*ask)(void *context, const struct net_run *run),
		    void *context);

/* Sends what it can, to the peer of the socket or, if not NULL, to `to`.  *runs: as runs;
 * becomes false where the kernel refuses.  0: all was sent; or -errno, and what was not
 * sent is still there. */
int net_batch_send(int fd, struct net_batch *batch, const struct net_address *to, bool *runs);

/* How many packets a run has. */
size_t net_run_packets(const struct net_run *run);
