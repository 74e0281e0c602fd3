/* SPDX-License-Identifier: MIT */
/* Connections over loopback and UNIX sockets: made, refused, too late, and
 * through a backlog that is full. */

#include "net/connect.h"

#include "base/clock.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const int64_t FAR = 3600LL * CLOCK_US_PER_S;

/* A socket bound to a free port of loopback; *ret is its address. */
static int bound_socket(int family, struct net_address *ret)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct net_address a;

	assert_int_equal(net_address_parse(family == AF_INET ? "127.0.0.1" : "::1", family, 0, &a),
			 0);
	if (bind(fd, &a.any, a.len) < 0) {
		(void)close(fd);
		return -1;
	}
	assert_int_equal(net_address_local(fd, ret), 0);
	return fd;
}

static void check_connection(int family)
{
	struct net_address at, peer, own;
	auto_close int listener = bound_socket(family, &at);
	auto_close int client = -1;
	auto_close int server = -1;
	char byte;

	if (listener < 0)
		skip();
	assert_int_equal(listen(listener, 1), 0);
	client = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(net_connect(client, &at), 0);
	assert_int_equal(fcntl(client, F_GETFL) & O_NONBLOCK, 0);

	server = net_accept(listener, &peer);
	assert_true(server >= 0);
	assert_int_equal(fcntl(server, F_GETFD), FD_CLOEXEC);
	assert_int_equal(fcntl(server, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(net_address_local(client, &own), 0);
	assert_true(net_address_equal(&peer, &own));

	assert_int_equal(write(client, "x", 1), 1);
	assert_int_equal(read(server, &byte, 1), 1);
	assert_int_equal(byte, 'x');
}

static void test_tcp4(void **state)
{
	(void)state;
	check_connection(AF_INET);
}

static void test_tcp6(void **state)
{
	(void)state;
	check_connection(AF_INET6);
}

/* A port that is bound but does not listen refuses, and nobody else can take it. */
static void test_refused(void **state)
{
	struct net_address at;
	auto_close int bound = bound_socket(AF_INET, &at);
	auto_close int blocking = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	auto_close int waiting = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)state;
	assert_true(bound >= 0);
	assert_int_equal(net_connect(blocking, &at), -ECONNREFUSED);
	assert_int_equal(fcntl(blocking, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(net_connect(waiting, &at), -ECONNREFUSED);
	assert_int_equal(fcntl(waiting, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(net_connect(-1, &at), -EBADF);
}

static void test_accept_deadline(void **state)
{
	struct net_address at, peer;
	auto_close int listener = bound_socket(AF_INET, &at);

	(void)state;
	assert_int_equal(listen(listener, 1), 0);
	(void)task_deadline(1);
	assert_int_equal(net_accept(listener, &peer), -ETIMEDOUT);
	(void)task_deadline(CLOCK_NEVER);
}

static void test_accept_is_no_listener(void **state)
{
	auto_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct net_address at, peer;

	(void)state;
	assert_int_equal(net_address_parse("127.0.0.1", AF_INET, 0, &at), 0);
	assert_int_equal(bind(fd, &at.any, at.len), 0);
	assert_int_equal(net_address_local(fd, &at), 0);
	assert_int_equal(sendto(fd, "x", 1, 0, &at.any, at.len), 1);
	assert_int_equal(net_accept(fd, &peer), -EOPNOTSUPP);
}

/* A UNIX listener under a name of its own, whose backlog is full. */
struct crowd {
	int listener;
	struct net_address at;
	int waiting[8];
	size_t n;
};

static int unix_socket(int flags)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
}

static void crowd_open(struct crowd *crowd)
{
	char name[64];
	int r = 0;

	(void)snprintf(name, sizeof(name), "sockbox-test-connect-%d", (int)getpid());
	assert_int_equal(net_address_abstract(name, strlen(name), true, &crowd->at), 0);
	crowd->listener = unix_socket(SOCK_NONBLOCK);
	assert_int_equal(bind(crowd->listener, &crowd->at.any, crowd->at.len), 0);
	assert_int_equal(listen(crowd->listener, 0), 0);
	for (crowd->n = 0; r == 0 && crowd->n < ARRAY_SIZE(crowd->waiting); crowd->n++) {
		crowd->waiting[crowd->n] = unix_socket(SOCK_NONBLOCK);
		r = connect(crowd->waiting[crowd->n], &crowd->at.any, crowd->at.len);
	}
	assert_int_equal(errno, EAGAIN);
}

static void crowd_close(struct crowd *crowd)
{
	(void)close(crowd->listener);
	for (size_t i = 0; i < crowd->n; i++)
		(void)close(crowd->waiting[i]);
}

static void test_full_backlog_nonblocking(void **state)
{
	struct crowd crowd;
	auto_close int client = unix_socket(SOCK_NONBLOCK);

	(void)state;
	crowd_open(&crowd);
	assert_int_equal(net_connect(client, &crowd.at), -EAGAIN);
	crowd_close(&crowd);
}

static void test_full_backlog_until_the_deadline(void **state)
{
	struct crowd crowd;
	auto_close int client = unix_socket(0);

	(void)state;
	crowd_open(&crowd);
	(void)task_deadline(clock_after(2 * CLOCK_US_PER_MS));
	assert_int_equal(net_connect(client, &crowd.at), -ETIMEDOUT);
	(void)task_deadline(CLOCK_NEVER);
	assert_int_equal(fcntl(client, F_GETFL) & O_NONBLOCK, 0);
	crowd_close(&crowd);
}

/* Another process accepts everybody; with each one there is room for one more. */
static void test_full_backlog_that_clears(void **state)
{
	struct crowd crowd;
	auto_close int client = unix_socket(0);
	struct net_address peer;
	int status;
	pid_t pid;

	(void)state;
	crowd_open(&crowd);
	pid = fork();
	if (pid == 0) {
		for (size_t i = 0; i < crowd.n; i++)
			if (net_accept(crowd.listener, &peer) < 0)
				_exit(1);
		_exit(0);
	}
	(void)task_deadline(clock_after(FAR));
	assert_int_equal(net_connect(client, &crowd.at), 0);
	(void)task_deadline(CLOCK_NEVER);
	assert_int_equal(net_address_peer(client, &peer), 0);
	assert_true(net_address_equal(&peer, &crowd.at));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	crowd_close(&crowd);
}

static void test_unix_refusals(void **state)
{
	auto_close int client = unix_socket(0);
	struct net_address at;

	(void)state;
	assert_int_equal(net_address_unix("/nothing/here", true, &at), 0);
	assert_int_equal(net_connect(client, &at), -ENOENT);
	assert_int_equal(net_address_abstract("sockbox-nobody", 14, true, &at), 0);
	assert_int_equal(net_connect(client, &at), -ECONNREFUSED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcp4),
		cmocka_unit_test(test_tcp6),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_accept_deadline),
		cmocka_unit_test(test_accept_is_no_listener),
		cmocka_unit_test(test_full_backlog_nonblocking),
		cmocka_unit_test(test_full_backlog_until_the_deadline),
		cmocka_unit_test(test_full_backlog_that_clears),
		cmocka_unit_test(test_unix_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
