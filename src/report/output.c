/* SPDX-License-Identifier: MIT */
/* Buffering before write(2). */

#include "report/output.h"
#include "base/fd.h"

#include <stdarg.h>
#include <stdio.h>

int output_flush(struct output *output)
{
	if (!output->error && output->used)
		output->error = fd_write_all(output->fd, output->data, output->used);
	output->used = 0;
	return output->error;
}

void output_slowly(struct output *output, const void *data, size_t len)
{
	const char *at = data;

	while (len) {
		size_t part = MIN(len, sizeof(output->data) - output->used);

		memcpy(output->data + output->used, at, part);
		output->used += part;
		at += part;
		len -= part;
		if (output->used == sizeof(output->data))
			(void)output_flush(output);
	}
}

void output_blanks(struct output *output, size_t count)
{
	static const char blanks[2 * OUTPUT_SLACK] = "                                ";

	if (count <= OUTPUT_SLACK) {
		output_slack(output, blanks, count);
		return;
	}
	while (count) {
		size_t part = MIN(count, sizeof(output->data) - output->used);

		memset(output->data + output->used, ' ', part);
		output->used += part;
		count -= part;
		if (output->used == sizeof(output->data))
			(void)output_flush(output);
	}
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
