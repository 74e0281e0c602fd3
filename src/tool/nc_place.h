/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Where nc connects to or listens, whatever dialect the command line was in.
 *
 * A dialect fills in a place, and hears through its observer what happens there,
 * to say it in its own words.  See doc/nc.md.
 */

#include "net/address.h"

#include <stdio.h>

/* What is asked of a socket itself; negative: nothing. */
struct nc_tuning {
	int broadcast, debug, keepalive; /* 1: yes */
	long long tos, ttl, min_ttl, receive_buffer, send_buffer;
	const char *md5_key;  /* TCP-MD5 (RFC 2385); NULL: none */
	const uint8_t *route; /* source route, as an option of IPv4 (RFC 791) */
	size_t route_len;     /* 0: none */
};

enum nc_proxy_kind { NC_PROXY_SOCKS5, NC_PROXY_SOCKS4, NC_PROXY_SOCKS4A, NC_PROXY_HTTP };

/* Through whom to connect. */
struct nc_proxy {
	enum nc_proxy_kind kind;
	const char *host;  /* NULL: there is no proxy */
	const char *port;  /* number or service name */
	const char *user;  /* NULL: nobody; HTTP asks for the password */
	const char *login; /* "user:password" or "user", known from the beginning; NULL: none */
};

/* What a scan found out. */
enum nc_port_state {
	NC_PORT_OPEN,	/* it answered */
	NC_PORT_SILENT, /* datagrams only: nobody answered, nobody refused */
	NC_PORT_CLOSED, /* it was refused */
	NC_PORT_FAILED, /* out of reach, or not in time */
	NC_PORT_STATES,
};

struct nc_place;
struct nc_tls_context;

/* What a dialect wants to be told; each may be NULL. */
struct nc_observer {
	/* One address could not be reached; -EINPROGRESS: not in time. */
	void (*failed)(const struct nc_place *place, const struct net_address *to, int reason);
	/* to is AF_UNSPEC through a proxy. */
	void (*connected)(const struct nc_place *place, const struct net_address *to,
			  uint16_t port);
	/* One port of a scan, after failed and connected were told. */
	void (*scanned)(const struct nc_place *place, uint16_t port, enum nc_port_state state);
	void (*bound)(const struct nc_place *place, const struct net_address *at);
	void (*listening)(const struct nc_place *place, const struct net_address *at);
	void (*accepted)(const struct nc_place *place, const struct net_address *peer);
};

struct nc_place {
	const char *program;		    /* what warnings begin with */
	const struct nc_observer *observer; /* NULL: nothing is told */
	const void *context;		    /* for it */
	FILE *words;			    /* where it writes; NULL: standard error */

	int family;   /* AF_UNSPEC, AF_INET, AF_INET6 or AF_UNIX */
	int datagram; /* 1: UDP, or UNIX datagrams */
	int dccp;     /* 1: DCCP */
	int numeric;  /* 1: names are refused and none is looked up */

	const char *host; /* or path, or @abstract; listening: NULL is the wildcard */
	const char *source, *source_port; /* of our own end; NULL: as it comes */
	long long limit;		  /* seconds for connecting; not positive: none */
	int64_t limit_us;		  /* the same, finer; 0: limit counts */
	struct nc_tuning tuning;
	struct nc_proxy proxy;
	struct nc_tls_context *tls; /* NULL: none (nc_tls.h) */
	int dual_stack;		    /* 1: the wildcard is that of IPv6 and IPv4 at once */
};

/* For observers. */
static inline FILE *nc_place_words(const struct nc_place *place)
{
	return place->words ? place->words : stderr;
}

static inline void nc_place_accepted(const struct nc_place *place, const struct net_address *peer)
{
	if (place->observer && place->observer->accepted)
		place->observer->accepted(place, peer);
}

#define NC_TUNING_NONE                                                                       \
	{                                                                                    \
		.tos = -1, .ttl = -1, .min_ttl = -1, .receive_buffer = -1, .send_buffer = -1 \
	}
