/* SPDX-License-Identifier: MIT */
/* Each lane runs once, and the caller goes on when all have. */

#include "tool/nc_lanes.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <cmocka.h>

struct record {
	atomic_int runs[NC_LANES_MAX];
	atomic_int deaf; /* lanes that signals do not reach */
};

static void note(void *context, size_t lane)
{
	struct record *record = context;
	sigset_t blocked;

	(void)pthread_sigmask(SIG_BLOCK, NULL, &blocked);
	record->deaf += sigismember(&blocked, SIGTERM);
	record->runs[lane]++;
}

static void test_each_lane_runs_once(void **state)
{
	(void)state;
	for (size_t n = 1; n <= NC_LANES_MAX; n++) {
		struct record record = { 0 };

		nc_lanes_run(n, note, &record);
		for (size_t i = 0; i < NC_LANES_MAX; i++)
			assert_int_equal(record.runs[i], i < n);
		assert_int_equal(record.deaf, n - 1);
	}
}

static void test_how_many(void **state)
{
	(void)state;
	assert_int_equal(nc_lanes_for(0, 10), 1);
	assert_int_equal(nc_lanes_for(19, 10), 1);
	assert_in_range(nc_lanes_for(20, 10), 1, 2);
	assert_in_range(nc_lanes_for(SIZE_MAX, 1), 1, NC_LANES_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_lane_runs_once),
		cmocka_unit_test(test_how_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
