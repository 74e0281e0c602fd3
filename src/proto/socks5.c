/* SPDX-License-Identifier: MIT */
/* The client's half of RFC 1928 and RFC 1929, question by question. */

#include "proto/socks5.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>

enum { VERSION = 5, LOGIN_VERSION = 1 };
enum { TYPE_IP4 = 1, TYPE_NAME = 3, TYPE_IP6 = 4 };
enum { IP4_SIZE = 4, IP6_SIZE = 16, HEAD_SIZE = 4, PORT_SIZE = 2, PAIR_SIZE = 2 };

static const char server[] = "SOCKS5 server";

static bool has_login(const struct proxy_login *login)
{
	return login->user || login->password;
}

/*	| 5 | number of methods | methods ... |	*/
void socks5_put_methods(struct buf *out, const struct proxy_login *login)
{
	buf_put_byte(out, VERSION);
	buf_put_byte(out, has_login(login) ? 2 : 1);
	buf_put_byte(out, SOCKS5_NO_LOGIN);
	if (has_login(login))
		buf_put_byte(out, SOCKS5_PASSWORD);
}

/* A length in one byte, then the text. */
static int put_text(struct buf *out, const char *text, const char *what, struct err *err)
{
	size_t len = text ? strlen(text) : 0;

	if (len > SOCKS5_TEXT_MAX)
		return err_set(err, -EINVAL, "SOCKS5: %s is longer than %d bytes", what,
			       SOCKS5_TEXT_MAX);
	buf_put_byte(out, (char)len);
	buf_put(out, text, len);
	return 0;
}

/*	| 1 | length | user ... | length | password ... |	*/
int socks5_put_login(struct buf *out, const struct proxy_login *login, struct err *err)
{
	int r;

	buf_put_byte(out, LOGIN_VERSION);
	r = put_text(out, login->user, "user", err);
	return r < 0 ? r : put_text(out, login->password, "password", err);
}

static int put_host(struct buf *out, const char *host, struct err *err)
{
	struct net_address a;

	if (net_address_parse(host, AF_INET, 0, &a) == 0) {
		buf_put_byte(out, TYPE_IP4);
		buf_put(out, &a.in.sin_addr, IP4_SIZE);
		return 0;
	}
	if (net_address_parse(host, AF_INET6, 0, &a) == 0) {
		buf_put_byte(out, TYPE_IP6);
		buf_put(out, &a.in6.sin6_addr, IP6_SIZE);
		return 0;
	}
	if (!*host)
		return err_set(err, -EINVAL, "SOCKS5: host name is missing");
	buf_put_byte(out, TYPE_NAME);
	return put_text(out, host, "host name", err);
}

/*	| 5 | command | 0 | type | address ... | port |	*/
int socks5_put_request(struct buf *out, enum socks5_command command,
		       const struct proxy_target *target, struct err *err)
{
	int r;

	buf_put_byte(out, VERSION);
	buf_put_byte(out, (char)command);
	buf_put_byte(out, 0);
	r = put_host(out, target->host, err);
	if (r == 0)
		proxy_put_u16(out, target->port);
	return r;
}

static int wrong_version(uint8_t byte, struct err *err)
{
	return err_set(err, -EPROTO, "%s: answer begins with 0x%02x, this is not SOCKS5", server,
		       byte);
}

/*	| 5 | method |	*/
ssize_t socks5_get_method(const void *data, size_t len, struct proxy_answer *ret, struct err *err)
{
	const uint8_t *answer = data;

	if (len >= 1 && answer[0] != VERSION)
		return wrong_version(answer[0], err);
	if (len < PAIR_SIZE)
		return (ssize_t)(PAIR_SIZE - len);
	ret->code = answer[1];
	if (ret->code == SOCKS5_NO_METHOD)
		return err_set(err, -EACCES, "%s accepts none of the offered ways to log in",
			       server);
	return 0;
}

/*	| 1 | status |		Some servers repeat the 5 of SOCKS5.	*/
ssize_t socks5_get_login_status(const void *data, size_t len, struct proxy_answer *ret,
				struct err *err)
{
	const uint8_t *answer = data;

	if (len >= 1 && answer[0] != LOGIN_VERSION && answer[0] != VERSION)
		return err_set(err, -EPROTO, "%s: answer to the login begins with 0x%02x", server,
			       answer[0]);
	if (len < PAIR_SIZE)
		return (ssize_t)(PAIR_SIZE - len);
	ret->code = answer[1];
	if (ret->code != 0)
		return err_set(err, -EACCES, "%s: wrong user or password (code %d)", server,
			       ret->code);
	return 0;
}

static const char *reason_of(int code)
{
	static const char *const reasons[] = {
		"success",
		"general failure of the server",
		"not allowed by its rules",
		"network unreachable",
		"host unreachable",
		"connection refused",
		"time to live expired",
		"command not supported",
		"address type not supported",
	};

	return code >= 0 && (size_t)code < ARRAY_SIZE(reasons) ? reasons[code] : "unknown reply";
}

