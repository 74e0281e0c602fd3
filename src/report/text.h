/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Writing one text of a row into memory that is already there: no allocation,
 * no check but "is there room".  What does not fit is dropped.
 */

#include "base/base.h"

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

static inline void text_bytes(struct text *text, const void *data, size_t len)
{
	size_t room = (size_t)(text->end - text->at);

	if (len > room)
		len = room;
	if (len)
		memcpy(text->at, data, len);
	text->at += len;
}

static inline void text_put(struct text *text, const char *string)
{
	text_bytes(text, string, strlen(string));
}

void text_unsigned(struct text *text, uint64_t value);
void text_signed(struct text *text, int64_t value);
void text_hex(struct text *text, uint64_t value); /* lower case, no 0x */

/* What printf makes of value / 1000.0 with %g, and of a value with %.0f and with
 * %.3g; faster for values that are usual. */
void text_rounded(struct text *text, double value);
void text_thousandths(struct text *text, uint64_t value);
void text_three_digits(struct text *text, double value);

/* Both of these are for what is rare or has fractions. */
void text_format(struct text *text, const char *format, ...) printf_like(2, 3);

/* A number, left-aligned in a field of at least `width` characters. */
void text_padded(struct text *text, int64_t value, size_t width);

/* A name that somebody else chose, for a terminal: control characters become dots
 * and what is no UTF-8 question marks; everything else stays. */
void text_foreign(struct text *text, const char *name, size_t len);

/* Length of the UTF-8 character at the beginning, if it may be shown as it is; 0 for control
 * characters and what is no UTF-8. */
size_t text_utf8(const unsigned char *at, size_t left);
