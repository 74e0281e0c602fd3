/* SPDX-License-Identifier: MIT */
/* Line ends; see newline.h. */

#include "relay/newline.h"

#include <string.h>

static size_t replace(char *data, size_t len, char from, char to)
{
	for (char *at = data; (at = memchr(at, from, len - (size_t)(at - data))); at++)
		*at = to;
	return len;
}

static size_t drop(char *data, size_t len, char byte)
{
	size_t kept = 0;

	for (size_t i = 0; i < len; i++)
		if (data[i] != byte)
			data[kept++] = data[i];
	return kept;
}

/* From the back, so that nothing is overwritten before it was moved. */
static size_t double_newlines(char *data, size_t len)
{
	size_t extra = 0, to;

	for (size_t i = 0; i < len; i++)
		extra += data[i] == '\n';
	to = len + extra;
	for (size_t i = len; i > 0; i--) {
		data[--to] = data[i - 1];
		if (data[i - 1] == '\n')
			data[--to] = '\r';
	}
	return len + extra;
}

size_t newline_convert(enum newline from, enum newline to, char *data, size_t len)
{
	if (from == to)
		return len;
	if (from == NEWLINE_CR)
		len = replace(data, len, '\r', '\n');
	else if (from == NEWLINE_CRNL)
		len = drop(data, len, '\r');
	if (to == NEWLINE_CR)
		len = replace(data, len, '\n', '\r');
	else if (to == NEWLINE_CRNL)
		len = double_newlines(data, len);
	return len;
}
