/* SPDX-License-Identifier: MIT */
/* HTTP CONNECT: texts of requests, texts of answers. */

#include "proto/http_connect.h"

#include "answers.h"

#include <errno.h>

static const struct {
	struct http_connect_request request;
	const char *text;
} requests[] = {
	{ { { "127.0.0.1", 1000 }, "1.0" }, "CONNECT 127.0.0.1:1000 HTTP/1.0\r\n\r\n" },
	{ { { "::1", 80 }, "1.0" }, "CONNECT [::1]:80 HTTP/1.0\r\n\r\n" },
	{ { { "[::1]", 80 }, "1.0" }, "CONNECT [::1]:80 HTTP/1.0\r\n\r\n" },
	{ { { "h", 80 }, "1.1" }, "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n" },
	{ { { "h", 80 }, "1.0", .login = "user:s3cr3t\n" },
	  "CONNECT h:80 HTTP/1.0\r\nProxy-authorization: Basic dXNlcjpzM2NyM3QK\r\n\r\n" },
};

static void test_request(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(requests); i++) {
		auto_buf out = { 0 };
		struct err err;

		assert_int_equal(http_connect_put_request(&out, &requests[i].request, &err), 0);
		assert_string_equal(buf_text(&out), requests[i].text);
	}
}

/* Nothing can slip into the request. */
static void test_bad_request(void **state)
{
	static const char *const hosts[] = { "", "a b", "a\r\nb", "a\tb", "\x7f", "a\n" };
	static const char *const versions[] = { "",    "1.",	"1.1\r\nX: y", "x",
						"1 1", "1.1 ", "1..1",	       ".1" };
	auto_buf out = { 0 };
	struct err err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(hosts); i++)
		assert_int_equal(
			http_connect_put_request(
				&out, &(struct http_connect_request){ { hosts[i], 1 }, "1.0" },
				&err),
			-EINVAL);
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++)
		assert_int_equal(
			http_connect_put_request(
				&out, &(struct http_connect_request){ { "h", 1 }, versions[i] },
				&err),
			-EINVAL);
	assert_int_equal(out.len, 0);
}

static const struct answer_case strict[] = {
	ANSWER("HTTP/1.0 200 OK\r\n\r\n", 0, 200),
	ANSWER("HTTP/1.1 200 Connection established\r\nVia: x\r\nA: b\r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0 200\r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0   200 OK\r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0 200 \r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0 200 OK\r\nodd\r: \r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0 204 Nothing\r\n\r\n", -ECONNREFUSED, 204, "Nothing (status 204)"),
	ANSWER("HTTP/1.0 403 Forbidden\r\n", -ECONNREFUSED, 403, "Forbidden (status 403)"),
	ANSWER("HTTP/1.0 503\r\n", -ECONNREFUSED, 503, "refused (status 503)"),
	ANSWER("HTTP/1.0 407 \033[2J\r\n", -EACCES, 407, "\\x1b[2J (status 407)"),
	ANSWER("HTTP/1.0 2000 OK\r\n", -EPROTO, -1, "without a status code: \"HTTP/1.0 2000"),
	ANSWER("HTTP/1.0 200poo\r\n", -EPROTO, -1, "without a status code"),
	ANSWER("HTTP/1.0 \r\n", -EPROTO, -1, "without a status code"),
	ANSWER("HTTP/1.0 20\r\n", -EPROTO, -1, "without a status code"),
	ANSWER("HTTP/1.0 -20\r\n", -EPROTO, -1, "without a status code"),
	ANSWER("HTTP/2 200\r\n\r\n", -EPROTO, -1, "\"HTTP/2 2\", this is not HTTP/1"),
	ANSWER("HTTP/1.2 200\r\n\r\n", -EPROTO, -1, "this is not HTTP/1"),
	ANSWER("http/1.0 200 OK\r\n\r\n", -EPROTO, -1, "this is not HTTP/1"),
	ANSWER("\r\n\r\n", -EPROTO, -1, "\"\\x0d\\x0a\\x0d\\x0a\""),
	ANSWER("HTTP/1.0 200 OK\n", -EPROTO, -1, "ends without CR"),
	ANSWER("HTTP/1.0 200 OK\r\nA: b\n", -EPROTO, 200, "ends without CR"),
	ANSWER("HTTP/1.0 200 OK\r\n\n", -EPROTO, 200, "ends without CR"),
};

static const struct answer_case bare[] = {
	ANSWER("HTTP/1.0 200 OK\n\n", 0, 200),
	ANSWER("HTTP/1.0 200 OK\nA: b\nC: d\n\n", 0, 200),
	ANSWER("HTTP/1.0 200 OK\r\n\r\n", 0, 200),
	ANSWER("HTTP/1.0 200 OK\r\n\n", 0, 200),
	ANSWER("HTTP/1.0 404 No\n", -ECONNREFUSED, 404, "No (status 404)"),
};

static void test_answers(void **state)
{
	(void)state;
	check_answers(http_connect_get_answer, strict, ARRAY_SIZE(strict));
	check_answers(http_connect_get_answer_bare, bare, ARRAY_SIZE(bare));
}

/* Lines that are longer than what is kept of them. */
static void test_long_lines(void **state)
{
	static const char *const lines[] = { "HTTP/1.0 %300s403 No\r\n", "HTTP/1.0 403 %300s\r\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		char text[400], begin[16];
		size_t len = strcspn(lines[i], "%");
		struct proxy_answer answer;
		struct err err = { 0 };

		memset(text, i ? 'x' : ' ', sizeof(text));
		memcpy(begin, lines[i], len);
		memcpy(text, begin, len);
		memcpy(text + 300, i ? "x\r\n" : "403 No\r\n", i ? 3 : 8);
		assert_int_equal(http_connect_get_answer(text, i ? 303 : 308, &answer, &err),
				 -ECONNREFUSED);
		assert_int_equal(answer.code, 403);
		assert_int_equal(strlen(answer.text), PROXY_TEXT_MAX - 1);
		assert_non_null(strstr(err.text, "(status 403)"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_bad_request),
		cmocka_unit_test(test_answers),
		cmocka_unit_test(test_long_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
