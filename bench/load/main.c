/* SPDX-License-Identifier: MIT */
/* Load for relays: both ends of it, the relay is between them (bench/README.md). */

#include "load.h"
#include "loop.h"
#include "pattern.h"
#include "base/clock.h"
#include "base/num.h"
#include "base/str.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

struct mode {
	const char *name;
	const char *help;
	int (*run)(const struct options *o);
};

static const struct mode modes[] = {
	{ "serve", "the back-end; prints its ports, runs until it is ended", load_serve },
	{ "stats", "asks the back-end TARGET for its counters", load_stats },
	{ "feed", "what a client of bulk sends, on stdout", load_feed },
	{ "bulk", "long streams: --connections, --bytes in total, --down, --check", load_bulk },
	{ "ask", "request and answer: --connections, --request, --answer, --seconds", load_ask },
	{ "connect", "connect, one round, close: --connections at once, --seconds", load_connect },
	{ "idle", "opens --connections, holds them until a line on stdin, then uses all",
	  load_idle },
	{ "soak", "--sessions of all kinds, --connections at once, --seed; all checked",
	  load_soak },
	{ "hostile", "--connections of one --kind until the end of stdin", load_hostile },
	{ "udp", "round trips of --connections peers: --size, --seconds", load_udp },
	{ "flood", "packets one way: --size, --seconds, --gso, --server", load_flood },
};

enum value { TEXT, COUNT, SIZE, PORT, SECONDS, FLAG };

struct option_row {
	const char *name;
	const char *help;
	enum value value;
	size_t place;
};

#define PLACE(field) offsetof(struct options, field)

static const struct option_row rows[] = {
	{ "answer", "bytes of an answer (64)", SIZE, PLACE(answer) },
	{ "bytes", "in total, also 64K, 256M, 4G (256M)", SIZE, PLACE(bytes) },
	{ "check", "compare each byte of requests (answers always are)", FLAG, PLACE(check) },
	{ "connections", "at once (1)", COUNT, PLACE(connections) },
	{ "down", "bulk comes from the server", FLAG, PLACE(down) },
	{ "gso", "the kernel cuts the packets of a flood (UDP_SEGMENT)", FLAG, PLACE(gso) },
	{ "kind", "of hostile: silent, partial, trickle, stall, reset", TEXT, PLACE(kind) },
	{ "pause", "udp: says when all peers were answered, and waits for a line on stdin", FLAG,
	  PLACE(pause) },
	{ "port", "serve: TCP and UDP port (any that is free)", PORT, PLACE(port) },
	{ "request", "bytes of a request (64)", SIZE, PLACE(request) },
	{ "resume", "with tls: the session of an earlier connection", FLAG, PLACE(resume) },
	{ "seconds", "how long (2)", SECONDS, PLACE(seconds_ns) },
	{ "seed", "of the bytes, and of the kinds of soak (1)", COUNT, PLACE(seed) },
	{ "server", "the back-end itself, for its counters", TEXT, PLACE(server) },
	{ "sessions", "of soak, in total (1000)", COUNT, PLACE(sessions) },
	{ "size", "of a packet (64)", COUNT, PLACE(size) },
	{ "storm", "udp: the peers come all at once", FLAG, PLACE(storm) },
	{ "tls", "connections to TARGET are TLS", FLAG, PLACE(tls) },
	{ "unix", "serve: also listens on this path", TEXT, PLACE(unix_path) },
};

void fail(const char *format, ...)
{
	va_list arguments;

	(void)fputs("load: ", stderr);
	va_start(arguments, format);
	(void)vfprintf(stderr, format, arguments);
	va_end(arguments);
	(void)fputc('\n', stderr);
	exit(1);
}

void wait_for_line(void)
{
	int c;

	do
		c = getchar();
	while (c != '\n' && c != EOF);
}

static void usage(FILE *out)
{
	size_t i;

	(void)fputs("load MODE [TARGET] [--OPTION VALUE]...\n"
		    "TARGET is PORT, HOST:PORT or /PATH.  Reports are lines of JSON.\n\n",
		    out);
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		(void)fprintf(out, "  %-9s %s\n", modes[i].name, modes[i].help);
	(void)fputc('\n', out);
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		(void)fprintf(out, "  --%-12s %s\n", rows[i].name, rows[i].help);
}

/* A number of bytes: 4096, 64K, 256M, 4G. */
static int parse_size(const char *text, uint64_t *ret)
{
	static const char units[] = "KMG";
	size_t len = 0;
	auto_free char *digits = NULL;
	unsigned int shift = 0;
	long long number;
	int r;

	while (text[len] >= '0' && text[len] <= '9')
		len++;
	for (size_t i = 0; text[len] && units[i]; i++)
		if (units[i] == text[len] && !text[len + 1])
			shift = 10 * ((unsigned int)i + 1);
	if (text[len] && !shift)
		return -EINVAL;

	digits = str_copy_n(text, len);
	r = num_parse_decimal(digits, 0, INT64_MAX >> 30, &number);
	if (r == 0)
		*ret = (uint64_t)number << shift;
	return r;
}

static int store(const struct option_row *row, const char *text, struct options *o)
{
	void *place = (char *)o + row->place;
	long long number = 0;
	int64_t us = 0;
	int r = 0;

	switch (row->value) {
	case TEXT:
		*(const char **)place = text;
		break;
	case COUNT:
		r = num_parse_decimal(text, 1, INT32_MAX, &number);
		*(uint32_t *)place = (uint32_t)number;
		break;
	case PORT:
		r = num_parse_decimal(text, 1, UINT16_MAX, &number);
		*(uint16_t *)place = (uint16_t)number;
		break;
	case SIZE:
		r = parse_size(text, place);
		break;
	case SECONDS:
		r = num_parse_seconds(text, &us);
		*(int64_t *)place = us * (NS_PER_S / CLOCK_US_PER_S);
		break;
	case FLAG:
		*(bool *)place = true;
		break;
	}
	return r;
}

static void parse(int argc, char **argv, struct options *o)
{
	struct option known[ARRAY_SIZE(rows) + 1] = { 0 };
	int c, index;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		known[i].name = rows[i].name;
		known[i].has_arg = rows[i].value == FLAG ? no_argument : required_argument;
	}

	while ((c = getopt_long(argc, argv, "", known, &index)) != -1) {
		if (c != 0)
			exit(1);
		if (store(&rows[index], optarg, o) < 0)
			fail("--%s %s: not a value for it", rows[index].name, optarg);
	}
	o->target = argv[optind];
	if (argv[optind] && argv[optind + 1])
		fail("%s: one target only", argv[optind + 1]);
}

int main(int argc, char **argv)
{
	struct options o = { .bytes = 256 << 20,
			     .request = 64,
			     .answer = 64,
			     .connections = 1,
			     .sessions = 1000,
			     .size = 64,
			     .seed = 1,
			     .seconds_ns = 2 * NS_PER_S };
	size_t i;

	if (argc < 2 || str_equal(argv[1], "--help") || str_equal(argv[1], "-h")) {
		usage(argc < 2 ? stderr : stdout);
		return argc < 2;
	}

	pattern_init();
	(void)signal(SIGPIPE, SIG_IGN);
	parse(argc - 1, argv + 1, &o);
	for (i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_equal(argv[1], modes[i].name))
			return modes[i].run(&o);

	fail("no mode \"%s\": load --help", argv[1]);
}
