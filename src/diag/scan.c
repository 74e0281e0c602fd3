/* SPDX-License-Identifier: MIT */
/* A scanner for lines of /proc; no locale, no allocation, no copy. */

#include "diag/scan.h"

enum { DECIMAL = 10, HEXADECIMAL = 16, NO_DIGIT = 99 };

void scan_init(struct scan *scan, const char *line, size_t len)
{
	*scan = (struct scan){ .at = line, .end = line + len };
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a') + DECIMAL;
	if (c >= 'A' && c <= 'F')
		return (unsigned int)(c - 'A') + DECIMAL;
	return NO_DIGIT;
}

static uint64_t number(struct scan *scan, unsigned int base)
{
	const char *start;
	uint64_t value = 0;

	for (start = scan->at; scan->at < scan->end && digit(*scan->at) < base; scan->at++)
		value = value * base + digit(*scan->at);
	if (scan->at == start)
		scan->failed = true;
	return value;
}

uint64_t scan_hex(struct scan *scan)
{
	scan_blanks(scan);
	return scan->failed ? 0 : number(scan, HEXADECIMAL);
}

uint64_t scan_decimal(struct scan *scan)
{
	bool negative;
	uint64_t value;

	scan_blanks(scan);
	if (scan->failed)
		return 0;
	negative = scan->at < scan->end && *scan->at == '-';
	if (negative)
		scan->at++;
	value = number(scan, DECIMAL);
	return negative ? 0 - value : value;
}

void scan_byte(struct scan *scan, char byte)
{
	if (scan->failed)
		return;
	if (scan->at < scan->end && *scan->at == byte)
		scan->at++;
	else
		scan->failed = true;
}

void scan_word(struct scan *scan)
{
	const char *start;

	scan_blanks(scan);
	for (start = scan->at; scan->at < scan->end && !is_blank(*scan->at);)
		scan->at++;
	if (scan->at == start)
		scan->failed = true;
}

void scan_blanks(struct scan *scan)
{
	while (scan->at < scan->end && is_blank(*scan->at))
		scan->at++;
}

uint8_t scan_octet(struct scan *scan)
{
	unsigned int high, low;

	if (scan->failed || scan->end - scan->at < 2) {
		scan->failed = true;
		return 0;
	}
	high = digit(scan->at[0]);
	low = digit(scan->at[1]);
	scan->at += 2;
	if (high == NO_DIGIT || low == NO_DIGIT)
		scan->failed = true;
	return (uint8_t)(high << 4 | low);
}
