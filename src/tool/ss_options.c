/* SPDX-License-Identifier: MIT */
/*
 * One row per option of iproute2's ss, also of those that are refused, so that
 * abbreviations are as ambiguous as they are there.  The help is made of the
 * rows that have a text.
 */

#include "tool/ss_options.h"
#include "base/num.h"
#include "base/str.h"
#include "tool/ss_net.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ss_option {
	char letter;	      /* 0: none */
	const char *name;     /* NULL: none */
	const char *argument; /* its name in the help; NULL: takes none */
	const char *help;     /* NULL: not built yet, or another name */
	int (*take)(struct ss_options *options, const struct ss_option *self, const char *argument);
	size_t flag; /* of set_flag: offset within struct ss_options */
	int number;  /* of the others: table, family, states */
	diag_states states;
};

enum {
	NO_LETTER = 256, /* getopt's number of the first row */
	STATES_LISTENING = STATE_BIT(SOCK_LISTEN) | STATE_BIT(SOCK_CLOSE),
	STATES_TIPC = STATES_LISTENING | STATE_BIT(SOCK_ESTABLISHED),
};

static int set_flag(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	(void)argument;
	*(bool *)((char *)options + self->flag) = true;
	return SS_GO_ON;
}

static int set_extended(struct ss_options *options, const struct ss_option *self,
			const char *argument)
{
	(void)self;
	(void)argument;
	options->report.extended = true;
	options->report.timers = true;
	return SS_GO_ON;
}

static int set_filter(struct ss_options *options, const struct ss_option *self,
		      const char *argument)
{
	(void)self;
	(void)argument;
	options->report.packet_filter = true;
	options->report.timers = true;
	return SS_GO_ON;
}

static int add_table(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	(void)argument;
	ss_select_table(&options->selection, (enum diag_table)self->number, self->states);
	return SS_GO_ON;
}

static int add_family(struct ss_options *options, const struct ss_option *self,
		      const char *argument)
{
	(void)argument;
	ss_select_family(&options->selection, self->number, self->states);
	return SS_GO_ON;
}

static int set_states(struct ss_options *options, const struct ss_option *self,
		      const char *argument)
{
	(void)argument;
	options->selection.states = self->states;
	return SS_GO_ON;
}

static int name_family(struct ss_options *options, const struct ss_option *self,
		       const char *argument)
{
	static const struct {
		const char *name;
		int family;
		diag_states states;
	} families[] = {
		{ "inet", AF_INET, STATES_CONNECTED },
		{ "inet6", AF_INET6, STATES_CONNECTED },
		{ "unix", AF_UNIX, STATES_CONNECTED },
		{ "link", AF_PACKET, STATE_BIT(SOCK_CLOSE) },
		{ "vsock", AF_VSOCK, STATES_CONNECTED },
		{ "netlink", AF_NETLINK, STATE_BIT(SOCK_CLOSE) },
		{ "tipc", AF_TIPC, STATES_TIPC },
		{ "xdp", AF_XDP, STATE_BIT(SOCK_CLOSE) },
	};

	(void)self;
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		if (!str_equal(families[i].name, argument))
			continue;
		ss_select_family(&options->selection, families[i].family, families[i].states);
		return SS_GO_ON;
	}
	if (str_equal(argument, "help")) {
		ss_options_usage(options, stdout);
		return 0;
	}
	fprintf(stderr, "ss: \"%s\" is invalid family\n", argument);
	ss_options_usage(options, stderr);
	return SS_EXIT_USAGE;
}

static int name_tables(struct ss_options *options, const struct ss_option *self,
		       const char *argument)
{
	size_t len;
	const char *wrong = ss_select_list(&options->selection, argument, &len);

	(void)self;
	if (!wrong)
		return SS_GO_ON;
	fprintf(stderr, "ss: \"%.*s\" is illegal socket table id\n", (int)len, wrong);
	ss_options_usage(options, stderr);
	return SS_EXIT_USAGE;
}

static int show_help(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	(void)self;
	(void)argument;
	ss_options_usage(options, stdout);
	return 0;
}

static int show_version(struct ss_options *options, const struct ss_option *self,
			const char *argument)
{
	(void)options;
	(void)self;
	(void)argument;
	puts("ss utility, iproute2-7.1.0");
	return 0;
}

static int open_filter(struct ss_options *options, const struct ss_option *self,
		       const char *argument)
{
	(void)self;
	if (options->filter_file) {
		fputs("More than one filter file\n", stderr);
		return SS_EXIT_USAGE;
	}
	options->filter_file = argument[0] == '-' ? stdin : fopen(argument, "re");
	if (options->filter_file)
		return SS_GO_ON;
	perror("fopen filter file");
	return SS_EXIT_USAGE;
}

static int name_dump(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	(void)self;
	options->dump = argument;
	return SS_GO_ON;
}

static int enter_namespace(struct ss_options *options, const struct ss_option *self,
			   const char *argument)
{
	(void)options;
	(void)self;
	return ss_net_enter(argument) < 0 ? EXIT_FAILURE : SS_GO_ON;
}

