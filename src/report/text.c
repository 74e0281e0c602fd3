/* SPDX-License-Identifier: MIT */
/* Numbers as text, faster than printf because there are millions of them. */

#include "report/text.h"

#include <stdarg.h>
#include <stdio.h>

void text_cut(struct text *text, const void *data, size_t len)
{
	size_t part = MIN(len, (size_t)(text->end - text->at));

	memcpy(text->at, data, part);
	text->at += part;
}

#define TEN(start)                                                                            \
	start "0" start "1" start "2" start "3" start "4" start "5" start "6" start "7" start \
	      "8" start "9"
#define HUNDRED(start)                                                                            \
	TEN(start "0")                                                                            \
	TEN(start "1")                                                                            \
	TEN(start "2")                                                                            \
	TEN(start "3") TEN(start "4") TEN(start "5") TEN(start "6") TEN(start "7") TEN(start "8") \
		TEN(start "9")

const char text_triples[] = HUNDRED("0") HUNDRED("1") HUNDRED("2") HUNDRED("3") HUNDRED("4")
	HUNDRED("5") HUNDRED("6") HUNDRED("7") HUNDRED("8") HUNDRED("9");

static char *put_triple(char *at, size_t value)
{
	memcpy(at, text_triples + TEXT_TRIPLE * value, TEXT_TRIPLE + 1);
	return at + TEXT_TRIPLE;
}

char *text_digits(char *at, uint64_t value)
{
	enum { MILLION = TEXT_TRIPLES * TEXT_TRIPLES, BILLION = TEXT_TRIPLES * MILLION };
	uint32_t rest = (uint32_t)value; /* half as wide, much faster to divide */

	if (value < TEXT_TRIPLES)
		return text_small(at, value);
	if (value < MILLION)
		return put_triple(text_small(at, rest / TEXT_TRIPLES), rest % TEXT_TRIPLES);
	if (value < BILLION) {
		at = text_small(at, rest / MILLION);
	} else {
		rest = (uint32_t)(value % BILLION);
		at = put_triple(text_digits(at, value / BILLION), rest / MILLION);
	}
	at = put_triple(at, rest / TEXT_TRIPLES % TEXT_TRIPLES);
	return put_triple(at, rest % TEXT_TRIPLES);
}

void text_unsigned_cut(struct text *text, uint64_t value)
{
	char space[TEXT_NUMBER_MAX];

	text_bytes(text, space, (size_t)(text_digits(space, value) - space));
}

void text_hex(struct text *text, uint64_t value)
{
	static const char digits[] = "0123456789abcdef";
	char space[TEXT_NUMBER_MAX];
	char *at = space + sizeof(space);

	do {
		*--at = digits[value % 16];
		value /= 16;
	} while (value);
	text_bytes(text, at, (size_t)(space + sizeof(space) - at));
}

void text_thousandths(struct text *text, uint32_t value)
{
	enum { SIX_DIGITS = 1000000 };
	char *at = text->at;
	size_t decimals = value % TEXT_TRIPLES;

	if (value >= SIX_DIGITS || text->end - at < TEXT_NUMBER_MAX) {
		text_format(text, "%g", (double)value / TEXT_TRIPLES);
		return;
	}
	at = text_small(at, value / TEXT_TRIPLES);
	if (decimals) {
		*at++ = '.';
		memcpy(at, text_triples + TEXT_TRIPLE * decimals, TEXT_TRIPLE + 1);
		at += decimals % 10 ? 3 : decimals % 100 ? 2 : 1;
	}
	text->at = at;
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

/* With one digit before the point, %g shows up to five behind it; a tie goes to the even digit. */
void text_fraction(struct text *text, uint32_t value, uint32_t unit)
{
	enum { SCALE = 100000 };
	uint64_t scaled = (uint64_t)value * SCALE, rest = scaled % unit * 2;
	char digits[TEXT_NUMBER_MAX];
	size_t len;

	if (value < unit || value / unit >= 9) {
		text_format(text, "%g", (double)value / unit);
		return;
	}
	scaled /= unit;
	scaled += rest > unit || (rest == unit && scaled % 2);
	len = (size_t)(text_digits(digits, scaled) - digits);
	while (len > 1 && digits[len - 1] == '0')
		len--;
	text_byte(text, digits[0]);
	if (len == 1)
		return;
	text_byte(text, '.');
	text_bytes(text, digits + 1, len - 1);
}

void text_padded_long(struct text *text, int64_t value, size_t width)
{
	static const char blanks[] = "                ";
	char *start = text->at;
	size_t len;

	text_signed(text, value);
	len = (size_t)(text->at - start);
	if (len < width)
		text_bytes(text, blanks, MIN(width - len, sizeof(blanks) - 1));
}

void text_format_list(struct text *text, const char *format, va_list arguments)
{
	size_t room = (size_t)(text->end - text->at);
	char space[512];
	int len = vsnprintf(space, sizeof(space), format, arguments);

	if (len > 0)
		text_bytes(text, space, MIN(MIN((size_t)len, sizeof(space) - 1), room));
}

void text_format(struct text *text, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	text_format_list(text, format, arguments);
	va_end(arguments);
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
