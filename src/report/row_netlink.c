/* SPDX-License-Identifier: MIT */
/* Rows of netlink sockets.  ss shows their details in the column of processes,
 * where they appear with -p only, and their processes nowhere. */

#include "report/column.h"

static void netlink_netid(struct report *report, const struct sock_record *record,
			  struct text *text)
{
	(void)report;
	(void)record;
	text_put(text, "nl");
}

static void netlink_address(struct report *report, const struct sock_record *record,
			    enum sock_side side, struct text *text)
{
	const char *name = NULL;

	if (side == SIDE_LOCAL && !report->options.numeric)
		name = names_netlink(&report->names, record->link_protocol);

	if (side == SIDE_PEER && !(record->has & HAS_PEER)) {
		text_byte(text, '*');
		return;
	}
	if (name)
		text_put(text, name);
	else
		text_signed(text, side == SIDE_LOCAL ? record->link_protocol
						     : (int32_t)record->netlink.peer_group);
	text_byte(text, ':');
}

/* A port id is a process's number, if the process left the choice to the
 * kernel and was the first to ask. */
static void put_owner(struct report *report, int32_t port, struct text *text)
{
	char name[NAMES_PROCESS_SIZE];

	if (port == -1) {
		text_byte(text, '*');
	} else if (!report->options.numeric && port == 0) {
		text_put(text, "kernel");
	} else {
		if (!report->options.numeric && port > 0 &&
		    names_process(&report->names, port, name)) {
			if (report->options.terminal)
				text_foreign(text, name, strlen(name));
			else
				text_put(text, name);
			text_byte(text, '/');
		}
		text_signed(text, port);
	}
}

static void netlink_port(struct report *report, const struct sock_record *record,
			 enum sock_side side, struct text *text)
{
	if (side == SIDE_LOCAL)
		put_owner(report, (int32_t)record->local.port, text);
	else if (record->has & HAS_PEER)
		text_signed(text, (int32_t)record->peer.port);
}

static void netlink_process(struct report *report, const struct sock_record *record,
			    struct text *text)
{
	if (report->options.extended) {
		/* Over sock_diag ss knows neither of the first two. */
		text_put(text, " sk=");
		text_hex(text, record->over_proc ? record->cookie : 0);
		text_put(text, " cb=");
		text_hex(text, record->netlink.callback);
		text_format(text, " groups=0x%08x", record->netlink.group_mask);
	}
	if (report->options.memory && record->has & HAS_MEMORY) {
		text_byte(text, '\t');
		put_memory(record, text);
	}
}

const struct row_format row_netlink = {
	.netid = netlink_netid,
	.state = put_state,
	.address = netlink_address,
	.port = netlink_port,
	.process = netlink_process,
};
