/* SPDX-License-Identifier: MIT */
/*
 * Netlink sockets themselves: netlink_diag, and /proc/net/netlink.
 *
 *	| family u8 | type u8 | protocol u8 | state u8 | portid u32 | dst_portid u32
 *	| dst_group u32 | ino u32 | cookie 2 x u32 | attributes ...
 *
 *	sk Eth Pid Groups Rmem Wmem Dump Locks Drops Inode
 */

#include "diag/attribute.h"
#include "diag/family.h"
#include "diag/scan.h"

#include <errno.h>
#include <linux/netlink_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { COOKIE_HIGH_SHIFT = 32, STATE_CONNECTED = 1 };

static const struct diag_attribute attributes[] = {
	[NETLINK_DIAG_MEMINFO] = ATTRIBUTE_BYTES(memory, HAS_MEMORY),
	[NETLINK_DIAG_GROUPS] = ATTRIBUTE_BYTES(netlink.groups, 0),
};

static void netlink_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	struct netlink_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.ndiag_show = NDIAG_SHOW_GROUPS | NDIAG_SHOW_MEMINFO,
	};

	(void)query;
	buf_put(out, &request, sizeof(request));
}

static int netlink_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct netlink_diag_msg message;

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->has |= HAS_DETAILS;
	ret->family = message.ndiag_family;
	ret->type = message.ndiag_type;
	ret->state = SOCK_CLOSE; /* whatever the socket says, ss calls it that */
	ret->link_protocol = message.ndiag_protocol;
	ret->local.port = message.ndiag_portid;
	if (message.ndiag_state == STATE_CONNECTED) {
		ret->has |= HAS_PEER;
		ret->peer.port = message.ndiag_dst_portid;
		ret->netlink.peer_group = message.ndiag_dst_group;
	}
	ret->inode = message.ndiag_ino;
	ret->cookie =
		(uint64_t)message.ndiag_cookie[1] << COOKIE_HIGH_SHIFT | message.ndiag_cookie[0];

	diag_attributes((const char *)payload + sizeof(message), len - sizeof(message), attributes,
			ARRAY_SIZE(attributes), ret);
	ret->netlink.group_mask = sock_bytes_u32(&ret->netlink.groups, 0);
	ret->receive_queue = sock_bytes_u32(&ret->memory, MEMORY_RECEIVE);
	ret->send_queue = sock_bytes_u32(&ret->memory, MEMORY_SEND);
	return 0;
}

static int netlink_parse(const char *line, size_t len, struct sock_record *ret)
{
	struct scan scan;

	scan_init(&scan, line, len);
	ret->cookie = scan_hex(&scan);
	ret->link_protocol = (uint16_t)scan_decimal(&scan);
	ret->local.port = (uint32_t)scan_decimal(&scan);
	ret->netlink.group_mask = (uint32_t)scan_hex(&scan);
	ret->receive_queue = (uint32_t)scan_decimal(&scan);
	ret->send_queue = (uint32_t)scan_decimal(&scan);
	ret->netlink.callback = scan_hex(&scan);
	if (scan.failed)
		return -EBADMSG;

	ret->over_proc = true;
	ret->has |= HAS_DETAILS;
	ret->state = SOCK_CLOSE;
	return 0;
}

const struct diag_family diag_netlink = {
	.table = DIAG_NETLINK,
	.tables = TABLE_BIT(DIAG_NETLINK),
	.protocol = NDIAG_PROTO_ALL,
	.halves = { { AF_NETLINK, PROC_NETLINK } },
	.one_state = true,
	.request = netlink_request,
	.decode = netlink_decode,
	.parse = netlink_parse,
};
