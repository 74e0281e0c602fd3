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

/* Each end of a line becomes CR LF.  From the back, so that nothing is overwritten
 * before it was moved. */
static size_t widen(char *data, size_t len, char end)
{
	size_t extra = 0, to;

	for (size_t i = 0; i < len; i++)
		extra += data[i] == end;
	to = len + extra;
	for (size_t i = len; i > 0; i--) {
		bool is_end = data[i - 1] == end;

		data[--to] = is_end ? '\n' : data[i - 1];
		if (is_end)
			data[--to] = '\r';
	}
	return len + extra;
}

/* Only what ends lines on the source's side is an end: on its way from cr to crnl
 * a LF is data. */
size_t newline_convert(enum newline from, enum newline to, char *data, size_t len)
{
	if (from == to)
		return len;
	if (from == NEWLINE_CR && to == NEWLINE_CRNL)
		return widen(data, len, '\r');
	if (from == NEWLINE_CR)
		return replace(data, len, '\r', '\n');
	if (from == NEWLINE_CRNL)
		len = drop(data, len, '\r');
	if (to == NEWLINE_CR)
		return replace(data, len, '\n', '\r');
	return to == NEWLINE_CRNL ? widen(data, len, '\n') : len;
}
