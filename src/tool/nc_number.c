/* SPDX-License-Identifier: MIT */
/* Numbers as netcat judges them; see nc_number.h. */

#include "tool/nc_number.h"

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

int nc_number(const char *text, long long min, long long max, long long *ret, const char **ret_why)
{
	long long value;
	bool small;
	int r;

	r = num_parse_decimal(text, LLONG_MIN, LLONG_MAX, &value);
	if (r < 0 && r != -ERANGE) {
		*ret_why = "invalid";
		return -EINVAL;
	}
	if (r == 0 && value >= min && value <= max) {
		*ret = value;
		return 0;
	}
	small = r == 0 ? value < min : strchr(text, '-') != NULL;
	*ret_why = small ? "too small" : "too large";
	return -ERANGE;
}
