/* SPDX-License-Identifier: MIT */
/* The command line of nc: what it means, and in which words it is refused. */

#include "tool/nc_options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

enum { WORDS_MAX = 32 };

/* Splits at blanks; '' is the empty word. */
static int parse(const char *line, struct nc_options *ret, struct err *err)
{
	static char text[256], empty[] = "";
	char *words[WORDS_MAX + 1] = { NULL };
	int n = 0;

	assert_true(strlen(line) < sizeof(text));
	memcpy(text, line, strlen(line) + 1);
	for (char *rest = text, *word; (word = strsep(&rest, " "));) {
		assert_true(n < WORDS_MAX);
		words[n++] = strcmp(word, "''") == 0 ? empty : word;
	}
	*err = (struct err){ 0 };
	return nc_options_parse(n, words, ret, err);
}

static const struct {
	const char *line, *sentence;
} sentences[] = {
	{ "nc -w x 1 2", "timeout invalid: x" },
	{ "nc -w '' 1 2", "timeout invalid: " },
	{ "nc -w 1.5 1 2", "timeout invalid: 1.5" },
	{ "nc -w -1 1 2", "timeout too small: -1" },
	{ "nc -w 2147484 1 2", "timeout too large: 2147484" },
	{ "nc -i -1 1 2", "interval too small: -1" },
	{ "nc -i 4294967296 1 2", "interval too large: 4294967296" },
	{ "nc -q 99999999999 1 2", "quit timer too large: 99999999999" },
	{ "nc -W 0 1 2", "receive limit too small: 0" },
	{ "nc -M 256 1 2", "ttl is too large" },
	{ "nc -m x 1 2", "minttl is invalid" },
	{ "nc -I 0 1 2", "TCP receive window too small: 0" },
	{ "nc -O 1073741825 1 2", "TCP send window too large: 1073741825" },
	{ "nc -T xx 1 2", "illegal tos value xx" },
	{ "nc -T 256 1 2", "illegal tos value 256" },
	{ "nc -T 0X10 1 2", "illegal tos value 0X10" },
	{ "nc -V 1 1 2", "no alternate routing table support available" },
	{ "nc -X 6 1 2", "unsupported proxy protocol" },
	{ "nc -ux p 1 2", "no proxy support for UDP mode" },
	{ "nc -Zx p 1 2", "no proxy support for DCCP mode" },
	{ "nc -lx p 2", "no proxy support for listen" },
	{ "nc -Ux p 2", "no proxy support for unix sockets" },
	{ "nc -s a -x p 1 2", "no proxy support for local source address" },
	{ "nc -x [::1 1 2", "missing closing bracket in proxy" },
	{ "nc -x [::1]1 1 2", "garbage proxy port delimiter" },
	{ "nc -FU p", "cannot use -F and -U" },
	{ "nc -ZU p", "cannot use -Z and -U" },
	{ "nc -U p 2", "cannot use port with -U" },
	{ "nc -lU", "missing socket pathname" },
	{ "nc -l", "missing port number" },
	{ "nc localhost", "missing port number" },
	{ "nc -lz 1", "cannot use -z and -l" },
	{ "nc -k 1 2", "must use -l with -k" },
	{ "nc -kz 1 2", "must use -l with -k" },
	{ "nc 1 0", "port number too small: 0" },
	{ "nc 1 2 65536", "port number too large: 65536" },
	{ "nc -p 65536 1 2", "port number too large: 65536" },
	{ "nc -l 65536", "port number too large: 65536" },
	{ "nc /dev/tcp/h", "/dev/tcp/h: wants /dev/tcp/HOST/PORT" },
	{ "nc /dev/udp//1", "/dev/udp//1: wants /dev/udp/HOST/PORT" },
	{ "nc -u /dev/tcp/h/1", "cannot use -u and /dev/tcp" },
};

static void test_sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		auto_nc_options o = { 0 };
		struct err err;

		assert_int_equal(parse(sentences[i].line, &o, &err), -EINVAL);
		assert_string_equal(err.text, sentences[i].sentence);
	}
}

static void test_usage(void **state)
{
	static const char *const lines[] = {
		"nc",		"nc -U -z",    "nc -l -p 1 2",	  "nc -l -s a 1",
		"nc -p 1 host", "nc -l a 1 2", "nc -s x -U path", "nc -lk -s a -p 1 x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		auto_nc_options o = { 0 };
		struct err err;

		assert_int_equal(parse(lines[i], &o, &err), NC_USAGE);
		assert_int_equal(err.code, 0);
	}
}

