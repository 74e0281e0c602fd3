/* SPDX-License-Identifier: MIT */
/* Which sessions may share a process: none that starts programs or changes it. */

#include "relay/engine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_" };

static const struct {
	const char *left, *right;
	bool suits;
} cases[] = {
	{ "TCP-LISTEN:1,fork", "TCP:h:1", true },
	{ "TCP-LISTEN:1", "TCP:h:1", false }, /* one session only */
	{ "TCP:h:1,fork", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork,isolate", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork!!STDOUT", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork", "EXEC:x", false },
	{ "TCP-LISTEN:1,fork", "STDIN!!SYSTEM:x", false },
	{ "TCP-LISTEN:1,fork", "TCP:h:1,chdir=/", false },
	{ "TCP-LISTEN:1,fork,umask=077", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork,su=0", "TCP:h:1", false },

	/* what carries an address counts, however deep */
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=UNIX:s", true },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=UNIX:s)", true },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(EXEC:x)", false },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=(PIPE!!EXEC:x))", false },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=(UNIX:s,chdir=/))", false },
};

static void test_suits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct address_pair pair[2] = { 0 };
		struct err err = { 0 };

		print_message("%s %s\n", cases[i].left, cases[i].right);
		assert_int_equal(address_parse(cases[i].left, &context, &pair[0], &err), 0);
		assert_int_equal(address_parse(cases[i].right, &context, &pair[1], &err), 0);
		assert_int_equal(engine_suits(pair), cases[i].suits);
		address_done(&pair[0]);
		address_done(&pair[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_suits) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
