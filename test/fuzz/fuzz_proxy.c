/* SPDX-License-Identifier: MIT */
/* Answers of proxies, of any content: heard as a conversation hears them, no byte more than
 * is missing, they end in an answer, a no or an error with a sentence; and what is complete
 * stays so whatever follows.  The first byte chooses the protocol. */

#include "proto/http_connect.h"
#include "proto/socks4.h"
#include "proto/socks5.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static proxy_parser *const parsers[] = {
	socks4_get_reply,	 socks5_get_method,	  socks5_get_login_status,
	socks5_get_reply,	 http_connect_get_answer, http_connect_get_answer_bare,
};

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_answer(ssize_t r, const struct proxy_answer *answer, const struct err *err)
{
	check(r > 0 || r == 0 || r == -EPROTO || r == -ECONNREFUSED || r == -EACCES);
	check(r >= 0 || *err->text);
	check(r > 0 || r == -EPROTO || answer->code >= 0);
	check(memchr(answer->text, '\0', sizeof(answer->text)));
	for (const char *c = answer->text; *c; c++)
		check(*c >= ' ' && *c <= '~');
}

/* An allocation of its own, so that reading past its end is found. */
static ssize_t parse(proxy_parser *parser, const uint8_t *data, size_t len)
{
	auto_free uint8_t *copy = mem_copy(data, len + !len);
	struct proxy_answer answer = { .code = -1 };
	struct err err = { 0 };
	ssize_t r = parser(copy, len, &answer, &err);

	check_answer(r, &answer, &err);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	proxy_parser *parser;
	size_t heard = 0;
	ssize_t r;

	if (size < 2)
		return 0;
	parser = parsers[*data % ARRAY_SIZE(parsers)];
	data++;
	size--;
	while ((r = parse(parser, data, heard)) > 0 && (size_t)r <= size - heard)
		heard += (size_t)r;
	if (r == 0)
		check(parse(parser, data, size) == 0);
	return 0;
}
