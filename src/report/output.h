/* SPDX-License-Identifier: MIT */
#pragma once

/* The one buffered writer of a listing.  An error is kept until the end, so
 * that nobody has to ask in between. */

#include "base/base.h"

#include <string.h>

enum { OUTPUT_SIZE = 1 << 16 };

struct output {
	int fd;
	int error; /* the first negative errno; later writes do nothing */
	char *data;
	size_t used, size;
};

/* fd stays the caller's; done does not write what is still buffered. */
void output_init(struct output *output, int fd);
void output_done(struct output *output);

/* Room for so many bytes; output_put() tells where those that were written end. */
char *output_make_room(struct output *output, size_t len);

static inline char *output_room(struct output *output, size_t len)
{
	if (len > output->size - output->used)
		return output_make_room(output, len);
	return output->data + output->used;
}

static inline void output_put(struct output *output, const char *end)
{
	output->used = (size_t)(end - output->data);
}

void output_bytes(struct output *output, const void *data, size_t len);
void output_format(struct output *output, const char *format, ...) printf_like(2, 3);

/* Writes what is buffered.  0 or the first -errno. */
int output_flush(struct output *output);
