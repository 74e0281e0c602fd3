/* SPDX-License-Identifier: MIT */
/* Libraries loaded at first use: the table is filled, or a sentence says what is missing. */

#include "base/library.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FUNCTIONS(F) F(strlen) F(abs)

struct functions {
	FUNCTIONS(LIBRARY_POINTER)
};

static const char *const names[] = { FUNCTIONS(LIBRARY_NAME) };

/* The C library is there whatever its name: libmnl is, too, and needs it. */
static const struct library there = { "TEST", "libmnl.so.0", names, ARRAY_SIZE(names) };

static void test_load(void **state)
{
	struct functions functions = { NULL };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(library_load(&there, &functions, &err), 0);
	assert_int_equal(functions.strlen("four"), 4);
	assert_int_equal(functions.abs(-4), 4);
}

static void test_missing_library(void **state)
{
	static const struct library missing = { "TEST", "libsockbox-none.so.9", names, 2 };
	struct functions functions = { NULL };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(library_load(&missing, &functions, &err), -ENOENT);
	assert_ptr_equal(strstr(err.text, "TEST needs libsockbox-none.so.9: "), err.text);
	assert_null(functions.strlen);
}

static void test_missing_function(void **state)
{
	static const char *const unknown[] = { "sockbox_none" };
	static const struct library older = { "TEST", "libmnl.so.0", unknown, 1 };
	void *table = NULL;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(library_load(&older, &table, &err), -ENOENT);
	assert_non_null(strstr(err.text, "TEST needs "));
	assert_non_null(strstr(err.text, "sockbox_none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_load),
		cmocka_unit_test(test_missing_library),
		cmocka_unit_test(test_missing_function),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
