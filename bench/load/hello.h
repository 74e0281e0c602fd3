/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The first bytes of each connection: what the client will send and wants to hear.
 *
 * A round is `request` bytes from the client, then `answer` bytes from the server, each the next
 * ones of its own stream (pattern.h).  Rounds follow one another until the client ends.  In a
 * duplex connection there is one round, and the server does not wait for the request.
 */

#include "base/base.h"

enum {
	HELLO_SIZE = 32,

	HELLO_CHECK = 1 << 0,	    /* the server compares each byte */
	HELLO_DUPLEX = 1 << 1,	    /* both send at once */
	HELLO_CLOSE_FIRST = 1 << 2, /* duplex: the server ends its side before it saw our end */
	HELLO_REPORT = 1 << 3,	    /* the server prints a line at the end of the connection */
	HELLO_STATS = 1 << 4,	    /* the answer is the server's counters, as JSON */
};

struct hello {
	uint32_t seed; /* of the request; the answer has seed + 1 */
	uint32_t flags;
	uint64_t request;
	uint64_t answer;
};

void hello_put(const struct hello *hello, uint8_t out[HELLO_SIZE]);

/* 0, or -EBADMSG: this is not ours. */
int hello_get(const uint8_t in[HELLO_SIZE], struct hello *ret);
