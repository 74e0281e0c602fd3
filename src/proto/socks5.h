/* SPDX-License-Identifier: MIT */
#pragma once

/* SOCKS5 (RFC 1928) with user and password (RFC 1929).  Names go to the server as they
 * are; nothing is looked up here. */

#include "proto/proxy.h"

enum {
	SOCKS5_NO_LOGIN = 0,
	SOCKS5_PASSWORD = 2,
	SOCKS5_NO_METHOD = 0xff,
	SOCKS5_TEXT_MAX = 255,	 /* bytes of a user, a password, a name */
	SOCKS5_ANSWER_MAX = 262, /* a reply with the longest name */
};

enum socks5_command { SOCKS5_CONNECT = 1, SOCKS5_BIND = 2 };

/* A login is offered if user or password are said; -EINVAL if either is too long. */
void socks5_put_methods(struct buf *out, const struct proxy_login *login);
int socks5_put_login(struct buf *out, const struct proxy_login *login, struct err *err);
int socks5_put_request(struct buf *out, enum socks5_command command,
		       const struct proxy_target *target, struct err *err);

proxy_parser socks5_get_method;	      /* code: the method */
proxy_parser socks5_get_login_status; /* code: 0, or -EACCES */
proxy_parser socks5_get_reply;	      /* code, address */

/* Has the server connect us. */
int socks5_connect(struct stream *s, const struct proxy_target *target,
		   const struct proxy_login *login, struct proxy_answer *ret, struct err *err);

/* Has the server listen for the target's connection; ret->address: where. */
int socks5_bind(struct stream *s, const struct proxy_target *target,
		const struct proxy_login *login, struct proxy_answer *ret, struct err *err);

/* After socks5_bind(): waits until somebody has connected; ret->address: who. */
int socks5_accept(struct stream *s, struct proxy_answer *ret, struct err *err);
