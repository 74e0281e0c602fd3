/* SPDX-License-Identifier: MIT */
/* Moments and what poll(2) is told about them. */

#include "base/clock.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_never_goes_back(void **state)
{
	int64_t before = clock_now();

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int64_t now = clock_now();

		assert_true(now >= before);
		before = now;
	}
}

static void test_after(void **state)
{
	int64_t now = clock_now();

	(void)state;
	assert_true(clock_after(0) >= now);
	assert_true(clock_after(CLOCK_US_PER_S) >= now + CLOCK_US_PER_S);
	assert_true(clock_after(-1) == CLOCK_NEVER);
	assert_true(clock_after(INT64_MAX) == CLOCK_NEVER);
	assert_true(clock_after(INT64_MIN) == CLOCK_NEVER);
}

static void test_poll_timeout(void **state)
{
	(void)state;
	assert_int_equal(clock_poll_timeout(CLOCK_NEVER), -1);
	assert_int_equal(clock_poll_timeout(0), 0);
	assert_int_equal(clock_poll_timeout(clock_now()), 0);
	assert_int_equal(clock_poll_timeout(CLOCK_NEVER - 1), INT_MAX);
	/* what is left of a millisecond is a whole one, never a busy loop */
	assert_in_range(clock_poll_timeout(clock_after(3600LL * CLOCK_US_PER_S + 1)), 1, 3600001);
	assert_in_range(clock_poll_timeout(clock_after(10 * CLOCK_US_PER_S)), 1, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_never_goes_back),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_poll_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
