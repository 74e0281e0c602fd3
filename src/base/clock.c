/* SPDX-License-Identifier: MIT */
/* Monotonic time; see clock.h. */

#include "base/clock.h"

#include <limits.h>
#include <time.h>

int64_t clock_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * CLOCK_US_PER_S + now.tv_nsec / 1000;
}

int64_t clock_after(int64_t microseconds)
{
	int64_t now = clock_now();

	if (microseconds < 0 || microseconds > INT64_MAX - now)
		return CLOCK_NEVER;
	return now + microseconds;
}

int clock_poll_timeout(int64_t moment)
{
	int64_t left;

	if (moment == CLOCK_NEVER)
		return -1;
	left = moment - clock_now();
	if (left <= 0)
		return 0;
	left = left / CLOCK_US_PER_MS + (left % CLOCK_US_PER_MS != 0);
	return (int)MIN(left, (int64_t)INT_MAX);
}
