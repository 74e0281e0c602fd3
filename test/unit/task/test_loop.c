/* SPDX-License-Identifier: MIT */
/* The loop of a thread, on real pipes and sockets. */

#include "task/loop.h"

#include "base/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

struct heard {
	struct watch watch;
	unsigned int times;
	struct watch *closes; /* when woken, closes this one */
};

static void on_ready(struct watch *watch)
{
	struct heard *heard = link_owner(watch, struct heard, watch);

	heard->times++;
	if (heard->closes)
		watch_close(heard->closes);
}

static int open_loop(void **state)
{
	(void)state;
	return loop_open();
}

static int close_loop(void **state)
{
	(void)state;
	loop_close();
	assert_false(loop_is_open());
	return 0;
}

/* An edge comes once, and stays known until its owner takes it away. */
static void test_edges(void **state)
{
	struct heard heard = { .watch.wake = on_ready };
	char byte;
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(watch_open(&heard.watch, fds[0]), 0);
	assert_int_equal(loop_turn(0), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_turn(0), 1);
	assert_true(heard.watch.ready & POLLIN);
	assert_int_equal(loop_turn(0), 0);
	assert_int_equal(heard.times, 1);
	assert_int_equal(read(fds[0], &byte, 1), 1);
	assert_int_equal(write(fds[1], "y", 1), 1);
	assert_int_equal(loop_turn(0), 1);
	assert_int_equal(heard.times, 2);
	(void)close(fds[1]);
	assert_int_equal(loop_turn(0), 1);
	assert_true(heard.watch.ready & POLLIN); /* the end is read, too */
	watch_close(&heard.watch);
	(void)close(fds[0]);
}

/* Both are ready in one batch; whoever comes first closes the other. */
static void test_closed_while_ready(void **state)
{
	struct heard a = { .watch.wake = on_ready }, b = { .watch.wake = on_ready };
	int fds[2];

	(void)state;
	a.closes = &b.watch;
	b.closes = &a.watch;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(watch_open(&a.watch, fds[0]), 0);
	assert_int_equal(watch_open(&b.watch, fds[1]), 0);
	assert_int_equal(loop_turn(0), 1);
	assert_int_equal(a.times + b.times, 1);
	watch_close(&a.watch);
	watch_close(&b.watch);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* One descriptor may be watched twice; a regular file is ready for ever. */
static void test_odd_descriptors(void **state)
{
	struct heard a = { .watch.wake = on_ready }, b = { .watch.wake = on_ready };
	struct heard file = { .watch.wake = on_ready };
	int fds[2], fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(watch_open(&a.watch, fds[0]), 0);
	assert_int_equal(watch_open(&b.watch, fds[0]), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(loop_turn(0), 1);
	assert_int_equal(a.times, 1);
	assert_int_equal(b.times, 1);
	assert_int_equal(watch_open(&file.watch, fd), 0);
	assert_int_equal(file.watch.ready, POLLIN | POLLOUT);
	watch_close(&a.watch);
	watch_close(&b.watch);
	watch_close(&file.watch);
	assert_int_equal(watch_open(&a.watch, 1 << 20), -EBADF);
	assert_int_equal(a.watch.fd, -1);
	(void)close(fds[0]);
	(void)close(fds[1]);
	(void)close(fd);
}

enum { TIMERS = 100 };

struct bell {
	struct timer timer;
	int number;
};

static int order[TIMERS];
static int rung;

static void on_ring(struct timer *timer)
{
	order[rung++] = link_owner(timer, struct bell, timer)->number;
}

static void test_timers_ring_in_order(void **state)
{
	struct bell bells[TIMERS] = { 0 };
	int64_t now = clock_now();

	(void)state;
	for (int i = 0; i < TIMERS; i++) {
		bells[i] = (struct bell){ .timer.ring = on_ring, .number = i * 37 % TIMERS };
		timer_set(&bells[i].timer, now - 1000 + bells[i].number);
	}
	for (int i = 0; i < TIMERS; i++) {
		if (bells[i].number % 2)
			timer_set(&bells[i].timer, CLOCK_NEVER);
		if (bells[i].number == 2) /* moved to the end */
			timer_set(&bells[i].timer, now - 1);
	}
	assert_int_equal(loop_turn(0), 0);
	assert_int_equal(rung, TIMERS / 2);
	assert_int_equal(order[0], 0);
	for (int i = 1; i < rung - 1; i++)
		assert_int_equal(order[i], (i + 1) * 2);
	assert_int_equal(order[rung - 1], 2);
}

struct worker {
	struct turn turn;
	int turns, wanted;
};

static void on_turn(struct turn *turn)
{
	struct worker *worker = link_owner(turn, struct worker, turn);

	if (++worker->turns < worker->wanted)
		turn_ask(turn);
}

/* Nobody gets a second turn before everybody had the first. */
static void test_turns_are_fair(void **state)
{
	struct worker a = { .turn.go_on = on_turn, .wanted = 3 };
	struct worker b = { .turn.go_on = on_turn, .wanted = 1 };
	struct worker c = { .turn.go_on = on_turn, .wanted = 1 };

	(void)state;
	turn_ask(&a.turn);
	turn_ask(&a.turn);
	turn_ask(&b.turn);
	turn_ask(&c.turn);
	turn_leave(&c.turn);
	assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(a.turns, 1);
	assert_int_equal(b.turns, 1);
	assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(a.turns, 3);
	assert_int_equal(c.turns, 0);
	assert_int_equal(loop_turn(0), 0);
}

/* In a process that goes on with what its parent has open, too: a descriptor that is
 * forgotten and closed is the parent's still, and does not wake anybody here. */
static int forget_in_heir(int fds[2])
{
	struct heard heard = { .watch.wake = on_ready };
	pid_t pid;
	int status;

	assert_int_equal(watch_open(&heard.watch, fds[0]), 0);
	pid = fork();
	if (pid == 0) {
		if (loop_inherit() < 0)
			_exit(2);
		watch_forget(&heard.watch);
		(void)close(fds[0]);
		(void)!write(fds[1], "x", 1);
		(void)loop_turn(0);
		_exit(heard.times ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	watch_close(&heard.watch);
	return status;
}

static void test_inherited(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(forget_in_heir(fds), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_edges),
		TEST(test_closed_while_ready),
		TEST(test_odd_descriptors),
		TEST(test_timers_ring_in_order),
		TEST(test_turns_are_fair),
		TEST(test_inherited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
