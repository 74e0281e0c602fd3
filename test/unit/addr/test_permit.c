/* SPDX-License-Identifier: MIT */
/* Who may talk to us: networks, source ports. */

#include "addr/permit.h"

#include "addr/addr.h"
#include "opt/dalan.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	const char *range, *host;
	bool inside;
} ranges[] = {
	{ "192.0.2.0/24", "192.0.2.0", true },
	{ "192.0.2.0/24", "192.0.2.255", true },
	{ "192.0.2.0/24", "192.0.3.0", false },
	{ "192.0.2.77/24", "192.0.2.1", true }, /* bits below the mask do not count */
	{ "192.0.2.0/25", "192.0.2.127", true },
	{ "192.0.2.0/25", "192.0.2.128", false },
	{ "192.0.2.128/31", "192.0.2.129", true },
	{ "192.0.2.128/31", "192.0.2.130", false },
	{ "192.0.2.1/32", "192.0.2.1", true },
	{ "192.0.2.1/32", "192.0.2.2", false },
	{ "192.0.2.1/0", "10.9.8.7", true },
	{ "0.0.0.0/0", "255.255.255.255", true },
	{ "0.0.0.0/0", "::1", false }, /* another family */
	{ "192.0.2.0:255.255.255.0", "192.0.2.9", true },
	{ "192.0.2.0:255.255.255.0", "192.0.3.9", false },
	{ "192.0.2.1:255.0.255.255", "192.9.2.1", true }, /* masks may have holes */
	{ "192.0.2.1:255.0.255.255", "192.9.2.2", false },
	{ "192.0.2.1:0.0.0.0", "10.0.0.1", true },
	{ "192.0.2.1:255.255.255.255", "192.0.2.1", true },
	{ "[2001:db8::]/32", "2001:db8:1::1", true },
	{ "[2001:db8::]/32", "2001:db9::1", false },
	{ "[2001:db8::1]/128", "2001:db8::1", true },
	{ "[2001:db8::1]/128", "2001:db8::2", false },
	{ "[2001:db8::]/33", "2001:db8:7fff::", true },
	{ "[2001:db8::]/33", "2001:db8:8000::", false },
	{ "[::]/0", "2001:db8::1", true },
	{ "[::]/0", "127.0.0.1", false },
	{ "[::ffff:192.0.2.0]/120", "::ffff:192.0.2.9", true },
	{ "[::ffff:192.0.2.0]/120", "192.0.2.9", false },
};

static void parse_host(const char *host, struct net_address *ret)
{
	assert_int_equal(net_address_parse(host, AF_UNSPEC, 4711, ret), 0);
}

static void test_contains(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		struct address_range range;
		struct net_address a;
		struct err err = { 0 };

		print_message("%s %s\n", ranges[i].range, ranges[i].host);
		assert_int_equal(range_parse(ranges[i].range, AF_UNSPEC, &range, &err), 0);
		parse_host(ranges[i].host, &a);
		assert_int_equal(range_contains(&range, &a), ranges[i].inside);
	}
}

static const struct {
	const char *range, *address;
	bool inside;
} binary_ranges[] = {
	{ "x0000x7f000000:x0000xffffffff", "x1234x7f000000", true },
	{ "x0000x7f000000:x0000xffffffff", "x1234x7f000001", false },
	{ "x0000x7f000000:x0000xff000000", "x1234x7f000001x0000000000000000", true },
	{ "x0000x7f000000:x0000xff000000", "x1234x7f0000", false }, /* too short */
	{ "\"a:\\\"\":xffffff", "\"a:\\\"b\"", true }, /* no colon within a string splits */
	{ "\"/tmp/\":xffffffffff", "\"/tmp/x\"", true },
	{ "\"/tmp/\":xffffffffff", "\"/var/x\"", false },
	{ ":", "x00", true },
};

static void test_binary(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(binary_ranges); i++) {
		struct net_address a = { 0 };
		struct address_range range;
		struct err err = { 0 };
		size_t len;

		print_message("%s %s\n", binary_ranges[i].range, binary_ranges[i].address);
		assert_int_equal(range_parse_binary(binary_ranges[i].range, &range, &err), 0);
		assert_int_equal(dalan_parse(binary_ranges[i].address, a.any.sa_data,
					     sizeof(a.storage) - sizeof(sa_family_t), &len, &err),
				 0);
		a.len = (socklen_t)(sizeof(sa_family_t) + len);
		assert_int_equal(range_contains(&range, &a), binary_ranges[i].inside);
	}
}

