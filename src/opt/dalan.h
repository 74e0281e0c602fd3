/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The data language of binary values: items, each introduced by a letter.
 *
 *	x01ff	bytes in hexadecimal		"text"	a string without its NUL
 *	i I	int, unsigned int		'c'	one character
 *	l L	long, unsigned long		b B	one byte
 *	s S	short, unsigned short
 *
 * Numbers are decimal, in host order; without a letter the last one counts
 * (first: i).  Pure.
 */

#include "base/base.h"
#include "base/err.h"

/* Writes at most size bytes to out.  0, -EINVAL (syntax, the place in err's
 * sentence), -E2BIG (does not fit). */
int dalan_parse(const char *text, void *out, size_t size, size_t *ret_len, struct err *err);
