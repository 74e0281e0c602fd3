/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Numbers from text, to the last character.
 *
 * All return 0, -EINVAL (no number at all), -E2BIG (text after the number) or
 * -ERANGE (out of min..max), and write *ret only on success.  Pure.
 */

#include "base/base.h"

/* Decimal only; an optional sign. */
int num_parse_decimal(const char *text, long long min, long long max, long long *ret);

/* C syntax: 0x hexadecimal, leading 0 octal, else decimal; an optional sign. */
int num_parse_c(const char *text, long long min, long long max, long long *ret);

/* Octal, as in file modes. */
int num_parse_octal(const char *text, unsigned int max, unsigned int *ret);

/* Seconds with an optional decimal fraction ("0.5", ".01", "3"), as
 * microseconds; a leading minus is kept.  Digits below 1 us are cut. */
int num_parse_seconds(const char *text, int64_t *ret_us);
