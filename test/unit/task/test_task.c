/* SPDX-License-Identifier: MIT */
/* Waiting: for descriptors, for time, for calls on a helper thread; until the
 * deadline or until a signal ends the program.
 *
 * The order of the tests matters: a process that a signal has ended stays so,
 * and signals once opened stay open; each such case runs in a child. */

#include "task/task.h"

#include "task/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Long past, and so far away that a test which waited for it would be killed. */
static const int64_t PAST = 1, FAR = 3600LL * CLOCK_US_PER_S;

static void make_pipe(int fds[2])
{
	assert_int_equal(pipe(fds), 0);
}

static void close_pipe(const int fds[2])
{
	(void)close(fds[0]);
	(void)close(fds[1]);
}

static void test_ready_descriptor(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	assert_int_equal(task_wait(fds[1], POLLOUT), 0);
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(task_wait(fds[0], POLLIN), 0);
	close_pipe(fds);
}

static void test_hangup_counts_as_ready(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	(void)close(fds[1]);
	assert_int_equal(task_wait(fds[0], POLLIN), 0);
	(void)close(fds[0]);
}

static void test_closed_descriptor(void **state)
{
	int fds[2];

	(void)state;
	make_pipe(fds);
	close_pipe(fds);
	assert_int_equal(task_wait(fds[0], POLLIN), -EBADF);
}

static void test_deadline(void **state)
{
	int64_t previous, soon;
	int fds[2];

	(void)state;
	make_pipe(fds);
	previous = task_deadline(PAST);
	assert_true(previous == CLOCK_NEVER);
	assert_int_equal(task_wait(fds[0], POLLIN), -ETIMEDOUT);
	assert_int_equal(task_wait_signal(), -ETIMEDOUT);
	assert_int_equal(task_wait_signal_until(PAST), 0);

	soon = clock_after(2 * CLOCK_US_PER_MS);
	assert_true(task_deadline(soon) == PAST);
	assert_int_equal(task_wait(fds[0], POLLIN), -ETIMEDOUT);
	assert_true(clock_now() >= soon);

	/* what is ready is ready, even when time is over */
	assert_int_equal(write(fds[1], "x", 1), 1);
	assert_int_equal(task_wait(fds[0], POLLIN), 0);
	assert_true(task_deadline(previous) == soon);
	close_pipe(fds);
}

static void test_sleep(void **state)
{
	int64_t start = clock_now();

	(void)state;
	assert_int_equal(task_sleep(0), 0);
	assert_int_equal(task_sleep(2 * CLOCK_US_PER_MS), 0);
	assert_true(clock_now() - start >= 2 * CLOCK_US_PER_MS);

	(void)task_deadline(PAST);
	assert_int_equal(task_sleep(FAR), -ETIMEDOUT);
	(void)task_deadline(clock_after(FAR));
	assert_int_equal(task_sleep(1), 0);
	(void)task_deadline(CLOCK_NEVER);
}

static int answer(void *arg)
{
	*(pthread_t *)arg = pthread_self();
	return 42;
}

/* Blocks until somebody writes; what it got is its result. */
static int read_byte(void *arg)
{
	unsigned char byte;

	return read(*(int *)arg, &byte, 1) == 1 ? byte : -errno;
}

static void test_offload_is_a_plain_call_without_deadline_and_signals(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(task_offload(answer, &thread), 42);
	assert_true(pthread_equal(thread, pthread_self()));
}

static void test_offload_with_deadline(void **state)
{
	pthread_t thread = pthread_self();
	int fds[2];

	(void)state;
	make_pipe(fds);
	(void)task_deadline(clock_after(FAR));
	assert_int_equal(task_offload(answer, &thread), 42);
	assert_int_equal(write(fds[1], "a", 1), 1);
	assert_int_equal(task_offload(read_byte, &fds[0]), 'a');

	(void)task_deadline(clock_after(2 * CLOCK_US_PER_MS));
	assert_int_equal(task_offload(read_byte, &fds[0]), -ETIMEDOUT);
	(void)task_deadline(CLOCK_NEVER);

	/* the helper is gone and took nothing: the byte is still there for us */
	assert_int_equal(write(fds[1], "b", 1), 1);
	assert_int_equal(read_byte(&fds[0]), 'b');
	close_pipe(fds);
}

