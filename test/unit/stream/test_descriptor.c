/* SPDX-License-Identifier: MIT */
/* Streams over descriptors: files, pipes, sockets.  Nothing here may block; a
 * test that hangs is a test that failed. */

#include "stream/stream.h"

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <cmocka.h>

/* Two ends that are connected: what is written to [1] is read from [0]. */
static void make_pipe(int fds[2])
{
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
}

static void make_sockets(int fds[2])
{
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
}

static const struct {
	const char *name;
	void (*make)(int fds[2]);
} channels[] = { { "pipe", make_pipe }, { "socketpair", make_sockets } };

static void test_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		auto_stream s = NULL;
		char data[16];
		int fds[2];

		print_message("%s\n", channels[i].name);
		channels[i].make(fds);
		s = stream_new(fds[0], -1, END_CLOSE);
		assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
		assert_int_equal(write(fds[1], "hello", 5), 5);
		assert_int_equal(stream_read(s, data, 2), 2);
		assert_memory_equal(data, "he", 2);
		assert_int_equal(stream_read(s, data, sizeof(data)), 3);
		assert_memory_equal(data, "llo", 3);
		assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
		(void)close(fds[1]);
		assert_int_equal(stream_read(s, data, sizeof(data)), 0);
		assert_int_equal(stream_read(s, data, sizeof(data)), 0);
	}
}

/* The mode of the descriptor may be shared with others, so it stays. */
static void test_mode_stays(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		auto_stream s = NULL;
		char data[16];
		int fds[2];

		channels[i].make(fds);
		s = stream_new(fds[0], fds[1], END_CLOSE);
		(void)stream_read(s, data, sizeof(data));
		assert_int_equal(stream_write(s, "x", 1), 1);
		assert_false(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
		assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	}
}

/* More than fits: everything that was taken comes out, nothing blocks. */
static void test_write_until_full(void **state)
{
	static char block[100000];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		auto_stream s = NULL;
		size_t written = 0, got = 0;
		ssize_t n;
		int fds[2];

		print_message("%s\n", channels[i].name);
		channels[i].make(fds);
		s = stream_new(fds[0], fds[1], END_CLOSE);
		while ((n = stream_write(s, block, sizeof(block))) > 0)
			written += (size_t)n;
		assert_int_equal(n, -EAGAIN);
		assert_true(written >= PIPE_BUF);
		while ((n = stream_read(s, block, sizeof(block))) > 0)
			got += (size_t)n;
		assert_int_equal(n, -EAGAIN);
		assert_int_equal(got, written);
		assert_int_equal(stream_write(s, "x", 1), 1);
	}
}

/* As by an older kernel. */
static bool refuses_nowait;

ssize_t pwritev2(int fd, const struct iovec *iov, int n, off_t at, int flags)
{
	if (refuses_nowait) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return syscall(SYS_pwritev2, fd, iov, (long)n, (long)at, 0L, flags);
}

/* A pipe that is written by PIPE_BUF never blocks after poll(2) said yes. */
static void test_pipe_by_pieces(void **state)
{
	static char block[3 * PIPE_BUF];
	size_t written = 0;
	auto_stream s = NULL;
	ssize_t n;
	int fds[2];

	(void)state;
	make_pipe(fds);
	s = stream_new(fds[0], fds[1], END_CLOSE);
	refuses_nowait = true;
	while ((n = stream_write(s, block, sizeof(block))) == PIPE_BUF)
		written += (size_t)n;
	refuses_nowait = false;
	assert_int_equal(n, -EAGAIN);
	assert_true(written >= PIPE_BUF);
}

/* A non-blocking one takes what fits. */
static void test_own_pipe(void **state)
{
	static char block[3 * PIPE_BUF];
	auto_stream s = NULL;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC | O_NONBLOCK), 0);
	s = stream_new(fds[0], fds[1], END_CLOSE);
	assert_int_equal(stream_write(s, block, sizeof(block)), sizeof(block));
}

static void test_gone_reader(void **state)
{
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN);
	for (size_t i = 0; i < ARRAY_SIZE(channels); i++) {
		auto_stream s = NULL;
		int fds[2];

		print_message("%s\n", channels[i].name);
		channels[i].make(fds);
		s = stream_new(-1, fds[1], END_CLOSE);
		(void)close(fds[0]);
		assert_int_equal(stream_write(s, "x", 1), -EPIPE);
	}
}

/* A socket is written without SIGPIPE, even where the signal would kill. */
static void test_no_signal(void **state)
{
	auto_stream s = NULL;
	int fds[2];

	(void)state;
	(void)signal(SIGPIPE, SIG_DFL);
	make_sockets(fds);
	s = stream_new(-1, fds[1], END_CLOSE);
	(void)close(fds[0]);
	assert_int_equal(stream_write(s, "x", 1), -EPIPE);
}

static void test_file(void **state)
{
	char path[] = "/tmp/stream-test.XXXXXX", data[16];
	int fd = mkstemp(path);
	auto_stream s = stream_new(fd, fd, END_CLOSE);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(stream_write(s, "hello", 5), 5);
	assert_int_equal(stream_read(s, data, sizeof(data)), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(stream_read(s, data, sizeof(data)), 5);
	assert_memory_equal(data, "hello", 5);
}

/* One side a socket, the other a pipe: each is used in its own way. */
static void test_mixed(void **state)
{
	auto_stream s = NULL;
	int sockets[2], pipes[2];
	static char block[3 * PIPE_BUF];

	(void)state;
	make_sockets(sockets);
	make_pipe(pipes);
	s = stream_new(sockets[0], pipes[1], END_CLOSE);
	assert_int_equal(stream_read(s, block, sizeof(block)), -EAGAIN);
	assert_true(stream_write(s, block, sizeof(block)) > 0);
	assert_int_equal(stream_read(s, block, sizeof(block)), -EAGAIN);
	(void)close(sockets[1]);
	(void)close(pipes[0]);
}

static void test_bad_descriptor(void **state)
{
	auto_stream s = stream_new(-1, -1, END_CLOSE);
	char data[1];

	(void)state;
	assert_int_equal(stream_write(s, "x", 1), -EBADF);
	assert_true(stream_read(s, data, 1) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_mode_stays),
		cmocka_unit_test(test_write_until_full),
		cmocka_unit_test(test_pipe_by_pieces),
		cmocka_unit_test(test_own_pipe),
		cmocka_unit_test(test_gone_reader),
		cmocka_unit_test(test_no_signal),
		cmocka_unit_test(test_file),
		cmocka_unit_test(test_mixed),
		cmocka_unit_test(test_bad_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
