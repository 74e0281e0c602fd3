/* SPDX-License-Identifier: MIT */
/* SOCKS5: bytes of requests, bytes of answers. */

#include "proto/socks5.h"

#include "answers.h"

#include <errno.h>

static void check_bytes(struct buf *out, const char *expected, size_t len)
{
	assert_int_equal(out->len, len);
	assert_memory_equal(out->data, expected, len);
	buf_clear(out);
}

#define CHECK_BYTES(out, text) check_bytes(out, text, sizeof(text) - 1)

static void test_methods(void **state)
{
	auto_buf out = { 0 };
	struct err err;

	(void)state;
	socks5_put_methods(&out, &(struct proxy_login){ 0 });
	CHECK_BYTES(&out, "\5\1\0");
	socks5_put_methods(&out, &(struct proxy_login){ .user = "u" });
	CHECK_BYTES(&out, "\5\2\0\2");
	socks5_put_methods(&out, &(struct proxy_login){ .password = "p" });
	CHECK_BYTES(&out, "\5\2\0\2");
	assert_int_equal(socks5_put_login(&out, &(struct proxy_login){ "nobody", "s3cr3t" }, &err),
			 0);
	CHECK_BYTES(&out, "\1\6nobody\6s3cr3t");
	assert_int_equal(socks5_put_login(&out, &(struct proxy_login){ .user = "u" }, &err), 0);
	CHECK_BYTES(&out, "\1\1u\0");
}

static const struct {
	const char *host;
	const char *bytes; /* after command and 0, before the port */
	size_t len;
} targets[] = {
	{ "127.0.0.1", "\1\177\0\0\1", 5 },
	{ "::1", "\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 17 },
	{ "[2001:db8::5]", "\4\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\5", 17 },
	{ "example", "\3\7example", 9 },
	{ "127.1", "\3\005127.1", 7 }, /* not four numbers: a name */
};

static void test_request(void **state)
{
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++) {
		struct proxy_target target = { targets[i].host, 0x1234 };
		auto_buf out = { 0 };

		print_message("%s\n", target.host);
		assert_int_equal(socks5_put_request(&out, SOCKS5_BIND, &target, &err), 0);
		assert_int_equal(out.len, 3 + targets[i].len + 2);
		assert_memory_equal(out.data, "\5\2\0", 3);
		assert_memory_equal(out.data + 3, targets[i].bytes, targets[i].len);
		assert_memory_equal(out.data + out.len - 2, "\x12\x34", 2);
	}
}

/* A length of 256 is no length of 0. */
static void test_too_long(void **state)
{
	char text[SOCKS5_TEXT_MAX + 2] = { 0 };
	auto_buf out = { 0 };
	struct err err;

	(void)state;
	memset(text, 'x', SOCKS5_TEXT_MAX);
	assert_int_equal(
		socks5_put_request(&out, SOCKS5_CONNECT, &(struct proxy_target){ text, 1 }, &err),
		0);
	assert_int_equal(socks5_put_login(&out, &(struct proxy_login){ text, text }, &err), 0);
	text[SOCKS5_TEXT_MAX] = 'x';
	assert_int_equal(
		socks5_put_request(&out, SOCKS5_CONNECT, &(struct proxy_target){ text, 1 }, &err),
		-EINVAL);
	assert_non_null(strstr(err.text, "host name is longer"));
	assert_int_equal(socks5_put_login(&out, &(struct proxy_login){ text, "" }, &err), -EINVAL);
	assert_non_null(strstr(err.text, "user is longer"));
	assert_int_equal(socks5_put_login(&out, &(struct proxy_login){ "", text }, &err), -EINVAL);
	assert_non_null(strstr(err.text, "password is longer"));
	assert_null(strstr(err.text, "xxx"));
	assert_int_equal(
		socks5_put_request(&out, SOCKS5_CONNECT, &(struct proxy_target){ "", 1 }, &err),
		-EINVAL);
}

static const struct answer_case methods[] = {
	ANSWER("\5\0", 0, 0),
	ANSWER("\5\2", 0, 2),
	ANSWER("\5\377", -EACCES, 255, "accepts none"),
	ANSWER("\4\0", -EPROTO, -1, "0x04, this is not SOCKS5"),
	ANSWER("\0\132", -EPROTO, -1, "0x00"),
};

static const struct answer_case logins[] = {
	ANSWER("\1\0", 0, 0),
	ANSWER("\5\0", 0, 0), /* servers that repeat the 5 */
	ANSWER("\1\1", -EACCES, 1, "wrong user or password (code 1)"),
	ANSWER("\2\0", -EPROTO, -1, "0x02"),
};

static const struct answer_case replies[] = {
	ANSWER("\5\0\0\1\12\0\0\1\0\120", 0, 0),
	ANSWER("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\120", 0, 0),
	ANSWER("\5\0\0\3\4host\0\120", 0, 0),
	ANSWER("\5\0\0\3\0\0\0", 0, 0), /* an empty name */
	ANSWER("\5\0\377\1\0\0\0\0\0\0", 0, 0), /* the third byte is reserved */
	ANSWER("\5\1\0\1\0\0\0\0\0\0", -ECONNREFUSED, 1, "general failure"),
	ANSWER("\5\2", -ECONNREFUSED, 2, "rules (code 2)"),
	ANSWER("\5\5\0\1", -ECONNREFUSED, 5, "connection refused"),
	ANSWER("\5\10", -ECONNREFUSED, 8, "address type"),
	ANSWER("\5\11", -ECONNREFUSED, 9, "unknown reply (code 9)"),
	ANSWER("\5\0\0\2\0", -EPROTO, 0, "unknown address type (2)"),
	ANSWER("\0\0", -EPROTO, -1, "0x00, this is not SOCKS5"),
};

static void test_answers(void **state)
{
	static const char *const addresses[] = {
		"AF=2 10.0.0.1:80",
		"AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80",
		"none",
	};

	(void)state;
	check_answers(socks5_get_method, methods, ARRAY_SIZE(methods));
	check_answers(socks5_get_login_status, logins, ARRAY_SIZE(logins));
	check_answers(socks5_get_reply, replies, ARRAY_SIZE(replies));
	for (size_t i = 0; i < ARRAY_SIZE(addresses); i++) {
		struct proxy_answer answer = { .code = -1 };
		struct err err;

		assert_int_equal(
			socks5_get_reply(replies[i].bytes, replies[i].len, &answer, &err), 0);
		check_address(&answer.address, addresses[i]);
	}
}

/* The longest reply there can be is SOCKS5_ANSWER_MAX. */
static void test_longest(void **state)
{
	char reply[SOCKS5_ANSWER_MAX] = { 5, 0, 0, 3, (char)255 };
	struct answer_case longest = { reply, sizeof(reply), 0, 0, NULL };

	(void)state;
	check_answers(socks5_get_reply, &longest, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_methods),	 cmocka_unit_test(test_request),
		cmocka_unit_test(test_too_long), cmocka_unit_test(test_answers),
		cmocka_unit_test(test_longest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
