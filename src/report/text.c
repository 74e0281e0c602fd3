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

/* Length of the UTF-8 character at the beginning, with its code point; 0: none. */
static size_t utf8_length(const unsigned char *at, size_t left, uint32_t *ret_code)
{
	size_t len = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
	uint32_t code = len < 2 ? at[0] : at[0] & (0x7fU >> len);

	if (len == 0 || len > left || at[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((at[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (at[i] & 0x3f);
	}
	*ret_code = code;
	return len;
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Neither longer than it must be, nor half of a UTF-16 pair, nor past the last. */
static bool is_sound(uint32_t code, size_t len)
{
	static const uint32_t lowest[] = { 0, 0, 0x80, 0x800, 0x10000 };

	return code >= lowest[len] && (code < 0xd800 || code > 0xdfff) && code <= 0x10ffff;
}

size_t text_utf8(const unsigned char *at, size_t left)
{
	uint32_t code = 0;
	size_t len = utf8_length(at, left, &code);

	return len && !is_control(code) && is_sound(code, len) ? len : 0;
}

void text_foreign(struct text *text, const char *name, size_t len)
{
	const unsigned char *at = (const unsigned char *)name, *end = at + len;

	while (at < end) {
		uint32_t code = 0;
		size_t n = utf8_length(at, (size_t)(end - at), &code);

		if (n == 0)
			text_byte(text, '?');
		else if (is_control(code))
			text_byte(text, '.');
		else
			text_bytes(text, at, n);
		at += n ? n : 1;
	}
}
