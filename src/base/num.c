/* SPDX-License-Identifier: MIT */
/* Numbers from text; see num.h for the contract all four share. */

#include "base/num.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

enum { US_PER_S = 1000000 };

static int parse(const char *text, int base, long long min, long long max, long long *ret)
{
	long long value;
	char *end;

	errno = 0;
	value = strtoll(text, &end, base);
	if (end == text)
		return -EINVAL;
	if (*end)
		return -E2BIG;
	if (errno == ERANGE || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

int num_parse_decimal(const char *text, long long min, long long max, long long *ret)
{
	return parse(text, 10, min, max, ret);
}

int num_parse_c(const char *text, long long min, long long max, long long *ret)
{
	return parse(text, 0, min, max, ret);
}

int num_parse_octal(const char *text, unsigned int max, unsigned int *ret)
{
	long long value;
	int r;

	r = parse(text, 8, 0, max, &value);
	if (r < 0)
		return r;
	*ret = (unsigned int)value;
	return 0;
}

/* Adds the digits after the decimal point; those below a microsecond are cut. */
static const char *parse_fraction(const char *text, int64_t *us)
{
	int64_t unit = US_PER_S / 10;

	for (; isdigit((unsigned char)*text); text++) {
		*us += (*text - '0') * unit;
		unit /= 10;
	}
	return text;
}

int num_parse_seconds(const char *text, int64_t *ret_us)
{
	const int64_t limit = INT64_MAX / US_PER_S / 16;
	bool negative = *text == '-', any = false;
	int64_t seconds = 0, us = 0;

	if (*text == '-' || *text == '+')
		text++;
	for (; isdigit((unsigned char)*text); text++, any = true) {
		seconds = seconds * 10 + (*text - '0');
		if (seconds > limit)
			return -ERANGE;
	}
	if (*text == '.') {
		any |= isdigit((unsigned char)text[1]) != 0;
		text = parse_fraction(text + 1, &us);
	}
	if (!any)
		return -EINVAL;
	if (*text)
		return -E2BIG;
	us += seconds * US_PER_S;
	*ret_us = negative ? -us : us;
	return 0;
}
