/* SPDX-License-Identifier: MIT */
#pragma once

/* The CONNECT method of HTTP/1 (RFC 9110, section 9.3.6): a tunnel through a proxy. */

#include "proto/proxy.h"

enum { HTTP_OK = 200, HTTP_PROXY_LOGIN = 407, HTTP_HEAD_MAX = 16384 };

struct http_connect_request {
	struct proxy_target target;
	const char *version; /* "1.0"; any other also sends a Host header */
	const char *login;   /* "user:password", sent as Basic; NULL: not sent */
	const struct http_digest *digest; /* send it as the answer to this instead; NULL: Basic */
	bool bare_newlines;  /* lines of the answer may end without CR */
};

/* 0; -EINVAL: host or version would not stay one word of the request line; and what
 * http_digest_put() has. */
int http_connect_put_request(struct buf *out, const struct http_connect_request *request,
			     struct err *err);

/* Status line and headers, up to the empty line.  code: the status; text: its line.
 * Everything but 200 is a no, said as soon as the status line is there; 407 is -EACCES. */
proxy_parser http_connect_get_answer;

/* Lines may end without CR; and a 407 is read to the end of its headers: ret->digest. */
proxy_parser http_connect_get_answer_bare;

/* Has the proxy connect us. */
int http_connect(struct stream *s, const struct http_connect_request *request,
		 struct proxy_answer *ret, struct err *err);
