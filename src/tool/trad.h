/* SPDX-License-Identifier: MIT */
#pragma once

/* What the parts of the traditional dialect have in common. */

#include "tool/nc_relay.h"
#include "tool/trad_options.h"

#include <netdb.h>

/* One run of the program. */
struct trad {
	const struct trad_options *o;
	struct nc_place place;	   /* what the command line says, with our words */
	struct net_address target; /* the host, if one was given; else AF_UNSPEC */
	char name[NI_MAXHOST];	   /* what messages call it */
	uint64_t passed[NC_WAYS];
	uint32_t offset[NC_WAYS]; /* in the dump */
	int dump;		  /* descriptor; -1: none */
};

/* The roles.  Each returns the exit status, or a negative errno with the sentence in err;
 * -ECANCELED when a signal ended it. */
int trad_client(struct trad *t, struct err *err);
int trad_server(struct trad *t, struct err *err);

/* A host: 0 and its first address, and its name for messages (looked up with -v), or negative
 * with the sentence. */
int trad_look_up(const struct trad *t, const char *host, struct net_address *ret, char *name,
		 size_t size, struct err *err);

/* The name of an address for messages, "(UNKNOWN)" without -v or with -n. */
void trad_name(const struct trad *t, const struct net_address *a, char *name, size_t size);

/* Carries standard input and output, with TLS if that is wanted, or becomes the program of -e
 * or -c; takes the descriptor over.  0 or negative. */
int trad_use(struct trad *t, int fd, struct err *err);

/* `-vv`: how much has passed. */
void trad_say_counts(const struct trad *t);
