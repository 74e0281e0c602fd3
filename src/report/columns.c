/* SPDX-License-Identifier: MIT */
/* The table of columns.  What differs between families is behind row_format. */

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

static void print_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	formats[record->table]->netid(report, record, text);
}

static void print_state(struct report *report, const struct sock_record *record, struct text *text)
{
	formats[record->table]->state(report, record, text);
}

static void print_receive_queue(struct report *report, const struct sock_record *record,
				struct text *text)
{
	(void)report;
	text_padded(text, (int32_t)record->receive_queue, QUEUE_WIDTH);
}

static void print_send_queue(struct report *report, const struct sock_record *record,
			     struct text *text)
{
	(void)report;
	text_padded(text, (int32_t)record->send_queue, QUEUE_WIDTH);
}

static void print_local(struct report *report, const struct sock_record *record, struct text *text)
{
	formats[record->table]->address(report, record, SIDE_LOCAL, text);
}

static void print_local_port(struct report *report, const struct sock_record *record,
			     struct text *text)
{
	formats[record->table]->port(report, record, SIDE_LOCAL, text);
}

static void print_peer(struct report *report, const struct sock_record *record, struct text *text)
{
	formats[record->table]->address(report, record, SIDE_PEER, text);
}

static void print_peer_port(struct report *report, const struct sock_record *record,
			    struct text *text)
{
	formats[record->table]->port(report, record, SIDE_PEER, text);
}

static void print_process(struct report *report, const struct sock_record *record,
			  struct text *text)
{
	if (formats[record->table]->process)
		formats[record->table]->process(report, record, text);
	else if (report->options.owners)
		put_users(report->options.owners, record->inode, report->options.threads, text);
}

static void print_details(struct report *report, const struct sock_record *record,
			  struct text *text)
{
	if (formats[record->table]->details)
		formats[record->table]->details(report, record, text);
}

const struct column report_columns[] = {
	[COLUMN_NETID] = { "Netid", ALIGN_LEFT, "", print_netid, "netid", JSON_STRING,
			   "kind of socket: tcp, udp, u_str, ..." },
	[COLUMN_STATE] = { "State", ALIGN_LEFT, " ", print_state, "state", JSON_STRING,
			   "state of the connection" },
	[COLUMN_RECEIVE_QUEUE] = { "Recv-Q", ALIGN_LEFT, " ", print_receive_queue, "recv_q",
				   JSON_NUMBER,
				   "bytes not yet read; connections waiting if it listens" },
	[COLUMN_SEND_QUEUE] = { "Send-Q", ALIGN_LEFT, " ", print_send_queue, "send_q", JSON_NUMBER,
				"bytes not yet acknowledged; longest queue if it listens" },
	[COLUMN_LOCAL] = { "Local Address:", ALIGN_RIGHT, " ", print_local, "local_address",
			   JSON_STRING, "address of this end" },
	[COLUMN_LOCAL_PORT] = { "Port", ALIGN_LEFT, "", print_local_port, "local_port", JSON_NUMBER,
				"port of this end, or inode of a unix socket" },
	[COLUMN_PEER] = { "Peer Address:", ALIGN_RIGHT, " ", print_peer, "peer_address",
			  JSON_STRING, "address of the other end" },
	[COLUMN_PEER_PORT] = { "Port", ALIGN_LEFT, "", print_peer_port, "peer_port", JSON_NUMBER,
			       "port of the other end, or inode of a unix socket" },
	[COLUMN_PROCESS] = { "Process", ALIGN_LEFT, "", print_process, "processes", JSON_ARRAY,
			     "processes that hold the socket" },
	[COLUMN_DETAILS] = { "", ALIGN_LEFT, "", print_details, "details", JSON_OBJECT,
			     "everything else that was asked for" },
};
static_assert(ARRAY_SIZE(report_columns) == COLUMNS, "describe every column");
