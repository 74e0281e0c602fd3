/* SPDX-License-Identifier: MIT */
#pragma once

/* Durations, and how they are spread. */

#include "base/base.h"

struct samples {
	uint32_t *ns;
	size_t count;
	size_t size;
};

void samples_add(struct samples *samples, int64_t ns);

/* Microseconds; the samples get sorted.  0 if there are none. */
double samples_percentile(struct samples *samples, double percent);
void samples_done(struct samples *samples);
