/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a client says to an HTTP proxy (RFC 9112, section 3.2): CONNECT host:port, or
 * METHOD http://host/path.
 *
 * The proxy either opens a tunnel, or sends http_request_put() to the target and then
 * only passes on what comes: HTTP/1.0 without keep-alive, so that the end of the
 * connection is the end of the answer.
 */

#include "base/buf.h"
#include "base/err.h"

enum {
	HTTP_METHOD_MAX = 16,
	HTTP_HOST_MAX = 256,
	HTTP_REQUEST_MAX = 16384, /* head of a request */
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

/* The request as its target gets it: HTTP/1.0, without what was said to the proxy. */
void http_request_put(struct buf *out, const struct http_request *request);
