/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a client says to an HTTP proxy (RFC 9112, section 3.2): CONNECT host:port, or
 * METHOD http://host/path.
 *
 * The proxy either opens a tunnel; or it sends http_request_put() and the body to the target, and
 * http_answer_put() and what follows to the client.  Both sides hear HTTP/1.0 without keep-alive,
 * so that the end of the connection is the end of the answer.
 */

#include "base/buf.h"
#include "base/err.h"

enum {
	HTTP_METHOD_MAX = 16,
	HTTP_HOST_MAX = 256,
	HTTP_REQUEST_MAX = 16384, /* head of a request, or of an answer */
};

/* Places within the bytes that were parsed. */
struct http_text {
	const char *data;
	size_t len;
};

struct http_request {
	char method[HTTP_METHOD_MAX];
	bool is_connect;
	char host[HTTP_HOST_MAX]; /* without brackets */
	uint16_t port;
	struct http_text path;	  /* "" is "/" */
	struct http_text headers; /* all lines, without the empty one */
	size_t head_len;	  /* what follows belongs to the tunnel, or is the body */
};

/* 0: *ret holds the request; 1: more must still come; -EPROTO: it is none; -EMSGSIZE;
 * -EOPNOTSUPP: a request, but none for a proxy (no host, or another scheme). */
int http_request_parse(const char *data, size_t len, struct http_request *ret);

/* The value of a header; false: there is none. */
bool http_request_header(const struct http_request *request, const char *name,
			 struct http_text *ret);

/* How long the body is; -1: nothing is said.  0, or -EPROTO if that is no number, or two, or if
 * the body is in chunks: who speaks HTTP/1.0 does not know them. */
int http_request_length(const struct http_request *request, int64_t *ret);

/* The request as its target gets it: HTTP/1.0, without what was said to the proxy. */
void http_request_put(struct buf *out, const struct http_request *request);

/* The head of an answer as the client gets it: HTTP/1.0, without what concerned the connection to
 * the target.  The length of the head that it stands for; 0: more must still come; -EPROTO: this
 * is no head, or one of more than HTTP_REQUEST_MAX bytes. */
ssize_t http_answer_put(struct buf *out, const char *data, size_t len);
