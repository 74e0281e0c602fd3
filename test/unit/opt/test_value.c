/* SPDX-License-Identifier: MIT */
/* Value types: what each takes, and what it says about the rest. */

#include "opt/opt.h"

#include "base/str.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Parses text (NULL: no value was given) as it stood in column 9. */
static int parse(const struct opt_value_type *type, const char *text, struct opt_value *ret,
		 struct err *err)
{
	auto_free char *copy = text ? str_copy(text) : NULL;
	struct spec_word word = { .text = copy, .at = 9 };

	*ret = (struct opt_value){ .given = text != NULL };
	*err = (struct err){ .column = -1 };
	if (text)
		word.len = word.width = ret->len = strlen(text);
	return type->parse("name", text ? &word : NULL, ret, err);
}

/* One number. */
static const struct {
	const struct opt_value_type *type;
	const char *text;
	int code;
	long long number;
	const char *reason;
} numbers[] = {
	{ &value_const, NULL, 0, 1 },
	{ &value_const, "1", -EINVAL, 0, "no value permitted for option \"name\"" },
	{ &value_const, "", -EINVAL, 0, "no value permitted for option \"name\"" },

	{ &value_bool, NULL, 0, 1 },
	{ &value_bool, "0", 0, 0 },
	{ &value_bool, "1", 0, 1 },
	{ &value_bool, "17", 0, 17 },
	{ &value_bool, "", -EINVAL, 0, "missing numerical value of option \"name=\"" },
	{ &value_bool, "yes", -EINVAL, 0, "missing numerical value of option \"name=yes\"" },
	{ &value_bool, "1x", -EINVAL, 0,
	  "trailing garbage in numerical arg of option \"name\"" },

	{ &value_byte, NULL, 0, 1 },
	{ &value_byte, "255", 0, 255 },
	{ &value_byte, "0xff", 0, 255 },
	{ &value_byte, "256", -ERANGE, 0, "option \"name\": value 256 is out of range" },
	{ &value_byte, "-1", -ERANGE, 0, "out of range" },
	{ &value_byte, "", -EINVAL, 0, "missing numerical value" },
	{ &value_byte, "1 ", -EINVAL, 0, "trailing garbage" },

	{ &value_ushort, NULL, 0, 1 },
	{ &value_ushort, "65535", 0, 65535 },
	{ &value_ushort, "0177", 0, 127 },
	{ &value_ushort, "65536", -ERANGE, 0, "out of range" },
	{ &value_ushort, "-1", -ERANGE, 0, "out of range" },
	{ &value_ushort, "x", -EINVAL, 0, "missing numerical value" },

	{ &value_int, NULL, 0, 1 },
	{ &value_int, "-5", 0, -5 },
	{ &value_int, "0x10", 0, 16 },
	{ &value_int, "010", 0, 8 },
	{ &value_int, "2147483647", 0, INT_MAX },
	{ &value_int, "-2147483648", 0, INT_MIN },
	{ &value_int, "4294967295", 0, UINT_MAX },
	{ &value_int, "4294967296", -ERANGE, 0, "out of range" },
	{ &value_int, "-2147483649", -ERANGE, 0, "out of range" },
	{ &value_int, "99999999999999999999", -ERANGE, 0, "out of range" },
	{ &value_int, "", -EINVAL, 0, "missing numerical value" },
	{ &value_int, "08", -EINVAL, 0, "trailing garbage" },
	{ &value_int, "1.5", -EINVAL, 0, "trailing garbage" },
	{ &value_int, "0x", -EINVAL, 0, "trailing garbage" },

	{ &value_int_or_empty, NULL, 0, 1 },
	{ &value_int_or_empty, "", 0, 0 },
	{ &value_int_or_empty, "7", 0, 7 },
	{ &value_int_or_empty, "x", -EINVAL, 0, "missing numerical value" },

	{ &value_uint, NULL, 0, 1 },
	{ &value_uint, "4294967295", 0, UINT_MAX },
	{ &value_uint, "4294967296", -ERANGE, 0, "out of range" },
	{ &value_uint, "-1", -ERANGE, 0, "out of range" },

	{ &value_size, NULL, 0, 1 },
	{ &value_size, "9223372036854775807", 0, LONG_MAX },
	{ &value_size, "9223372036854775808", -ERANGE, 0, "out of range" },
	{ &value_size, "-1", -ERANGE, 0, "out of range" },

	{ &value_long, "-9223372036854775808", 0, LONG_MIN },
	{ &value_long, "9223372036854775808", -ERANGE, 0, "out of range" },
	{ &value_off64, "-9223372036854775808", 0, LONG_MIN },
	{ &value_off64, "9223372036854775808", -ERANGE, 0, "out of range" },

	{ &value_mode, "644", 0, 0644 },
	{ &value_mode, "0644", 0, 0644 },
	{ &value_mode, "07777", 0, 07777 },
	{ &value_mode, "10000", -ERANGE, 0, "out of range" },
	{ &value_mode, "-1", -ERANGE, 0, "out of range" },
	{ &value_mode, "888", -EINVAL, 0, "missing numerical value" },
	{ &value_mode, "648", -EINVAL, 0, "trailing garbage" },
	{ &value_mode, "u+rw", -EINVAL, 0, "missing numerical value" },

	{ &value_uid, "0", 0, 0 },
	{ &value_uid, "4711", 0, 4711 },
	{ &value_uid, "4294967296", -ERANGE, 0, "out of range" },
	{ &value_uid, "12ab", -EINVAL, 0, "trailing garbage" },
	{ &value_uid, "root", 0, 0 },
	{ &value_uid, "no-such-user", -EINVAL, 0, "getpwnam(\"no-such-user\"): no such user" },
	{ &value_uid, "", -EINVAL, 0, "no such user" },
	{ &value_uid, "-1", -EINVAL, 0, "no such user" },

	{ &value_gid, "0", 0, 0 },
	{ &value_gid, "root", 0, 0 },
	{ &value_gid, "12ab", -EINVAL, 0, "trailing garbage" },
	{ &value_gid, "no-such-group", -EINVAL, 0,
	  "getgrnam(\"no-such-group\"): no such group" },

	{ &value_timeval, "3", 0, 3000000 },
	{ &value_timeval, "0.5", 0, 500000 },
	{ &value_timeval, ".000001", 0, 1 },
	{ &value_timeval, "0", 0, 0 },
	{ &value_timeval, "-1", -ERANGE, 0, "out of range" },
	{ &value_timeval, "", -EINVAL, 0, "missing numerical value" },
	{ &value_timeval, ".", -EINVAL, 0, "missing numerical value" },
	{ &value_timeval, "1s", -EINVAL, 0, "trailing garbage" },
	{ &value_timeval, "999999999999999", -ERANGE, 0, "out of range" },
	{ &value_timespec, "1.25", 0, 1250000 },
	{ &value_timespec, "-0.1", -ERANGE, 0, "out of range" },
	{ &value_timespec, "x", -EINVAL, 0, "missing numerical value" },

	{ &value_linger, "10", 0, 10 },
	{ &value_linger, "x", -EINVAL, 0, "missing numerical value" },
};