static void test_operands(void **state)
{
	static const struct {
		const char *line, *host, *listen_port;
		size_t ports;
		int family;
		bool datagram;
	} rows[] = {
		{ "nc h 1", "h", NULL, 1, AF_UNSPEC, false },
		{ "nc h 1 -4", "h", NULL, 1, AF_INET, false }, /* options may come late */
		{ "nc -U -4 h 1", "h", NULL, 1, AF_INET, false },
		{ "nc -- h 1-3 7", "h", NULL, 4, AF_UNSPEC, false },
		{ "nc -l 1", NULL, "1", 0, AF_UNSPEC, false },
		{ "nc -l a 1", "a", "1", 0, AF_UNSPEC, false },
		{ "nc -lp 1", NULL, "1", 0, AF_UNSPEC, false },
		{ "nc -l -s a -p 1", "a", "1", 0, AF_UNSPEC, false },
		{ "nc -l ''", NULL, "", 0, AF_UNSPEC, false },
		{ "nc -lU p", "p", NULL, 0, AF_UNIX, false },
		{ "nc -lU -s p", "p", NULL, 0, AF_UNIX, false },
		{ "nc -U p", "p", NULL, 0, AF_UNIX, false },
		{ "nc -uU -s l p", "p", NULL, 0, AF_UNIX, true },
		{ "nc /dev/tcp/h/1", "h", NULL, 1, AF_UNSPEC, false },
		{ "nc /dev/udp/::1/1-2", "::1", NULL, 2, AF_UNSPEC, true },
		{ "nc -U /dev/tcp/h/1", "h", NULL, 1, AF_UNSPEC, false },
		{ "nc -l /dev/tcp/h/1", "h", "1", 0, AF_UNSPEC, false },
		{ "nc -p 5 /dev/tcp/h/1", "h", NULL, 1, AF_UNSPEC, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_nc_options o = { 0 };
		struct err err;

		assert_int_equal(parse(rows[i].line, &o, &err), NC_RUN);
		assert_string_equal(o.host ? o.host : "(none)",
				    rows[i].host ? rows[i].host : "(none)");
		assert_string_equal(o.listen_port ? o.listen_port : "(none)",
				    rows[i].listen_port ? rows[i].listen_port : "(none)");
		assert_int_equal(o.ports.n, rows[i].ports);
		assert_int_equal(o.place.family, rows[i].family);
		assert_int_equal(o.place.datagram, rows[i].datagram);
	}
}

static void test_values(void **state)
{
	auto_nc_options o = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(parse("/bin/nc -w2 -w 3 -q0 -i 4 -W 5 -M6 -m7 -I 8 -O 9 -T ef -vdCtnb h 1",
			       &o, &err),
			 NC_RUN);
	assert_string_equal(o.place.program, "nc");
	assert_int_equal(o.place.limit, 3); /* the last one wins */
	assert_int_equal(o.quit, 0);
	assert_true(o.shut_at_eof); /* -q implies -N */
	assert_int_equal(o.interval, 4);
	assert_int_equal(o.receive_limit, 5);
	assert_int_equal(o.place.tuning.ttl, 6);
	assert_int_equal(o.place.tuning.min_ttl, 7);
	assert_int_equal(o.place.tuning.receive_buffer, 8);
	assert_int_equal(o.place.tuning.send_buffer, 9);
	assert_int_equal(o.place.tuning.tos, 0xb8);
	assert_true(o.verbose && o.no_stdin && o.crlf && o.telnet && o.place.numeric &&
		    o.place.tuning.broadcast);
	assert_false(o.listen || o.keep || o.scan || o.random || o.place.tuning.debug ||
		     o.place.datagram);
}

static void test_negative_quit_is_never(void **state)
{
	auto_nc_options o = { 0 };
	struct err err;

	(void)state;
	assert_int_equal(parse("nc -q -1 h 1", &o, &err), NC_RUN);
	assert_false(o.shut_at_eof);
}

static void test_tos(void **state)
{
	static const struct {
		const char *text;
		long long value; /* negative: refused */
	} rows[] = {
		{ "lowdelay", 0x10 }, { "cs7", 0xe0 },
		{ "va", 0xb0 },	      { "0", 0 },
		{ "255", 255 },	      { "0xfF", 255 },
		{ "256", -1 },	      { "0x100", -1 },
		{ "0x", -1 },	      { "EF", -1 },
		{ "", -1 },	      { "0x-1", -1 },
		{ "-1", -1 },	      { "0xffffffffffffffffff", -1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		long long value = -1;

		assert_int_equal(nc_options_tos(rows[i].text, &value) == 0, rows[i].value >= 0);
		if (rows[i].value >= 0)
			assert_int_equal(value, rows[i].value);
	}
}

static void test_usage_has_five_lines_of_its_shape(void **state)
{
	static const char first[] = "usage: nc [-46CDdFhklNnrStUuvZz] ";
	char *text = NULL;
	size_t len = 0, lines = 0;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	nc_options_usage(out);
	(void)fclose(out);
	assert_memory_equal(text, first, sizeof(first) - 1);
	for (char *p = text; (p = strchr(p, '\n')); p++)
		lines++;
	assert_int_equal(lines, 5);
	assert_non_null(strstr(text, "\n\t  [destination] [port]\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sentences),
		cmocka_unit_test(test_usage),
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_negative_quit_is_never),
		cmocka_unit_test(test_tos),
		cmocka_unit_test(test_usage_has_five_lines_of_its_shape),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
