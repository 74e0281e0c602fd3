/* SPDX-License-Identifier: MIT */
/* Saying and hearing; see proxy.h. */

#include "proto/proxy.h"

#include <errno.h>
#include <string.h>

void proxy_put_u16(struct buf *out, uint16_t number)
{
	buf_put_byte(out, (char)(number >> 8));
	buf_put_byte(out, (char)(number & 0xff));
}

int proxy_say(struct stream *s, const struct buf *request, const char *who, struct err *err)
{
	int r = stream_write_all(s, request->data, request->len);

	return r < 0 ? err_set(err, r, "%s: request not sent: %s", who, err_reason(r)) : 0;
}

static int hung_up(const char *who, size_t got, struct err *err)
{
	if (!got)
		return err_set(err, -EPIPE, "%s hung up without an answer", who);
	return err_set(err, -EPIPE, "%s hung up after %zu byte%s of its answer", who, got,
		       got == 1 ? "" : "s");
}

int proxy_hear(struct stream *s, proxy_parser *parse, size_t max, const char *who,
	       struct proxy_answer *ret, struct err *err)
{
	auto_free char *data = mem_new(1, max);
	ssize_t missing, n;

	*ret = (struct proxy_answer){ .code = -1 };
	for (;;) {
		missing = parse(data, ret->got, ret, err);
		if (missing <= 0)
			return (int)missing;
		if ((size_t)missing > max - ret->got)
			return err_set(err, -EMSGSIZE, "%s: answer is longer than %zu bytes", who,
				       max);
		n = stream_read_wait(s, data + ret->got, (size_t)missing);
		if (n == 0)
			return hung_up(who, ret->got, err);
		if (n < 0)
			return err_set(err, (int)n, "%s: no answer: %s", who,
				       err_reason((int)n));
		ret->got += (size_t)n;
	}
}
