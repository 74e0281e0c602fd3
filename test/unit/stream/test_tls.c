/* SPDX-License-Identifier: MIT */
/* How a handshake fails with a server that had spoken before it went away. */

#include "stream/tls.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static SSL *new_client(void)
{
	struct err err = { 0 };
	SSL_CTX *context;
	SSL *session;

	if (tls_library_load(&err) < 0)
		skip();
	context = SSL_CTX_new_ex(NULL, NULL, TLS_client_method());
	assert_non_null(context);
	session = SSL_new(context);
	assert_non_null(session);
	SSL_set_connect_state(session);
	SSL_CTX_free(context);
	return session;
}

/* Over a socket that the library uses itself, or over the stream. */
static void check_gone(enum stream_end end, const char *words, size_t len, int code,
		       const char *reason)
{
	SSL *session = new_client();
	struct err err = { 0 };
	struct stream *s;
	int ends[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(write(ends[1], words, len), len);
	assert_int_equal(close(ends[1]), 0);
	s = stream_new_tls(stream_new(ends[0], ends[0], end), session);
	assert_int_equal(tls_handshake(s, "SSL_connect()", &err), code);
	assert_non_null(strstr(err.text, reason));
	(void)stream_free(s);
}

static void test_the_alert_is_told_not_the_failed_write(void **state)
{
	static const char alert[] = "\x15\x03\x01\x00\x02\x02\x28";

	(void)state;
	check_gone(END_SHUTDOWN, alert, sizeof(alert) - 1, -EPROTO, "alert handshake failure");
	check_gone(END_CLOSE, alert, sizeof(alert) - 1, -EPROTO, "alert handshake failure");
}

static void test_without_an_alert_the_failed_write_is_told(void **state)
{
	(void)state;
	check_gone(END_SHUTDOWN, "", 0, -EPIPE, "Broken pipe");
	check_gone(END_CLOSE, "SSH-2.0-server\r\n", 16, -EPIPE, "Broken pipe");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_alert_is_told_not_the_failed_write),
		cmocka_unit_test(test_without_an_alert_the_failed_write_is_told),
	};

	(void)signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
