/* SPDX-License-Identifier: MIT */
/* Patience; see nc_retry.h. */

#include "tool/nc_retry.h"

#include "base/clock.h"
#include "task/task.h"

enum { PAUSE = 100 * CLOCK_US_PER_MS };

void nc_retry_begin(struct nc_retry *retry, int64_t limit_us)
{
	retry->until = limit_us ? clock_after(limit_us) : 0;
}

int nc_retry_pause(const struct nc_retry *retry)
{
	int64_t left = retry->until - clock_now();
	int r;

	if (left <= 0)
		return 0;
	r = task_sleep(MIN(left, PAUSE));
	return r < 0 ? r : 1;
}
