/* SPDX-License-Identifier: MIT */
/* Masters of pseudo terminals: data before the end, hang-ups, the slave that is
 * kept open. */

#include "stream/stream.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

/* A fresh pair; the slave passes bytes as they are. */
static void make_pair(int *ret_master, int *ret_slave)
{
	struct termios raw;

	*ret_master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(*ret_master >= 0);
	assert_int_equal(unlockpt(*ret_master), 0);
	*ret_slave = open(ptsname(*ret_master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(*ret_slave >= 0);
	assert_int_equal(tcgetattr(*ret_slave, &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(*ret_slave, TCSANOW, &raw), 0);
}

static void test_data(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int master, slave;

	(void)state;
	make_pair(&master, &slave);
	s = stream_new_master(master, master, -1);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	assert_int_equal(s->reread_at, 0);
	assert_int_equal(write(slave, "hello", 5), 5);
	assert_int_equal(stream_read(s, data, 2), 2);
	assert_memory_equal(data, "he", 2);
	assert_int_equal(stream_write(s, "answer", 6), 6);
	assert_int_equal(read(slave, data, sizeof(data)), 6);
	assert_memory_equal(data, "answer", 6);
	assert_int_equal(stream_shut(s), 0); /* there is no half close */
	assert_int_equal(stream_write(s, "x", 1), 1);

	(void)close(slave);
	assert_int_equal(stream_read(s, data, sizeof(data)), 3); /* what was written comes first */
	assert_memory_equal(data, "llo", 3);
	assert_int_equal(stream_read(s, data, sizeof(data)), 0);
	assert_int_equal(stream_read(s, data, sizeof(data)), 0);
}

/* Nothing tells the reader of a full terminal; it says so itself. */
static void test_full(void **state)
{
	static char data[65536];
	auto_stream s = NULL;
	int master, slave;
	ssize_t n;

	(void)state;
	make_pair(&master, &slave);
	s = stream_new_master(-1, master, slave);
	do
		n = stream_write(s, data, sizeof(data));
	while (n > 0);
	assert_int_equal(n, -EAGAIN);
}

static void test_slave_is_kept(void **state)
{
	struct stream *s;
	char data[16], name[64];
	int master, slave, other;

	(void)state;
	make_pair(&master, &slave);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	s = stream_new_master(master, master, slave);
	other = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(other >= 0);
	(void)close(other);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	s = stream_free(s);
	assert_int_equal(fcntl(slave, F_GETFD), -1);
	assert_int_equal(fcntl(master, F_GETFD), -1);
}

static void test_hang_up_is_borne(void **state)
{
	auto_stream s = NULL;
	char data[16], name[64];
	int master, slave;

	(void)state;
	make_pair(&master, &slave);
	assert_int_equal(ptsname_r(master, name, sizeof(name)), 0);
	s = stream_new_master(master, -1, -1);
	s->master->hang_up_limit = 3600 * (int64_t)CLOCK_US_PER_S;
	(void)close(slave);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	assert_true(s->master->hung_up_at > 0 && s->reread_at > s->master->hung_up_at);

	slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC); /* in time */
	assert_true(slave >= 0);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	assert_int_equal(s->master->hung_up_at, 0);
	assert_int_equal(s->reread_at, 0);

	(void)close(slave); /* and again, longer */
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	s->master->hung_up_at -= s->master->hang_up_limit;
	assert_int_equal(stream_read(s, data, sizeof(data)), 0);
}

/* Sequential code waits without asking all the time. */
static void test_waiting(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int master, slave;

	(void)state;
	make_pair(&master, &slave);
	s = stream_new_master(master, -1, -1);
	s->master->hang_up_limit = CLOCK_US_PER_S / 20;
	(void)close(slave);
	assert_int_equal(stream_read_wait(s, data, sizeof(data)), 0);
}

/* A joined stream passes on when to look again. */
static void test_joined(void **state)
{
	auto_stream s = NULL;
	char data[16];
	int master, slave;

	(void)state;
	make_pair(&master, &slave);
	s = stream_new_joined(stream_new_master(master, -1, -1), NULL);
	s->reading->master->hang_up_limit = 3600 * (int64_t)CLOCK_US_PER_S;
	(void)close(slave);
	assert_int_equal(stream_read(s, data, sizeof(data)), -EAGAIN);
	assert_true(s->reread_at > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_data),	cmocka_unit_test(test_full),
		cmocka_unit_test(test_slave_is_kept), cmocka_unit_test(test_hang_up_is_borne),
		cmocka_unit_test(test_waiting), cmocka_unit_test(test_joined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
