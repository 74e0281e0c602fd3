/* SPDX-License-Identifier: MIT */
/* Times and sizes with units. */

#include "tool/nc_time.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_times(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t us;
	} rows[] = {
		{ "1", 0, 1000000 },	      { "0.5", 0, 500000 },
		{ "500ms", 0, 500000 },	      { "1.5ms", 0, 1500 },
		{ "10s", 0, 10000000 },	      { "5m", 0, 300000000 },
		{ "1h", 0, 3600000000 },      { "100s", 0, 100000000 },
		{ "99", 0, 99000000 },	      { "100", -EDOM, 0 },
		{ "120", -EDOM, 0 },	      { "0", -ERANGE, 0 },
		{ "0ms", -ERANGE, 0 },	      { "", -EINVAL, 0 },
		{ "x", -EINVAL, 0 },	      { "-1", -EINVAL, 0 },
		{ "1x", -EINVAL, 0 },	      { "1 s", -EINVAL, 0 },
		{ "2147483s", -ERANGE, 0 },   { "1000h", -ERANGE, 0 },
		{ "596h", 0, 2145600000000 }, { "99999999999", -ERANGE, 0 },
		{ "1.2.3", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t us = 0;
		int r = nc_time_parse(rows[i].text, &us);

		if (r != rows[i].result || us != rows[i].us)
			fail_msg("%s: %d, %lld", rows[i].text, r, (long long)us);
	}
}

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t bytes;
	} rows[] = {
		{ "1", 0, 1 },		 { "1000", 0, 1000 },
		{ "64k", 0, 65536 },	 { "1.5M", 0, 1572864 },
		{ "1MiB", 0, 1048576 },	 { "2MB", 0, 2097152 },
		{ "1G", 0, 1073741824 }, { "10B", 0, 10 },
		{ "0", -ERANGE, 0 },	 { "0.1", -ERANGE, 0 },
		{ "", -EINVAL, 0 },	 { "k", -EINVAL, 0 },
		{ "1T", -EINVAL, 0 },	 { "1iB", -EINVAL, 0 },
		{ "-1", -EINVAL, 0 },	 { "9000000000G", -ERANGE, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t bytes = 0;
		int r = nc_size_parse(rows[i].text, &bytes);

		if (r != rows[i].result || bytes != rows[i].bytes)
			fail_msg("%s: %d, %lld", rows[i].text, r, (long long)bytes);
	}
}

static void test_size_text(void **state)
{
	char text[32];

	(void)state;
	assert_string_equal(nc_size_text(0, text, sizeof(text)), "0 B");
	assert_string_equal(nc_size_text(1023, text, sizeof(text)), "1023 B");
	assert_string_equal(nc_size_text(1536, text, sizeof(text)), "1.5 KiB");
	assert_string_equal(nc_size_text(3 << 20, text, sizeof(text)), "3.0 MiB");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_size_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