static void test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		struct opt_value value;
		struct err err;

		print_message("%s %s\n", numbers[i].type->name,
			      numbers[i].text ? numbers[i].text : "(none)");
		assert_int_equal(parse(numbers[i].type, numbers[i].text, &value, &err),
				 numbers[i].code);
		assert_null(value.text);
		if (numbers[i].code == 0) {
			assert_int_equal(value.number[0], numbers[i].number);
			continue;
		}
		assert_int_equal(err.column, 9);
		assert_non_null(strstr(err.text, numbers[i].reason));
	}
}

static void test_owners(void **state)
{
	const struct passwd *user = getpwnam("daemon");
	const struct group *group = getgrnam("daemon");
	struct opt_value value;
	struct err err;

	(void)state;
	if (!user || !group)
		skip();
	assert_int_equal(parse(&value_uid, "daemon", &value, &err), 0);
	assert_int_equal(value.number[0], user->pw_uid);
	assert_int_equal(parse(&value_gid, "daemon", &value, &err), 0);
	assert_int_equal(value.number[0], group->gr_gid);
}

/* Texts and bytes, perhaps behind numbers. */
static const struct {
	const struct opt_value_type *type;
	const char *text;
	int code;
	long long number[2];
	const char *bytes; /* or the reason */
	size_t len;
} texts[] = {
	{ &value_string, "a b", 0, { 0 }, "a b", 3 },
	{ &value_string, "", 0, { 0 }, "", 0 },
	{ &value_string_optional, "x", 0, { 0 }, "x", 1 },
	{ &value_filename, "/tmp/x", 0, { 0 }, "/tmp/x", 6 },

	{ &value_binary, "x00ff\"a\"", 0, { 0 }, "\0\xff" "a", 3 },
	{ &value_binary, "", 0, { 0 }, "", 0 },
	{ &value_binary, "x0", -EINVAL, { 0 }, "odd number of hexadecimal digits" },
	{ &value_binary, "z", -EINVAL, { 0 }, "in option \"name\"" },

	{ &value_int_binary, "5:x0102", 0, { 5 }, "\1\2", 2 },
	{ &value_int_binary, "0x5411:", 0, { 0x5411 }, "", 0 },
	{ &value_int_binary, "5", -EINVAL, { 0 }, "missing \":\" and the value in \"5\"" },
	{ &value_int_binary, ":x01", -EINVAL, { 0 }, "missing numerical value" },
	{ &value_int_binary, "5:q", -EINVAL, { 0 }, "unknown type letter" },
	{ &value_int_string, "5:abc", 0, { 5 }, "abc", 3 },
	{ &value_int_string, "5:a:b", 0, { 5 }, "a:b", 3 },
	{ &value_int_string, "5:", 0, { 5 }, "", 0 },
	{ &value_int_string, "x:abc", -EINVAL, { 0 }, "missing numerical value" },

	{ &value_int_int_binary, "1:2:x03", 0, { 1, 2 }, "\3", 1 },
	{ &value_int_int_binary, "1:x03", -EINVAL, { 0 }, "missing numerical value" },
	{ &value_int_int_binary, "1:2", -EINVAL, { 0 }, "missing \":\" and the value" },
	{ &value_int_int_string, "6:13:reno", 0, { 6, 13 }, "reno", 4 },
	{ &value_int_int_string, "6:13:", 0, { 6, 13 }, "", 0 },
	{ &value_int_int_string, "6", -EINVAL, { 0 }, "missing \":\" and the next number" },
	{ &value_int_int_string, "6:1x:reno", -EINVAL, { 0 }, "trailing garbage" },
	{ &value_int_int_string, "4294967296:1:a", -ERANGE, { 0 }, "out of range" },
};

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct opt_value value;
		struct err err;

		print_message("%s %s\n", texts[i].type->name, texts[i].text);
		assert_int_equal(parse(texts[i].type, texts[i].text, &value, &err), texts[i].code);
		if (texts[i].code < 0) {
			assert_null(value.text);
			assert_non_null(strstr(err.text, texts[i].bytes));
			continue;
		}
		assert_int_equal(value.number[0], texts[i].number[0]);
		assert_int_equal(value.number[1], texts[i].number[1]);
		assert_int_equal(value.len, texts[i].len);
		if (value.len)
			assert_memory_equal(value.text, texts[i].bytes, value.len);
		free_pointer(&value.text);
	}
}

