/* SPDX-License-Identifier: MIT */
/* The table of columns, and a row with all of them.  What differs between families is behind
 * row_format. */

#include "report/column.h"

#include <assert.h>

static const struct row_format *const formats[] = {
	[DIAG_TCP] = &row_inet,
	[DIAG_UDP] = &row_inet,
	[DIAG_RAW] = &row_inet,
	[DIAG_DCCP] = &row_inet,
	[DIAG_SCTP] = &row_inet,
	[DIAG_MPTCP] = &row_inet,
	[DIAG_UNIX_DGRAM] = &row_unix,
	[DIAG_UNIX_STREAM] = &row_unix,
	[DIAG_UNIX_SEQPACKET] = &row_unix,
	[DIAG_PACKET_DGRAM] = &row_packet,
	[DIAG_PACKET_RAW] = &row_packet,
	[DIAG_NETLINK] = &row_netlink,
	[DIAG_VSOCK_STREAM] = &row_vsock,
	[DIAG_VSOCK_DGRAM] = &row_vsock,
	[DIAG_TIPC] = &row_tipc,
	[DIAG_XDP] = &row_xdp,
};
static_assert(ARRAY_SIZE(formats) == DIAG_TABLES, "every table has a format");

enum { QUEUE_WIDTH = 6 };

const struct row_format *row_format_of(const struct sock_record *record)
{
	return formats[record->table];
}

static void put_processes(struct report *report, const struct sock_record *record,
			  const struct row_format *format, struct text *text)
{
	if (format->process)
		format->process(report, record, text);
	else if (report->options.owners)
		put_users(report->options.owners, record->inode, report->options.threads, text);
}

static inline void put_cell(struct report *report, const struct row_format *format,
			    const struct sock_record *record, enum column_id column,
			    struct text *text)
{
	switch (column) {
	case COLUMN_NETID:
		format->netid(report, record, text);
		break;
	case COLUMN_STATE:
		format->state(report, record, text);
		break;
	case COLUMN_RECEIVE_QUEUE:
		text_padded(text, (int32_t)record->receive_queue, QUEUE_WIDTH);
		break;
	case COLUMN_SEND_QUEUE:
		text_padded(text, (int32_t)record->send_queue, QUEUE_WIDTH);
		break;
	case COLUMN_LOCAL:
		format->address(report, record, SIDE_LOCAL, text);
		break;
	case COLUMN_LOCAL_PORT:
		format->port(report, record, SIDE_LOCAL, text);
		break;
	case COLUMN_PEER:
		format->address(report, record, SIDE_PEER, text);
		break;
	case COLUMN_PEER_PORT:
		format->port(report, record, SIDE_PEER, text);
		break;
	case COLUMN_PROCESS:
		put_processes(report, record, format, text);
		break;
	case COLUMN_DETAILS:
		if (format->details)
			format->details(report, record, text);
		break;
	case COLUMNS:
		break;
	}
}

void report_put_cell(struct report *report, const struct sock_record *record, enum column_id column,
		     struct text *text)
{
	put_cell(report, row_format_of(record), record, column, text);
}

/* Unrolled, so that the compiler knows each column. */
void report_put_row(struct report *report, const struct sock_record *record)
{
	const struct row_format *format = row_format_of(record);
	struct page *page = &report->page;
	struct text text;

	page_begin_row(page);
	text = page_text(page);
#pragma GCC unroll 16
	for (unsigned int column = 0; column < COLUMNS; column++) {
		if (!report->shown[column] || (column == COLUMN_DETAILS && !format->details))
			continue;
		put_cell(report, format, record, column, &text);
		page_put(page, &text);
	}
	page_end_row(page);
}

const struct column report_columns[] = {
	[COLUMN_NETID] = { "Netid", ALIGN_LEFT, 0 },
	[COLUMN_STATE] = { "State", ALIGN_LEFT, 1 },
	[COLUMN_RECEIVE_QUEUE] = { "Recv-Q", ALIGN_LEFT, 1 },
	[COLUMN_SEND_QUEUE] = { "Send-Q", ALIGN_LEFT, 1 },
	[COLUMN_LOCAL] = { "Local Address:", ALIGN_RIGHT, 1 },
	[COLUMN_LOCAL_PORT] = { "Port", ALIGN_LEFT, 0 },
	[COLUMN_PEER] = { "Peer Address:", ALIGN_RIGHT, 1 },
	[COLUMN_PEER_PORT] = { "Port", ALIGN_LEFT, 0 },
	[COLUMN_PROCESS] = { "Process", ALIGN_LEFT, 0 },
	[COLUMN_DETAILS] = { "", ALIGN_LEFT, 0 },
};
static_assert(ARRAY_SIZE(report_columns) == COLUMNS, "describe every column");
