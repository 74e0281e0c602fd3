/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A login by Digest (RFC 7616, and RFC 2069 where no quality is offered): the password is mixed
 * with what the other side has sent, and only the hash goes over the wire.  Algorithms MD5 and
 * SHA-256, quality "auth".  Pure, but for the loading of the library that knows the hashes.
 */

#include "base/buf.h"
#include "base/err.h"

enum { HTTP_DIGEST_TEXT_MAX = 512, HTTP_DIGEST_CNONCE_MAX = 64 };

/* What a proxy wants to be answered. */
struct http_digest {
	char realm[HTTP_DIGEST_TEXT_MAX]; /* without quotes and backslashes, as the next two */
	char nonce[HTTP_DIGEST_TEXT_MAX]; /* never empty */
	char opaque[HTTP_DIGEST_TEXT_MAX];
	bool has_opaque, has_quality;
	bool is_named;			     /* the algorithm is: it is said in the answer, too */
	bool sha256;			     /* it is SHA-256, not MD5 */
	char cnonce[HTTP_DIGEST_CNONCE_MAX]; /* our own bytes of chance; chosen by the caller */
};

/* Who answers, and for which request. */
struct http_digest_use {
	const char *login; /* "user:password" */
	const char *method, *uri;
};

/* The value of a Proxy-Authenticate header, which may hold other challenges, too.  0; -ENOENT:
 * there is no Digest; -EOPNOTSUPP: there is, with another algorithm or quality; -EPROTO: it is
 * malformed or too long. */
int http_digest_parse(const char *value, size_t len, struct http_digest *ret);

/* Does such a value name this scheme ("Basic"), up to where it is malformed? */
bool http_challenge_names(const char *value, size_t len, const char *scheme);

/* "Digest username=..., response=...": the value of Proxy-Authorization.  0; -EILSEQ: the user's
 * name has control characters; -ENOENT and -EOPNOTSUPP: no library has the hash here. */
int http_digest_put(struct buf *out, const struct http_digest *challenge,
		    const struct http_digest_use *use, struct err *err);
