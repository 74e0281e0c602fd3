/* SPDX-License-Identifier: MIT */
/* Growing text and its hard maximum. */

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_grows(void **state)
{
	auto_buf buf = { 0 };

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		buf_format(&buf, "%d,", i);
	buf_put_text(&buf, "end");
	buf_put_byte(&buf, '.');
	assert_int_equal(buf.len, 10 * 2 + 90 * 3 + 900 * 4 + 4);
	assert_int_equal(strlen(buf_text(&buf)), buf.len);
	assert_memory_equal(buf.data, "0,1,2,", 6);
	assert_string_equal(buf.data + buf.len - 8, "999,end.");
	assert_false(buf.full);
}

static void test_keeps_zero_bytes(void **state)
{
	auto_buf buf = { 0 };

	(void)state;
	buf_put(&buf, "a\0b", 3);
	buf_put(&buf, NULL, 0);
	assert_int_equal(buf.len, 3);
	assert_memory_equal(buf.data, "a\0b", 4);
}

static void test_maximum(void **state)
{
	auto_buf buf = { .max = 10 };

	(void)state;
	buf_put_text(&buf, "12345");
	buf_put_text(&buf, "67890");
	assert_false(buf.full);
	buf_put(&buf, "", 0);
	assert_false(buf.full);

	/* One byte more, and nothing is taken until it is emptied. */
	buf_put_byte(&buf, 'x');
	assert_true(buf.full);
	assert_string_equal(buf_text(&buf), "1234567890");
	buf_put(&buf, "", 0);
	buf_format(&buf, "%s", "more");
	assert_string_equal(buf_text(&buf), "1234567890");

	buf_clear(&buf);
	assert_false(buf.full);
	assert_string_equal(buf_text(&buf), "");
	buf_format(&buf, "%s", "0123456789");
	assert_string_equal(buf_text(&buf), "0123456789");
	buf_format(&buf, "%s", "x");
	assert_true(buf.full);
}

static void test_piece_that_does_not_fit_is_dropped_whole(void **state)
{
	auto_buf buf = { .max = 4 };

	(void)state;
	buf_put_text(&buf, "ab");
	buf_put_text(&buf, "cde");
	assert_true(buf.full);
	assert_string_equal(buf_text(&buf), "ab");
	buf_put_byte(&buf, 'c');
	assert_string_equal(buf_text(&buf), "ab");
}

static void test_take(void **state)
{
	auto_buf buf = { .max = 100 };
	auto_free char *nothing = buf_take(&buf);
	auto_free char *text = NULL;

	(void)state;
	assert_string_equal(nothing, "");
	buf_put_text(&buf, "text");
	text = buf_take(&buf);
	assert_string_equal(text, "text");
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
	assert_int_equal(buf.max, 100);
	buf_put_text(&buf, "again");
	assert_string_equal(text, "text");
}

static void test_drop(void **state)
{
	auto_buf buf = { 0 };

	(void)state;
	buf_drop(&buf, 3);
	assert_string_equal(buf_text(&buf), "");
	buf_put_text(&buf, "text");
	buf_drop(&buf, 0);
	assert_string_equal(buf_text(&buf), "text");
	buf_drop(&buf, 3);
	assert_string_equal(buf_text(&buf), "t");
	assert_int_equal(buf.len, 1);
	buf_drop(&buf, 9);
	assert_string_equal(buf_text(&buf), "");
	assert_int_equal(buf.len, 0);
}

static void test_done_twice(void **state)
{
	struct buf buf = { 0 };

	(void)state;
	buf_put_text(&buf, "text");
	buf_done(&buf);
	assert_null(buf.data);
	buf_done(&buf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_grows),
		cmocka_unit_test(test_keeps_zero_bytes),
		cmocka_unit_test(test_maximum),
		cmocka_unit_test(test_piece_that_does_not_fit_is_dropped_whole),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_done_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
