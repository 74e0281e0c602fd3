/* SPDX-License-Identifier: MIT */
/* The public header, used as another program would use it. */

#include "sockbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static struct sockbox_stream *open_text(const char *text, enum sockbox_direction direction)
{
	struct sockbox_address *address;
	struct sockbox_stream *stream;
	struct sockbox_error error = { 0 };
	int r;

	r = sockbox_address_parse(text, &address, &error);
	assert_string_equal(error.text, "");
	assert_int_equal(r, 0);
	r = sockbox_open(address, direction, &stream, &error);
	sockbox_address_free(address);
	assert_string_equal(error.text, "");
	assert_int_equal(r, 0);
	return stream;
}

static int open_error(const char *text, struct sockbox_error *error)
{
	struct sockbox_address *address;
	struct sockbox_stream *stream = NULL;
	int r;

	assert_int_equal(sockbox_address_parse(text, &address, NULL), 0);
	r = sockbox_open(address, SOCKBOX_BOTH, &stream, error);
	sockbox_address_free(address);
	assert_null(stream);
	return r;
}

/* A listening socket of our own; its port. */
static int serve(int *ret_port)
{
	struct sockaddr_in local = { .sin_family = AF_INET };
	socklen_t len = sizeof(local);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	local.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&local, len), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &len), 0);
	*ret_port = ntohs(local.sin_port);
	return fd;
}

static size_t count_descriptors(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 256; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void test_parse(void **state)
{
	struct sockbox_address *address = NULL;
	struct sockbox_error error;

	(void)state;
	assert_int_equal(sockbox_address_parse("tcp:localhost:80,nodelay", &address, &error), 0);
	assert_string_equal(sockbox_address_type(address), "TCP-CONNECT");
	sockbox_address_free(address);
	assert_int_equal(sockbox_address_parse("./path", &address, NULL), 0);
	assert_string_equal(sockbox_address_type(address), "GOPEN");
	sockbox_address_free(address);
	sockbox_address_free(NULL);
}

static void test_parse_error(void **state)
{
	struct sockbox_address *address = NULL;
	struct sockbox_error error;

	(void)state;
	assert_int_equal(sockbox_address_parse("TCP:a:1,nodelai", &address, &error), -EINVAL);
	assert_null(address);
	assert_int_equal(error.code, -EINVAL);
	assert_int_equal(error.column, 8);
	assert_non_null(strstr(error.text, "did you mean \"nodelay\"?"));
	assert_int_equal(sockbox_address_parse("NOSUCH", &address, NULL), -EINVAL);
}

static void test_talk(void **state)
{
	struct sockbox_stream *stream;
	int port, fd, peer;
	char text[64];

	(void)state;
	fd = serve(&port);
	(void)snprintf(text, sizeof(text), "TCP4:127.0.0.1:%d", port);
	stream = open_text(text, SOCKBOX_BOTH);
	peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_true(peer >= 0);
	assert_true(sockbox_descriptor(stream, SOCKBOX_READ) >= 0);
	assert_int_equal(sockbox_descriptor(stream, SOCKBOX_READ),
			 sockbox_descriptor(stream, SOCKBOX_WRITE));

	assert_int_equal(sockbox_write(stream, "question", 8), 0);
	assert_int_equal(sockbox_shutdown(stream), 0);
	assert_int_equal(recv(peer, text, sizeof(text), MSG_WAITALL), 8);
	assert_memory_equal(text, "question", 8);

	assert_int_equal(send(peer, "answer", 6, 0), 6);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 6);
	assert_memory_equal(text, "answer", 6);
	(void)close(peer);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 0);
	sockbox_close(stream);
	(void)close(fd);
}

static void test_directions(void **state)
{
	struct sockbox_stream *stream = open_text("TEXT:hello", SOCKBOX_READ);
	char text[16];

	(void)state;
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 5);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 0);
	sockbox_close(stream);

	stream = open_text("OPEN:/dev/null", SOCKBOX_WRITE);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), -EBADF);
	assert_int_equal(sockbox_descriptor(stream, SOCKBOX_READ), -1);
	assert_int_equal(sockbox_write(stream, "x", 1), 0);
	sockbox_close(stream);
	sockbox_close(NULL);
}

