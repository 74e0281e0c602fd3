/* SPDX-License-Identifier: MIT */
/* Where a host ends and its port begins. */

#include "addr/ip.h"


#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct {
	const char *text, *host, *port; /* NULL: is not there */
} splits[] = {
	{ "", NULL, NULL },
	{ "host", "host", NULL },
	{ "host:80", "host", "80" },
	{ "host:http", "host", "http" },
	{ "host:", "host", "" },
	{ ":80", NULL, "80" },
	{ ":", NULL, "" },
	{ "192.0.2.1", "192.0.2.1", NULL },
	{ "192.0.2.1:80", "192.0.2.1", "80" },
	{ "[::1]", "[::1]", NULL },
	{ "[::1]:80", "[::1]", "80" },
	{ "[::1]:", "[::1]", "" },
	{ "::1", "::1", NULL }, /* bare: all of it is the host */
	{ "::", "::", NULL },
	{ "2001:db8::1:80", "2001:db8::1:80", NULL },
	{ "[fe80::1%lo]:80", "[fe80::1%lo]", "80" },
	{ "[::1", "[::1", NULL },
	{ "[", "[", NULL },
};

static void assert_part(const char *got, const char *expected)
{
	if (expected) {
		assert_non_null(got);
		assert_string_equal(got, expected);
	} else {
		assert_null(got);
	}
}

static void test_split(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(splits); i++) {
		auto_free char *host = NULL;
		auto_free char *port = NULL;

		print_message("%s\n", splits[i].text);
		ip_split(splits[i].text, &host, &port);
		assert_part(host, splits[i].host);
		assert_part(port, splits[i].port);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
