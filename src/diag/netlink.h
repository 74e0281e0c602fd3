/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One question to the kernel's sock_diag, many messages back.  The kernel
 * answers while it is asked, so only netlink_listen() waits (task/).
 */

#include "base/err.h"

struct netlink {
	struct mnl_socket *socket;
	char *buffer;
	uint32_t sequence;
	int save_fd; /* every datagram is written there too, as it came; 0: nowhere */
};

#define auto_netlink __attribute__((__cleanup__(netlink_close))) struct netlink

/* What to do with the payload of one message; non-zero ends the dump and is
 * returned. */
typedef int netlink_message(void *context, const void *payload, size_t len);

/* groups: multicast groups of sock_diag to be in, as bits; the first is bit 0.
 * 0 or -errno. */
int netlink_open(struct netlink *nl, uint32_t groups, struct err *err);
void netlink_close(struct netlink *nl);

/* Sends a dump request of that type and hands every answer on.
 * 0, what the function returned, or -errno: the kernel's refusal (-ENOENT when
 * it does not know the family or protocol).  A dump that changed under our
 * hands is told to the log. */
int netlink_dump(struct netlink *nl, uint16_t type, const void *request, size_t len,
		 netlink_message *message, void *context);

/* Sends a command of that type and waits for its acknowledgement: 0 or the
 * kernel's -errno. */
int netlink_command(struct netlink *nl, uint16_t type, const void *request, size_t len);

/* Hands on what comes from the groups, for ever: returns only what the function
 * or a failed wait (-ECANCELED, -errno) returned. */
int netlink_listen(struct netlink *nl, netlink_message *message, void *context);
