/* SPDX-License-Identifier: MIT */
/* The options of nc.  Usage, help and parsing all come from one table; letters
 * of other netcats are known too, to tell their users the way out. */

#include "tool/nc_options.h"

#include "base/str.h"
#include "tool/nc_number.h"
#include "tool/nc_operands.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { WAIT_MAX = INT_MAX / 1000, BUFFER_MAX = 1 << 30, HOPS_MAX = 255 };

enum kind {
	KIND_FLAG,   /* counts how often it was given */
	KIND_FAMILY, /* stores a family; the last of them wins */
	KIND_NUMBER, /* min..max, errors `noun why: value` */
	KIND_HOPS,   /* min..max, errors `noun why` */
	KIND_TEXT,
	KIND_TOS,
	KIND_PROXY, /* a word of proxy_words */
	KIND_HELP,
	KIND_REFUSED, /* noun is the sentence */
};

struct option {
	char letter;
	enum kind kind;
	const char *value; /* what the usage calls its value; NULL: has none */
	const char *help;
	size_t offset; /* of its field in struct nc_options */
	const char *noun;
	long long min, max; /* KIND_FAMILY: min is the family */
	bool apart;	    /* stands for itself in the usage */
	const char *name;   /* the long one, where no netcat contradicts; NULL: none */
};

#define FIELD(name) offsetof(struct nc_options, name)

/* In the order of the usage: flags and valued options each by letter. */
static const struct option options[] = {
	{ '4', KIND_FAMILY, NULL, "IPv4 only", FIELD(place.family), .min = AF_INET },
	{ '6', KIND_FAMILY, NULL, "IPv6 only", FIELD(place.family), .min = AF_INET6 },
	{ 'b', KIND_FLAG, NULL, "may send to broadcast addresses", FIELD(place.tuning.broadcast),
	  .apart = true }, /* Debian's first usage line, which scripts read, has no b in it */
	{ 'C', KIND_FLAG, NULL, "end the lines sent with CR LF", FIELD(crlf), .name = "crlf" },
	{ 'D', KIND_FLAG, NULL, "let the kernel trace the socket (SO_DEBUG)",
	  FIELD(place.tuning.debug) },
	{ 'd', KIND_FLAG, NULL, "never read standard input", FIELD(no_stdin), .name = "recv-only" },
	{ 'F', KIND_FLAG, NULL, "pass the connected socket on, over standard output",
	  FIELD(pass_socket) },
	{ 'h', KIND_HELP, NULL, "print this help" },
	{ 'k', KIND_FLAG, NULL, "with -l: serve one client after the other", FIELD(keep),
	  .name = "keep-open" },
	{ 'l', KIND_FLAG, NULL, "listen instead of connecting", FIELD(listen), .name = "listen" },
	{ 'N', KIND_FLAG, NULL, "tell the peer when standard input has ended", FIELD(shut_at_eof) },
	{ 'n', KIND_FLAG, NULL, "numbers only, look no names up", FIELD(place.numeric),
	  .name = "nodns" },
	{ 'r', KIND_FLAG, NULL, "take the ports in an order of chance", FIELD(random) },
	{ 'S', KIND_FLAG, NULL, "sign TCP segments with MD5 and a key that is asked for",
	  FIELD(signs) },
	{ 't', KIND_FLAG, NULL, "refuse what a telnet peer offers and requests", FIELD(telnet),
	  .name = "telnet" },
	{ 'U', KIND_FAMILY, NULL, "UNIX domain sockets; the destination is a path",
	  FIELD(place.family), .min = AF_UNIX, .name = "unixsock" },
	{ 'u', KIND_FLAG, NULL, "datagrams: UDP, or with -U UNIX datagrams", FIELD(place.datagram),
	  .name = "udp" },
	{ 'v', KIND_FLAG, NULL, "say what happens; twice: also what a UDP scan heard",
	  FIELD(verbose), .name = "verbose" },
	{ 'Z', KIND_FLAG, NULL, "DCCP", FIELD(place.dccp) },
	{ 'z', KIND_FLAG, NULL, "scan: connect and close, send no data", FIELD(scan) },
	{ 'I', KIND_NUMBER, "bytes", "size of the receive buffer",
	  FIELD(place.tuning.receive_buffer), "TCP receive window", 1, BUFFER_MAX },
	{ 'i', KIND_NUMBER, "seconds", "pause after each line sent", FIELD(interval), "interval", 0,
	  UINT_MAX },
	{ 'M', KIND_HOPS, "hops", "time to live of what is sent", FIELD(place.tuning.ttl), "ttl is",
	  0, HOPS_MAX },
	{ 'm', KIND_HOPS, "hops", "drop what arrives with a smaller time to live",
	  FIELD(place.tuning.min_ttl), "minttl is", 0, HOPS_MAX },
	{ 'O', KIND_NUMBER, "bytes", "size of the send buffer", FIELD(place.tuning.send_buffer),
	  "TCP send window", 1, BUFFER_MAX },
	{ 'P', KIND_TEXT, "user", "name for an HTTP proxy; the password is asked for",
	  FIELD(place.proxy.user) },
	{ 'p', KIND_TEXT, "port", "local port", FIELD(place.source_port), .name = "source-port" },
	{ 'q', KIND_NUMBER, "seconds", "quit that long after the end of standard input",
	  FIELD(quit), "quit timer", INT_MIN, INT_MAX },
	{ 's', KIND_TEXT, "address", "local address, or local path of a UNIX datagram socket",
	  FIELD(place.source), .name = "source" },
	{ 'T', KIND_TOS, "class", "type of service, a word or number", FIELD(place.tuning.tos) },
	{ 'V', KIND_REFUSED, "table", "routing table (OpenBSD only)",
	  .noun = "no alternate routing table support available" },
	{ 'W', KIND_NUMBER, "count", "end after so many receives", FIELD(receive_limit),
	  "receive limit", 1, INT_MAX },
	{ 'w', KIND_NUMBER, "seconds", "limit for connecting, and for silence later on",
	  FIELD(place.limit), "timeout", 0, WAIT_MAX, .name = "wait" },
	{ 'X', KIND_PROXY, "protocol",
	  "how to talk to the proxy: 4, 4A, 5 (the default) or connect", FIELD(place.proxy.kind) },
	{ 'x', KIND_TEXT, "host[:port]", "connect through a proxy", FIELD(proxy) },
};

