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

int nc_retry_dial(const struct nc_place *place, int64_t limit_us, uint16_t port, int *ret_fd,
		  struct net_address *ret_to, struct err *err)
{
	struct nc_place quiet = *place;
	struct nc_retry retry;
	int r = 0;

	quiet.observer = NULL;
	nc_retry_begin(&retry, limit_us);
	while (limit_us) {
		r = nc_dial(&quiet, port, ret_fd, ret_to, err);
		if (r != 0)
			break; /* connected, or there is no such host */
		r = nc_retry_pause(&retry);
		if (r <= 0)
			break;
	}
	return r ? r : nc_dial(place, port, ret_fd, ret_to, err);
}
