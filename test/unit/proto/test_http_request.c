/* SPDX-License-Identifier: MIT */
/* What clients say to an HTTP proxy, and what their targets get to hear. */

#include "base/str.h"
#include "proto/http_request.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *host;
		int port;
	} rows[] = {
		{ "CONNECT h:443 HTTP/1.1\r\n\r\n", 0, "h", 443 },
		{ "CONNECT [::1]:443 HTTP/1.0\r\n\r\n", 0, "::1", 443 },
		{ "GET http://h/ HTTP/1.1\r\nHost: x\r\n\r\n", 0, "h", 80 },
		{ "GET HTTP://h:81?q HTTP/1.1\n\n", 0, "h", 81 },
		{ "GET http://[::1]/ HTTP/1.1\r\n\r\n", 0, "::1", 80 },
		{ "", 1, NULL, 0 },
		{ "GET http://h/ HTTP/1.1\r\n", 1, NULL, 0 },
		{ "CONNECT h HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "CONNECT h:0 HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "CONNECT h:65536 HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "CONNECT :1 HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "CONNECT [::1]x:1 HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "GET http://u@h/ HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "GET / HTTP/1.1\r\n\r\n", -EOPNOTSUPP, NULL, 0 },
		{ "GET ftp://h/ HTTP/1.1\r\n\r\n", -EOPNOTSUPP, NULL, 0 },
		{ "GET http://h/\r\n\r\n", -EPROTO, NULL, 0 },
		{ "get http://h/ HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "ABCDEFGHIJKLMNOP http://h/ HTTP/1.1\r\n\r\n", -EPROTO, NULL, 0 },
		{ "\r\n\r\n", -EPROTO, NULL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct http_request request;
		int r = http_request_parse(rows[i].text, strlen(rows[i].text), &request);

		if (r != rows[i].result)
			fail_msg("%s: %d", rows[i].text, r);
		if (r != 0)
			continue;
		assert_string_equal(request.host, rows[i].host);
		assert_int_equal(request.port, rows[i].port);
		assert_int_equal(request.head_len, strlen(rows[i].text));
		for (size_t cut = 0; cut < request.head_len; cut++)
			assert_int_equal(http_request_parse(rows[i].text, cut, &request), 1);
	}
}

static void test_put(void **state)
{
	static const char text[] =
		"POST http://h:81?q HTTP/1.1\r\nHost: other\r\n"
		"Proxy-Authorization: Basic xx\r\nproxy-connection: keep-alive\r\n"
		"Content-Length: 3\r\nX: y\r\n\r\nabc";
	struct http_request request;
	struct http_text value;
	auto_buf out = { 0 };

	(void)state;
	assert_int_equal(http_request_parse(text, sizeof(text) - 1, &request), 0);
	assert_int_equal(request.head_len, sizeof(text) - 4);
	assert_true(http_request_header(&request, "content-length", &value));
	assert_int_equal(value.len, 1);
	assert_false(http_request_header(&request, "Content", &value));
	http_request_put(&out, &request);
	assert_string_equal(buf_text(&out),
			    "POST /?q HTTP/1.0\r\nHost: h:81\r\n"
			    "Content-Length: 3\r\nX: y\r\nConnection: close\r\n\r\n");
}

static void test_headers(void **state)
{
	static const struct {
		const char *headers;
		int result;
		int64_t length;
	} rows[] = {
		{ "", 0, -1 },
		{ "Content-Length: 3\r\n", 0, 3 },
		{ "content-length:3 \r\nContent-Length: 3\r\n", 0, 3 },
		{ "Content-Length: 3\r\nContent-Length: 4\r\n", -EPROTO, 0 },
		{ "Content-Length: -3\r\n", -EPROTO, 0 },
		{ "Content-Length: x\r\n", -EPROTO, 0 },
		{ "Content-Length:\r\n", -EPROTO, 0 },
		{ "Content-Length: 99999999999999999999\r\n", -EPROTO, 0 },
		{ "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", -EPROTO, 0 },
	};
	static const char *const none[] = { "no colon\r\n", ": x\r\n", "A: b\r\n folded: c\r\n" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_free char *text =
			str_format("GET http://h/ HTTP/1.0\r\n%s\r\n", rows[i].headers);
		struct http_request request;
		int64_t length = 0;

		assert_int_equal(http_request_parse(text, strlen(text), &request), 0);
		assert_int_equal(http_request_length(&request, &length), rows[i].result);
		assert_int_equal(length, rows[i].length);
	}
	for (size_t i = 0; i < ARRAY_SIZE(none); i++) {
		auto_free char *text = str_format("GET http://h/ HTTP/1.0\r\n%s\r\n", none[i]);
		struct http_request request;

		assert_int_equal(http_request_parse(text, strlen(text), &request), -EPROTO);
	}
}

static void test_answers(void **state)
{
	static const struct {
		const char *text;
		ssize_t result; /* 1: the whole text */
		const char *out;
	} rows[] = {
		{ "HTTP/1.1 200 OK\r\nConnection: keep-alive, Foo\r\nFOO: 1\r\nHost: h\r\n\r\n", 1,
		  "HTTP/1.0 200 OK\r\nHost: h\r\nConnection: close\r\n\r\n" },
		{ "HTTP/1.1 204\n\n", 1, "HTTP/1.0 204\r\nConnection: close\r\n\r\n" },
		{ "HTTP/1.", 0, "" },
		{ "HTTP/1.0 200 OK\r\n", 0, "" },
		{ "", 0, "" },
		{ "ICY 200 OK\r\n\r\n", -EPROTO, "" },
		{ "HTTP/1.\r\n\r\n", -EPROTO, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t len = strlen(rows[i].text);
		auto_buf out = { 0 };
		ssize_t r = http_answer_put(&out, rows[i].text, len);

		assert_int_equal(r, rows[i].result == 1 ? (ssize_t)len : rows[i].result);
		assert_string_equal(buf_text(&out), rows[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