/* For those who look for them by the names that most programs have. */
static const struct nc_option requests[] = {
	{ 0, "help", NULL, "print this help", OPTION_REQUEST, 0, NC_HELP },
	{ 0, "version", NULL, "print the version", OPTION_REQUEST, 0, NC_VERSION },
};

/* Letters of ncat, of the traditional netcat and of OpenBSD's TLS. */
static const struct {
	char letter;
	const char *hint;
} foreign[] = {
	{ 'c', "to serve a command use: socat TCP-LISTEN:PORT,fork SYSTEM:COMMAND" },
	{ 'e', "to serve a program use: socat TCP-LISTEN:PORT,fork EXEC:PROGRAM" },
	{ 'o', "to see the bytes that pass use: socat -x" },
};

static const struct {
	const char *word;
	int value;
} tos_words[] = {
	{ "af11", 0x28 },	{ "af12", 0x30 },	 { "af13", 0x38 },
	{ "af21", 0x48 },	{ "af22", 0x50 },	 { "af23", 0x58 },
	{ "af31", 0x68 },	{ "af32", 0x70 },	 { "af33", 0x78 },
	{ "af41", 0x88 },	{ "af42", 0x90 },	 { "af43", 0x98 },
	{ "critical", 0xa0 },	{ "cs0", 0x00 },	 { "cs1", 0x20 },
	{ "cs2", 0x40 },	{ "cs3", 0x60 },	 { "cs4", 0x80 },
	{ "cs5", 0xa0 },	{ "cs6", 0xc0 },	 { "cs7", 0xe0 },
	{ "ef", 0xb8 },		{ "inetcontrol", 0xc0 }, { "lowcost", 0x02 },
	{ "lowdelay", 0x10 },	{ "netcontrol", 0xe0 },	 { "reliability", 0x04 },
	{ "throughput", 0x08 }, { "va", 0xb0 },
};

