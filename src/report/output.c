/* SPDX-License-Identifier: MIT */
/* Buffering before write(2). */

#include "report/output.h"
#include "base/fd.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void output_init(struct output *output, int fd)
{
	*output = (struct output){ .fd = fd };
}

void output_done(struct output *output)
{
	free(output->data);
	output->data = NULL;
}

int output_flush(struct output *output)
{
	if (!output->error && output->used)
		output->error = fd_write_all(output->fd, output->data, output->used);
	output->used = 0;
	return output->error;
}

char *output_make_room(struct output *output, size_t len)
{
	(void)output_flush(output);
	if (len > output->size) {
		output->size = MAX(len, (size_t)OUTPUT_SIZE);
		output->data = mem_resize(output->data, output->size, 1);
	}
	return output->data;
}

void output_bytes(struct output *output, const void *data, size_t len)
{
	char *room;

	if (!len)
		return; /* there may be no buffer yet, nor data */
	room = output_room(output, len);
	memcpy(room, data, len);
	output_put(output, room + len);
}

void output_format(struct output *output, const char *format, ...)
{
	char line[256];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (len > 0)
		output_bytes(output, line, MIN((size_t)len, sizeof(line) - 1));
}
