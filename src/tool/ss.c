/* SPDX-License-Identifier: MIT */
/* ss: what sockets there are.  Options in, records through, a listing out. */

#include "base/log.h"
#include "diag/diag.h"
#include "filter/states.h"
#include "report/report.h"
#include "tool/ss_hosts.h"
#include "tool/ss_options.h"
#include "tool/tool.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
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

/* State words; anything after them would be an expression. */
static int read_words(struct ss_options *options, char **words)
{
	struct err err;
	int used = filter_states(words, &options->selection.states, &err);

	if (used < 0) {
		fprintf(stderr, "%s\n", err.text);
		return SS_EXIT_USAGE;
	}
	for (words += used; *words; words++) {
		if (strspn(*words, " \t") == strlen(*words))
			continue;
		fprintf(stderr, "ss: filter expressions are not supported yet: '%s'\n", *words);
		return SS_EXIT_USAGE;
	}
	return SS_GO_ON;
}

static int take_row(void *context, const struct sock_record *record)
{
	report_row(context, record);
	return 0;
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

static void list(const struct ss_options *options, struct report *report)
{
	struct diag_query query = {
		.tables = options->selection.tables,
		.families = options->selection.families,
		.states = options->selection.states,
		.preferred = options->selection.preferred,
		.wants = wants(&options->report),
	};
	struct err err = { 0 };

	report_header(report);
	(void)diag_dump(&query, options->report.places, take_row, report, &err);
	print_trouble(&err);
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

static int print_sockets(struct ss_options *options, char **words)
{
	auto_report report = NULL;
	const char *nothing;
	int status;

	status = read_words(options, words);
	if (status != SS_GO_ON)
		return status;
	nothing = ss_select_complete(&options->selection);
	if (nothing) {
		fprintf(stderr, "%s\n", nothing);
		return EXIT_SUCCESS;
	}
	options->report.tables = options->selection.tables;
	options->report.states = options->selection.states;
	report = report_new(&options->report, STDOUT_FILENO);
	list(options, report);
	return finish(report);
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
	status = print_sockets(options, words);
	ss_hosts_free(hosts);
	return status;
}

static int ss_main(int argc, char **argv)
{
	struct ss_options options = { 0 };
	struct diag_places places;
	int words = argc, status;

	log_open(print_event, NULL, LEVEL_WARN);
	diag_places_init(&places);
	options.report.places = &places;
	options.report.screen = screen_width();
	options.report.terminal = isatty(STDOUT_FILENO) != 0;
	status = ss_options_parse(argc, argv, &options, &words);
	return status == SS_GO_ON ? run(&options, argv + words) : status;
}

const struct tool tool_ss = {
	.names = "ss",
	.help = "list sockets and who holds them",
	.link = true,
	.main = ss_main,
};
