/* SPDX-License-Identifier: MIT */
/* ss: what sockets there are.  Options in, records through, a listing out. */

#include "base/log.h"
#include "diag/diag.h"
#include "filter/filter.h"
#include "filter/states.h"
#include "report/report.h"
#include "tool/ss_filter.h"
#include "tool/ss_hosts.h"
#include "tool/ss_options.h"
#include "tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static void print_event(void *context, enum log_level level, const char *text)
{
	(void)context;
	(void)level;
	fprintf(stderr, "%s\n", text);
}

/* The width for which columns are stretched; 0: they are not. */
static size_t screen_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	long width = 0;

	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (width <= 0 && columns)
		width = strtol(columns, NULL, 10);
	return width > 0 && width <= INT_MAX ? (size_t)width : 0;
}

/* The state words; *words moves behind them. */
static int read_states(struct ss_options *options, char ***words)
{
	struct err err;
	int used = filter_states(*words, &options->selection.states, &err);

	if (used < 0) {
		fprintf(stderr, "%s\n", err.text);
		return SS_EXIT_USAGE;
	}
	*words += used;
	return SS_GO_ON;
}

/* Where records go. */
struct target {
	const struct filter *filter;
	struct report *report;
	struct diag_killer *killer; /* NULL: nobody is hurt */
	bool header_due;	    /* of events: the header comes with the first one */
};

/* 0 or more: show it. */
static int kill_socket(const struct target *target, const struct sock_record *record)
{
	int r;

	if (!target->killer || record->over_proc || record->recorded ||
	    !(TABLES_INET & TABLE_BIT(record->table)))
		return 0;
	r = diag_kill(target->killer, record);
	if (r < 0 && r != -EOPNOTSUPP && r != -ENOENT)
		fprintf(stderr, "SOCK_DESTROY answers: %s\n", err_reason(r));
	return r;
}

/* Filters know nothing of TIPC. */
static bool is_wanted(const struct target *target, const struct sock_record *record)
{
	return record->family == AF_TIPC || filter_matches(target->filter, record);
}

