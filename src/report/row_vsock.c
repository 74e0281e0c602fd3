/* SPDX-License-Identifier: MIT */
/* Rows of sockets between virtual machines. */

#include "report/column.h"

#include <sys/socket.h>

static void vsock_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	(void)report;
	switch (record->type) {
	case SOCK_STREAM:
		text_put(text, "v_str");
		break;
	case SOCK_DGRAM:
		text_put(text, "v_dgr");
		break;
	default:
		text_put(text, "???");
		break;
	}
}

/* All ones stand for any. */
static void put_number(uint32_t number, struct text *text)
{
	if (number == UINT32_MAX)
		text_byte(text, '*');
	else
		text_unsigned(text, number);
}

static void vsock_address(struct report *report, const struct sock_record *record,
			  enum sock_side side, struct text *text)
{
	const struct sock_end *end = side == SIDE_LOCAL ? &record->local : &record->peer;
	uint32_t cid;

	(void)report;
	memcpy(&cid, end->address, sizeof(cid));
	put_number(cid, text);
	text_byte(text, ':');
}

static void vsock_port(struct report *report, const struct sock_record *record, enum sock_side side,
		       struct text *text)
{
	(void)report;
	put_number(side == SIDE_LOCAL ? record->local.port : record->peer.port, text);
}

static void vsock_details(struct report *report, const struct sock_record *record,
			  struct text *text)
{
	(void)report;
	(void)record;
	(void)text;
}

const struct row_format row_vsock = {
	.netid = vsock_netid,
	.state = put_state,
	.address = vsock_address,
	.port = vsock_port,
	.details = vsock_details,
};
