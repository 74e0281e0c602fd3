/* SPDX-License-Identifier: MIT */
/* The data language: items, what they become, and what is no item. */

#include "opt/dalan.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { SIZE = 16 };

static const struct {
	const char *text;
	size_t len;
	const char *bytes;
} plain[] = {
	{ "", 0, "" },
	{ "  \t\n", 0, "" },
	{ "x", 0, "" },
	{ "x01", 1, "\x01" },
	{ "x01fF", 2, "\x01\xff" },
	{ "xAbCdEf", 3, "\xab\xcd\xef" },
	{ "x01x02", 2, "\x01\x02" },
	{ "x01 x02", 2, "\x01\x02" },
	{ "\"abc\"", 3, "abc" },
	{ "\"\"", 0, "" },
	{ "\"a\\\"b\"", 3, "a\"b" },
	{ "\"\\n\\r\\t\\f\\b\\a\\e\\0\"", 8, "\n\r\t\f\b\a\033\0" },
	{ "\"\\q\\\\\"", 2, "q\\" },
	{ "'a'", 1, "a" },
	{ "'\\''", 1, "'" },
	{ "'\\n'", 1, "\n" },
	{ "'\"'", 1, "\"" },
	{ "\"it's\"", 4, "it's" },
	{ "x01\"a\"'b'", 3, "\x01" "ab" },
	{ "b1", 1, "\x01" },
	{ "b255", 1, "\xff" },
	{ "b-1", 1, "\xff" },
	{ "B0", 1, "\0" },
	{ "b1 2 3", 3, "\x01\x02\x03" }, /* the last type counts */
	{ "b1b2", 2, "\x01\x02" },
	{ "b1-2", 2, "\x01\xfe" },
	{ "x0102030405060708090a0b0c0d0e0f10", 16,
	  "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10" },
};

static void test_plain(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
		uint8_t out[SIZE];
		struct err err = { 0 };
		size_t len = 4711;

		print_message("%s\n", plain[i].text);
		assert_int_equal(dalan_parse(plain[i].text, out, sizeof(out), &len, &err), 0);
		assert_int_equal(len, plain[i].len);
		assert_memory_equal(out, plain[i].bytes, len);
	}
}

static const char *low_bytes(const long long *number, size_t width)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return (const char *)number + (big ? sizeof(*number) - width : 0);
}

/* Numbers are as wide as their types, in host order, without padding. */
static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		size_t width;
		long long number;
	} numbers[] = {
		{ "1", sizeof(int), 1 },
		{ "-1", sizeof(int), -1 },
		{ "i2147483647", sizeof(int), INT_MAX },
		{ "i-2147483648", sizeof(int), INT_MIN },
		{ "I4294967295", sizeof(int), -1 },
		{ "i4294967295", sizeof(int), -1 },
		{ "s-2", sizeof(short), -2 },
		{ "s32767", sizeof(short), SHRT_MAX },
		{ "S65535", sizeof(short), -1 },
		{ "l9223372036854775807", sizeof(long), LONG_MAX },
		{ "l-9223372036854775808", sizeof(long), LONG_MIN },
		{ "L18446744073709551615", sizeof(long), -1 },
		{ "007", sizeof(int), 7 }, /* decimal, never octal */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		long long expected = numbers[i].number;
		uint8_t out[SIZE];
		struct err err = { 0 };
		size_t len;

		print_message("%s\n", numbers[i].text);
		assert_int_equal(dalan_parse(numbers[i].text, out, sizeof(out), &len, &err), 0);
		assert_int_equal(len, numbers[i].width);
		assert_memory_equal(out, low_bytes(&expected, len), len);
	}
}

/* No item is aligned: classic's sockaddr texts rely on that. */
static void test_alignment(void **state)
{
	uint8_t out[SIZE], expected[1 + sizeof(int) + sizeof(short)] = { 7 };
	int number = 5;
	short small = 6;
	struct err err = { 0 };
	size_t len;

	(void)state;
	memcpy(expected + 1, &number, sizeof(number));
	memcpy(expected + 1 + sizeof(number), &small, sizeof(small));
	assert_int_equal(dalan_parse("b7 i5 s6", out, sizeof(out), &len, &err), 0);
	assert_int_equal(len, sizeof(expected));
	assert_memory_equal(out, expected, sizeof(expected));
}

static const struct {
	const char *text;
	int code;
	const char *reason;
} errors[] = {
	{ "x1", -EINVAL, "odd number of hexadecimal digits at position 2" },
	{ "x012", -EINVAL, "odd number of hexadecimal digits at position 4" },
	{ "x0g", -EINVAL, "odd number" },
	{ "xg0", -EINVAL, "unknown type letter at position 2" },
	{ "z1", -EINVAL, "unknown type letter at position 1" },
	{ "1,2", -EINVAL, "unknown type letter at position 2" },
	{ "+1", -EINVAL, "unknown type letter" },
	{ "\"abc", -EINVAL, "unterminated string" },
	{ "\"abc\\", -EINVAL, "unterminated string" },
	{ "\"abc\\\"", -EINVAL, "unterminated string" },
	{ "'", -EINVAL, "unterminated" },
	{ "'a", -EINVAL, "unterminated character" },
	{ "'ab'", -EINVAL, "unterminated character" },
	{ "'\\", -EINVAL, "unterminated" },
	{ "i", -EINVAL, "number expected" },
	{ "ix01", -EINVAL, "number expected" },
	{ "-", -EINVAL, "number expected" },
	{ "b256", -EINVAL, "number out of range" },
	{ "b-129", -EINVAL, "number out of range" },
	{ "B-1", -EINVAL, "number out of range" },
	{ "s32768", -EINVAL, "number out of range" },
	{ "s-32769", -EINVAL, "number out of range" },
	{ "S65536", -EINVAL, "number out of range" },
	{ "S-1", -EINVAL, "number out of range" },
	{ "i4294967296", -EINVAL, "number out of range" },
	{ "i-2147483649", -EINVAL, "number out of range" },
	{ "I-1", -EINVAL, "number out of range" },
	{ "L-1", -EINVAL, "number out of range" },
	{ "l9223372036854775808", -EINVAL, "number out of range" },
	{ "L18446744073709551616", -EINVAL, "number out of range" },
	{ "x0102030405060708090a0b0c0d0e0f1011", -E2BIG, "longer than 16 bytes" },
	{ "\"0123456789abcdefg\"", -E2BIG, "longer than 16 bytes" },
	{ "l1 2 3", -E2BIG, "longer than 16 bytes" },
	{ "x0102030405060708090a0b0c0d i1", -E2BIG, "longer than 16 bytes" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		uint8_t out[SIZE];
		struct err err = { 0 };
		size_t len = 4711;

		print_message("%s\n", errors[i].text);
		assert_int_equal(dalan_parse(errors[i].text, out, sizeof(out), &len, &err),
				 errors[i].code);
		assert_int_equal(len, 4711);
		assert_non_null(strstr(err.text, errors[i].reason));
		assert_non_null(strstr(err.text, errors[i].text));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_plain),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_alignment),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
