/* SPDX-License-Identifier: MIT */
#pragma once

/* The one buffered writer of a listing.  An error is kept until the end, so
 * that nobody has to ask in between. */

#include "base/base.h"

#include <string.h>

enum { OUTPUT_SIZE = 1 << 16, OUTPUT_SLACK = 32 };

struct output {
	int fd;
	int error; /* the first negative errno; later writes do nothing */
	size_t used;
	char data[OUTPUT_SIZE];
};

void output_slowly(struct output *output, const void *data, size_t len); /* flushes */

static inline void output_bytes(struct output *output, const void *data, size_t len)
{
	if (len >= sizeof(output->data) - output->used) {
		output_slowly(output, data, len);
		return;
	}
	memcpy(output->data + output->used, data, len);
	output->used += len;
}

/* The same for data after which OUTPUT_SLACK bytes may be read: short ones, which
 * are most, are copied with a fixed size, without a call. */
static inline void output_slack(struct output *output, const void *data, size_t len)
{
	if (len > OUTPUT_SLACK || sizeof(output->data) - output->used <= OUTPUT_SLACK) {
		output_bytes(output, data, len);
		return;
	}
	memcpy(output->data + output->used, data, OUTPUT_SLACK);
	output->used += len;
}

void output_blanks(struct output *output, size_t count);
void output_format(struct output *output, const char *format, ...) printf_like(2, 3);

/* Writes what is buffered.  0 or the first -errno. */
int output_flush(struct output *output);
