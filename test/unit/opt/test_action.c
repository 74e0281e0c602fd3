/* SPDX-License-Identifier: MIT */
/* Actions that many rows share, on real descriptors. */

#include "opt/action.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static const struct opt_type rows[] = {
	{ "keepalive", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_int, opt_sockopt_int,
	  { .level = SOL_SOCKET, .name = SO_KEEPALIVE } },
	{ "reuseaddr", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_int_or_empty,
	  opt_sockopt_int_or_empty, { .level = SOL_SOCKET, .name = SO_REUSEADDR } },
	{ "multicast-ttl", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_byte,
	  opt_sockopt_byte, { .level = IPPROTO_IP, .name = IP_MULTICAST_TTL } },
	{ "rcvtimeo", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_timeval,
	  opt_sockopt_timeval, { .level = SOL_SOCKET, .name = SO_RCVTIMEO } },
	{ "linger", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_linger, opt_sockopt_linger },
	{ "congestion", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_string,
	  opt_sockopt_string, { .level = IPPROTO_TCP, .name = TCP_CONGESTION } },
	{ "user-int", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_int_int_int,
	  opt_sockopt_user },
	{ "user-bin", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_int_int_binary,
	  opt_sockopt_user },
	{ "user-string", "help", GROUP_SOCKET, PHASE_FD, SCOPE_FD, &value_int_int_string,
	  opt_sockopt_user },
	{ "nonblock", "help", GROUP_FD, PHASE_FD, SCOPE_FD, &value_bool, opt_file_flag,
	  { .bit = O_NONBLOCK } },
};

static const struct opt_table table = { rows, ARRAY_SIZE(rows) };
static const struct opt_table *const catalogue[] = { &table, NULL };

static int apply(const char *text, int fd, struct err *err)
{
	struct opt_target target = { .fd = { fd, -1 }, .n_fds = 1 };
	auto_spec spec = { 0 };
	struct opt_list list;
	struct opt_used used = { 0 };
	int r;

	assert_int_equal(spec_parse(text, &spec, err), 0);
	assert_int_equal(opt_parse(catalogue, &spec.single[0], ~(opt_groups)0, NULL, &list, err),
			 0);
	r = opt_apply(&list, &used, PHASE_FD, &target, err);
	opt_list_done(&list);
	return r;
}

static int get(int fd, int level, int name)
{
	int value = -1;
	socklen_t len = sizeof(value);

	assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
	return value;
}

static void test_numbers(void **state)
{
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(apply("A,keepalive", fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(apply("A,keepalive=0", fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_KEEPALIVE), 0);

	assert_int_equal(apply("A,reuseaddr", fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	assert_int_equal(apply("A,reuseaddr=", fd, &err), 0); /* empty: no call */
	assert_int_equal(get(fd, SOL_SOCKET, SO_REUSEADDR), 1);
	assert_int_equal(apply("A,reuseaddr=0", fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_REUSEADDR), 0);
}

static void test_other_types(void **state)
{
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_close int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct linger linger = { 0 };
	struct timeval time = { 0 };
	char name[16] = "";
	struct err err = { 0 };
	socklen_t len;

	(void)state;
	assert_int_equal(apply("A,multicast-ttl=42", udp, &err), 0);
	assert_int_equal(get(udp, IPPROTO_IP, IP_MULTICAST_TTL), 42);

	assert_int_equal(apply("A,rcvtimeo=2.5", fd, &err), 0);
	len = sizeof(time);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &time, &len), 0);
	assert_int_equal(time.tv_sec, 2);
	assert_in_range(time.tv_usec, 490000, 510000); /* kernel ticks */

	assert_int_equal(apply("A,linger=7", fd, &err), 0);
	len = sizeof(linger);
	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len), 0);
	assert_int_equal(linger.l_onoff, 1);
	assert_int_equal(linger.l_linger, 7);

	assert_int_equal(apply("A,congestion=reno", fd, &err), 0);
	len = sizeof(name);
	assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len), 0);
	assert_string_equal(name, "reno");
}

/* Level and name as users type them: 1 is SOL_SOCKET, 9 SO_KEEPALIVE; 6 is
 * IPPROTO_TCP, 13 TCP_CONGESTION. */
static void test_user(void **state)
{
	auto_close int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char text[64];
	struct err err = { 0 };

	(void)state;
	(void)snprintf(text, sizeof(text), "A,user-int=%d:%d:1", SOL_SOCKET, SO_KEEPALIVE);
	assert_int_equal(apply(text, fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	(void)snprintf(text, sizeof(text), "A,user-bin=%d:%d:i0", SOL_SOCKET, SO_KEEPALIVE);
	assert_int_equal(apply(text, fd, &err), 0);
	assert_int_equal(get(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	(void)snprintf(text, sizeof(text), "A,user-string=%d:%d:reno", IPPROTO_TCP,
		       TCP_CONGESTION);
	assert_int_equal(apply(text, fd, &err), 0);
}

static void test_file_flag(void **state)
{
	struct err err = { 0 };
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(apply("A,nonblock", fds[0], &err), 0);
	assert_true(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	assert_false(fcntl(fds[1], F_GETFL) & O_NONBLOCK);
	assert_int_equal(apply("A,nonblock=0", fds[0], &err), 0);
	assert_false(fcntl(fds[0], F_GETFL) & O_NONBLOCK);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void test_failures(void **state)
{
	auto_close int file = open("/dev/null", O_RDWR | O_CLOEXEC);
	struct err err = { 0 };

	(void)state;
	assert_int_equal(apply("A,keepalive", file, &err), -ENOTSOCK);
	assert_non_null(strstr(err.text, "for option \"keepalive\": "));
	assert_int_equal(apply("A,linger=1", file, &err), -ENOTSOCK);
	assert_int_equal(apply("A,nonblock", 1000000, &err), -EBADF);
	assert_non_null(strstr(err.text, "for option \"nonblock\": Bad file descriptor"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_user),
		cmocka_unit_test(test_file_flag),
		cmocka_unit_test(test_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
