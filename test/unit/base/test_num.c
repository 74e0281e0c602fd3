/* SPDX-License-Identifier: MIT */
/* Numbers from text: what is one, what is not, and where the borders are. */

#include "base/num.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { UNTOUCHED = 4711 };

struct integer_row {
	const char *text;
	long long min, max;
	int result;
	long long value;
};

static void check_integers(int (*parse)(const char *, long long, long long, long long *),
			   const struct integer_row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		long long value = UNTOUCHED;

		print_message("\"%s\"\n", rows[i].text);
		assert_int_equal(parse(rows[i].text, rows[i].min, rows[i].max, &value),
				 rows[i].result);
		assert_true(value == (rows[i].result < 0 ? UNTOUCHED : rows[i].value));
	}
}

static void test_decimal(void **state)
{
	static const struct integer_row rows[] = {
		{ "0", 0, 10, 0, 0 },
		{ "10", 0, 10, 0, 10 },
		{ "11", 0, 10, -ERANGE },
		{ "-1", 0, 10, -ERANGE },
		{ "-1", -1, 10, 0, -1 },
		{ "+7", 0, 10, 0, 7 },
		{ "007", 0, 10, 0, 7 },
		{ "0x7", 0, 10, -E2BIG },
		{ "7 ", 0, 10, -E2BIG },
		{ "7.5", 0, 10, -E2BIG },
		{ "", 0, 10, -EINVAL },
		{ "-", 0, 10, -EINVAL },
		{ "seven", 0, 10, -EINVAL },
		{ "9223372036854775807", LLONG_MIN, LLONG_MAX, 0, LLONG_MAX },
		{ "9223372036854775808", LLONG_MIN, LLONG_MAX, -ERANGE },
		{ "-9223372036854775808", LLONG_MIN, LLONG_MAX, 0, LLONG_MIN },
		{ "-9223372036854775809", LLONG_MIN, LLONG_MAX, -ERANGE },
		{ "99999999999999999999999999", LLONG_MIN, LLONG_MAX, -ERANGE },
	};

	(void)state;
	check_integers(num_parse_decimal, rows, ARRAY_SIZE(rows));
}

static void test_c_syntax(void **state)
{
	static const struct integer_row rows[] = {
		{ "0", 0, 1000, 0, 0 },
		{ "10", 0, 1000, 0, 10 },
		{ "010", 0, 1000, 0, 8 },
		{ "0x10", 0, 1000, 0, 16 },
		{ "0XfF", 0, 1000, 0, 255 },
		{ "-0x10", -100, 1000, 0, -16 },
		{ "0x", 0, 1000, -E2BIG },
		{ "08", 0, 1000, -E2BIG },
		{ "0x10g", 0, 1000, -E2BIG },
		{ "x10", 0, 1000, -EINVAL },
		{ "0x7fffffffffffffff", 0, LLONG_MAX, 0, LLONG_MAX },
		{ "0x8000000000000000", 0, LLONG_MAX, -ERANGE },
	};

	(void)state;
	check_integers(num_parse_c, rows, ARRAY_SIZE(rows));
}

static void test_octal(void **state)
{
	static const struct {
		const char *text;
		unsigned int max;
		int result;
		unsigned int value;
	} rows[] = {
		{ "644", 07777, 0, 0644 },
		{ "0644", 07777, 0, 0644 },
		{ "7777", 07777, 0, 07777 },
		{ "10000", 07777, -ERANGE },
		{ "-1", 07777, -ERANGE },
		{ "8", 07777, -EINVAL },
		{ "648", 07777, -E2BIG },
		{ "", 07777, -EINVAL },
		{ "37777777777", UINT_MAX, 0, UINT_MAX },
		{ "40000000000", UINT_MAX, -ERANGE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		unsigned int value = UNTOUCHED;

		print_message("\"%s\"\n", rows[i].text);
		assert_int_equal(num_parse_octal(rows[i].text, rows[i].max, &value),
				 rows[i].result);
		assert_int_equal(value, rows[i].result < 0 ? UNTOUCHED : rows[i].value);
	}
}

static void test_seconds(void **state)
{
	static const struct {
		const char *text;
		int result;
		int64_t us;
	} rows[] = {
		{ "0", 0, 0 },
		{ "3", 0, 3000000 },
		{ "0.5", 0, 500000 },
		{ ".01", 0, 10000 },
		{ "1.", 0, 1000000 },
		{ "0.200000", 0, 200000 },
		{ "0.0000019", 0, 1 },
		{ "0.00000000000000000000000001", 0, 0 },
		{ "-1.5", 0, -1500000 },
		{ "+2", 0, 2000000 },
		{ "-.5", 0, -500000 },
		{ "576460752303", 0, 576460752303000000 },
		{ "576460752304", -ERANGE },
		{ "99999999999999999999999999", -ERANGE },
		{ "", -EINVAL },
		{ ".", -EINVAL },
		{ "-", -EINVAL },
		{ "-.", -EINVAL },
		{ "soon", -EINVAL },
		{ " 1", -EINVAL },
		{ "1s", -E2BIG },
		{ "1.5.", -E2BIG },
		{ "1e3", -E2BIG },
		{ "--1", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int64_t us = UNTOUCHED;

		print_message("\"%s\"\n", rows[i].text);
		assert_int_equal(num_parse_seconds(rows[i].text, &us), rows[i].result);
		assert_true(us == (rows[i].result < 0 ? UNTOUCHED : rows[i].us));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decimal),
		cmocka_unit_test(test_c_syntax),
		cmocka_unit_test(test_octal),
		cmocka_unit_test(test_seconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
