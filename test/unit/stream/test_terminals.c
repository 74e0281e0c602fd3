/* SPDX-License-Identifier: MIT */
/* Terminals are written without waiting, stopped or full, and stay as they are for those who
 * share them.  Nothing here may block; a test that hangs is a test that failed. */

#include "stream/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>

enum { MUCH = 200000 };

/* A pair; the slave passes bytes as they are.  Both block, as a shell's do. */
static struct {
	int master, slave;
	size_t written, heard;
} tty;

static int setup(void **state)
{
	struct termios raw;

	(void)state;
	tty.written = tty.heard = 0;
	tty.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(tty.master >= 0);
	assert_int_equal(unlockpt(tty.master), 0);
	tty.slave = open(ptsname(tty.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(tty.slave >= 0);
	assert_int_equal(tcgetattr(tty.slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(tty.slave, TCSANOW, &raw), 0);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	(void)close(tty.master);
	if (tty.slave >= 0)
		(void)close(tty.slave);
	return 0;
}

/* Byte i of what is written is i * 7, so that a lost one is seen. */
static void write_until_full(struct stream *s)
{
	static uint8_t data[MUCH];
	ssize_t n = 1;

	while (n > 0 && tty.written < MUCH) {
		size_t len = MUCH - tty.written;

		for (size_t i = 0; i < len; i++)
			data[i] = (uint8_t)((tty.written + i) * 7);
		n = stream_write(s, data, len);
		tty.written += (size_t)MAX(n, 0);
	}
	assert_true(n > 0 || n == -EAGAIN);
}

/* What has arrived on the other side by now, at least one byte: this waits for it. */
static void hear(int fd)
{
	static uint8_t data[MUCH];
	ssize_t n = read(fd, data, sizeof(data));

	assert_true(n > 0);
	for (ssize_t i = 0; i < n; i++)
		assert_int_equal(data[i], (uint8_t)(tty.heard++ * 7));
}

static void pass_all(struct stream *s, int fd)
{
	while (tty.heard < MUCH) {
		write_until_full(s);
		if (tty.heard < tty.written)
			hear(fd);
	}
}

static struct stream *new_output(enum stream_end end)
{
	return stream_new(-1, tty.slave, end);
}

/* Nobody reads what is shown, then somebody does. */
static void test_full(void **state)
{
	auto_stream s = new_output(END_KEEP);

	(void)state;
	write_until_full(s);
	assert_true(tty.written > 0 && tty.written < MUCH);
	pass_all(s, tty.master);
}

/* Ctrl-S and Ctrl-Q, in the middle and before the first byte. */
static void test_stopped(void **state)
{
	auto_stream s = new_output(END_KEEP);

	(void)state;
	assert_int_equal(tcflow(tty.slave, TCOOFF), 0);
	assert_int_equal(stream_write(s, "\0", 1), -EAGAIN);
	assert_int_equal(tcflow(tty.slave, TCOON), 0);
	assert_int_equal(stream_write(s, "\0", 1), 1);
	tty.written = 1;
	assert_int_equal(tcflow(tty.slave, TCOOFF), 0);
	write_until_full(s);
	assert_int_equal(tty.written, 1);
	assert_int_equal(tcflow(tty.slave, TCOON), 0);
	pass_all(s, tty.master);
}

/* The mode is that of all who share the terminal. */
static void test_mode_stays(void **state)
{
	auto_stream s = new_output(END_KEEP);

	(void)state;
	assert_int_equal(stream_write(s, "x", 1), 1);
	assert_false(fcntl(tty.slave, F_GETFL) & O_NONBLOCK);
}

/* Nothing stays open: the last close of the slave is the master's end. */
static void test_closed_at_the_end(void **state)
{
	struct stream *s = new_output(END_KEEP);
	char byte;

	(void)state;
	assert_int_equal(stream_write(s, "x", 1), 1);
	(void)stream_free(s);
	(void)close(take_fd(&tty.slave));
	assert_int_equal(read(tty.master, &byte, 1), 1);
	assert_int_equal(read(tty.master, &byte, 1), -1);
	assert_int_equal(errno, EIO);
}

/* One that nobody shares needs no second descriptor; a program that takes it over gets it
 * as it was. */
static void test_own(void **state)
{
	auto_stream s = new_output(END_CLOSE);
	int slave = take_fd(&tty.slave);

	(void)state;
	write_until_full(s);
	assert_true(tty.written > 0 && tty.written < MUCH);
	pass_all(s, tty.master);
	assert_true(fcntl(slave, F_GETFL) & O_NONBLOCK);
	stream_hand_over(s);
	assert_false(fcntl(slave, F_GETFL) & O_NONBLOCK);
}

/* Whoever opens a master again gets another terminal. */
static void test_master(void **state)
{
	auto_stream s = stream_new(tty.master, tty.master, END_KEEP);

	(void)state;
	write_until_full(s);
	assert_true(tty.written > 0 && tty.written < MUCH);
	pass_all(s, tty.slave);
	assert_false(fcntl(tty.master, F_GETFL) & O_NONBLOCK);
}

/* Reading from a socket stays what it was. */
static void test_read_from_a_socket(void **state)
{
	auto_stream s = NULL;
	int fds[2];
	char data[8];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	s = stream_new(fds[0], tty.slave, END_KEEP);
	assert_int_equal(stream_write(s, "x", 1), 1);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	assert_int_equal(write(fds[1], "hello", 5), 5);
	assert_int_equal(stream_read(s, data, sizeof(data)), 5);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_full),	      TEST(test_stopped), TEST(test_mode_stays),
		TEST(test_closed_at_the_end), TEST(test_own),	  TEST(test_master),
		TEST(test_read_from_a_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