/* Contexts exist only where SELinux is enabled; there they are not built. */
static int show_contexts(struct ss_options *options, const struct ss_option *self,
			 const char *argument)
{
	(void)options;
	(void)argument;
	if (access("/sys/fs/selinux/enforce", F_OK) < 0)
		fputs("ss: SELinux is not enabled.\n", stderr);
	else
		fprintf(stderr, "ss: --%s: this build shows no SELinux contexts\n", self->name);
	return EXIT_FAILURE;
}

static int show_maps(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	(void)self;
	(void)argument;
	return ss_maps_all(&options->maps);
}

static int show_map(struct ss_options *options, const struct ss_option *self, const char *argument)
{
	long long id;

	(void)self;
	if (num_parse_c(argument, 1, UINT32_MAX - 1LL, &id) == 0)
		return ss_maps_add(&options->maps, (uint32_t)id);
	fprintf(stderr, "ss: invalid BPF map ID %s\n", argument);
	return EXIT_FAILURE;
}

#define FLAG(letter_, name_, field_, help_)                                              \
	{                                                                                \
		.letter = (letter_), .name = (name_), .help = (help_), .take = set_flag, \
		.flag = offsetof(struct ss_options, field_)                              \
	}
#define CHOICE(letter_, name_, take_, number_, states_, help_)                          \
	{                                                                               \
		.letter = (letter_), .name = (name_), .help = (help_), .take = (take_), \
		.number = (int)(number_), .states = (states_)                           \
	}

static const struct ss_option rows[] = {
	{ 'h', "help", NULL, "this message", show_help },
	{ 'V', "version", NULL, "output version information", show_version },
	{ 'v', NULL, NULL, NULL, show_version },
	FLAG('n', "numeric", report.numeric, "numbers instead of names of ports and protocols"),
	FLAG('r', "resolve", resolve, "names instead of addresses"),
	CHOICE('a', "all", set_states, 0, STATES_ALL, "sockets in every state"),
	CHOICE('l', "listening", set_states, 0, STATES_LISTENING,
	       "only sockets that wait for peers"),
	CHOICE('B', "bound-inactive", set_states, 0, STATE_BIT(SOCK_BOUND_INACTIVE),
	       "only TCP sockets that are bound but neither listen nor connect"),
	FLAG('o', "options", report.timers, "timers"),
	CHOICE('e', "extended", set_extended, 0, 0, "owner, inode, cookie and more; with timers"),
	FLAG('m', "memory", report.memory, "memory of each socket"),
	FLAG('p', "processes", report.processes, "processes that hold the socket"),
	FLAG('T', "threads", report.threads, "with -p: each thread by itself"),
	FLAG('i', "info", report.info, "what TCP knows of the connection"),
	CHOICE('b', "bpf", set_filter, 0, 0, "packet filters; with timers"),
	FLAG(0, "tos", report.tos, "type of service and class"),
	FLAG(0, "cgroup", report.cgroup, "control group of the socket"),
	FLAG(0, "inet-sockopt", report.socket_options, "options that are set on the socket"),
	FLAG('s', "summary", summary, "totals first"),
	FLAG('H', "no-header", report.no_header, "no header line"),
	FLAG('Q', "no-queues", report.no_queues, "no columns for the queues"),
	FLAG('O', "oneline", report.one_line, "one line for each socket"),
	CHOICE('4', "ipv4", add_family, AF_INET, STATES_CONNECTED, "IPv4 sockets"),
	CHOICE('6', "ipv6", add_family, AF_INET6, STATES_CONNECTED, "IPv6 sockets"),
	CHOICE('t', "tcp", add_table, DIAG_TCP, STATES_CONNECTED, "TCP sockets"),
	CHOICE('u', "udp", add_table, DIAG_UDP, STATE_BIT(SOCK_ESTABLISHED), "UDP sockets"),
	CHOICE('w', "raw", add_table, DIAG_RAW, STATE_BIT(SOCK_ESTABLISHED), "raw sockets"),
	CHOICE('d', "dccp", add_table, DIAG_DCCP, STATES_CONNECTED, "DCCP sockets"),
	CHOICE('S', "sctp", add_table, DIAG_SCTP, STATES_CONNECTED, "SCTP sockets"),
	CHOICE('M', "mptcp", add_table, DIAG_MPTCP, STATES_CONNECTED, "MPTCP sockets"),
	CHOICE('x', "unix", add_family, AF_UNIX, STATES_CONNECTED, "UNIX domain sockets"),
	CHOICE('0', "packet", add_family, AF_PACKET, STATE_BIT(SOCK_CLOSE), "packet sockets"),
	CHOICE(0, "vsock", add_family, AF_VSOCK, STATES_CONNECTED, "sockets of virtual machines"),
	{ 'f', "family", "FAMILY", "inet, inet6, unix, link (as -0), netlink, vsock, tipc, xdp",
	  name_family },
	{ 'A', "query", "TABLES", "tables by name, as in tcp,unix_stream", name_tables },
	{ 0, "socket", "TABLES", NULL, name_tables },
	FLAG('E', "events", events, "sockets as they are destroyed, until interrupted"),
	FLAG('K', "kill", kill, "destroy each socket that is shown"),
	{ 'D', "diag", "FILE", "write the raw answer about TCP sockets to FILE", name_dump },
	{ 'F', "filter", "FILE", "words of the filter from FILE, or from stdin (-)", open_filter },
	{ 'N', "net", "NAME", "in that network namespace", enter_namespace },
	{ 'Z', "context", NULL, NULL, show_contexts },
	{ 'z', "contexts", NULL, NULL, show_contexts },
	CHOICE(0, "tipc", add_family, AF_TIPC, STATES_TIPC, "TIPC sockets"),
	CHOICE(0, "xdp", add_family, AF_XDP, STATE_BIT(SOCK_CLOSE), "XDP sockets"),
	FLAG(0, "tipcinfo", report.tipc_info, "details of TIPC sockets"),
	{ 0, "bpf-maps", NULL, "what BPF programs keep with the socket", show_maps },
	{ 0, "bpf-map-id", "ID", "the same of one map; 32 of them at most", show_map },
};