static const struct {
	const char *word;
	enum nc_proxy_kind kind;
} proxy_words[] = {
	{ "4", NC_PROXY_SOCKS4 },
	{ "4A", NC_PROXY_SOCKS4A },
	{ "5", NC_PROXY_SOCKS5 },
	{ "connect", NC_PROXY_HTTP },
};

int nc_options_tos(const char *text, long long *ret)
{
	const char *why;
	char *end;

	for (size_t i = 0; i < ARRAY_SIZE(tos_words); i++) {
		if (str_equal(text, tos_words[i].word)) {
			*ret = tos_words[i].value;
			return 0;
		}
	}
	if (!str_begins(text, "0x"))
		return nc_number(text, 0, UINT8_MAX, ret, &why);
	if (text[2] == '\0' || text[2 + strspn(text + 2, "0123456789abcdefABCDEF")])
		return -EINVAL;
	errno = 0;
	*ret = strtoll(text, &end, 16);
	return errno || *ret > UINT8_MAX ? -EINVAL : 0;
}

static const struct option *find_option(int letter)
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].letter == letter)
			return &options[i];
	return NULL;
}

static int store_number(const struct option *o, const char *text, long long *field, struct err *err)
{
	const char *why;

	if (nc_number(text, o->min, o->max, field, &why) == 0)
		return 0;
	if (o->kind == KIND_HOPS)
		return err_set(err, -EINVAL, "%s %s", o->noun, why);
	return err_set(err, -EINVAL, "%s %s: %s", o->noun, why, text);
}

static int store_proxy(const char *text, enum nc_proxy_kind *field, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(proxy_words); i++) {
		if (strcasecmp(text, proxy_words[i].word) != 0)
			continue;
		*field = proxy_words[i].kind;
		return NC_RUN;
	}
	return err_set(err, -EINVAL, "unsupported proxy protocol");
}

/* An nc_request or -EINVAL. */
static int apply(const struct option *o, const char *text, struct nc_options *ret, struct err *err)
{
	void *field = (char *)ret + o->offset;

	switch (o->kind) {
	case KIND_FLAG:
		++*(int *)field;
		return NC_RUN;
	case KIND_FAMILY:
		*(int *)field = (int)o->min;
		return NC_RUN;
	case KIND_NUMBER:
	case KIND_HOPS:
		return store_number(o, text, field, err);
	case KIND_TEXT:
		*(const char **)field = text;
		return NC_RUN;
	case KIND_TOS:
		if (nc_options_tos(text, field) < 0)
			return err_set(err, -EINVAL, "illegal tos value %s", text);
		return NC_RUN;
	case KIND_PROXY:
		return store_proxy(text, field, err);
	case KIND_HELP:
		return NC_HELP;
	case KIND_REFUSED:
		return err_set(err, -EINVAL, "%s", o->noun);
	}
	return NC_USAGE;
}

/* getopt's own description of the table, and the rows whose names mean a letter. */
static void describe(char *out, struct nc_option longs[ARRAY_SIZE(options)])
{
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const struct option *o = &options[i];

		*out++ = o->letter;
		if (o->value)
			*out++ = ':';
		longs[i] = (struct nc_option){ o->letter, o->name, o->value };
	}
	*out = '\0';
}

static int unknown_letter(int letter, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(foreign); i++)
		if (foreign[i].letter == letter)
			(void)err_set(err, -EINVAL, "%s", foreign[i].hint);
	return NC_USAGE;
}

/* Long options that ask for what cannot be. */
static int check_ours(const struct nc_options *o, struct err *err)
{
	const struct nc_ours *ours = &o->ours;
	bool is_unix = o->place.family == AF_UNIX;
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ ours->tls.wanted && is_unix, "--tls is not for UNIX sockets" },
		{ ours->tls.wanted && o->place.datagram && o->listen,
		  "--tls cannot listen for datagrams" },
		{ ours->tls.wanted && (o->scan || o->pass_socket),
		  "--tls is for data, not for -z and -F" },
		{ ours->wait_for && (o->listen || o->place.datagram),
		  "--wait-for is for connecting" },
		{ ours->wait_for && is_unix, "--wait-for is not for UNIX sockets" },
		{ ours->dual_stack && (!o->listen || o->host || o->place.family != AF_UNSPEC),
		  "--dual-stack is for listening without an address" },
		{ (ours->progress || ours->max_rate) && (o->scan || o->pass_socket),
		  "--progress and --max-rate are for data, not for -z and -F" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return err_set(err, -EINVAL, "%s", rules[i].text);
	return NC_RUN;
}

