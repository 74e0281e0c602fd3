/* SPDX-License-Identifier: MIT */
/* Numbers with units; see nc_time.h. */

#include "tool/nc_time.h"

#include "base/clock.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BARE_MAX = 100, KIBI = 1024 };

struct unit {
	const char *name;
	int64_t size;
};

static const struct unit times[] = {
	{ "ms", CLOCK_US_PER_MS },
	{ "s", CLOCK_US_PER_S },
	{ "m", 60LL * CLOCK_US_PER_S },
	{ "h", 3600LL * CLOCK_US_PER_S },
};

static const struct unit sizes[] = {
	{ "", 1 },
	{ "k", KIBI },
	{ "M", KIBI *KIBI },
	{ "G", (int64_t)KIBI *KIBI *KIBI },
};

/* The digits in front of a unit, as millionths of one. */
static int parse_number(const char *text, int64_t *ret_millionths, const char **ret_unit)
{
	size_t len = strspn(text, "0123456789.");
	auto_free char *digits = str_copy_n(text, len);

	*ret_unit = text + len;
	if (!len || strchr(digits, '.') != strrchr(digits, '.'))
		return -EINVAL;
	return num_parse_seconds(digits, ret_millionths);
}

int nc_time_parse(const char *text, int64_t *ret_us)
{
	static const int64_t limit = (int64_t)NC_TIME_MAX * CLOCK_US_PER_S;
	const char *name;
	int64_t number, size = 0;
	int r = parse_number(text, &number, &name);

	if (r < 0)
		return r;
	if (!*name && number >= (int64_t)BARE_MAX * CLOCK_US_PER_S && number < limit)
		return -EDOM;
	for (size_t i = 0; i < ARRAY_SIZE(times); i++)
		if (str_equal(name, *name ? times[i].name : ""))
			size = times[i].size;
	if (!*name)
		size = CLOCK_US_PER_S;
	if (!size)
		return -EINVAL;
	if (number <= 0 || number > limit || number * (size / CLOCK_US_PER_MS) / 1000 >= limit)
		return -ERANGE;
	*ret_us = MAX(number * (size / CLOCK_US_PER_MS) / 1000, 1);
	return 0;
}

static bool is_size_unit(const char *text, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(text, name, len) != 0)
		return false;
	text += len;
	return !*text || str_equal_nocase(text, "B") || (len && str_equal_nocase(text, "iB"));
}

int nc_size_parse(const char *text, int64_t *ret)
{
	const char *name;
	int64_t number, bytes;
	int r = parse_number(text, &number, &name);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		if (!is_size_unit(name, sizes[i].name))
			continue;
		if (__builtin_mul_overflow(number, sizes[i].size, &bytes))
			return -ERANGE;
		*ret = bytes / CLOCK_US_PER_S; /* of millionths */
		return *ret > 0 ? 0 : -ERANGE;
	}
	return -EINVAL;
}

const char *nc_size_text(int64_t bytes, char *out, size_t size)
{
	size_t i = ARRAY_SIZE(sizes) - 1;

	while (i > 0 && bytes < sizes[i].size)
		i--;
	if (i == 0)
		(void)snprintf(out, size, "%lld B", (long long)bytes);
	else
		(void)snprintf(out, size, "%.1f %siB", (double)bytes / (double)sizes[i].size,
			       i == 1 ? "K" : sizes[i].name);
	return out;
}
