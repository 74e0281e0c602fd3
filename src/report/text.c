/* SPDX-License-Identifier: MIT */
/* Numbers as text, faster than printf because there are millions of them. */

#include "report/text.h"

#include <stdarg.h>
#include <stdio.h>

enum { DIGITS_MAX = 24 };

/* Two digits at a time: a division costs more than the rest. */
void text_unsigned(struct text *text, uint64_t value)
{
	static const char pairs[] = "00010203040506070809101112131415161718192021222324"
				    "25262728293031323334353637383940414243444546474849"
				    "50515253545556575859606162636465666768697071727374"
				    "75767778798081828384858687888990919293949596979899";
	char space[2 * DIGITS_MAX]; /* the second half is only there to be copied */
	char *end = space + DIGITS_MAX, *at = end;

	while (value >= 100) {
		at -= 2;
		memcpy(at, pairs + value % 100 * 2, 2);
		value /= 100;
	}
	if (value >= 10) {
		at -= 2;
		memcpy(at, pairs + value * 2, 2);
	} else {
		*--at = (char)('0' + value);
	}
	if (text->end - text->at < DIGITS_MAX) {
		text_bytes(text, at, (size_t)(end - at));
		return;
	}
	/* A copy of fixed size is two instructions, one of a few bytes a call. */
	memcpy(text->at, at, DIGITS_MAX);
	text->at += end - at;
}

void text_signed(struct text *text, int64_t value)
{
	if (value < 0)
		text_byte(text, '-');
	text_unsigned(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_hex(struct text *text, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	char space[DIGITS_MAX];
	char *at = space + sizeof(space);

	do {
		*--at = digits[value % 16];
		value /= 16;
	} while (value);
	text_bytes(text, at, (size_t)(space + sizeof(space) - at));
}

void text_thousandths(struct text *text, uint64_t value)
{
	enum { SIX_DIGITS = 1000000, DECIMALS = 3 };
	char decimals[DECIMALS];
	size_t used = DECIMALS;

	if (value >= SIX_DIGITS) {
		text_format(text, "%g", (double)value / 1000);
		return;
	}
	text_unsigned(text, value / 1000);
	value %= 1000;
	for (size_t i = DECIMALS; i-- > 0; value /= 10)
		decimals[i] = (char)('0' + value % 10);
	while (used && decimals[used - 1] == '0')
		used--;
	if (used) {
		text_byte(text, '.');
		text_bytes(text, decimals, used);
	}
}

void text_rounded(struct text *text, double value)
{
	uint64_t whole;
	double above;

	if (!(value >= 0 && value < 1e18)) {
		text_format(text, "%.0f", value);
		return;
	}
	whole = (uint64_t)value;
	above = value - (double)whole;
	if (above > 0.5 || (above == 0.5 && whole % 2))
		whole++;
	text_unsigned(text, whole);
}

void text_three_digits(struct text *text, double value)
{
	static const struct {
		double below, scale;
		int decimals;
	} ranges[] = { { 10, 100, 2 }, { 100, 10, 1 }, { 1000, 1, 0 } };
	size_t range = value < 10 ? 0 : value < 100 ? 1 : 2;
	double scaled = value * ranges[range].scale, above;
	uint64_t unit = (uint64_t)ranges[range].scale, digits;

	if (value < 1 || value >= 999) {
		text_format(text, "%.3g", value);
		return;
	}
	digits = (uint64_t)scaled;
	above = scaled - (double)digits;
	digits += above > 0.5;
	/* Close to a tie only printf knows; and rounding may need one digit more. */
	if ((above > 0.5 - 1e-6 && above < 0.5 + 1e-6) ||
	    (double)digits >= ranges[range].below * ranges[range].scale) {
		text_format(text, "%.3g", value);
		return;
	}
	text_unsigned(text, digits / unit);
	digits %= unit;
	if (!digits)
		return;
	text_byte(text, '.');
	if (ranges[range].decimals == 2 && digits < 10)
		text_byte(text, '0');
	text_unsigned(text, ranges[range].decimals == 2 && digits % 10 == 0 ? digits / 10 : digits);
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
