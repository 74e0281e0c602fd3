/* SPDX-License-Identifier: MIT */
#pragma once

/* Time that only moves forward, in microseconds. */

#include "base/base.h"

enum { CLOCK_US_PER_MS = 1000, CLOCK_US_PER_S = 1000000 };
static const int64_t CLOCK_NEVER = INT64_MAX;

/* CLOCK_MONOTONIC now. */
int64_t clock_now(void);

/* The moment that is so many microseconds from now; CLOCK_NEVER when
 * microseconds is negative or too large. */
int64_t clock_after(int64_t microseconds);

/* Milliseconds from now until the moment, for poll(2): rounded up, 0 if it is
 * over, -1 for CLOCK_NEVER. */
int clock_poll_timeout(int64_t moment);
