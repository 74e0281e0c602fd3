/* SPDX-License-Identifier: MIT */
#pragma once

/* How names are asked for, other than the system says.  The C library keeps this per
 * thread, so it is set in the thread that asks, for the time of the question. */

#include "net/address.h"

#include <resolv.h>

struct net_resolver {
	unsigned long on, off;	   /* RES_ flags set and cleared */
	bool has_wait, has_tries;
	int wait;		   /* seconds for the first answer */
	int tries;		   /* per name server */
	struct net_address server; /* the only one to ask, IPv4; len 0: the system's */
};

/* What was there before. */
struct net_resolver_saved {
	bool changed;
	unsigned long options;
	int wait, tries, n_servers;
	struct sockaddr_in server;
};

/* Nothing happens for one that says nothing.  0 or -errno. */
int net_resolver_enter(const struct net_resolver *resolver, struct net_resolver_saved *ret);
void net_resolver_leave(const struct net_resolver_saved *saved);
