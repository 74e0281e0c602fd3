/* SPDX-License-Identifier: MIT */
/* Children: counted, reaped, waited for, forgotten; with signals as in a
 * program and without them as in a library. */

#include "task/child.h"

#include "base/log.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static struct {
	size_t n;
	enum log_level level;
	char text[256];
} heard;

static void hear(void *context, enum log_level level, const char *text)
{
	(void)context;
	heard.n++;
	heard.level = level;
	(void)snprintf(heard.text, sizeof(heard.text), "%s", text);
}

/* A child that ends with the status at once. */
static pid_t start_short(enum child_kind kind, int status)
{
	pid_t pid = child_fork(kind);

	if (pid == 0)
		_exit(status);
	assert_true(pid > 0);
	return pid;
}

/* A child that ends when the write end of the pipe is closed. */
static pid_t start_long(enum child_kind kind, const int fds[2])
{
	pid_t pid = child_fork(kind);
	char byte;

	if (pid == 0) {
		(void)close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 0 ? 7 : 1);
	}
	assert_true(pid > 0);
	return pid;
}

/* Waits until it is a zombie, without reaping it. */
static void await_death(pid_t pid)
{
	siginfo_t info;
	int r;

	do
		r = waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	while (r < 0 && errno == EINTR);
	assert_int_equal(r, 0);
}

static void test_wait(void **state)
{
	int fds[2], status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = start_long(CHILD_PROGRAM, fds);
	(void)close(fds[0]);
	assert_int_equal(child_count(CHILD_PROGRAM), 1);
	assert_int_equal(child_count(CHILD_SESSION), 0);
	assert_false(child_ended(pid, &status));

	(void)task_deadline(1);
	assert_int_equal(child_wait(pid), -ETIMEDOUT);
	(void)task_deadline(CLOCK_NEVER);
	assert_false(child_ended(pid, &status));
	assert_int_equal(status, -1);

	(void)close(fds[1]);
	assert_int_equal(child_wait(pid), 0);
	assert_true(child_ended(pid, &status));
	assert_int_equal(WEXITSTATUS(status), 7);
	assert_int_equal(child_count(CHILD_PROGRAM), 0);
	assert_int_equal(child_wait(pid), 0);
	child_forget(pid);
	assert_false(child_ended(pid, &status));
	assert_int_equal(child_wait(pid), 0);
}

static void test_early_death_is_not_missed(void **state)
{
	pid_t pid = start_short(CHILD_PROGRAM, 3);
	int status;

	(void)state;
	await_death(pid);
	assert_int_equal(child_count(CHILD_PROGRAM), 1);
	assert_int_equal(child_wait(pid), 0);
	assert_true(child_ended(pid, &status));
	assert_int_equal(WEXITSTATUS(status), 3);
	child_forget(pid);
}

static void test_counts_of_many(void **state)
{
	enum { MANY = 20 };
	pid_t pids[MANY];
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	for (size_t i = 0; i < MANY; i++)
		pids[i] = i % 2 ? start_short(CHILD_SESSION, 0) : start_long(CHILD_SESSION, fds);
	assert_int_equal(child_count(CHILD_SESSION), MANY);
	for (size_t i = 1; i < MANY; i += 2)
		await_death(pids[i]);
	child_reap();
	assert_int_equal(child_count(CHILD_SESSION), MANY / 2);

	(void)close(fds[0]);
	(void)close(fds[1]);
	for (size_t i = 0; i < MANY; i += 2)
		assert_int_equal(child_wait(pids[i]), 0);
	assert_int_equal(child_count(CHILD_SESSION), 0);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void test_forgotten_while_alive(void **state)
{
	int fds[2], status;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	pid = start_long(CHILD_PROGRAM, fds);
	child_forget(pid);
	assert_int_equal(child_count(CHILD_PROGRAM), 0);
	(void)close(fds[0]);
	(void)close(fds[1]);
	await_death(pid);
	heard.n = 0;
	child_reap();
	/* no zombie, no question, no message */
	assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
	assert_false(child_ended(pid, &status));
	assert_int_equal(heard.n, 0);
}

static void test_child_has_no_family(void **state)
{
	int fds[2], status;
	pid_t sibling, pid;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	sibling = start_long(CHILD_SESSION, fds);
	pid = child_fork(CHILD_PROGRAM);
	if (pid == 0)
		_exit(child_count(CHILD_SESSION) == 0 && child_count(CHILD_PROGRAM) == 0 ? 0 : 1);
	assert_int_equal(child_wait(pid), 0);
	assert_true(child_ended(pid, &status));
	assert_int_equal(status, 0);
	child_forget(pid);
	(void)close(fds[0]);
	(void)close(fds[1]);
	assert_int_equal(child_wait(sibling), 0);
}

/* A program that is known for one before its end is. */
static pid_t start_program(int status)
{
	pid_t pid = start_short(CHILD_STARTING, status);

	child_started(pid);
	return pid;
}

static void check_event(pid_t pid, enum log_level level, const char *end)
{
	char expected[256];

	heard.n = 0;
	assert_int_equal(child_wait(pid), 0);
	(void)snprintf(expected, sizeof(expected), "waitpid(): child %d exited %s", (int)pid, end);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.level, level);
	assert_string_equal(heard.text, expected);
	child_forget(pid);
}

