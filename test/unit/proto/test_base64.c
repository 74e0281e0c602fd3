/* SPDX-License-Identifier: MIT */
/* The test vectors of RFC 4648, section 10, and bytes of all kinds. */

#include "proto/base64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *data;
	size_t len;
	const char *expected;
} cases[] = {
	{ "", 0, "" },
	{ "f", 1, "Zg==" },
	{ "fo", 2, "Zm8=" },
	{ "foo", 3, "Zm9v" },
	{ "foob", 4, "Zm9vYg==" },
	{ "fooba", 5, "Zm9vYmE=" },
	{ "foobar", 6, "Zm9vYmFy" },
	{ "user:s3cr3t\n", 12, "dXNlcjpzM2NyM3QK" },
	{ "\0\0\0", 3, "AAAA" },
	{ "\xff\xff\xff", 3, "////" },
	{ "\xfb\xef\xbe", 3, "++++" },
	{ "\xff", 1, "/w==" },
};

static void test_put(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_buf out = { 0 };

		base64_put(&out, cases[i].data, cases[i].len);
		assert_string_equal(buf_text(&out), cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_put) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
