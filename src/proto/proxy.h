/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What the conversations with proxies have in common.
 *
 * A codec is a pair of pure functions per message: put_ writes a request into a
 * buffer; get_ looks at the bytes of an answer that have come so far and says
 *
 *	0		it is complete; what stood in it is in *ret
 *	> 0		not yet: at least so many bytes must still come
 *	-EPROTO		it is no answer of this protocol
 *	-EMSGSIZE	it is longer than any sensible one
 *	-ECONNREFUSED	the proxy says no; why is in *ret, too
 *	-EACCES		the proxy wants another user, password or method
 *
 * A conversation sends and reads on a stream, waiting through task/.  It never asks
 * for more bytes than must still come, so it never reads too far: what follows the
 * last answer is still in the stream, or in the descriptor that is handed on.
 * Besides the codec's errors it returns -EPIPE when the proxy hung up before its
 * answer was complete, -ETIMEDOUT, -ECANCELED, and -errno of the stream.
 *
 * Every negative return leaves a sentence in err.  User names and passwords are in
 * no sentence and in no log.
 */

#include "base/buf.h"
#include "base/err.h"
#include "net/address.h"
#include "proto/http_digest.h"
#include "stream/stream.h"

/* Whom the proxy is to reach: a name, or an address as text (IPv6 with or without
 * brackets). */
struct proxy_target {
	const char *host;
	uint16_t port;
};

/* Who we are; NULL: not said. */
struct proxy_login {
	const char *user, *password;
};

enum { PROXY_TEXT_MAX = 256 };

/* What a proxy answered. */
struct proxy_answer {
	int code;		    /* of the protocol; -1: there is none */
	size_t got;		    /* bytes of an answer that was not completed */
	struct net_address address; /* SOCKS: bound, or of the peer; len 0: not numeric */
	char text[PROXY_TEXT_MAX];  /* HTTP: the status line, harmless on a terminal */
	struct http_digest digest;  /* HTTP: the challenge of a 407; nonce empty: none, see */
	int digest_trouble;	    /* why: 0, or of http_digest_parse() */
	bool has_challenge;	    /* HTTP: a 407 says what it wants */
	bool has_basic;		    /* and that is Basic, or Basic among others */
};

typedef ssize_t proxy_parser(const void *data, size_t len, struct proxy_answer *ret,
			     struct err *err);

/* Sends what was put into the buffer; who: "SOCKS5 server", for sentences. */
int proxy_say(struct stream *s, const struct buf *request, const char *who, struct err *err);

/* Reads one answer of at most max bytes. */
int proxy_hear(struct stream *s, proxy_parser *parse, size_t max, const char *who,
	       struct proxy_answer *ret, struct err *err);

void proxy_put_u16(struct buf *out, uint16_t number); /* big-endian */
