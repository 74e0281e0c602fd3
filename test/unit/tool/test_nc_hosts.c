/* SPDX-License-Identifier: MIT */
/* Patterns of --allow and --deny. */

#include "tool/nc_hosts.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int result, bits;
	} rows[] = {
		{ "192.0.2.7", 0, -1 },
		{ "10.0.0.0/8", 0, 8 },
		{ "10.0.1-5.*", 0, -1 },
		{ "-5.1.2.250-", 0, -1 },
		{ "*.*.*.*", 0, -1 },
		{ "2001:db8::/32", 0, 32 },
		{ "::1", 0, -1 },
		{ "name", 1, -1 },
		{ "name/24", 1, 24 },
		{ "my-host.example", 1, -1 },
		{ "", -EINVAL, 0 },
		{ "10.0.0.0/33", -EINVAL, 33 },
		{ "10.0.0", -EINVAL, -1 },
		{ "10.0.0.256", -EINVAL, -1 },
		{ "1.2.3.4.5", -EINVAL, -1 },
		{ "10.0.5-1.0", -EINVAL, -1 },
		{ "1.2.3.*/8", -EINVAL, 8 },
		{ "1..2.3", -EINVAL, -1 },
		{ "::1/129", -EINVAL, 0 },
		{ "1.2.3.4/x", -EINVAL, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nc_host_pattern pattern;
		int bits = 0, r = nc_host_parse(rows[i].text, &pattern, &bits);

		if (r != rows[i].result || bits != rows[i].bits)
			fail_msg("%s: %d, %d bits", rows[i].text, r, bits);
	}
}

static void test_contain(void **state)
{
	static const struct {
		const char *pattern, *address;
		bool inside;
	} rows[] = {
		{ "192.0.2.7", "192.0.2.7", true },
		{ "192.0.2.7", "192.0.2.8", false },
		{ "10.0.0.0/8", "10.255.1.1", true },
		{ "10.0.0.0/8", "11.0.0.0", false },
		{ "10.0.0.0/9", "10.128.0.0", false },
		{ "0.0.0.0/0", "1.2.3.4", true },
		{ "10.0.1-5.*", "10.0.3.9", true },
		{ "10.0.1-5.*", "10.0.6.9", false },
		{ "10.0.-5.7-", "10.0.0.255", true },
		{ "10.0.-5.7-", "10.0.0.6", false },
		{ "2001:db8::/32", "2001:db8:1::1", true },
		{ "2001:db8::/32", "2001:db9::", false },
		{ "::/0", "1.2.3.4", false },
		{ "1.2.3.4", "::ffff:1.2.3.4", true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nc_host_pattern pattern;
		struct nc_hosts list = { 0 };
		struct net_address a;
		int bits;

		assert_int_equal(nc_host_parse(rows[i].pattern, &pattern, &bits), 0);
		assert_int_equal(net_address_parse(rows[i].address, AF_UNSPEC, 0, &a), 0);
		assert_false(nc_hosts_contain(&list, &a));
		nc_hosts_add(&list, &pattern);
		if (nc_hosts_contain(&list, &a) != rows[i].inside)
			fail_msg("%s, %s", rows[i].pattern, rows[i].address);
		nc_hosts_done(&list);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_contain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