int nc_options_parse(int argc, char **argv, struct nc_options *ret, struct err *err)
{
	char letters[2 * ARRAY_SIZE(options) + 1];
	struct nc_option longs[ARRAY_SIZE(options)];
	const struct nc_option_table tables[] = {
		{ longs, ARRAY_SIZE(longs), NULL },
		nc_ours_table(&ret->ours),
		{ requests, ARRAY_SIZE(requests), NULL },
	};
	const char *slash = strrchr(argv[0], '/');
	const struct nc_option *row;
	void *base;
	int letter, r;

	*ret = (struct nc_options){
		.place = { .program = slash ? slash + 1 : argv[0],
			   .limit = -1,
			   .tuning = NC_TUNING_NONE },
		.quit = -1,
	};
	describe(letters, longs);
	optind = 0; /* glibc: begin anew, also after another tool's getopt */
	while ((letter = nc_getopt_next(argc, argv, letters, tables, ARRAY_SIZE(tables), &row,
					&base, err)) != -1) {
		const struct option *o = find_option(letter);

		if (letter == NC_OPTION_LONG)
			r = nc_option_apply(row, base, optarg, err);
		else
			r = o ? apply(o, optarg, ret, err) : unknown_letter(optopt, err);
		if (r != NC_RUN)
			return r;
	}
	if (ret->quit >= 0)
		ret->shut_at_eof = 1;
	nc_ours_imply(&ret->ours);
	r = nc_operands(ret, (size_t)(argc - optind), argv + optind, err);
	return r == NC_RUN ? check_ours(ret, err) : r;
}

void nc_options_done(struct nc_options *o)
{
	free(o->host);
	free(o->listen_port);
	free(o->proxy_host);
	nc_ports_done(&o->ports);
}

/* Help. */

enum { USAGE_COLUMNS = 72, TAB = 8 };

static bool stands_apart(const struct option *o)
{
	return o->value || o->apart;
}

void nc_options_usage(FILE *out)
{
	int column = fprintf(out, "usage: nc [-");

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!stands_apart(&options[i]))
			column += fprintf(out, "%c", options[i].letter);
	column += fprintf(out, "]");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		const char *value = options[i].value;
		int len = value ? (int)strlen(value) + 6 : 5;

		if (!stands_apart(&options[i]))
			continue;
		if (column + len > USAGE_COLUMNS)
			column = fprintf(out, "\n\t ") + TAB - 2;
		column += fprintf(out, " [-%c%s%s]", options[i].letter, value ? " " : "",
				  value ? value : "");
	}
	fputs("\n\t  [destination] [port]\n", out);
}

static void help_row(const struct option *o, FILE *out)
{
	fprintf(out, "\t\t-%c %-13s %s%s%s%s\n", o->letter, o->value ? o->value : "", o->help,
		o->name ? " (--" : "", o->name ? o->name : "", o->name ? ")" : "");
}

void nc_options_help(FILE *out)
{
	struct nc_ours none;
	const struct nc_option_table ours = nc_ours_table(&none);

	fputs("OpenBSD netcat (Debian patchlevel 1.219-1) is the dialect that sockbox speaks\n",
	      out);
	nc_options_usage(out);
	fputs("\tCommand Summary:\n", out);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		help_row(&options[i], out);
	fputs("\tLong options, in every dialect:\n", out);
	nc_option_help(ours.rows, ours.n, out);
	nc_option_help(requests, ARRAY_SIZE(requests), out);
	fputs("\tA port is a number, a service name or a range low-high, both included;\n"
	      "\tinstead of host and port: /dev/tcp/HOST/PORT or /dev/udp/HOST/PORT.\n",
	      out);
}
