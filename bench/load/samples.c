/* SPDX-License-Identifier: MIT */
/* All of them are kept: percentiles are exact. */

#include "samples.h"

#include <stdlib.h>

void samples_add(struct samples *s, int64_t ns)
{
	if (s->count == s->size) {
		s->size = MAX(s->size * 2, (size_t)4096);
		s->ns = mem_resize(s->ns, s->size, sizeof(*s->ns));
	}
	s->ns[s->count++] = (uint32_t)MIN(ns, (int64_t)UINT32_MAX);
}

static int by_size(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double samples_percentile(struct samples *s, double percent)
{
	if (s->count == 0)
		return 0;

	qsort(s->ns, s->count, sizeof(*s->ns), by_size);
	return s->ns[(size_t)((double)(s->count - 1) * percent / 100)] / 1000.0;
}

void samples_done(struct samples *s)
{
	free(s->ns);
}
