/* SPDX-License-Identifier: MIT */
/* SOCKS4: bytes of requests, bytes of answers. */

#include "proto/socks4.h"

#include "answers.h"

#include <arpa/inet.h>
#include <errno.h>

static void test_request(void **state)
{
	static const char plain[] = "\4\1\175\155\x20\x62\x4c\x36nobody";
	static const char named[] = "\4\1\0\120\0\0\0\1\0localhost";
	struct socks4_request request = { .port = 32109, .user = "nobody" };
	auto_buf out = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(inet_pton(AF_INET, "32.98.76.54", &request.address), 1);
	assert_int_equal(socks4_put_request(&out, &request, &err), 0);
	assert_int_equal(out.len, sizeof(plain));
	assert_memory_equal(out.data, plain, sizeof(plain));

	request = (struct socks4_request){ .name = "localhost", .port = 80, .user = "" };
	buf_clear(&out);
	assert_int_equal(socks4_put_request(&out, &request, &err), 0);
	assert_int_equal(out.len, sizeof(named));
	assert_memory_equal(out.data, named, sizeof(named));
}

static void test_bad_request(void **state)
{
	char text[SOCKS4_TEXT_MAX + 2] = { 0 };
	struct socks4_request request = { .name = text, .user = "" };
	struct err err = { 0 };

	(void)state;
	for (int i = 0; i < 2; i++) {
		auto_buf fits = { 0 };
		auto_buf out = { 0 };

		memset(text, 'x', SOCKS4_TEXT_MAX);
		text[SOCKS4_TEXT_MAX] = '\0';
		assert_int_equal(socks4_put_request(&fits, &request, &err), 0);
		text[SOCKS4_TEXT_MAX] = 'x';
		assert_int_equal(socks4_put_request(&out, &request, &err), -EINVAL);
		assert_int_equal(out.len, 0);
		assert_non_null(strstr(err.text, i ? "user is longer" : "name is longer"));
		request = (struct socks4_request){ .user = text };
	}
	request = (struct socks4_request){ .name = "", .user = "" };
	assert_int_equal(socks4_put_request(&(struct buf){ 0 }, &request, &err), -EINVAL);
	assert_non_null(strstr(err.text, "missing"));
}

static const struct answer_case answers[] = {
	ANSWER("\0\132\0\120\1\2\3\4", 0, 90),
	ANSWER("\4\132\0\0\0\0\0\0", 0, 90), /* servers that repeat the 4 */
	ANSWER("\0\133\0\0\0\0\0\0", -ECONNREFUSED, 91, "rejected or failed (code 91)"),
	ANSWER("\0\134\0\0\0\0\0\0", -ECONNREFUSED, 92, "identd"),
	ANSWER("\0\135", -ECONNREFUSED, 93, "different users"),
	ANSWER("\0\0", -ECONNREFUSED, 0, "unknown reply (code 0)"),
	ANSWER("\0\377", -ECONNREFUSED, 255, "unknown reply (code 255)"),
	ANSWER("\5", -EPROTO, -1, "0x05, this is not SOCKS4"),
	ANSWER("HTTP/1.0 400 Bad Request\r\n", -EPROTO, -1, "0x48"),
};

static void test_answers(void **state)
{
	struct proxy_answer answer = { .code = -1 };
	struct err err;

	(void)state;
	check_answers(socks4_get_reply, answers, ARRAY_SIZE(answers));
	assert_int_equal(socks4_get_reply(answers[0].bytes, 8, &answer, &err), 0);
	check_address(&answer.address, "AF=2 1.2.3.4:80");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_bad_request),
		cmocka_unit_test(test_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