static void test_events(void **state)
{
	pid_t pid;

	(void)state;
	check_event(start_short(CHILD_PROGRAM, 0), LEVEL_INFO, "with status 0");
	check_event(start_short(CHILD_PROGRAM, 130), LEVEL_WARN, "with status 130");
	check_event(start_short(CHILD_SESSION, 1), LEVEL_INFO, "with status 1");
	pid = child_fork(CHILD_PROGRAM);
	if (pid == 0) {
		(void)signal(SIGKILL, SIG_DFL);
		(void)kill(getpid(), SIGKILL);
	}
	check_event(pid, LEVEL_WARN, "on signal 9");
}

/* Whether a child has become a program may be known only after its end. */
static void test_events_of_what_was_starting(void **state)
{
	pid_t failed = start_short(CHILD_STARTING, 127),
	      short_lived = start_short(CHILD_STARTING, 1);
	int status;

	(void)state;
	heard.n = 0;
	assert_int_equal(child_wait(failed), 0);
	assert_int_equal(child_wait(short_lived), 0);
	assert_true(child_ended(failed, &status));
	assert_int_equal(WEXITSTATUS(status), 127);
	child_forget(failed);
	assert_int_equal(heard.n, 0);
	child_started(short_lived);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.level, LEVEL_WARN);
	child_forget(short_lived);
	check_event(start_program(3), LEVEL_WARN, "with status 3");
}

/* Only in a library: whoever called us wants to wait for his own children. */
static void test_library_leaves_other_children_alone(void **state)
{
	pid_t own = start_short(CHILD_PROGRAM, 0), other = fork();
	int status;

	(void)state;
	if (other == 0)
		_exit(9);
	await_death(other);
	await_death(own);
	child_reap();
	assert_true(child_ended(own, &status));
	child_forget(own);
	assert_int_equal(waitpid(other, &status, WNOHANG), other);
	assert_int_equal(WEXITSTATUS(status), 9);
}

/* Only in a program: children that an earlier program of this process left. */
static void test_program_reaps_strangers(void **state)
{
	pid_t other = fork();

	(void)state;
	if (other == 0)
		_exit(9);
	await_death(other);
	child_reap();
	assert_int_equal(waitpid(other, NULL, WNOHANG), -1);
}

static void test_end_wakes_a_wait(void **state)
{
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	(void)start_long(CHILD_SESSION, fds);
	(void)close(fds[0]);
	(void)close(fds[1]);
	while (child_count(CHILD_SESSION))
		assert_int_equal(task_wait_signal(), 0);
}

static int open_signals(void **state)
{
	(void)state;
	return signals_open();
}

int main(void)
{
	const struct CMUnitTest library[] = {
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_early_death_is_not_missed),
		cmocka_unit_test(test_counts_of_many),
		cmocka_unit_test(test_forgotten_while_alive),
		cmocka_unit_test(test_child_has_no_family),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_events_of_what_was_starting),
		cmocka_unit_test(test_library_leaves_other_children_alone),
	};
	const struct CMUnitTest program[] = {
		cmocka_unit_test(test_wait),
		cmocka_unit_test(test_early_death_is_not_missed),
		cmocka_unit_test(test_counts_of_many),
		cmocka_unit_test(test_forgotten_while_alive),
		cmocka_unit_test(test_child_has_no_family),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_events_of_what_was_starting),
		cmocka_unit_test(test_program_reaps_strangers),
		cmocka_unit_test(test_end_wakes_a_wait),
	};

	log_open(hear, NULL, LEVEL_INFO);
	return cmocka_run_group_tests(library, NULL, NULL) +
	       cmocka_run_group_tests(program, open_signals, NULL);
}