void ss_options_usage(const struct ss_options *options, FILE *out)
{
	const char *tool = options->ours ? "sockbox list" : "ss";

	fprintf(out,
		"Usage: %s [ OPTIONS ]\n"
		"       %s [ OPTIONS ] [ state STATE | exclude STATE ] ... [ FILTER ]\n",
		tool, tool);
	if (options->ours)
		fputs("The options of ss; without them: numbers, processes, inet sockets in every\n"
		      "state, and columns that say more.\n",
		      out);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ss_option *row = &rows[i];
		char name[32];

		if (!row->help)
			continue;
		(void)snprintf(name, sizeof(name), "%s%s%s", row->name, row->argument ? "=" : "",
			       row->argument ? row->argument : "");
		fprintf(out, "   %c%c%c --%-16s  %s\n", row->letter ? '-' : ' ',
			row->letter ? row->letter : ' ', row->letter ? ',' : ' ', name, row->help);
	}
	fputs("\n"
	      "   TABLES are all, inet, tcp, udp, raw, dccp, sctp, mptcp, unix, unix_dgram,\n"
	      "   unix_stream, unix_seqpacket, packet, packet_dgram, packet_raw, netlink, vsock,\n"
	      "   vsock_stream, vsock_dgram, xdp, tipc (not in all); !NAME removes one.\n"
	      "   STATE is established, syn-sent, syn-recv, fin-wait-1, fin-wait-2, time-wait,\n"
	      "   closed, close-wait, last-ack, listening, closing, bound-inactive, or one of\n"
	      "   all, connected, synchronized, bucket, big.\n"
	      "   FILTER is made of src|dst [=] HOST[:PORT], sport|dport [= != < <= > >=] PORT,\n"
	      "   dev [= !=] DEVICE, fwmark [= !=] MARK[/MASK], cgroup [= !=] PATH, autobound,\n"
	      "   and of not, and, or (one rank, to the left), ( ).  Each is a word of its own.\n"
	      "   HOST may begin with inet:, inet6:, unix:, link:, netlink:, vsock:.\n",
	      out);
	list_options_help(out);
}

/* The rows as getopt_long() wants them. */
struct getopt_rows {
	char letters[2 * ARRAY_SIZE(rows) + 1];
	struct option names[ARRAY_SIZE(rows) + 1];
};

static void make_getopt_rows(struct getopt_rows *ret)
{
	char *letter = ret->letters;
	struct option *name = ret->names;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct ss_option *row = &rows[i];
		int number = row->letter ? row->letter : NO_LETTER + (int)i;

		if (row->letter) {
			*letter++ = row->letter;
			if (row->argument)
				*letter++ = ':';
		}
		if (row->name)
			*name++ = (struct option){ row->name, row->argument != NULL, NULL, number };
	}
	*letter = '\0';
	*name = (struct option){ 0 };
}

static const struct ss_option *find_row(int number)
{
	if (number >= NO_LETTER)
		return &rows[number - NO_LETTER];
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].letter == number)
			return &rows[i];
	return NULL;
}

int ss_options_parse(int argc, char **argv, struct ss_options *ret, int *ret_words)
{
	struct getopt_rows getopt_rows;
	int status = SS_GO_ON, number;

	make_getopt_rows(&getopt_rows);
	optind = 0; /* begin anew, whoever used getopt before */
	while (status == SS_GO_ON && (number = getopt_long(argc, argv, getopt_rows.letters,
							   getopt_rows.names, NULL)) != -1) {
		const struct ss_option *row = number == '?' ? NULL : find_row(number);

		if (!row) {
			ss_options_usage(ret, stderr);
			return SS_EXIT_USAGE;
		}
		status = row->take(ret, row, optarg);
	}
	*ret_words = optind;
	return status;
}
