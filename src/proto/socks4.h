/* SPDX-License-Identifier: MIT */
#pragma once

/* SOCKS4, and 4A, which leaves looking up the name to the server.  There is no RFC:
 * https://www.openssh.com/txt/socks4.protocol, https://www.openssh.com/txt/socks4a.protocol */

#include "proto/proxy.h"

#include <netinet/in.h>

enum { SOCKS4_GRANTED = 90, SOCKS4_REPLY_SIZE = 8, SOCKS4_TEXT_MAX = 255 };

struct socks4_request {
	const char *name;	/* 4A: the server looks it up; NULL: plain SOCKS4 */
	struct in_addr address; /* plain SOCKS4 */
	uint16_t port;
	const char *user; /* "": nobody */
};

/* 0; -EINVAL: name or user are longer than SOCKS4_TEXT_MAX, or the name is empty. */
int socks4_put_request(struct buf *out, const struct socks4_request *request, struct err *err);

proxy_parser socks4_get_reply;

/* Has the server connect us. */
int socks4_connect(struct stream *s, const struct socks4_request *request,
		   struct proxy_answer *ret, struct err *err);
