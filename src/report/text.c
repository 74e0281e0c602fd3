/* SPDX-License-Identifier: MIT */
/* Numbers as text, faster than printf because there are millions of them. */

#include "report/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { DIGITS_MAX = 24 };

static void put_digits(struct text *text, uint64_t value, unsigned int base)
{
	static const char digits[] = "0123456789abcdef";
	char space[DIGITS_MAX];
	char *at = space + sizeof(space);

	do {
		*--at = digits[value % base];
		value /= base;
	} while (value);
	text_bytes(text, at, (size_t)(space + sizeof(space) - at));
}

void text_unsigned(struct text *text, uint64_t value)
{
	put_digits(text, value, 10);
}

void text_signed(struct text *text, int64_t value)
{
	if (value < 0)
		text_byte(text, '-');
	put_digits(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, 10);
}

void text_hex(struct text *text, uint64_t value)
{
	put_digits(text, value, 16);
}

void text_padded(struct text *text, int64_t value, size_t width)
{
	const char *start = text->at;

	text_signed(text, value);
	while ((size_t)(text->at - start) < width && text->at < text->end)
		text_byte(text, ' ');
}

void text_format(struct text *text, const char *format, ...)
{
	size_t room = (size_t)(text->end - text->at);
	char space[512];
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(space, sizeof(space), format, args);
	va_end(args);
	if (len > 0)
		text_bytes(text, space, MIN(MIN((size_t)len, sizeof(space) - 1), room));
}
