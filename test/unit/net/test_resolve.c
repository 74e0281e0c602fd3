/* SPDX-License-Identifier: MIT */
/* Hosts and services to addresses, without asking anybody: numbers, the
 * wildcard, loopback, and the services file of the system. */

#include "net/resolve.h"

#include "task/task.h"

#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_ports(void **state)
{
	static const struct {
		const char *service;
		int result;
		uint16_t port;
	} rows[] = {
		{ "0", 0, 0 },	      { "80", 0, 80 },
		{ "+80", 0, 80 },     { "65535", 0, 65535 },
		{ "65536", -ERANGE }, { "-1", -ERANGE },
		{ "080", 0, 80 },     { "99999999999999999999", -ERANGE },
		{ "80x", -EINVAL },   { "0x50", -EINVAL },
		{ "", -EINVAL },      { " 80", -EINVAL },
		{ "-", -EINVAL },     { "no-such-service", -EINVAL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint16_t port = 4711;

		print_message("\"%s\"\n", rows[i].service);
		assert_int_equal(net_resolve_port(rows[i].service, IPPROTO_TCP, &port),
				 rows[i].result);
		assert_int_equal(port, rows[i].result < 0 ? 4711 : rows[i].port);
	}
}

/* Whatever service names the system knows, ours are the same. */
static void test_service_names(void **state)
{
	struct servent *entry;
	uint16_t port;

	(void)state;
	entry = getservbyname("domain", "udp");
	if (!entry)
		skip();
	assert_int_equal(net_resolve_port("domain", IPPROTO_UDP, &port), 0);
	assert_int_equal(port, 53);
	assert_int_equal(net_resolve_port("domain", 0, &port), 0);
	assert_int_equal(port, 53);
	if (!getservbyname("ssh", "udp"))
		assert_int_equal(net_resolve_port("ssh", IPPROTO_UDP, &port), -EINVAL);
	assert_int_equal(net_resolve_port("ssh", IPPROTO_TCP, &port), 0);
	assert_int_equal(port, 22);
}

struct row {
	struct net_query query;
	const char *first, *second; /* NULL: none */
};

#define ANY4 "AF=2 0.0.0.0:80"
#define ANY6 "AF=10 [0000:0000:0000:0000:0000:0000:0000:0000]:80"
#define LOOP6 "AF=10 [0000:0000:0000:0000:0000:0000:0000:0001]:80"

static void test_numeric(void **state)
{
	static const struct row rows[] = {
		{ { .host = "10.1.2.3", .service = "80" }, "AF=2 10.1.2.3:80", NULL },
		{ { .host = "10.1.2.3", .service = "80", .family = AF_INET },
		  "AF=2 10.1.2.3:80",
		  NULL },
		{ { .host = "10.1.2.3" }, "AF=2 10.1.2.3:0", NULL },
		{ { .host = "[::ffff:10.1.2.3]", .service = "80", .family = AF_INET },
		  "AF=2 10.1.2.3:80",
		  NULL },
		{ { .host = "[::1]", .service = "80", .numeric = true }, LOOP6, NULL },
		{ { .host = "::1", .service = "80", .prefer = AF_INET }, LOOP6, NULL },
		{ { .service = "80", .passive = true }, ANY6, ANY4 },
		{ { .host = "", .service = "80", .passive = true }, ANY6, ANY4 },
		{ { .service = "80", .passive = true, .prefer = AF_INET }, ANY4, ANY6 },
		{ { .service = "80", .passive = true, .prefer = AF_INET6 }, ANY6, ANY4 },
		{ { .service = "80", .passive = true, .family = AF_INET }, ANY4, NULL },
		{ { .service = "80", .passive = true, .family = AF_INET6 }, ANY6, NULL },
		{ { .service = "80", .family = AF_INET }, "AF=2 127.0.0.1:80", NULL },
		{ { .service = "80", .family = AF_INET6 }, LOOP6, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_addresses list = { 0 };
		char text[NET_ADDRESS_TEXT];
		struct err err;

		assert_int_equal(net_resolve(&rows[i].query, &list, &err), 0);
		assert_int_equal(list.n, rows[i].second ? 2 : 1);
		assert_string_equal(net_address_text(&list.items[0], text, sizeof(text)),
				    rows[i].first);
		if (rows[i].second)
			assert_string_equal(net_address_text(&list.items[1], text, sizeof(text)),
					    rows[i].second);
	}
}

/* A number needs nobody, so no deadline can be missed. */
static void test_numeric_does_not_wait(void **state)
{
	const struct net_query query = { .host = "10.1.2.3", .service = "80" };
	auto_addresses list = { 0 };
	struct err err;

	(void)state;
	(void)task_deadline(1);
	assert_int_equal(net_resolve(&query, &list, &err), 0);
	(void)task_deadline(CLOCK_NEVER);
}

static void test_refusals(void **state)
{
	static const struct {
		struct net_query query;
		const char *text;
	} rows[] = {
		{ { .host = "10.1.2.3", .service = "65536" }, "port \"65536\" is not in 0..65535" },
		{ { .host = "10.1.2.3", .service = "no-such-service", .protocol = IPPROTO_TCP },
		  "unknown service \"no-such-service\" for tcp" },
		{ { .host = "10.1.2.3", .service = "no-such-service" },
		  "unknown service \"no-such-service\"" },
		{ { .host = "name", .numeric = true }, "name: Name or service not known" },
		{ { .host = "::1", .family = AF_INET, .numeric = true },
		  "::1: Address family for hostname not supported" },
		{ { .host = "10.1.2.3", .family = AF_INET6, .numeric = true },
		  "10.1.2.3: Address family for hostname not supported" },
		{ { .host = "[::1]", .family = AF_INET },
		  "[::1]: Address family for hostname not supported" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_addresses list = { 0 };
		struct err err;
		int r = net_resolve(&rows[i].query, &list, &err);

		assert_true(r < 0);
		assert_int_equal(err.code, r);
		assert_string_equal(err.text, rows[i].text);
		assert_null(list.items);
		assert_false(net_reason_is_temporary(r));
	}
}

static void test_reasons(void **state)
{
	const struct net_query query = { .host = "name", .numeric = true };
	auto_addresses list = { 0 };

	(void)state;
	assert_string_equal(net_reason(-ECONNREFUSED), "Connection refused");
	assert_string_equal(net_reason(-ETIMEDOUT), "Connection timed out");
	assert_string_equal(net_reason(net_resolve(&query, &list, NULL)), gai_strerror(EAI_NONAME));
	assert_false(net_reason_is_temporary(-EAGAIN));
	assert_true(net_reason_is_temporary(-10000 + EAI_AGAIN));
}

static void test_done_twice(void **state)
{
	const struct net_query query = { .service = "80", .passive = true };
	struct net_addresses list;

	(void)state;
	assert_int_equal(net_resolve(&query, &list, NULL), 0);
	net_addresses_done(&list);
	assert_int_equal(list.n, 0);
	net_addresses_done(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ports),	   cmocka_unit_test(test_service_names),
		cmocka_unit_test(test_numeric),	   cmocka_unit_test(test_numeric_does_not_wait),
		cmocka_unit_test(test_refusals),   cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_done_twice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
