/* SPDX-License-Identifier: MIT */
#pragma once

/* The one buffered writer of a listing.  An error is kept until the end, so
 * that nobody has to ask in between. */

#include "base/base.h"

enum { OUTPUT_SIZE = 1 << 16 };

struct output {
	int fd;
	int error; /* the first negative errno; later writes do nothing */
	size_t used;
	char data[OUTPUT_SIZE];
};

void output_bytes(struct output *output, const void *data, size_t len);
void output_blanks(struct output *output, size_t count);
void output_format(struct output *output, const char *format, ...) printf_like(2, 3);

/* Writes what is buffered.  0 or the first -errno. */
int output_flush(struct output *output);
