/* SPDX-License-Identifier: MIT */
#pragma once

/* Reading the columns of a /proc line, the way scanf would: blanks before a
 * number are skipped, and nothing is read past the end.  Pure. */

#include "base/base.h"

struct scan {
	const char *at;
	const char *end;
	bool failed; /* something was not there; all later calls do nothing */
};

void scan_init(struct scan *scan, const char *line, size_t len);

/* The number there, as many digits as fit (the rest wraps), or 0 and `failed`. */
uint64_t scan_hex(struct scan *scan);
uint64_t scan_decimal(struct scan *scan); /* with an optional minus sign */

/* Steps over this byte, over one blank-separated word, over blanks. */
void scan_byte(struct scan *scan, char byte);
void scan_word(struct scan *scan);
void scan_blanks(struct scan *scan);

/* Two hexadecimal digits that stand for one byte. */
uint8_t scan_octet(struct scan *scan);
