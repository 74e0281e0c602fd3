/* SPDX-License-Identifier: MIT */
/* The lines of --progress and --json. */

#include "tool/nc_account.h"

#include "base/clock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct nc_ours ours = { .tls = { .wanted = 1 } };

static void test_line(void **state)
{
	struct nc_account a = { .ours = &ours, .sent = 1 << 20, .received = 12, .total = 4 << 20 };
	auto_buf out = { 0 };

	(void)state;
	nc_account_line(&a, 10 * CLOCK_US_PER_S, 104857, &out);
	assert_string_equal(buf_text(&out),
			    "1.0 MiB sent, 12 B received, 102.4 KiB/s, 25 %, ETA 0:30");
	buf_clear(&out);
	a.total = -1;
	nc_account_line(&a, 10 * CLOCK_US_PER_S, 0, &out);
	assert_string_equal(buf_text(&out), "1.0 MiB sent, 12 B received, 0 B/s");
	buf_clear(&out);
	a.sent = 0;
	a.total = 0;
	nc_account_line(&a, 0, 0, &out);
	assert_string_equal(buf_text(&out), "0 B sent, 12 B received, 0 B/s");
}

static void test_json(void **state)
{
	const struct nc_place place = { .host = "a\"b" };
	struct nc_account a = { .ours = &ours, .place = &place, .sent = 3, .received = 4 };
	auto_buf out = { 0 };

	(void)state;
	assert_int_equal(net_address_parse("127.0.0.1", AF_INET, 80, &a.peer), 0);
	nc_account_json(&a, 1500000, -ECONNRESET, &out);
	assert_string_equal(buf_text(&out),
			    "{\"host\":\"a\\\"b\",\"peer_address\":\"127.0.0.1\",\"peer_port\":80,"
			    "\"protocol\":\"tcp\",\"tls\":true,\"sent\":3,\"received\":4,"
			    "\"seconds\":1.500000,\"result\":\"Connection reset by peer\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