static const char *const bad_binary[] = { "", "x00", "x00:x0000", "x0:x00", "z:z", "\":\"" };

static void test_bad_binary(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad_binary); i++) {
		struct address_range range;
		struct err err = { 0 };

		assert_int_equal(range_parse_binary(bad_binary[i], &range, &err), -EINVAL);
		assert_true(*err.text);
	}
}

/* Neither a UNIX socket nor no address at all is in a network. */
static void test_other_families(void **state)
{
	struct net_address none = { .len = 0 }, path;
	struct address_range range;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(range_parse("0.0.0.0/0", AF_UNSPEC, &range, &err), 0);
	assert_false(range_contains(&range, &none));
	assert_int_equal(net_address_unix("/run/x", true, &path), 0);
	assert_false(range_contains(&range, &path));
}

static const struct {
	const char *range, *text;
} bad[] = {
	{ "", "mask is missing" },
	{ "192.0.2.0", "mask is missing" },
	{ "/24", "mask is missing" },
	{ ":255.0.0.0", "mask is missing" },
	{ "[::1]", "mask is missing" },
	{ "[::1", "mask is missing" },
	{ "[::1/128", "mask is missing" },
	{ "::1/128", "mask is missing" }, /* needs brackets */
	{ "192.0.2.0/", "not a number of bits 0..32" },
	{ "192.0.2.0/33", "not a number of bits 0..32" },
	{ "192.0.2.0/-1", "not a number of bits 0..32" },
	{ "192.0.2.0/24x", "not a number of bits 0..32" },
	{ "192.0.2.0/255.255.255.0", "not a number of bits 0..32" },
	{ "192.0.2.0/24/24", "not a number of bits 0..32" },
	{ "[::1]/129", "not a number of bits 0..128" },
	{ "[::1]/", "not a number of bits 0..128" },
	{ "192.0.2.0:", "not an IPv4 netmask" },
	{ "192.0.2.0:24", "not an IPv4 netmask" },
	{ "192.0.2.0:255.255.255", "not an IPv4 netmask" },
	{ "[::1]:255.0.0.0", "not an IPv4 netmask" },
};

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct address_range range = { .len = 4711 };
		struct err err = { 0 };

		print_message("%s\n", bad[i].range);
		assert_int_equal(range_parse(bad[i].range, AF_UNSPEC, &range, &err), -EINVAL);
		assert_int_equal(range.len, 4711);
		assert_non_null(strstr(err.text, bad[i].text));
	}
}

static bool admits(const struct settings *settings, const char *host, uint16_t port)
{
	struct net_address a;

	parse_host(host, &a);
	net_address_set_port(&a, port);
	return peer_is_admitted(settings, &a);
}

static void test_admission(void **state)
{
	struct settings all = { .sourceport = -1 };
	struct settings range = { .sourceport = -1, .range = "192.0.2.0/24" };
	struct settings port = { .sourceport = 5000, .lowport = true };
	struct settings low = { .sourceport = -1, .lowport = true };
	struct net_address path;
	struct err err;

	(void)state;
	assert_int_equal(range_parse(range.range, AF_UNSPEC, &range.allowed, &err), 0);
	assert_int_equal(net_address_unix("/run/x", true, &path), 0);

	assert_true(admits(&all, "192.0.2.1", 5000));
	assert_true(admits(&range, "192.0.2.1", 5000));
	assert_false(admits(&range, "192.0.3.1", 5000));
	assert_true(admits(&port, "192.0.2.1", 5000)); /* lowport is not asked then */
	assert_false(admits(&port, "192.0.2.1", 5001));
	assert_true(admits(&low, "192.0.2.1", 1023));
	assert_false(admits(&low, "192.0.2.1", 1024));
	assert_true(peer_is_admitted(&all, &path));
	assert_false(peer_is_admitted(&range, &path));
	assert_false(peer_is_admitted(&low, &path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_contains),
		cmocka_unit_test(test_binary),
		cmocka_unit_test(test_bad_binary),
		cmocka_unit_test(test_other_families),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_admission),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
