/* SPDX-License-Identifier: MIT */
/* The options of the traditional netcat, as rows; see trad_options.h. */

#include "tool/trad_options.h"

#include "base/str.h"
#include "net/resolve.h"
#include "tool/nc_dialect.h"
#include "tool/nc_options.h"
#include "tool/nc_random.h"
#include "tool/nc_socket.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MAX = INT_MAX / 1000, POINTER_MAX = 28, POINTER_STEP = 4 };

#define FIELD(name) offsetof(struct trad_options, name)

static const struct nc_option rows[] = {
	{ 'b', NULL, NULL, "may send to broadcast addresses", OPTION_FLAG,
	  FIELD(place.tuning.broadcast) },
	{ 'C', "crlf", NULL, "end the lines sent with CR LF", OPTION_FLAG, FIELD(crlf) },
	{ 'c', NULL, "command", "once connected, become this command of the shell", OPTION_TEXT,
	  FIELD(shell) },
	{ 'e', NULL, "program", "once connected, become this program", OPTION_TEXT, FIELD(exec) },
	{ 'G', NULL, "number", "where in the source route to begin: 4, 8, ... 28", OPTION_NUMBER,
	  FIELD(pointer), INT_MIN, INT_MAX, "hop pointer" },
	{ 'g', NULL, "gateway", "a hop of the source route (IPv4), at most 8 of them", OPTION_LIST,
	  FIELD(gates) },
	{ 'h', "help", NULL, "print this help", OPTION_REQUEST, .number = TRAD_HELP },
	{ 0, "version", NULL, "print the version", OPTION_REQUEST, .number = TRAD_VERSION },
	{ 'i', NULL, "seconds", "pause after each line sent and each port scanned", OPTION_NUMBER,
	  FIELD(interval), 1, WAIT_MAX, "interval time" },
	{ 'k', NULL, NULL, "let the kernel see whether the peer is alive (SO_KEEPALIVE)",
	  OPTION_FLAG, FIELD(place.tuning.keepalive) },
	{ 'l', "listen", NULL, "listen; host and port say which client may come", OPTION_FLAG,
	  FIELD(listen) },
	{ 'n', "nodns", NULL, "addresses only, look no names up", OPTION_FLAG,
	  FIELD(place.numeric) },
	{ 'o', "hex-dump", "file", "write what passes there, in hexadecimal", OPTION_TEXT,
	  FIELD(dump) },
	{ 'p', "source-port", "port", "local port; without it a free one", OPTION_TEXT,
	  FIELD(local_port) },
	{ 'q', NULL, "seconds", "quit that long after the end of standard input", OPTION_NUMBER,
	  FIELD(quit), -1, WAIT_MAX, "quit time" },
	{ 'r', NULL, NULL, "take the ports in an order of chance", OPTION_FLAG, FIELD(random) },
	{ 's', "source", "address", "local address", OPTION_TEXT, FIELD(place.source) },
	{ 'T', NULL, "type",
	  "type of service: Minimize-Delay, Maximize-Throughput, Maximize-Reliability, "
	  "Minimize-Cost, or a number",
	  OPTION_TEXT, FIELD(tos) },
	{ 't', "telnet", NULL, "refuse what a telnet peer offers and requests", OPTION_FLAG,
	  FIELD(telnet) },
	{ 'u', "udp", NULL, "UDP", OPTION_FLAG, FIELD(place.datagram) },
	{ 'v', "verbose", NULL, "say what happens; twice: also what is closed, and counts",
	  OPTION_FLAG, FIELD(verbose) },
	{ 'w', "wait", "seconds",
	  "limit for connecting, for a client to come, and for silence once input has ended",
	  OPTION_NUMBER, FIELD(place.limit), 1, WAIT_MAX, "wait-time" },
	{ 'z', NULL, NULL, "scan: connect and close, send no data", OPTION_FLAG, FIELD(zero) },
};

static const struct {
	const char *word;
	int value; /* RFC 1349 */
} tos_words[] = {
	{ "Minimize-Delay", 0x10 },
	{ "Maximize-Throughput", 0x08 },
	{ "Maximize-Reliability", 0x04 },
	{ "Minimize-Cost", 0x02 },
};

static int parse_tos(struct trad_options *o, struct err *err)
{
	for (size_t i = 0; o->tos && i < ARRAY_SIZE(tos_words); i++) {
		if (!str_equal(o->tos, tos_words[i].word))
			continue;
		o->place.tuning.tos = tos_words[i].value;
		return 0;
	}
	if (o->tos && nc_options_tos(o->tos, &o->place.tuning.tos) < 0)
		return err_set(err, -EINVAL, "invalid type of service %s", o->tos);
	return 0;
}

static int find_service(const void *context, const char *name, uint16_t *ret)
{
	const struct trad_options *o = context;

	return net_resolve_port(name, nc_socket_protocol(&o->place), ret);
}

static int parse_local_port(struct trad_options *o, struct err *err)
{
	const struct nc_services services = { find_service, o };
	auto_ports port = { 0 };
	struct err why = { 0 };

	if (!o->local_port)
		return 0;
	if (trad_ports_add(&port, o->local_port, &services, &why) < 0 || port.n != 1)
		return err_set(err, -EINVAL, "invalid local port %s", o->local_port);
	(void)snprintf(o->source_port, sizeof(o->source_port), "%u", port.items[0]);
	o->place.source_port = o->source_port;
	return 0;
}

