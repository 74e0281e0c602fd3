/* SPDX-License-Identifier: MIT */
/* Handshakes that do not take for ever; see nc_secure.h. */

#include "tool/nc_secure.h"

#include "base/clock.h"
#include "task/task.h"
#include "tool/nc_tls.h"

enum { SERVER_LIMIT = 30 }; /* seconds */

int nc_tls_in_time(const struct nc_place *place, struct stream **s, struct err *err)
{
	long long seconds = place->limit > 0 ? place->limit : SERVER_LIMIT;
	int64_t before = task_deadline(clock_after(seconds * CLOCK_US_PER_S));
	int r = nc_tls_over(place->tls, s, place->host, err);

	(void)task_deadline(before);
	return r;
}
