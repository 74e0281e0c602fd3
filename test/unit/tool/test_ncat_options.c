/* SPDX-License-Identifier: MIT */
/* ncat's command line: what is stored, and every sentence of refusal. */

#include "tool/ncat_options.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

enum { WORDS = 24 };

/* Parses a line of words that are separated by blanks. */
static int parse(const char *line, struct ncat_options *ret, struct err *err)
{
	static char copy[256];
	char *argv[WORDS + 1] = { NULL };
	char *rest = copy;
	int argc = 0;

	(void)snprintf(copy, sizeof(copy), "ncat %s", line);
	while (rest && argc < WORDS) {
		char *word = strsep(&rest, " ");

		if (*word)
			argv[argc++] = word;
	}
	return ncat_options_parse(argc, argv, ret, err);
}

static void test_stored(void **state)
{
	auto_ncat_options o = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse("-4 -n -C -w 500ms -i 2m -o f --append-output -p 99 -s 1.2.3.4 h 80",
			       &o, &err),
			 NCAT_RUN);
	assert_int_equal(o.place.family, AF_INET);
	assert_int_equal(o.place.numeric, 1);
	assert_int_equal(o.crlf, 1);
	assert_int_equal(o.wait, 500 * CLOCK_US_PER_MS);
	assert_int_equal(o.idle, 120LL * CLOCK_US_PER_S);
	assert_string_equal(o.dump, "f");
	assert_int_equal(o.append, 1);
	assert_string_equal(o.place.source_port, "99");
	assert_string_equal(o.place.source, "1.2.3.4");
	assert_string_equal(o.place.host, "h");
	assert_int_equal(o.port, 80);
	assert_int_equal(o.ours.tls.wanted, 0);
}

static void test_defaults(void **state)
{
	static const struct {
		const char *line;
		int port, listen, tls, no_verify;
	} rows[] = {
		{ "h", 31337, 0, 0, 1 },
		{ "-l", 31337, 1, 0, 1 },
		{ "-l 0", 0, 1, 0, 1 },
		{ "-l -p 80", 80, 1, 0, 1 },
		{ "-l h 80", 80, 1, 0, 1 },
		{ "-l --proxy-type http", 3128, 1, 0, 1 },
		{ "--broker 1", 1, 1, 0, 1 },
		{ "--chat", 31337, 1, 0, 1 },
		{ "--ssl h", 31337, 0, 1, 1 },
		{ "--ssl-verify --ssl h", 31337, 0, 1, 0 },
		{ "--ssl-alpn h2 h", 31337, 0, 1, 1 },
		{ "--tls h", 31337, 0, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_ncat_options o = { 0 };
		struct err err = { 0 };

		if (parse(rows[i].line, &o, &err) != NCAT_RUN || o.port != rows[i].port ||
		    o.listen != rows[i].listen || o.ours.tls.wanted != rows[i].tls ||
		    o.ours.tls.no_verify != rows[i].no_verify)
			fail_msg("%s: port %u, %s", rows[i].line, o.port, err.text);
	}
}

static void test_proxies(void **state)
{
	static const struct {
		const char *line, *host, *port;
		enum nc_proxy_kind kind;
	} rows[] = {
		{ "--proxy a h", "a", NULL, NC_PROXY_HTTP },
		{ "--proxy a:1 --proxy-type socks5 h", "a", "1", NC_PROXY_SOCKS5 },
		{ "--proxy [::1]:1 --proxy-type socks4 h", "::1", "1", NC_PROXY_SOCKS4A },
		{ "--proxy [::1] h", "::1", NULL, NC_PROXY_HTTP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_ncat_options o = { 0 };
		struct err err = { 0 };

		assert_int_equal(parse(rows[i].line, &o, &err), NCAT_RUN);
		assert_string_equal(o.place.proxy.host, rows[i].host);
		assert_int_equal(o.place.proxy.kind, rows[i].kind);
		if (rows[i].port)
			assert_string_equal(o.place.proxy.port, rows[i].port);
		else
			assert_null(o.place.proxy.port);
	}
}

static void test_refused(void **state)
{
	static const struct {
		const char *line, *text;
	} rows[] = {
		{ "", "You must specify a host to connect to. QUITTING." },
		{ "h 1 2", "Got more than one port specification: 1 2. QUITTING." },
		{ "-l -p 1 2", "Got more than one port specification: 1 2. QUITTING." },
		{ "h x", "Invalid port number \"x\". QUITTING." },
		{ "h 65536", "Invalid port number \"65536\". QUITTING." },
		{ "-p 70000 h 1", "Invalid source port 70000. QUITTING." },
		{ "-w 0 h", "Invalid -w timeout \"0\" (must be greater than 0 and less than "
			    "2147483s). QUITTING." },
		{ "-w 120 h", "-w timeout \"120\" has no unit: say 120s or 120ms. QUITTING." },
		{ "-e a -c b -l", "Only one of --exec and --sh-exec is allowed. QUITTING." },
		{ "-z -l", "Invalid option combination: -z and -l. QUITTING." },
		{ "--broker -e x", "Invalid option combination: --broker and -e. QUITTING." },
		{ "-U --ssl p",
		  "SSL option not supported when using Unix domain sockets. QUITTING." },
		{ "-u --broker", "UDP mode does not support connection brokering. QUITTING." },
		{ "-l --proxy a", "Invalid option combination: --proxy and -l. QUITTING." },
		{ "--proxy-type foo h", "Invalid proxy type \"foo\". QUITTING." },
		{ "--proxy :1 h", "Invalid proxy \":1\". QUITTING." },
		{ "--proxy-dns foo h", "Invalid proxy DNS type. QUITTING." },
		{ "--ssl-key k h", "The --ssl-key option must be used with --ssl-cert. QUITTING." },
		{ "-m 0 -l", "Invalid maximum number of connections \"0\". QUITTING." },
		{ "--max-rate x h",
		  "Invalid --max-rate \"x\" (a number of bytes, also with k, M or "
		  "G). QUITTING." },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_ncat_options o = { 0 };
		struct err err = { 0 };

		if (parse(rows[i].line, &o, &err) >= 0 || strcmp(err.text, rows[i].text) != 0)
			fail_msg("%s: %s", rows[i].line, err.text);
	}
}

static void test_requests(void **state)
{
	auto_ncat_options help = { 0 }, version = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(parse("-h", &help, &err), NCAT_HELP);
	assert_int_equal(parse("--version", &version, &err), NCAT_VERSION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stored),	 cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_proxies),	 cmocka_unit_test(test_refused),
		cmocka_unit_test(test_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
