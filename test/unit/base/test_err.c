/* SPDX-License-Identifier: MIT */
/* Error sentences: made, placed, extended, cut. */

#include "base/err.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_set(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_set(&err, -EACCES, "open %s: %s", "x", err_reason(-EACCES)), -EACCES);
	assert_int_equal(err.code, -EACCES);
	assert_int_equal(err.column, -1);
	assert_int_equal(err.length, 1);
	assert_string_equal(err.text, "open x: Permission denied");
}

static void test_place(void **state)
{
	struct err err;

	(void)state;
	assert_int_equal(err_at(&err, 7, 3, -EINVAL, "unknown option"), -EINVAL);
	assert_int_equal(err.column, 7);
	assert_int_equal(err.length, 3);
	(void)err_at(&err, 0, 0, -EINVAL, "nothing here");
	assert_int_equal(err.length, 1);
	(void)err_set(&err, -EINVAL, "no place");
	assert_int_equal(err.column, -1);
}

static void test_nobody_wants_it(void **state)
{
	(void)state;
	assert_int_equal(err_set(NULL, -EPERM, "lost"), -EPERM);
	assert_int_equal(err_at(NULL, 1, 1, -EPERM, "lost"), -EPERM);
	err_add(NULL, "lost");
}

static void test_add_and_cut(void **state)
{
	struct err err;

	(void)state;
	(void)err_set(&err, -EINVAL, "unknown option \"%s\"", "frok");
	err_add(&err, ", did you mean \"%s\"?", "fork");
	assert_string_equal(err.text, "unknown option \"frok\", did you mean \"fork\"?");

	for (int i = 0; i < ERR_TEXT_MAX; i++)
		err_add(&err, "%s", "more");
	assert_int_equal(strlen(err.text), ERR_TEXT_MAX - 1);
	assert_int_equal(err.code, -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_place),
		cmocka_unit_test(test_nobody_wants_it),
		cmocka_unit_test(test_add_and_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
