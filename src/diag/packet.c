/* SPDX-License-Identifier: MIT */
/*
 * Packet sockets: packet_diag over netlink, and /proc/net/packet.
 *
 *	| family u8 | type u8 | protocol u16 | ino u32 | cookie 2 x u32 | attributes ...
 *
 *	sk RefCnt Type Proto Iface R Rmem User Inode
 */

#include "diag/attribute.h"
#include "diag/family.h"
#include "diag/scan.h"

#include <errno.h>
#include <linux/packet_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { COOKIE_HIGH_SHIFT = 32 };

static const struct diag_attribute attributes[] = {
	[PACKET_DIAG_INFO] = ATTRIBUTE_BYTES(packet.info, 0),
	[PACKET_DIAG_RX_RING] = ATTRIBUTE_BYTES(packet.receive_ring, 0),
	[PACKET_DIAG_TX_RING] = ATTRIBUTE_BYTES(packet.send_ring, 0),
	[PACKET_DIAG_FANOUT] = ATTRIBUTE_NUMBER(packet.fanout, HAS_FANOUT),
	[PACKET_DIAG_UID] = ATTRIBUTE_NUMBER(uid, HAS_UID),
	[PACKET_DIAG_MEMINFO] = ATTRIBUTE_BYTES(memory, HAS_MEMORY),
	[PACKET_DIAG_FILTER] = ATTRIBUTE_BYTES(packet.filter, 0),
};

static void packet_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	struct packet_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_RING_CFG | PACKET_SHOW_FANOUT |
			      PACKET_SHOW_MEMINFO | PACKET_SHOW_FILTER,
	};

	(void)query;
	buf_put(out, &request, sizeof(request));
}

static enum diag_table table_of(uint8_t type)
{
	return type == SOCK_RAW ? DIAG_PACKET_RAW : DIAG_PACKET_DGRAM;
}

static int packet_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct packet_diag_msg message;
	struct packet_diag_info info = { 0 };

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->has |= HAS_DETAILS;
	ret->family = message.pdiag_family;
	ret->type = message.pdiag_type;
	ret->table = table_of(ret->type);
	ret->state = SOCK_CLOSE;
	ret->link_protocol = message.pdiag_num;
	ret->inode = message.pdiag_ino;
	ret->cookie =
		(uint64_t)message.pdiag_cookie[1] << COOKIE_HIGH_SHIFT | message.pdiag_cookie[0];

	diag_attributes((const char *)payload + sizeof(message), len - sizeof(message), attributes,
			ARRAY_SIZE(attributes), ret);
	if (ret->packet.info.len >= sizeof(info))
		memcpy(&info, ret->packet.info.data, sizeof(info));
	ret->interface = info.pdi_index;
	ret->receive_queue = sock_bytes_u32(&ret->memory, MEMORY_RECEIVE);
	return 0;
}

static int packet_parse(const char *line, size_t len, struct sock_record *ret)
{
	struct scan scan;

	scan_init(&scan, line, len);
	scan_word(&scan); /* sk */
	(void)scan_decimal(&scan);
	ret->type = (uint8_t)scan_decimal(&scan);
	ret->link_protocol = (uint16_t)scan_hex(&scan);
	ret->interface = (uint32_t)scan_decimal(&scan);
	(void)scan_decimal(&scan);
	ret->receive_queue = (uint32_t)scan_decimal(&scan);
	ret->uid = (uint32_t)scan_decimal(&scan);
	ret->inode = (uint32_t)scan_decimal(&scan);
	if (scan.failed)
		return -EBADMSG;

	ret->over_proc = true;
	ret->has |= HAS_DETAILS;
	ret->table = table_of(ret->type);
	ret->state = SOCK_CLOSE;
	return 0;
}

const struct diag_family diag_packet = {
	.table = DIAG_PACKET_DGRAM,
	.tables = TABLES_PACKET,
	.halves = { { AF_PACKET, PROC_PACKET } },
	.one_state = true,
	.request = packet_request,
	.decode = packet_decode,
	.parse = packet_parse,
};
