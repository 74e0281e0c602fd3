/* SPDX-License-Identifier: MIT */
/* Names of message queues. */

#include "addr/posixmq.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *name;
	bool good;
} names[] = {
	{ "/a", true },	     { "/a.b", true }, { "/...", true }, { "/ \n\xff", true },
	{ "", false },	     { "/", false },   { "a", false },	 { "a/b", false },
	{ "//", false },     { "//a", false }, { "/a/", false }, { "/a/b", false },
	{ "/tmp/x", false }, { "/.", false },  { "/..", false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct err err = { 0 };
		int r = posixmq_name_check(names[i].name, &err);

		print_message("%s\n", names[i].name);
		assert_int_equal(r, names[i].good ? 0 : -EINVAL);
		assert_int_equal(err.text[0] == '\0', names[i].good);
	}
}

static void test_length(void **state)
{
	char name[NAME_MAX + 2];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[NAME_MAX] = '\0';
	assert_int_equal(posixmq_name_check(name, NULL), 0);
	name[NAME_MAX] = 'x';
	name[NAME_MAX + 1] = '\0';
	assert_int_equal(posixmq_name_check(name, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