static void test_open_errors(void **state)
{
	struct sockbox_error error;
	size_t before = count_descriptors();
	char text[64];
	int port, fd;

	(void)state;
	fd = serve(&port);
	(void)close(fd);
	(void)snprintf(text, sizeof(text), "TCP4:127.0.0.1:%d", port);
	assert_int_equal(open_error(text, &error), -ECONNREFUSED);
	assert_int_equal(error.code, -ECONNREFUSED);
	assert_int_equal(error.column, -1);
	assert_non_null(strstr(error.text, "Connection refused"));
	assert_int_equal(open_error("OPEN:/nowhere/file", &error), -ENOENT);
	assert_int_equal(open_error("TCP4-LISTEN:0,fork", &error), -EINVAL);
	assert_non_null(strstr(error.text, "fork"));
	assert_int_equal(open_error("EXEC:/nowhere/program", &error), -ENOENT);
	assert_int_equal(open_error("TCP4-LISTEN:0,accept-timeout=0.01", NULL), -ETIMEDOUT);
	assert_int_equal(count_descriptors(), before);
}

static void test_program(void **state)
{
	struct sockbox_stream *stream =
		open_text("SYSTEM:'echo $SOCKBOX_PID; cat'", SOCKBOX_BOTH);
	char text[64], pid[32];
	ssize_t n;

	(void)state;
	(void)snprintf(pid, sizeof(pid), "%d\n", (int)getpid());
	n = sockbox_read(stream, text, sizeof(text) - 1);
	assert_true(n > 0);
	text[n] = '\0';
	assert_string_equal(text, pid);
	assert_int_equal(sockbox_write(stream, "back", 4), 0);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 4);
	assert_int_equal(sockbox_shutdown(stream), 0);
	assert_int_equal(sockbox_read(stream, text, sizeof(text)), 0);
	sockbox_close(stream);
}

/* A program that was closed is collected by the next opening: one is left. */
static void test_programs_are_collected(void **state)
{
	siginfo_t info;
	int status;

	(void)state;
	while (waitpid(-1, &status, 0) > 0)
		continue;
	for (int i = 0; i < 3; i++) {
		sockbox_close(open_text("EXEC:cat", SOCKBOX_BOTH));
		assert_int_equal(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	}
	assert_true(waitpid(-1, &status, 0) > 0);
	assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
}

static void test_relay(void **state)
{
	struct sockbox_relay_options options = { .left = SOCKBOX_READ, .block_size = 3 };
	char path[] = "/tmp/test-sockbox.XXXXXX", address[64], text[16] = "";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	(void)snprintf(address, sizeof(address), "OPEN:%s", path);
	assert_int_equal(sockbox_relay("TEXT:relayed", address, &options, NULL), 0);
	assert_int_equal(read(fd, text, sizeof(text)), 7);
	assert_string_equal(text, "relayed");
	(void)close(fd);
	(void)unlink(path);
}

static void test_relay_errors(void **state)
{
	struct sockbox_error error;

	(void)state;
	assert_int_equal(sockbox_relay("PIPE", "NOSUCH:x", NULL, &error), -EINVAL);
	assert_int_equal(error.column, 0);
	assert_int_equal(sockbox_relay("OPEN:/nowhere/file", "PIPE", NULL, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nowhere/file"));
}

struct wanted {
	int port;
	int found;
};

static int find_port(void *context, const struct sockbox_socket *socket)
{
	struct wanted *wanted = context;

	if (socket->local_port != wanted->port || socket->state != 10)
		return 0;
	assert_int_equal(socket->family, AF_INET);
	assert_int_equal(socket->protocol, IPPROTO_TCP);
	assert_string_equal(socket->local_host, "127.0.0.1");
	assert_true(socket->inode > 0);
	wanted->found++;
	return 0;
}

static int stop(void *context, const struct sockbox_socket *socket)
{
	(void)socket;
	(*(int *)context)++;
	return -ECANCELED;
}

static void test_query(void **state)
{
	struct wanted wanted = { 0 };
	struct sockbox_error error;
	int fd = serve(&wanted.port), calls = 0;

	(void)state;
	assert_int_equal(sockbox_query(SOCKBOX_TCP, find_port, &wanted, &error), 0);
	assert_int_equal(wanted.found, 1);
	wanted.found = 0;
	assert_int_equal(sockbox_query(SOCKBOX_UNIX, find_port, &wanted, NULL), 0);
	assert_int_equal(wanted.found, 0);
	assert_int_equal(sockbox_query(SOCKBOX_TCP, stop, &calls, &error), -ECANCELED);
	assert_int_equal(calls, 1);
	(void)close(fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_error),
		cmocka_unit_test(test_talk),
		cmocka_unit_test(test_directions),
		cmocka_unit_test(test_open_errors),
		cmocka_unit_test(test_program),
		cmocka_unit_test(test_programs_are_collected),
		cmocka_unit_test(test_relay),
		cmocka_unit_test(test_relay_errors),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