/* Of the whole reply, from its first five bytes; 0: no known type. */
static size_t reply_size(const uint8_t *head)
{
	switch (head[3]) {
	case TYPE_IP4:
		return HEAD_SIZE + IP4_SIZE + PORT_SIZE;
	case TYPE_IP6:
		return HEAD_SIZE + IP6_SIZE + PORT_SIZE;
	case TYPE_NAME:
		return HEAD_SIZE + 1 + head[HEAD_SIZE] + PORT_SIZE;
	default:
		return 0;
	}
}

static void get_address(const uint8_t *reply, size_t size, struct net_address *ret)
{
	uint16_t port = (uint16_t)(reply[size - 2] << 8 | reply[size - 1]);

	if (reply[3] == TYPE_IP4) {
		net_address_any(ret, AF_INET, port);
		memcpy(&ret->in.sin_addr, reply + HEAD_SIZE, IP4_SIZE);
	} else if (reply[3] == TYPE_IP6) {
		net_address_any(ret, AF_INET6, port);
		memcpy(&ret->in6.sin6_addr, reply + HEAD_SIZE, IP6_SIZE);
	}
}

/*
 *	| 5 | code | 0 | type | address ... | port |
 *
 * The code is answer enough if it is a no: nothing of use follows.
 */
ssize_t socks5_get_reply(const void *data, size_t len, struct proxy_answer *ret, struct err *err)
{
	const uint8_t *reply = data;
	size_t size;

	if (len >= 1 && reply[0] != VERSION)
		return wrong_version(reply[0], err);
	if (len < PAIR_SIZE)
		return (ssize_t)(PAIR_SIZE - len);
	ret->code = reply[1];
	if (ret->code != 0)
		return err_set(err, -ECONNREFUSED, "%s: %s (code %d)", server,
			       reason_of(ret->code), ret->code);
	if (len < HEAD_SIZE + 1)
		return (ssize_t)(HEAD_SIZE + 1 - len);
	size = reply_size(reply);
	if (!size)
		return err_set(err, -EPROTO, "%s: answer has an unknown address type (%d)",
			       server, reply[3]);
	if (len < size)
		return (ssize_t)(size - len);
	get_address(reply, size, &ret->address);
	return 0;
}

static int log_in(struct stream *s, const struct proxy_login *login, struct proxy_answer *ret,
		  struct err *err)
{
	auto_buf out = { 0 };
	int r;

	r = socks5_put_login(&out, login, err);
	if (r == 0)
		r = proxy_say(s, &out, server, err);
	if (out.data)
		explicit_bzero(out.data, out.size);
	return r < 0 ? r : proxy_hear(s, socks5_get_login_status, PAIR_SIZE, server, ret, err);
}

static int agree_on_method(struct stream *s, const struct proxy_login *login,
			   struct proxy_answer *ret, struct err *err)
{
	auto_buf out = { 0 };
	int r;

	socks5_put_methods(&out, login);
	r = proxy_say(s, &out, server, err);
	if (r == 0)
		r = proxy_hear(s, socks5_get_method, PAIR_SIZE, server, ret, err);
	if (r < 0 || ret->code == SOCKS5_NO_LOGIN)
		return r;
	if (ret->code == SOCKS5_PASSWORD && has_login(login))
		return log_in(s, login, ret, err);
	return err_set(err, -EPROTO, "%s chose a way to log in that was not offered (%d)", server,
		       ret->code);
}

static int request(struct stream *s, enum socks5_command command,
		   const struct proxy_target *target, const struct proxy_login *login,
		   struct proxy_answer *ret, struct err *err)
{
	auto_buf out = { 0 };
	int r;

	*ret = (struct proxy_answer){ .code = -1 };
	r = socks5_put_request(&out, command, target, err); /* what is wrong with it, first */
	if (r == 0)
		r = agree_on_method(s, login, ret, err);
	if (r == 0)
		r = proxy_say(s, &out, server, err);
	return r < 0 ? r : proxy_hear(s, socks5_get_reply, SOCKS5_ANSWER_MAX, server, ret, err);
}

int socks5_connect(struct stream *s, const struct proxy_target *target,
		   const struct proxy_login *login, struct proxy_answer *ret, struct err *err)
{
	return request(s, SOCKS5_CONNECT, target, login, ret, err);
}

int socks5_bind(struct stream *s, const struct proxy_target *target,
		const struct proxy_login *login, struct proxy_answer *ret, struct err *err)
{
	return request(s, SOCKS5_BIND, target, login, ret, err);
}

int socks5_accept(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	return proxy_hear(s, socks5_get_reply, SOCKS5_ANSWER_MAX, server, ret, err);
}
