/* SPDX-License-Identifier: MIT */
#pragma once

/* The listening sockets of ncat as one door: without an address they are two, IPv6 and
 * IPv4.  Who may not come in is sent away here. */

#include "tool/ncat.h"

enum { NCAT_DOOR_MAX = 2 };

struct ncat_door {
	struct ncat *n;
	int fds[NCAT_DOOR_MAX];
	size_t count;
	int epoll; /* of all of them */
	int bell;  /* eventfd: rung by ncat_door_ring() */
};

/* Opens it, with a line for each socket under -v.  0, or the exit status. */
int ncat_door_open(struct ncat_door *door, struct ncat *n);
void ncat_door_close(struct ncat_door *door);

/* Waits for a client who is allowed in.  0 and the connection; of datagrams: 0 and the
 * socket (not the caller's to close) where one waits.  -ETIMEDOUT at the deadline
 * (task.h), -ECANCELED; -ESHUTDOWN: somebody rang. */
int ncat_door_wait(struct ncat_door *door, int *ret_fd, struct net_address *ret_peer);

/* Makes the wait end. */
void ncat_door_ring(const struct ncat_door *door);
