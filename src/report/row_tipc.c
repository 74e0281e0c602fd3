/* SPDX-License-Identifier: MIT */
/* Rows of TIPC sockets.  What -e adds is in the column of processes, as in 7.1. */

#include "report/column.h"

#include <sys/socket.h>

static const struct {
	int type;
	const char *netid;
	const char *name;
} types[] = {
	{ SOCK_STREAM, "ti_st", "STREAM" },
	{ SOCK_DGRAM, "ti_dg", "DGRAM" },
	{ SOCK_RDM, "ti_rd", "RDM" },
	{ SOCK_SEQPACKET, "ti_sq", "SEQPACKET" },
};

static void tipc_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	(void)report;
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		if (types[i].type == record->type) {
			text_put(text, types[i].netid);
			return;
		}
	}
	text_put(text, "???");
}

static void tipc_address(struct report *report, const struct sock_record *record,
			 enum sock_side side, struct text *text)
{
	uint32_t node;

	(void)report;
	if (side == SIDE_PEER && !(record->has & HAS_PEER)) {
		text_byte(text, '-');
		return;
	}
	memcpy(&node, side == SIDE_LOCAL ? record->local.address : record->peer.address,
	       sizeof(node));
	text_unsigned(text, node);
	text_byte(text, ':');
}

static void tipc_port(struct report *report, const struct sock_record *record, enum sock_side side,
		      struct text *text)
{
	(void)report;
	if (side == SIDE_LOCAL)
		text_unsigned(text, record->local.port);
	else if (record->has & HAS_PEER)
		text_unsigned(text, record->peer.port);
}

static void tipc_process(struct report *report, const struct sock_record *record, struct text *text)
{
	if (report->options.extended)
		put_identity(record, text);
	if (report->options.owners)
		put_users(report->options.owners, record->inode, report->options.threads, text);
}

static void put_congestion(const struct sock_tipc *tipc, struct text *text)
{
	text_put(text, " cong:");
	if (tipc->link_congested)
		text_put(text, "link ");
	else
		text_put(text, tipc->connection_congested ? "conn " : "none ");
}

static void tipc_details(struct report *report, const struct sock_record *record, struct text *text)
{
	const struct sock_tipc *tipc = &record->tipc;

	if (!report->options.tipc_info)
		return;
	text_put(text, report->options.one_line ? " type:" : "\n type:");
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == record->type)
			text_put(text, types[i].name);
	put_congestion(tipc, text);
	text_format(text, " drop:%u ", tipc->drops);
	if (tipc->published)
		text_put(text, " publ");
	if (tipc->by_name)
		text_format(text, " via {%u,%u} ", tipc->name_type, tipc->name_instance);
}

const struct row_format row_tipc = {
	.netid = tipc_netid,
	.state = put_state,
	.address = tipc_address,
	.port = tipc_port,
	.process = tipc_process,
	.details = tipc_details,
};
