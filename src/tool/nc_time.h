/* SPDX-License-Identifier: MIT */
#pragma once

/* Times and sizes with units, as users write them.  Pure. */

#include "base/base.h"

enum { NC_TIME_MAX = 2147483 }; /* seconds; what ncat takes */

/* "1", "0.5", "500ms", "10s", "5m", "1h": microseconds, more than 0 and less than
 * NC_TIME_MAX.  0, -EINVAL, -ERANGE; -EDOM: 100 or more without a unit, which once meant
 * milliseconds, so that nobody can know. */
int nc_time_parse(const char *text, int64_t *ret_us);

/* "1000", "64k", "1.5M", "1G", also "MiB" and "MB": bytes, at least 1; k, M and G are
 * powers of 1024.  0, -EINVAL, -ERANGE. */
int nc_size_parse(const char *text, int64_t *ret);

/* "1.5 MiB", "12 B": for people.  Returns out. */
const char *nc_size_text(int64_t bytes, char *out, size_t size);