/* A call that is over before anybody waits for it, and cannot be cut off. */
static int open_in_vain(void *arg)
{
	int state;

	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	*(int *)arg = dup(STDERR_FILENO);
	return *(int *)arg;
}

static void test_offload_keeps_a_result_that_came_too_late(void **state)
{
	int fd = -1, result;

	(void)state;
	(void)task_deadline(PAST);
	result = task_offload(open_in_vain, &fd);
	(void)task_deadline(CLOCK_NEVER);
	assert_true(fd >= 0);
	assert_int_equal(result, fd);
	(void)close(fd);
}

/* Runs body in a child; its return value is the exit status, 0 for success. */
static void assert_in_child(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

#define check(question)                        \
	do {                                   \
		if (!(question))               \
			return __LINE__ % 256; \
	} while (0)

/* Sends SIGTERM to its parent once that has had time to fall asleep; the parent
 * does not depend on it: a signal before the wait counts as well. */
static pid_t start_killer(void)
{
	pid_t parent = getpid(), pid = fork();

	if (pid == 0) {
		(void)poll(NULL, 0, 5);
		(void)kill(parent, SIGTERM);
		_exit(0);
	}
	return pid;
}

static int cancelled_wait(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	check(signals_open() == 0);
	signals_end_on(SIGTERM);
	check(signals_ending() == 0);
	(void)start_killer();
	check(task_wait(fds[0], POLLIN) == -ECANCELED);
	check(signals_ending() == SIGTERM);
	/* from then on all waits end, also those for what is ready */
	check(task_wait(fds[1], POLLOUT) == -ECANCELED);
	check(task_sleep(FAR) == -ECANCELED);
	check(task_wait_signal() == -ECANCELED);
	check(task_wait_signal_until(CLOCK_NEVER) == -ECANCELED);
	return 0;
}

static void test_signal_cancels_waits(void **state)
{
	(void)state;
	assert_in_child(cancelled_wait);
}

static int cancelled_offload(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	check(signals_open() == 0);
	signals_end_on(SIGTERM);
	(void)start_killer();
	check(task_offload(read_byte, &fds[0]) == -ECANCELED);
	check(write(fds[1], "a", 1) == 1);
	check(read_byte(&fds[0]) == 'a');
	return 0;
}

static void test_signal_cancels_an_offloaded_call(void **state)
{
	(void)state;
	assert_in_child(cancelled_offload);
}

static int signal_before_the_wait(void)
{
	check(signals_open() == 0);
	signals_end_on(SIGINT);
	check(raise(SIGINT) == 0);
	check(task_sleep(FAR) == -ECANCELED);
	check(signals_ending() == SIGINT);
	/* the first one counts */
	signals_end_on(SIGTERM);
	check(raise(SIGTERM) == 0);
	check(signals_ending() == SIGINT);
	return 0;
}

static void test_signal_before_the_wait(void **state)
{
	(void)state;
	assert_in_child(signal_before_the_wait);
}

static int noted_signal(void)
{
	int fds[2];

	check(pipe(fds) == 0);
	check(signals_open() == 0);
	signals_note(SIGUSR1);
	check(!signals_take(SIGUSR1));
	check(raise(SIGUSR1) == 0);
	check(task_wait_signal() == 0);
	check(signals_take(SIGUSR1));
	check(!signals_take(SIGUSR1));

	/* it does not end a wait for a descriptor */
	check(raise(SIGUSR1) == 0);
	(void)task_deadline(clock_after(2 * CLOCK_US_PER_MS));
	check(task_wait(fds[0], POLLIN) == -ETIMEDOUT);
	check(signals_take(SIGUSR1));
	check(signals_ending() == 0);
	return 0;
}

static void test_noted_signal_wakes_and_goes_on(void **state)
{
	(void)state;
	assert_in_child(noted_signal);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ready_descriptor),
		cmocka_unit_test(test_hangup_counts_as_ready),
		cmocka_unit_test(test_closed_descriptor),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_sleep),
		cmocka_unit_test(test_offload_is_a_plain_call_without_deadline_and_signals),
		cmocka_unit_test(test_offload_with_deadline),
		cmocka_unit_test(test_offload_keeps_a_result_that_came_too_late),
		cmocka_unit_test(test_signal_cancels_waits),
		cmocka_unit_test(test_signal_cancels_an_offloaded_call),
		cmocka_unit_test(test_signal_before_the_wait),
		cmocka_unit_test(test_noted_signal_wakes_and_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
