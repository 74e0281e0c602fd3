/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * One address on top of another.
 *
 * Some addresses are a conversation or a layer on a connection: SOCKS, PROXY,
 * OPENSSL.  What carries them is a TCP connection to their server, or the address
 * in their option "via", which may itself have a "via":
 *
 *	SOCKS5::example.org:80,via=(OPENSSL:proxy:1080,via=(UNIX-CONNECT:/run/out))
 *
 * They ask for it here and do not care which it is.
 */

#include "addr/addr.h"

enum { TRANSPORT_LEVELS_MAX = 16 }; /* each takes stack while it is opened */

/* Parses the option "via" of an address, if it has one, into a->via.  0 or negative
 * with the place in err. */
int transport_parse(const struct spec_single *spec, const struct addr_context *context,
		    struct address *a, struct err *err);

/* What carries this address, open in both directions, with its options up to phase
 * CONNECTED applied: the address in "via", or a socket of the row's kind, connected
 * to host:service.  A listener in "via" serves one peer.  0 or negative. */
int opening_transport(struct opening *o, const char *host, const char *service,
		      struct stream **ret);

/* Who is reached over it, for messages: "host:service", or the kind of address in "via". */
const char *opening_transport_name(const struct opening *o, const char *host, const char *service,
				   char *out, size_t size);

/* Limits what follows to handshake-timeout.  Returns the deadline before, which the
 * caller sets back with task_deadline(). */
int64_t opening_handshake_limit(const struct opening *o);