static void test_number_lists(void **state)
{
	struct opt_value value;
	struct err err;

	(void)state;
	assert_int_equal(parse(&value_int_int, "1:-2", &value, &err), 0);
	assert_int_equal(value.number[0], 1);
	assert_int_equal(value.number[1], -2);
	assert_int_equal(parse(&value_int_ulong, "3:0xffffffff", &value, &err), 0);
	assert_int_equal(value.number[1], 0xffffffff);
	assert_int_equal(parse(&value_int_intp, "0x5421:1", &value, &err), 0);
	assert_int_equal(value.number[0], 0x5421);
	assert_int_equal(parse(&value_int_int_int, "1:2:0x3", &value, &err), 0);
	assert_int_equal(value.number[2], 3);

	assert_int_equal(parse(&value_int_int, "1", &value, &err), -EINVAL);
	assert_int_equal(parse(&value_int_int, "1:", &value, &err), -EINVAL);
	assert_int_equal(parse(&value_int_int, "1:2:3", &value, &err), -EINVAL);
	assert_int_equal(parse(&value_int_int_int, "1:2", &value, &err), -EINVAL);
	assert_int_equal(parse(&value_int_int_int, "1:2:3x", &value, &err), -EINVAL);
	/* what does not fit an int is not cut */
	assert_int_equal(parse(&value_int_int_int, "1:2:4294967296", &value, &err), -ERANGE);
	assert_int_equal(parse(&value_int_int_int, "1:-2147483649:3", &value, &err), -ERANGE);
}

static void test_binary_limit(void **state)
{
	char text[1 + 2 * (OPT_BINARY_MAX + 1) + 1] = "x";
	struct opt_value value;
	struct err err;

	(void)state;
	memset(text + 1, '5', 2 * OPT_BINARY_MAX);
	assert_int_equal(parse(&value_binary, text, &value, &err), 0);
	assert_int_equal(value.len, OPT_BINARY_MAX);
	free_pointer(&value.text);
	memset(text + 1, '5', 2 * (OPT_BINARY_MAX + 1));
	assert_int_equal(parse(&value_binary, text, &value, &err), -E2BIG);
}

static void test_optional(void **state)
{
	static const struct opt_value_type *const with[] = {
		&value_const, &value_bool, &value_byte, &value_ushort, &value_int,
		&value_int_or_empty, &value_uint, &value_size, &value_long, &value_off64,
		&value_string_optional,
	};
	static const struct opt_value_type *const without[] = {
		&value_mode, &value_uid, &value_gid, &value_string, &value_filename,
		&value_timeval, &value_timespec, &value_linger, &value_int_int, &value_int_ulong,
		&value_int_intp, &value_int_binary, &value_int_string, &value_int_int_int,
		&value_int_int_binary, &value_int_int_string, &value_binary,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(with); i++) {
		struct opt_value value;
		struct err err;

		assert_true(with[i]->optional);
		assert_int_equal(parse(with[i], NULL, &value, &err), 0);
		assert_null(value.text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(without); i++)
		assert_false(without[i]->optional);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_number_lists),
		cmocka_unit_test(test_binary_limit),
		cmocka_unit_test(test_optional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
