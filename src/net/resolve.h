/* SPDX-License-Identifier: MIT */
#pragma once

/* Names to addresses and back.  May wait (task_offload); numeric forms never do
 * and never call getaddrinfo, so that start-up reads no files. */

#include "net/address.h"
#include "net/resolver.h"

struct net_query {
	const char *host;    /* NULL or "": wildcard (passive) or loopback */
	const char *service; /* number or name; NULL: port 0 */
	int family;	     /* AF_UNSPEC, AF_INET, AF_INET6 */
	int prefer;	     /* AF_INET or AF_INET6 first, or 0: as resolved */
	int type, protocol;  /* as for socket(2) */
	bool passive;	     /* the wildcard address for binding */
	bool numeric;	     /* refuse names (nc -n) */
	int ai_flags;	     /* further AI_* bits */
	const struct net_resolver *resolver; /* NULL: as the system says */
};

struct net_addresses {
	struct net_address *items;
	size_t n; /* at least 1 after success */
};

#define auto_addresses __attribute__((__cleanup__(net_addresses_done))) struct net_addresses

/* All addresses of a name, in the order in which they should be tried.
 * Returns 0, -ECANCELED, -ETIMEDOUT, -errno or a resolver code, for which
 * net_reason() has the text.  The caller frees with net_addresses_done(). */
int net_resolve(const struct net_query *query, struct net_addresses *ret, struct err *err);
void net_addresses_done(struct net_addresses *list);

/* A port number or service name.  protocol is the IPPROTO_ number whose
 * services count (getservbyname(3)).  0, -EINVAL (neither a number nor a known
 * service), -ERANGE (number over 65535 or negative). */
int net_resolve_port(const char *service, int protocol, uint16_t *ret);

/* The text for a code of net_resolve(): the resolver's or strerror()'s.
 * Resolver codes are kept apart from errnos by an offset below -10000. */
const char *net_reason(int code);
bool net_reason_is_resolver(int code);	/* any EAI_ code */
bool net_reason_is_temporary(int code); /* EAI_AGAIN */

/* The name of an address (getnameinfo(3), NI_NAMEREQD).  0 or negative: there
 * is none.  May wait. */
int net_reverse(const struct net_address *a, char *out, size_t size);
