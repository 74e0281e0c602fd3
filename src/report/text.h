/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Writing one text of a row into memory that is already there: no allocation,
 * no check but "is there room".  What does not fit is dropped.
 */

#include "base/base.h"

#include <stdarg.h>
#include <string.h>

struct text {
	char *start;
	char *at;
	char *end;
};

static inline size_t text_len(const struct text *text)
{
	return (size_t)(text->at - text->start);
}

static inline void text_byte(struct text *text, char byte)
{
	if (text->at < text->end)
		*text->at++ = byte;
}

void text_cut(struct text *text, const void *data, size_t len); /* what fits of it */

static inline void text_bytes(struct text *text, const void *data, size_t len)
{
	if (len > (size_t)(text->end - text->at)) {
		text_cut(text, data, len);
		return;
	}
	memcpy(text->at, data, len);
	text->at += len;
}

static inline void text_put(struct text *text, const char *string)
{
	text_bytes(text, string, strlen(string));
}

/* The first bytes of `size` that may be read.  A copy of a size that the compiler knows is one
 * or two instructions, any other is a call; so more is copied than counts. */
static inline void text_begin(struct text *text, const char *data, size_t len, size_t size)
{
	if ((size_t)(text->end - text->at) < size) {
		text_bytes(text, data, len);
		return;
	}
	memcpy(text->at, data, size);
	text->at += len;
}

/* A constant text of at most 23 bytes, which is copied as a whole. */
enum { TEXT_LABEL_SIZE = 24 };

struct text_label {
	char text[TEXT_LABEL_SIZE - 1];
	uint8_t len;
};

#define TEXT_LABEL(string)                                             \
	{                                                              \
		.text = (string), .len = (uint8_t)(sizeof(string) - 1) \
	}

static inline void text_label(struct text *text, const struct text_label *label)
{
	text_begin(text, label->text, label->len, TEXT_LABEL_SIZE);
}

/* "000001002...999": the digits of all numbers below 1000. */
enum { TEXT_TRIPLES = 1000, TEXT_TRIPLE = 3, TEXT_NUMBER_MAX = 24 };

extern const char text_triples[TEXT_TRIPLES * TEXT_TRIPLE + 1];

/* A number below 1000, where there is room for four bytes; returns where it ends. */
static inline char *text_small(char *at, size_t value)
{
	size_t digits = 1U + (value >= 10) + (value >= 100);

	memcpy(at, text_triples + TEXT_TRIPLE * value + (TEXT_TRIPLE - digits), TEXT_TRIPLE + 1);
	return at + digits;
}

/* Any number, where there is room for TEXT_NUMBER_MAX bytes. */
char *text_digits(char *at, uint64_t value);

void text_unsigned_cut(struct text *text, uint64_t value); /* what fits of it */

static inline void text_unsigned(struct text *text, uint64_t value)
{
	if (text->end - text->at < TEXT_NUMBER_MAX)
		text_unsigned_cut(text, value);
	else
		text->at = value < TEXT_TRIPLES ? text_small(text->at, value)
						: text_digits(text->at, value);
}

/* "label:number", with one look at the room. */
static inline void text_labelled(struct text *text, const struct text_label *label, uint64_t value)
{
	char *at = text->at;

	if (text->end - at < TEXT_LABEL_SIZE + TEXT_NUMBER_MAX) {
		text_label(text, label);
		text_unsigned(text, value);
		return;
	}
	memcpy(at, label->text, TEXT_LABEL_SIZE);
	at += label->len;
	text->at = value < TEXT_TRIPLES ? text_small(at, value) : text_digits(at, value);
}

static inline void text_signed(struct text *text, int64_t value)
{
	if (value < 0)
		text_byte(text, '-');
	text_unsigned(text, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void text_hex(struct text *text, uint64_t value); /* lower case, no 0x */

/* What printf makes of value / 1000.0 with %g, and of a value with %.0f and with
 * %.3g; faster for values that are usual. */
void text_rounded(struct text *text, double value);
void text_thousandths(struct text *text, uint32_t value);
void text_three_digits(struct text *text, double value);

/* The same with %g of value / unit, which is a power of two. */
void text_fraction(struct text *text, uint32_t value, uint32_t unit);

/* These are for what is rare or has fractions. */
void text_format(struct text *text, const char *format, ...) printf_like(2, 3);
void text_format_list(struct text *text, const char *format, va_list arguments) printf_like(2, 0);

/* A number, left-aligned in a field of `width` characters, at most 16. */
void text_padded_long(struct text *text, int64_t value, size_t width); /* with more digits */

static inline void text_padded(struct text *text, int64_t value, size_t width)
{
	enum { WIDTH_MAX = 16 };

	if (value < 0 || value > 9 || !width || text->end - text->at < WIDTH_MAX) {
		text_padded_long(text, value, width);
		return;
	}
	memset(text->at, ' ', WIDTH_MAX);
	*text->at = (char)('0' + value);
	text->at += width;
}

/* A name that somebody else chose, for a terminal: control characters become dots
 * and what is no UTF-8 question marks; everything else stays. */
void text_foreign(struct text *text, const char *name, size_t len);

/* Length of the UTF-8 character at the beginning, if it may be shown as it is; 0 for control
 * characters and what is no UTF-8. */
size_t text_utf8(const unsigned char *at, size_t left);
