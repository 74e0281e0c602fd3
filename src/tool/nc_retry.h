/* SPDX-License-Identifier: MIT */
#pragma once

/* --wait-for: the same attempt again and again, until it works or the time is over. */

#include "base/base.h"
#include "tool/nc_dial.h"

struct nc_retry {
	int64_t until; /* the moment (clock.h) after which nothing is tried; 0: try once */
};

void nc_retry_begin(struct nc_retry *retry, int64_t limit_us); /* 0: one attempt only */

/* After an attempt that failed: waits a little.  1: try again; 0: that was the last;
 * -ECANCELED. */
int nc_retry_pause(const struct nc_retry *retry);

/* nc_dial() until limit_us is over (0: once); only the last attempt is told. */
int nc_retry_dial(const struct nc_place *place, int64_t limit_us, uint16_t port, int *ret_fd,
		  struct net_address *ret_to, struct err *err);
