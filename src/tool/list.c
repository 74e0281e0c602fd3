/* SPDX-License-Identifier: MIT */
/* sockbox list: the sockets of this host with their owners.  It has the options of ss
 * and other defaults: numbers, processes, every state, columns that fit. */

#include "tool/list.h"
#include "tool/ss_options.h"
#include "tool/tool.h"

void list_select(struct ss_selection *selection)
{
	if (!selection->states)
		selection->states = STATES_ALL;
	if (selection->named)
		return;
	selection->tables = TABLES_INET;
	selection->named = true;
}

static int list_main(int argc, char **argv)
{
	struct ss_options options = {
		.ours = true,
		.report = { .numeric = true, .processes = true },
		.list = { .format = LISTING_COLUMNS },
	};
	int status = ss_run(argc, argv, &options);

	return status == SS_EXIT_USAGE ? EXIT_USAGE : status;
}

const struct tool tool_list_sockets = {
	.names = "list",
	.help = "list sockets with their owners, as columns, JSON or CSV",
	.main = list_main,
};
