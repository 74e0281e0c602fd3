/* SPDX-License-Identifier: MIT */
#pragma once

/* The options of ss and `sockbox list` that iproute2 does not have, and the listing
 * they ask for. */

#include "report/listing.h"

#include <stdio.h>

enum { LIST_GO_ON = -1 };

/* Takes our own options out of argv, wherever they stand before "--"; they are not
 * abbreviated, so that the originals' abbreviations stay what they are.  Returns
 * LIST_GO_ON, or the exit status when the run ends here. */
int list_options_take(const char *tool, int *argc, char **argv, struct listing_options *ret);

/* The lines of --help about them. */
void list_options_help(FILE *out);

/* Makes the listing and sets in `report` what its fields need.  LIST_GO_ON, or the exit
 * status; *ret stays NULL when iproute2's listing was asked for. */
int list_begin(const char *tool, struct listing_options *options, struct report_options *report,
	       struct listing **ret);

/* Which records are wanted; NULL: all. */
typedef bool list_filter(void *context, const struct sock_record *record);

struct list_run {
	const char *tool; /* for messages */
	const struct listing_options *options;
	const struct report_options *report;
	const struct diag_query *query;
	list_filter *filter;
	void *filter_context;
	struct listing *listing;
};

/* Lists, through all namespaces if asked for.  Returns the exit status. */
int list_sockets(const struct list_run *run);

/* What `sockbox list` shows when nothing else is said: inet sockets in every state. */
struct ss_selection;
void list_select(struct ss_selection *selection);
