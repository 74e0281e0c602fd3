/* SPDX-License-Identifier: MIT */
/* Flags, types, whole files and whole writes. */

#include "base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_is_ready(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_false(fd_is_ready(fds[0], POLLIN));
	assert_true(fd_is_ready(fds[1], POLLOUT));
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_true(fd_is_ready(fds[0], POLLIN));
	(void)close(fds[1]);
	(void)close(fds[0]);
	assert_true(fd_is_ready(fds[0], POLLIN)); /* in error: POLLNVAL */
}

static void test_flags(void **state)
{
	auto_close int fd = open("/dev/null", O_RDWR);

	(void)state;
	assert_int_equal(fd_set_cloexec(fd, true), 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fd_set_cloexec(fd, false), 0);
	assert_int_equal(fcntl(fd, F_GETFD), 0);
	assert_int_equal(fd_set_nonblock(fd, true), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
	assert_int_equal(fd_set_nonblock(fd, false), 0);
	assert_int_equal(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(fd_set_cloexec(-1, true), -EBADF);
	assert_int_equal(fd_set_nonblock(-1, true), -EBADF);
}

static void test_type(void **state)
{
	auto_close int device = open("/dev/null", O_RDONLY | O_CLOEXEC);
	auto_close int folder = open("/", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(fd_type(device), S_IFCHR);
	assert_int_equal(fd_type(folder), S_IFDIR);
	assert_int_equal(fd_type(-1), -EBADF);
}

static void test_ownership(void **state)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), number = fd;

	(void)state;
	{
		auto_close int owner = take_fd(&fd);

		assert_int_equal(fd, -1);
		assert_int_equal(owner, number);
		errno = ENOENT;
	}
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fd_type(number), -EBADF);
}

static void test_read_file(void **state)
{
	char path[] = "/tmp/sockbox-fd-XXXXXX";
	auto_close int fd = mkstemp(path);
	auto_free char *text = NULL;
	char block[5000];

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fd_read_file(path, 100, &text), 0);
	assert_string_equal(text, "");
	free(take_ptr(text));

	memset(block, 'b', sizeof(block));
	assert_int_equal(fd_write_all(fd, block, sizeof(block)), 0);
	assert_int_equal(fd_read_file(path, sizeof(block), &text), sizeof(block));
	assert_memory_equal(text, block, sizeof(block));
	assert_int_equal(text[sizeof(block)], '\0');
	free(take_ptr(text));

	assert_int_equal(fd_read_file(path, sizeof(block) - 1, &text), -EFBIG);
	assert_null(text);
	(void)unlink(path);
	assert_int_equal(fd_read_file(path, 100, &text), -ENOENT);
	assert_int_equal(fd_read_file("/", 100, &text), -EISDIR);
	assert_null(text);
}

/* The reader of a full, non-blocking pipe is a child that counts what comes. */
static void test_write_waits_for_room(void **state)
{
	enum { SIZE = 300000 };
	auto_free char *data = mem_new(SIZE, 1);
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		char piece[1000];
		size_t total = 0;
		ssize_t n;

		(void)close(fds[1]);
		while ((n = read(fds[0], piece, sizeof(piece))) > 0)
			total += (size_t)n;
		_exit(total == SIZE ? 0 : 1);
	}
	(void)close(fds[0]);
	assert_int_equal(fd_set_nonblock(fds[1], true), 0);
	assert_int_equal(fd_write_all(fds[1], data, SIZE), 0);
	(void)close(fds[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(fd_write_all(-1, data, 1), -EBADF);
	assert_int_equal(fd_write_all(-1, data, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_type),
		cmocka_unit_test(test_ownership),
		cmocka_unit_test(test_read_file),
		cmocka_unit_test(test_is_ready),
		cmocka_unit_test(test_write_waits_for_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
