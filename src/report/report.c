/* SPDX-License-Identifier: MIT */
/* A listing: which columns it has, and one row after the other. */

#include "report/report.h"
#include "report/column.h"

#include <stdlib.h>

enum { SCTP = 132 };

static bool is_single(uint32_t set)
{
	return set && !(set & (set - 1));
}

/* A column that would say the same in every row is left out. */
static bool is_shown(const struct report_options *options, enum column_id column)
{
	switch (column) {
	case COLUMN_NETID:
		return !is_single(options->tables);
	case COLUMN_STATE:
		return !is_single(options->states);
	case COLUMN_RECEIVE_QUEUE:
	case COLUMN_SEND_QUEUE:
		return !options->no_queues;
	case COLUMN_PROCESS:
		return options->processes;
	default:
		return true;
	}
}

static void choose_columns(struct report *report)
{
	struct page_column layout[COLUMNS];
	size_t count = 0;

	for (unsigned int i = 0; i < COLUMNS; i++) {
		report->shown[i] = is_shown(&report->options, (enum column_id)i);
		if (!report->shown[i])
			continue;
		layout[count++] = (struct page_column){
			.align = report_columns[i].align,
			.gap = report_columns[i].gap,
			.trailing = i ==
				    (report->options.processes ? COLUMN_PROCESS : COLUMN_PEER_PORT),
		};
	}
	page_init(&report->page, &report->output, layout, count, report->options.screen);
}

struct report *report_new(const struct report_options *options, int fd)
{
	struct report *report = new_object(struct report);

	report->options = *options;
	output_init(&report->output, fd);
	names_init(&report->names, options->places);
	choose_columns(report);
	return report;
}

void report_free(struct report *report)
{
	if (!report)
		return;
	page_done(&report->page);
	output_done(&report->output);
	names_done(&report->names);
	free(report);
}

void report_cleanup(struct report **report)
{
	report_free(*report);
}

void report_header(struct report *report)
{
	if (report->options.no_header)
		return;
	page_begin_row(&report->page);
	for (size_t i = 0; i < COLUMNS; i++) {
		struct text text = page_text(&report->page);

		if (!report->shown[i])
			continue;
		text_put(&text, report_columns[i].header);
		page_put(&report->page, &text);
	}
	page_end_row(&report->page);
}

/* The kernel tells an sctp socket first, then its associations, which have its
 * inode. */
void report_note(struct report *report, const struct sock_record *record)
{
	bool is_sctp = record->table == DIAG_SCTP ||
		       (record->has & HAS_PROTOCOL && record->protocol == SCTP);

	report->is_association =
		is_sctp && record->inode && record->inode == report->association_inode;
	report->association_inode = is_sctp ? record->inode : 0;
}

void report_row(struct report *report, const struct sock_record *record)
{
	report_note(report, record);
	report_put_row(report, record);
}

void report_flush(struct report *report)
{
	page_write(&report->page);
	(void)output_flush(&report->output);
}

int report_end(struct report *report)
{
	page_write(&report->page);
	return output_flush(&report->output);
}
