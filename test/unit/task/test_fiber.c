/* SPDX-License-Identifier: MIT */
/* Fibers, by themselves and under the loop; the build makes this program for each of
 * their implementations. */

#include "task/fiber.h"

#include "base/clock.h"
#include "task/loop.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { MANY = 200 };

static char trace[64];

static void say(const char *word)
{
	size_t len = strlen(trace);

	assert_true(len + strlen(word) < sizeof(trace));
	memcpy(trace + len, word, strlen(word) + 1);
}

static struct fiber *stopped;

static void stops_twice(void *arg)
{
	say(arg);
	stopped = fiber_current();
	fiber_suspend();
	say("2");
	fiber_suspend();
	say("3");
}

static void test_suspend_and_resume(void **state)
{
	char name[] = "1";

	(void)state;
	trace[0] = '\0';
	assert_null(fiber_current());
	assert_int_equal(fiber_start(stops_twice, name), 0);
	say("a");
	fiber_resume(stopped);
	say("b");
	assert_null(fiber_current());
	fiber_resume(stopped);
	assert_string_equal(trace, "1a2b3");
}

static void inner(void *arg)
{
	(void)arg;
	say("in");
}

static void outer(void *arg)
{
	say("<");
	assert_int_equal(fiber_start(inner, arg), 0);
	say(">");
}

static void test_one_starts_another(void **state)
{
	(void)state;
	trace[0] = '\0';
	assert_int_equal(fiber_start(outer, NULL), 0);
	assert_string_equal(trace, "<in>");
}

/* Deep enough to show that each has a stack of its own. */
static int depth(int n, volatile char *above)
{
	volatile char here[512];

	here[0] = *above;
	return n ? depth(n - 1, here) : here[0];
}

struct reader {
	int fd;
	int result;
	char byte;
	int64_t deadline;
};

static void waits(void *arg)
{
	struct reader *r = arg;
	volatile char mark = 'm';

	(void)task_deadline(r->deadline);
	r->result = task_wait(r->fd, POLLIN);
	if (r->result == 0 && read(r->fd, &r->byte, 1) != 1)
		r->result = -errno;
	assert_int_equal(depth(100, &mark), 'm');
	assert_int_equal(task_deadline(CLOCK_NEVER), r->deadline);
}

/* All wait at once; each is woken by its own byte, the last one by its deadline. */
static void test_many_wait(void **state)
{
	static struct reader readers[MANY];
	int fds[MANY][2];
	int64_t before;

	(void)state;
	assert_int_equal(loop_open(), 0);
	before = task_deadline(clock_after(20 * CLOCK_US_PER_S));
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(pipe2(fds[i], O_CLOEXEC), 0);
		readers[i] = (struct reader){ .fd = fds[i][0], .result = 1,
					      .deadline = CLOCK_NEVER };
	}
	readers[MANY - 1].deadline = clock_after(1000);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(task_start(waits, &readers[i]), 0);
	for (int i = MANY - 2; i >= 0; i--) {
		char byte = (char)i;

		assert_int_equal(readers[i].result, 1);
		assert_int_equal(write(fds[i][1], &byte, 1), 1);
	}
	assert_int_equal(task_sleep(2000), 0);
	for (int i = 0; i < MANY - 1; i++) {
		assert_int_equal(readers[i].result, 0);
		assert_int_equal(readers[i].byte, (char)i);
	}
	assert_int_equal(readers[MANY - 1].result, -ETIMEDOUT);
	for (int i = 0; i < MANY; i++) {
		(void)close(fds[i][0]);
		(void)close(fds[i][1]);
	}
	(void)task_deadline(before);
	loop_close();
	fiber_tidy();
}

static int slow(void *arg)
{
	return *(const int *)arg;
}

static void offloads(void *arg)
{
	int *value = arg;

	*value = task_offload(slow, value) + 1;
}

static void test_offload(void **state)
{
	int value = 41;

	(void)state;
	assert_int_equal(loop_open(), 0);
	assert_int_equal(task_start(offloads, &value), 0);
	while (value == 41)
		assert_int_equal(task_turn(), 0);
	assert_int_equal(value, 42);
	loop_close();
	fiber_tidy();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suspend_and_resume),
		cmocka_unit_test(test_one_starts_another),
		cmocka_unit_test(test_many_wait),
		cmocka_unit_test(test_offload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
