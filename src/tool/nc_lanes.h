/* SPDX-License-Identifier: MIT */
#pragma once

/* Work that never waits, done by several processors at once. */

#include "base/base.h"

enum { NC_LANES_MAX = 16 };

/* How many lanes are worth while for so many pieces of work: one per processor this
 * process may use, and none for less than `least` pieces.  1..NC_LANES_MAX. */
size_t nc_lanes_for(size_t pieces, size_t least);

/* Calls fn(context, lane) for lane 0..n-1 at once, lane 0 on this thread, and returns
 * when all have returned.  Signals reach this thread only; no other lane may wait through
 * task/.  A thread that cannot be had is made up for: its lane runs last, on this one. */
void nc_lanes_run(size_t n, void (*fn)(void *context, size_t lane), void *context);
