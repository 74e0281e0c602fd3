/* SPDX-License-Identifier: MIT */
/* Port operands of nc: what they name, and in which words they are refused. */

#include "tool/nc_number.h"
#include "tool/trad_ports.h"

#include "base/buf.h"
#include "base/str.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static int find(const void *context, const char *name, uint16_t *ret)
{
	static const struct {
		const char *name;
		uint16_t port;
	} known[] = { { "http", 80 }, { "ftp-data", 20 }, { "3com-tsmux", 106 } };

	(void)context;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (str_equal(name, known[i].name)) {
			*ret = known[i].port;
			return 0;
		}
	}
	return -EINVAL;
}

static const struct nc_services services = { find, NULL };

static void test_words(void **state)
{
	static const struct {
		const char *word, *ports;
	} rows[] = {
		{ "1", "1" },
		{ "65535", "65535" },
		{ " 80", "80" },
		{ "+80", "80" },
		{ "http", "80" },
		{ "ftp-data", "20" },
		{ "3com-tsmux", "106" },
		{ "20-23", "20 21 22 23" },
		{ "23-20", "20 21 22 23" },
		{ "7-7", "7" },
		{ "78-http", "78 79 80" },
		{ "65534-65535", "65534 65535" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_ports list = { 0 };
		auto_buf out = { 0 };

		assert_int_equal(nc_ports_add(&list, rows[i].word, &services, NULL), 0);
		for (size_t n = 0; n < list.n; n++)
			buf_format(&out, "%s%u", n ? " " : "", list.items[n]);
		assert_string_equal(buf_text(&out), rows[i].ports);
	}
}

static void test_refusals(void **state)
{
	static const struct {
		const char *word, *sentence;
	} rows[] = {
		{ "", "port number invalid: " },
		{ "0", "port number too small: 0" },
		{ "-1", "port number too small: -1" },
		{ "65536", "port number too large: 65536" },
		{ "99999999999999999999", "port number too large: 99999999999999999999" },
		{ "-99999999999999999999", "port number too small: -99999999999999999999" },
		{ "foo", "service \"foo\" unknown" },
		{ "8x", "service \"8x\" unknown" },
		{ "5-", "port number invalid: " },
		{ "0-65536", "port number too large: 65536" }, /* the upper end is told first */
		{ "0-5", "port number too small: 0" },
		{ "5-foo", "service \"foo\" unknown" },
		{ "5-7-9", "service \"7-9\" unknown" },
		{ "http-90", "service \"http-90\" unknown" }, /* a range begins with a digit */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_ports list = { 0 };
		struct err err = { 0 };

		assert_int_equal(nc_ports_add(&list, rows[i].word, &services, &err), -EINVAL);
		assert_string_equal(err.text, rows[i].sentence);
		assert_int_equal(list.n, 0);
	}
}

static void test_all_ports(void **state)
{
	auto_ports list = { 0 };

	(void)state;
	assert_int_equal(nc_ports_add(&list, "1-65535", &services, NULL), 0);
	assert_int_equal(nc_ports_add(&list, "1", &services, NULL), 0);
	assert_int_equal(list.n, 65536);
	assert_int_equal(list.items[65534], 65535);
	assert_int_equal(list.items[65535], 1);
}

static size_t first(size_t limit)
{
	(void)limit;
	return 0;
}

static size_t last(size_t limit)
{
	return limit - 1;
}

static void test_shuffle(void **state)
{
	static const uint16_t turned[] = { 2, 3, 4, 1 };
	auto_ports list = { 0 };

	(void)state;
	assert_int_equal(nc_ports_add(&list, "1-4", &services, NULL), 0);
	nc_ports_shuffle(&list, last); /* everybody with himself */
	for (uint16_t i = 0; i < 4; i++)
		assert_int_equal(list.items[i], i + 1);
	nc_ports_shuffle(&list, first);
	assert_memory_equal(list.items, turned, sizeof(turned));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		long long min, max, value;
		const char *why;
	} rows[] = {
		{ "0", 0, 9, 0, NULL },
		{ " 9", 0, 9, 9, NULL },
		{ "-3", -5, 9, -3, NULL },
		{ "10", 0, 9, 0, "too large" },
		{ "-1", 0, 9, 0, "too small" },
		{ "", 0, 9, 0, "invalid" },
		{ "1.5", 0, 9, 0, "invalid" },
		{ "1 ", 0, 9, 0, "invalid" },
		{ "0x1", 0, 9, 0, "invalid" },
		{ "9223372036854775808", 0, LLONG_MAX, 0, "too large" },
		{ "-9223372036854775809", LLONG_MIN, 0, 0, "too small" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *why = NULL;
		long long value = 0;
		int r = nc_number(rows[i].text, rows[i].min, rows[i].max, &value, &why);

		assert_int_equal(r == 0, !rows[i].why);
		assert_int_equal(value, rows[i].value);
		if (rows[i].why)
			assert_string_equal(why, rows[i].why);
	}
}

static void test_traditional(void **state)
{
	static const struct {
		const char *word, *ports, *why;
	} rows[] = {
		{ "80", "80", NULL },
		{ "http", "80", NULL },
		{ "20-23", "23 22 21 20", NULL },
		{ "23-20", "23 22 21 20", NULL },
		{ "78-http", "80 79 78", NULL },
		{ "ftp\\-data", "20", NULL },
		{ "ftp-data", "", "invalid port ftp" },
		{ "80-", "", "invalid port " },
		{ "", "", "invalid port " },
		{ "0", "", "invalid port 0" },
		{ "65536", "", "invalid port 65536" },
		{ "80-x", "", "invalid port x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = { 0 };
		auto_ports list = { 0 };
		auto_buf out = { 0 };

		assert_int_equal(trad_ports_add(&list, rows[i].word, &services, &err),
				 rows[i].why ? -EINVAL : 0);
		for (size_t n = 0; n < list.n; n++)
			buf_format(&out, "%s%u", n ? " " : "", list.items[n]);
		assert_string_equal(buf_text(&out), rows[i].ports);
		if (rows[i].why)
			assert_string_equal(err.text, rows[i].why);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),	  cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_all_ports), cmocka_unit_test(test_shuffle),
		cmocka_unit_test(test_numbers),	  cmocka_unit_test(test_traditional),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
