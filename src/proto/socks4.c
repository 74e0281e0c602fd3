/* SPDX-License-Identifier: MIT */
/* The client's half of SOCKS4 and 4A. */

#include "proto/socks4.h"

#include <errno.h>
#include <string.h>

enum { VERSION = 4, COMMAND_CONNECT = 1, CODE_SIZE = 2 };

static const char server[] = "SOCKS4 server";

/*
 *	+----+----+------+---------+----------+---+----------+---+
 *	| 4  | 1  | port | address | user ... | 0 | name ... | 0 |	name: 4A only,
 *	+----+----+------+---------+----------+---+----------+---+	address 0.0.0.1
 *	  1    1     2        4
 */
int socks4_put_request(struct buf *out, const struct socks4_request *request, struct err *err)
{
	static const char name_follows[] = { 0, 0, 0, 1 };

	if (strlen(request->user) > SOCKS4_TEXT_MAX)
		return err_set(err, -EINVAL, "SOCKS4: user is longer than %d bytes",
			       SOCKS4_TEXT_MAX);
	if (request->name && (!*request->name || strlen(request->name) > SOCKS4_TEXT_MAX))
		return err_set(err, -EINVAL, "SOCKS4A: host name is %s",
			       *request->name ? "longer than 255 bytes" : "missing");
	buf_put_byte(out, VERSION);
	buf_put_byte(out, COMMAND_CONNECT);
	proxy_put_u16(out, request->port);
	if (request->name)
		buf_put(out, name_follows, sizeof(name_follows));
	else
		buf_put(out, &request->address, sizeof(request->address));
	buf_put(out, request->user, strlen(request->user) + 1);
	if (request->name)
		buf_put(out, request->name, strlen(request->name) + 1);
	return 0;
}

static const char *reason_of(int code)
{
	switch (code) {
	case SOCKS4_GRANTED:
		return "request granted";
	case 91:
		return "request rejected or failed";
	case 92:
		return "the server cannot reach identd on the client";
	case 93:
		return "client program and identd name different users";
	default:
		return "unknown reply";
	}
}

/*
 *	+---+------+------+---------+
 *	| 0 | code | port | address |
 *	+---+------+------+---------+
 *	  1    1      2        4
 *
 * Some servers repeat the 4 of the request.  The code is answer enough if it is
 * a no: nothing of use follows.
 */
ssize_t socks4_get_reply(const void *data, size_t len, struct proxy_answer *ret, struct err *err)
{
	const uint8_t *reply = data;

	if (len >= 1 && reply[0] != 0 && reply[0] != VERSION)
		return err_set(err, -EPROTO, "%s: answer begins with 0x%02x, this is not SOCKS4",
			       server, reply[0]);
	if (len < CODE_SIZE)
		return (ssize_t)(CODE_SIZE - len);
	ret->code = reply[1];
	if (ret->code != SOCKS4_GRANTED)
		return err_set(err, -ECONNREFUSED, "%s: %s (code %d)", server,
			       reason_of(ret->code), ret->code);
	if (len < SOCKS4_REPLY_SIZE)
		return (ssize_t)(SOCKS4_REPLY_SIZE - len);
	net_address_any(&ret->address, AF_INET, (uint16_t)(reply[2] << 8 | reply[3]));
	memcpy(&ret->address.in.sin_addr, reply + 4, sizeof(ret->address.in.sin_addr));
	return 0;
}

int socks4_connect(struct stream *s, const struct socks4_request *request,
		   struct proxy_answer *ret, struct err *err)
{
	auto_buf out = { 0 };
	int r;

	*ret = (struct proxy_answer){ .code = -1 };
	r = socks4_put_request(&out, request, err);
	if (r == 0)
		r = proxy_say(s, &out, server, err);
	return r < 0 ? r : proxy_hear(s, socks4_get_reply, SOCKS4_REPLY_SIZE, server, ret, err);
}