static int take_row(void *context, const struct sock_record *record)
{
	const struct target *target = context;
	int r;

	if (!is_wanted(target, record))
		return 0;
	r = kill_socket(target, record);
	if (r == -EOPNOTSUPP || r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	report_row(target->report, record);
	return 0;
}

static int take_event(void *context, const struct sock_record *record)
{
	struct target *target = context;
	int r;

	if (!is_wanted(target, record))
		return 0;
	if (target->header_due)
		report_header(target->report);
	target->header_due = false;
	r = take_row(target, record);
	report_flush(target->report);
	return r;
}

/* What went wrong with a recorded dump; ss does not end the line when the file
 * was too short. */
static void print_trouble(const struct err *err)
{
	if (err->code)
		fprintf(stderr, err->code == -ENODATA ? "%s" : "%s\n", err->text);
}

static unsigned int wants(const struct report_options *options)
{
	return (options->memory ? WANT_MEMORY : 0U) | (options->extended ? WANT_FILE : 0U) |
	       (options->info ? WANT_INFO : 0U) | (options->tos ? WANT_TOS : 0U);
}

static struct diag_query query_of(const struct ss_options *options, const struct buf *bytecode)
{
	struct diag_query query = {
		.tables = options->selection.tables,
		.families = options->selection.families,
		.states = options->selection.states,
		.preferred = options->selection.preferred,
		.wants = wants(&options->report),
		.bytecode = bytecode->data,
		.bytecode_len = bytecode->len,
	};

	ss_maps_query(options->maps, &query);
	return query;
}

static void list(const struct diag_query *query, const struct diag_places *places,
		 struct target *target)
{
	struct err err = { 0 };

	report_header(target->report);
	(void)diag_dump(query, places, take_row, target, &err);
	print_trouble(&err);
}

/* Ends only with a signal, or at once when there is nothing to wait for. */
static int follow(const struct diag_query *query, struct target *target)
{
	struct err err = { 0 };

	target->header_due = true;
	(void)diag_events(query, take_event, target, &err);
	if (err.code)
		fprintf(stderr, "ss: %s\n", err.text);
	return SS_EXIT_USAGE;
}

static int save(const struct ss_options *options)
{
	const struct buf no_bytecode = { 0 };
	struct diag_query query = query_of(options, &no_bytecode);
	bool to_stdout = options->dump[0] == '-';
	auto_close int fd = -1;
	struct err err;

	if (!(query.tables & TABLE_BIT(DIAG_TCP))) {
		fputs("ss: tcpdiag dump requested and no tcp in filter.\n", stderr);
		return EXIT_SUCCESS;
	}
	if (!to_stdout) {
		fd = open(options->dump, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0) {
			perror("fopen dump file");
			return SS_EXIT_USAGE;
		}
	}
	if (diag_save(&query, to_stdout ? STDOUT_FILENO : fd, &err) < 0)
		fprintf(stderr, "ss: %s\n", err.text);
	return EXIT_SUCCESS;
}

static int finish(struct report *report)
{
	int r = report_end(report);

	if (r < 0 && r != -EPIPE)
		fprintf(stderr, "ss: write: %s\n", err_reason(r));
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The report is made once the selection is complete, for it decides on the
 * columns; totals come before that and need none. */
static int print_summary(const struct ss_options *options)
{
	auto_report report = report_new(&options->report, STDOUT_FILENO);
	struct diag_summary summary;

	diag_summary_read(options->report.places, &summary);
	report_summary(report, &summary);
	return finish(report);
}

static bool take_wanted(void *context, const struct sock_record *record)
{
	const struct target target = { .filter = context };

	return is_wanted(&target, record);
}

/* The listing of chosen fields; list.h. */
static int print_chosen(const struct ss_options *options, const struct diag_query *query,
			const struct filter *filter)
{
	struct diag_query with_users = *query;
	struct list_run run = {
		.tool = options->ours ? "sockbox list" : "ss",
		.options = &options->list,
		.report = &options->report,
		.query = &with_users,
		.filter = take_wanted,
		.filter_context = (void *)(uintptr_t)filter,
		.listing = options->listing,
	};

	with_users.wants |= WANT_UID;
	return list_sockets(&run);
}

static int print_filtered(struct ss_options *options, const struct filter *filter)
{
	auto_report report = NULL;
	auto_buf bytecode = { 0 };
	struct target target = { .filter = filter };
	struct diag_query query;
	int status;

	(void)filter_compile(filter, &bytecode);
	query = query_of(options, &bytecode);
	options->report.tables = options->selection.tables;
	options->report.states = options->selection.states;
	if (options->listing)
		return print_chosen(options, &query, filter);

	target.report = report = report_new(&options->report, STDOUT_FILENO);
	target.killer = options->kill ? diag_killer_new() : NULL;
	if (options->events) {
		status = follow(&query, &target);
	} else {
		list(&query, options->report.places, &target);
		status = finish(report);
	}
	diag_killer_free(target.killer);
	return status;
}

static int print_sockets(struct ss_options *options, char **words)
{
	auto_filter filter = { 0 };
	const char *nothing;
	int status;

	status = read_states(options, &words);
	if (status != SS_GO_ON)
		return status;
	if (options->ours)
		list_select(&options->selection);
	nothing = ss_select_complete(&options->selection);
	if (nothing) {
		fprintf(stderr, "%s\n", nothing);
		return EXIT_SUCCESS;
	}
	if (options->dump)
		return save(options); /* everything: the filter is not even read */
	status = ss_filter_read(options, words, &filter);
	return status == SS_GO_ON ? print_filtered(options, &filter) : status;
}

static int run(struct ss_options *options, char **words)
{
	auto_owners owners = NULL;
	struct ss_hosts *hosts = NULL;
	struct err err;
	int status;

	/* Before anything else, so that what we open does not get in the way. */
	if (options->report.processes &&
	    owners_scan(options->report.places->root, options->report.threads, &owners, &err) < 0)
		fprintf(stderr, "ss: %s\n", err.text);
	options->report.owners = owners;

	if (options->summary) {
		status = print_summary(options);
		if (status != EXIT_SUCCESS || (!options->selection.named && !*words))
			return status;
	}
	if (options->resolve) {
		hosts = ss_hosts_new();
		options->report.host_name = ss_hosts_find;
		options->report.host_name_context = hosts;
	}
	ss_maps_report(options->maps, &options->report);
	status = print_sockets(options, words);
	ss_hosts_free(hosts);
	return status;
}

/* What chosen fields ask for, and do not go with. */
static int check_listing(const char *tool, struct ss_options *options)
{
	if (!options->listing)
		return SS_GO_ON;
	if (options->dump || options->events || options->kill) {
		fprintf(stderr, "%s: -D, -E and -K go with iproute2's listing only\n", tool);
		return EXIT_USAGE;
	}
	if (options->summary && options->list.format != LISTING_COLUMNS) {
		fprintf(stderr, "%s: the totals of -s are text: no JSON, no CSV\n", tool);
		return EXIT_USAGE;
	}
	if (listing_needs(options->listing) & NEED_MAPS && !options->maps)
		return ss_maps_all(&options->maps);
	return SS_GO_ON;
}

int ss_run(int argc, char **argv, struct ss_options *options)
{
	const char *tool = options->ours ? "sockbox list" : "ss";
	struct diag_places places;
	int words = argc, status;

	log_open(print_event, NULL, LEVEL_WARN);
	diag_places_init(&places);
	options->report.places = &places;
	options->report.screen = screen_width();
	options->report.terminal = isatty(STDOUT_FILENO) != 0;
	status = list_options_take(tool, &argc, argv, &options->list);
	if (status == LIST_GO_ON)
		status = ss_options_parse(argc, argv, options, &words);
	if (status == SS_GO_ON)
		status = list_begin(tool, &options->list, &options->report, &options->listing);
	if (status == LIST_GO_ON)
		status = check_listing(tool, options);
	if (status == SS_GO_ON)
		status = run(options, argv + words);
	listing_free(options->listing);
	ss_maps_free(options->maps);
	return status;
}

static int ss_main(int argc, char **argv)
{
	struct ss_options options = { 0 };
	int status = ss_run(argc, argv, &options);

	return status == EXIT_USAGE ? SS_EXIT_USAGE : status;
}

const struct tool tool_ss = {
	.names = "ss",
	.help = "list sockets and who holds them",
	.link = true,
	.main = ss_main,
};
