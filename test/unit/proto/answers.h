/* SPDX-License-Identifier: MIT */
#pragma once

/* Tables of answers, for the tests of all codecs. */

#include "base/base.h"
#include "base/err.h"
#include "proto/proxy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* What a server says, and what is to be understood. */
struct answer_case {
	const char *bytes;
	size_t len;
	int result;	     /* of the parser, once all has come */
	int code;	     /* -1: none */
	const char *sentence; /* part of the error's */
};

#define ANSWER(text, ...) { text, sizeof(text) - 1, __VA_ARGS__ }

/* Cut anywhere, an answer is either not complete, and then no more is asked for than
 * must still come, or wrong already, and then in the same way. */
static inline void check_cut(proxy_parser *parse, const struct answer_case *c)
{
	for (size_t len = 0; len < c->len; len++) {
		struct proxy_answer answer = { .code = -1 };
		struct err err = { 0 };
		/* an allocation of its own: reading past its end is found */
		auto_free char *copy = mem_copy(c->bytes, len + !len);
		ssize_t r = parse(copy, len, &answer, &err);

		assert_true(r > 0 || (r < 0 && r == c->result));
		if (c->result == 0)
			assert_in_range(r, 1, c->len - len);
	}
}

static inline void check_answers(proxy_parser *parse, const struct answer_case *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct answer_case *c = &cases[i];
		struct proxy_answer answer = { .code = -1 };
		struct err err = { 0 };

		print_message("case %zu: %s\n", i, c->sentence ? c->sentence : "fine");
		assert_int_equal(parse(c->bytes, c->len, &answer, &err), c->result);
		assert_int_equal(answer.code, c->code);
		if (c->sentence)
			assert_non_null(strstr(err.text, c->sentence));
		check_cut(parse, c);
	}
}

static inline void check_address(const struct net_address *a, const char *expected)
{
	char text[NET_ADDRESS_TEXT];

	assert_string_equal(a->len ? net_address_text(a, text, sizeof(text)) : "none", expected);
}
