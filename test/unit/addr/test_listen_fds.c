/* SPDX-License-Identifier: MIT */
/* Which of the descriptors passed on has a name. */

#include "addr/listen_fds.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { SELF = 42 };

static const struct {
	struct listen_fds passed;
	const char *name;
	int result;
	const char *reason;
} rows[] = {
	{ { "42", "1", "web" }, "web", 3, "" },
	{ { "42", "3", "web:admin:x" }, "admin", 4, "" },
	{ { "42", "3", "web:admin:x" }, "x", 5, "" },
	{ { "42", "2", "web:web" }, "web", 3, "" },
	{ { "42", "2", ":b" }, "b", 4, "" },
	{ { "42", "2", "web:admin:x" }, "x", -ENOENT, "none of the 2" },
	{ { "42", "9", "web" }, "admin", -ENOENT, "none of the 9" },
	{ { "42", "1", "web" }, "we", -ENOENT, "is named \"we\"" },
	{ { "42", "1", "web" }, "webs", -ENOENT, "is named" },
	{ { "42", "1", "a:b" }, "a:b", -ENOENT, "is named" },
	{ { "42", "1", "" }, "", -ENOENT, "is named" },
	{ { "42", "0", "web" }, "web", -ENOENT, "none of the 0" },
	{ { "41", "1", "web" }, "web", -ENOENT, "another process" },
	{ { "x", "1", "web" }, "web", -EINVAL, "LISTEN_PID=\"x\"" },
	{ { "-1", "1", "web" }, "web", -EINVAL, "LISTEN_PID" },
	{ { "42", "", "web" }, "web", -EINVAL, "LISTEN_FDS=\"\"" },
	{ { "42", "4097", "web" }, "web", -EINVAL, "0..4096" },
	{ { "42", "99999999999999999999", "web" }, "web", -EINVAL, "LISTEN_FDS" },
	{ { NULL, "1", "web" }, "web", -ENOENT, "no named descriptors" },
	{ { "42", NULL, "web" }, "web", -ENOENT, "no named descriptors" },
	{ { "42", "1", NULL }, "web", -ENOENT, "no named descriptors" },
};

static void test_find(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct err err = { 0 };

		print_message("%zu %s\n", i, rows[i].name);
		assert_int_equal(listen_fds_find(&rows[i].passed, SELF, rows[i].name, &err),
				 rows[i].result);
		assert_non_null(strstr(err.text, rows[i].reason));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_find) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
