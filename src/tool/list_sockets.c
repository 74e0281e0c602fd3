/* SPDX-License-Identifier: MIT */
/* Listings of chosen fields: what they need is gathered, then the dump runs, in one
 * namespace or in all of them. */

#include "diag/namespace.h"
#include "tool/list.h"
#include "tool/tool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_chosen(const struct listing_options *options)
{
	return options->format || options->fields || options->sort || options->top ||
	       options->group_by || options->peers || options->all_netns;
}

int list_begin(const char *tool, struct listing_options *options, struct report_options *report,
	       struct listing **ret)
{
	struct listing *listing;
	unsigned int needs;
	struct err err;

	if (!is_chosen(options))
		return LIST_GO_ON;
	if (!options->format)
		options->format = LISTING_COLUMNS;
	listing = listing_new(options, report, STDOUT_FILENO, &err);
	if (!listing) {
		fprintf(stderr, "%s: %s\n", tool, err.text);
		return EXIT_USAGE;
	}
	needs = listing_needs(listing);
	report->memory |= (needs & NEED_MEMORY) != 0;
	report->extended |= (needs & NEED_FILE) != 0;
	report->info |= (needs & NEED_INFO) != 0;
	report->tos |= (needs & NEED_TOS) != 0;
	report->processes |= (needs & NEED_OWNERS) != 0 || options->peers;
	options->peers |= (needs & NEED_PEERS) != 0;
	*ret = listing;
	return LIST_GO_ON;
}

static int take_row(void *context, const struct sock_record *record)
{
	const struct list_run *run = context;

	if (!run->filter || run->filter(run->filter_context, record))
		listing_row(run->listing, record);
	return listing_is_full(run->listing) ? -ECANCELED : 0;
}

static int take_peer(void *context, const struct sock_record *record)
{
	peers_add(context, record);
	return 0;
}

/* All that could be another end, whatever the query asks for. */
static void find_peers(const struct list_run *run, struct peers *peers)
{
	struct diag_query query = {
		.tables = run->query->tables & (TABLE_BIT(DIAG_TCP) | TABLES_UNIX),
		.families = FAMILIES_INET | FAMILY_BIT(AF_UNIX),
		.states = STATES_ALL,
	};
	struct err err = { 0 };

	peers_clear(peers);
	(void)diag_dump(&query, run->report->places, take_peer, peers, &err);
}

static void list_here(const struct list_run *run, struct peers *peers)
{
	struct err err = { 0 };

	if (peers)
		find_peers(run, peers);
	(void)diag_dump(run->query, run->report->places, take_row, (void *)(uintptr_t)run, &err);
	if (err.code)
		fprintf(stderr, "%s: %s\n", run->tool, err.text);
}

/* A namespace that may not be entered is told, and the others follow. */
static int list_everywhere(const struct list_run *run, struct peers *peers, struct owner_book *book)
{
	auto_namespaces all = { 0 };
	int status = EXIT_DONE;
	struct err err;

	if (namespaces_find(run->report->places->root, "/run/netns", book, &all, &err) < 0) {
		fprintf(stderr, "%s: %s\n", run->tool, err.text);
		return EXIT_FAILED;
	}
	for (size_t i = 0; i < all.count; i++) {
		if (namespace_enter(&all.list[i], &err) < 0) {
			fprintf(stderr, "%s: %s\n", run->tool, err.text);
			status = EXIT_FAILED;
			continue;
		}
		listing_enter(run->listing, all.list[i].name);
		list_here(run, peers);
	}
	listing_enter(run->listing, NULL);
	return status;
}

int list_sockets(const struct list_run *run)
{
	auto_owner_book book = owner_book_new(run->report->places->root);
	auto_peers peers = run->options->peers ? peers_new() : NULL;
	int status = EXIT_DONE, r;

	listing_use(run->listing, run->report, run->report->owners ? book : NULL, peers);
	if (run->options->all_netns)
		status = list_everywhere(run, peers, book);
	else
		list_here(run, peers);
	r = listing_end(run->listing);
	if (r < 0 && r != -EPIPE)
		fprintf(stderr, "%s: write: %s\n", run->tool, err_reason(r));
	return r < 0 ? EXIT_FAILED : status;
}
