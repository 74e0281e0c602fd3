/* SPDX-License-Identifier: MIT */
/* Whole conversations: what the server says is put into a socket before, what was asked is
 * read from it afterwards. */

#include "proto/proxy.h"

#include "proto/http_connect.h"
#include "proto/socks4.h"
#include "proto/socks5.h"
#include "task/task.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

enum { TEXT_MAX = 1024, MORE_LEN = 5 };
static const char more[] = "hello"; /* the first data after the answer */

typedef int conversation(struct stream *s, struct proxy_answer *ret, struct err *err);

static int socks4(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	struct socks4_request request = { .name = "h", .port = 80, .user = "u" };

	return socks4_connect(s, &request, ret, err);
}

static int socks5(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	struct proxy_target target = { "h", 80 };
	struct proxy_login login = { 0 };

	return socks5_connect(s, &target, &login, ret, err);
}

static int socks5_login(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	struct proxy_target target = { "h", 80 };
	struct proxy_login login = { "u", "s3cr3t" };

	return socks5_connect(s, &target, &login, ret, err);
}

static int socks5_listen(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	struct proxy_target target = { "h", 80 };
	struct proxy_login login = { 0 };
	int r = socks5_bind(s, &target, &login, ret, err);

	return r < 0 ? r : socks5_accept(s, ret, err);
}

static int http(struct stream *s, struct proxy_answer *ret, struct err *err)
{
	struct http_connect_request request = { { "h", 80 }, "1.0", .login = "u:s3cr3t" };

	return http_connect(s, &request, ret, err);
}

static const struct talk_case {
	conversation *talk;
	const char *asked, *said;
	size_t asked_len, said_len;
	int result;
	const char *sentence;
} cases[] = {
#define TALK(function, asked, said, ...)                                                           \
	{ function, asked, said, sizeof(asked) - 1, sizeof(said) - 1, __VA_ARGS__ }
	TALK(socks4, "\4\1\0\120\0\0\0\1u\0h\0", "\0\132\0\0\0\0\0\0", 0),
	TALK(socks4, "\4\1\0\120\0\0\0\1u\0h\0", "\0\133\0\0\0\0\0\0", -ECONNREFUSED,
	     "rejected or failed"),
	TALK(socks5, "\5\1\0\5\1\0\3\1h\0\120", "\5\0\5\0\0\1\1\2\3\4\0\120", 0),
	TALK(socks5, "\5\1\0", "\5\377", -EACCES, "accepts none"),
	TALK(socks5, "\5\1\0", "\5\2", -EPROTO, "not offered (2)"),
	TALK(socks5_login, "\5\2\0\2\1\1u\6s3cr3t\5\1\0\3\1h\0\120",
	     "\5\2\1\0\5\0\0\3\2hi\0\120", 0),
	TALK(socks5_login, "\5\2\0\2\5\1\0\3\1h\0\120", "\5\0\5\0\0\1\1\2\3\4\0\120", 0),
	TALK(socks5_login, "\5\2\0\2\1\1u\6s3cr3t", "\5\2\1\1", -EACCES, "wrong user or password"),
	TALK(socks5_listen, "\5\1\0\5\2\0\3\1h\0\120",
	     "\5\0\5\0\0\1\1\2\3\4\0\120\5\0\0\1\5\6\7\10\0\121", 0),
	TALK(socks5_listen, "\5\1\0\5\2\0\3\1h\0\120", "\5\0\5\0\0\1\1\2\3\4\0\120\5\6",
	     -ECONNREFUSED, "time to live"),
	TALK(http, "CONNECT h:80 HTTP/1.0\r\nProxy-authorization: Basic dTpzM2NyM3Q=\r\n\r\n",
	     "HTTP/1.0 200 OK\r\nA: b\r\n\r\n", 0),
	TALK(http, "CONNECT h:80 HTTP/1.0\r\nProxy-authorization: Basic dTpzM2NyM3Q=\r\n\r\n",
	     "HTTP/1.0 502 Bad Gateway\r\n", -ECONNREFUSED,
	     "CONNECT h:80: Bad Gateway (status 502)"),
};

/* A stream to a server that has said this already; its side of the socket. */
static struct stream *server_said(const char *said, size_t len, int *ret_peer)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(write(fds[1], said, len), len);
	*ret_peer = fds[1];
	return stream_new(fds[0], fds[0], END_CLOSE);
}

static void test_conversations(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct talk_case *c = &cases[i];
		auto_close int peer = -1;
		auto_stream s = server_said(c->said, c->said_len, &peer);
		struct proxy_answer answer;
		struct err err = { 0 };
		char text[TEXT_MAX];

		print_message("case %zu\n", i);
		assert_int_equal(write(peer, more, MORE_LEN), MORE_LEN);
		assert_int_equal(c->talk(s, &answer, &err), c->result);
		if (c->sentence)
			assert_non_null(strstr(err.text, c->sentence));
		assert_null(strstr(err.text, "s3cr3t"));
		assert_int_equal(recv(peer, text, sizeof(text), MSG_DONTWAIT), c->asked_len);
		assert_memory_equal(text, c->asked, c->asked_len);
		if (c->result == 0) { /* not read too far: others may have the descriptor */
			assert_false(stream_has_unread(s));
			assert_int_equal(read(s->rfd, text, sizeof(text)), MORE_LEN);
			assert_memory_equal(text, more, MORE_LEN);
		}
	}
}

/* The server hangs up after each byte of what it has to say. */
static void test_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t len = 0; len < cases[i].said_len; len++) {
			auto_close int peer = -1;
			auto_stream s = server_said(cases[i].said, len, &peer);
			struct proxy_answer answer;
			struct err err = { 0 };
			int r;

			assert_int_equal(shutdown(peer, SHUT_WR), 0);
			r = cases[i].talk(s, &answer, &err);
			assert_true(r == -EPIPE || (r < 0 && r == cases[i].result));
			if (r == -EPIPE)
				assert_non_null(strstr(err.text, "hung up"));
		}
	}
}

/* And resets, or only falls silent. */
static void test_silence(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_close int peer = -1;
		auto_stream s = server_said(cases[i].said, 1, &peer);
		struct proxy_answer answer;
		struct err err = { 0 };
		int64_t before = task_deadline(clock_after(5 * CLOCK_US_PER_MS));

		assert_int_equal(cases[i].talk(s, &answer, &err), -ETIMEDOUT);
		(void)task_deadline(before);
		assert_int_equal(answer.got, 1);
		assert_non_null(strstr(err.text, "no answer: Connection timed out"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int peer;
		auto_stream s = server_said("", 0, &peer);
		struct proxy_answer answer;
		struct err err = { 0 };

		close(peer);
		assert_int_equal(cases[i].talk(s, &answer, &err), -EPIPE);
		assert_non_null(strstr(err.text, "request not sent"));
	}
}

/* A header without end. */
static void test_endless(void **state)
{
	static const char begin[] = "HTTP/1.0 200 OK\r\nA: ";
	auto_close int peer = -1;
	auto_stream s = server_said(begin, sizeof(begin) - 1, &peer);
	struct proxy_answer answer;
	struct err err = { 0 };
	char text[2 * HTTP_HEAD_MAX];

	(void)state;
	memset(text, 'x', sizeof(text));
	assert_int_equal(write(peer, text, sizeof(text)), sizeof(text));
	assert_int_equal(http(s, &answer, &err), -EMSGSIZE);
	assert_non_null(strstr(err.text, "longer than 16384 bytes"));
	assert_int_equal(answer.code, 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conversations),
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_endless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
