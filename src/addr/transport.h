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

enum { TRANSPORT_LEVELS_MAX = 8 }; /* each takes stack while it is opened */

/* Parses the option "via" of an address, if it has one, into a->via.  source: the text
 * that was parsed to spec.  0 or negative with the place in err. */
int transport_parse(const char *source, const struct spec_single *spec,
		    const struct addr_context *context, struct address *a, struct err *err);

/* What carries this address, open in both directions, with its options up to phase
 * CONNECTED applied: the address in "via", or a socket of the row's kind, connected
 * to host:service.  A listener in "via" serves one peer.  0 or negative. */
int opening_transport(struct opening *o, const char *host, const char *service,
		      struct stream **ret);

/*
 * The same for addresses that listen.  What carries their sessions is a TCP listener on
 * the service's port, or the address in "via": a listener, whose arrivals are taken one by
 * one, or anything else, which is opened for one session.  The ops are the address's own;
 * they begin with these two:
 *
 *	accept		transport_accept itself, or a function that calls it
 *	finish		transport_finish(), then the address's own talk on that stream
 */
int opening_transport_listen(struct opening *o, const char *service,
			     const struct listener_ops *ops, struct listener **ret);
int transport_accept(struct listener *l, struct opening *o, struct arrival *ret);
int transport_finish(struct opening *o, struct arrival *a, struct stream **ret);

/* Does the address in "via" listen itself? */
bool transport_listens(const struct address *a);

/*
 * Between the two files of this header: an opening below another one; one peer of an inner
 * listener; does the stream from "via" suit the address?  Then it gets what the address
 * says of its descriptors.
 */
struct opening transport_opening(const struct opening *outer, const struct address *a,
				 enum addr_direction wanted);
int transport_serve_one(struct opening *o, struct stream **ret);
int transport_check(struct opening *o, const struct stream *s);

/* Who is reached over it, for messages: "host:service", or the kind of address in "via". */
const char *opening_transport_name(const struct opening *o, const char *host, const char *service,
				   char *out, size_t size);

/* Limits the talk that follows on this stream to handshake-timeout, without the option to
 * so many microseconds (0: no limit), and in any case to so-rcvtimeo of its socket.  Returns
 * the deadline before, which the caller sets back with task_deadline(). */
int64_t opening_handshake_limit(const struct opening *o, const struct stream *s,
				int64_t otherwise);