static int parse_operands(struct trad_options *o, int n, char **words, struct err *err)
{
	const struct nc_services services = { find_service, o };
	int r = 0;

	o->place.host = n ? words[0] : NULL;
	for (int i = 1; r == 0 && i < n; i++)
		r = trad_ports_add(&o->ports, words[i], &services, err);
	if (r == 0 && o->random)
		nc_ports_shuffle(&o->ports, nc_random_below);
	return r;
}

static int check(const struct trad_options *o, struct err *err)
{
	const struct nc_ours *ours = &o->ours;
	bool runs = o->exec || o->shell;
	bool counted = ours->progress || ours->json || ours->max_rate;
	const struct {
		bool wrong;
		const char *text;
	} rules[] = {
		{ o->gates.n > TRAD_GATES_MAX, "too many -g hops" },
		{ o->gates.n && o->listen, "-g is for connecting" },
		{ o->exec && o->shell, "either -e or -c" },
		{ !o->listen && !o->place.host, "no destination" },
		{ !o->listen && !o->ports.n, "no port[s] to connect to" },
		{ o->listen && o->ports.n > 1, "a client has one port only" },
		{ o->listen && o->zero, "-z is for connecting" },
		{ runs && (ours->tls.wanted || counted || o->dump || o->crlf || o->telnet),
		  "a program of -e or -c gets the socket itself, nothing stands between" },
		{ ours->tls.wanted && o->place.datagram && o->listen,
		  "--tls cannot listen for datagrams" },
		{ (ours->tls.wanted || counted) && o->zero,
		  "--tls, --json, --progress and --max-rate are for data, not for -z" },
		{ ours->wait_for && (o->listen || o->place.datagram || o->ports.n > 1),
		  "--wait-for is for connecting to one port" },
		{ ours->dual_stack && (!o->listen || o->place.source || o->place.host),
		  "--dual-stack is for listening without an address" },
	};

	if (o->pointer != -1 &&
	    (o->pointer < POINTER_STEP || o->pointer > POINTER_MAX || o->pointer % POINTER_STEP))
		return err_set(err, -EINVAL,
			       "invalid hop pointer %lld, must be multiple of %d <= %d", o->pointer,
			       POINTER_STEP, POINTER_MAX);
	if (o->pointer != -1 && o->pointer / POINTER_STEP > (long long)o->gates.n + 1)
		return err_set(err, -EINVAL, "hop pointer %lld is behind the last -g", o->pointer);
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].wrong)
			return err_set(err, -EINVAL, "%s", rules[i].text);
	return TRAD_RUN;
}

/* This dialect's sentences have no quotation marks. */
static int read_options(int argc, char **argv, struct trad_options *o, struct err *err)
{
	const struct nc_option_table tables[] = {
		{ rows, ARRAY_SIZE(rows), o },
		nc_ours_table(&o->ours),
	};
	int r = nc_getopt(argc, argv, tables, ARRAY_SIZE(tables), err);
	char *from = err->text, *to = err->text;

	if (r == NC_GETOPT_UNKNOWN)
		return TRAD_USAGE;
	if (r != NC_GETOPT_INVALID)
		return r;
	for (; *from; from++)
		if (*from != '"')
			*to++ = *from;
	*to = '\0';
	if (*err->text == 'I')
		*err->text = 'i';
	return -EINVAL;
}

int trad_options_parse(int argc, char **argv, struct trad_options *ret, struct err *err)
{
	int r;

	*ret = (struct trad_options){
		.place = { .program = nc_program(argv[0]),
			   .family = AF_INET,
			   .limit = -1,
			   .tuning = NC_TUNING_NONE },
		.quit = -1,
		.pointer = -1,
	};
	r = read_options(argc, argv, ret, err);
	if (r != NC_GETOPT_DONE)
		return r;
	nc_ours_imply(&ret->ours);
	ret->place.dual_stack = ret->ours.dual_stack;
	if (ret->place.dual_stack)
		ret->place.family = AF_UNSPEC;
	r = parse_tos(ret, err);
	if (r == 0)
		r = parse_local_port(ret, err);
	if (r == 0)
		r = parse_operands(ret, argc - optind, argv + optind, err);
	return r < 0 ? r : check(ret, err);
}

void trad_options_done(struct trad_options *o)
{
	nc_words_done(&o->gates);
	nc_ports_done(&o->ports);
}

void trad_options_help(FILE *out)
{
	struct nc_ours none;
	const struct nc_option_table ours = nc_ours_table(&none);

	fputs("to connect:  nc.traditional [options] host port...\n"
	      "to listen:   nc.traditional -l -p port [options] [host [port]]\n",
	      out);
	nc_option_help(rows, ARRAY_SIZE(rows), out);
	fputs("Long options, in every dialect:\n", out);
	nc_option_help(ours.rows, ours.n, out);
	fputs("A port is a number, a name or a range low-high, tried from its end;\n"
	      "a hyphen in a name has a backslash in front: 'ftp\\-data'.\n",
	      out);
}
