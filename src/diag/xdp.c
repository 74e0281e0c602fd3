/* SPDX-License-Identifier: MIT */
/*
 * XDP sockets: xdp_diag.  There is no text file that could replace it.
 *
 *	| family u8 | type u8 | pad u16 | ino u32 | cookie 2 x u32 | attributes ...
 */

#include "diag/attribute.h"
#include "diag/family.h"

#include <errno.h>
#include <linux/xdp_diag.h>
#include <string.h>
#include <sys/socket.h>

enum { COOKIE_HIGH_SHIFT = 32 };

static const struct diag_attribute attributes[] = {
	[XDP_DIAG_INFO] = ATTRIBUTE_BYTES(xdp.info, 0),
	[XDP_DIAG_UID] = ATTRIBUTE_NUMBER(uid, HAS_UID),
	[XDP_DIAG_RX_RING] = ATTRIBUTE_BYTES(xdp.receive_ring, 0),
	[XDP_DIAG_TX_RING] = ATTRIBUTE_BYTES(xdp.send_ring, 0),
	[XDP_DIAG_UMEM] = ATTRIBUTE_BYTES(xdp.memory, 0),
	[XDP_DIAG_UMEM_FILL_RING] = ATTRIBUTE_BYTES(xdp.fill_ring, 0),
	[XDP_DIAG_UMEM_COMPLETION_RING] = ATTRIBUTE_BYTES(xdp.completion_ring, 0),
	[XDP_DIAG_MEMINFO] = ATTRIBUTE_BYTES(memory, HAS_MEMORY),
	[XDP_DIAG_STATS] = ATTRIBUTE_BYTES(xdp.statistics, 0),
};

static void xdp_request(const struct diag_family *self, const struct diag_query *query,
			uint8_t family, struct buf *out)
{
	struct xdp_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.xdiag_show = XDP_SHOW_INFO | XDP_SHOW_RING_CFG | XDP_SHOW_UMEM | XDP_SHOW_MEMINFO |
			      XDP_SHOW_STATS,
	};

	(void)query;
	buf_put(out, &request, sizeof(request));
}

static int xdp_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct xdp_diag_msg message;
	struct xdp_diag_info info = { 0 };

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->has |= HAS_DETAILS;
	ret->family = message.xdiag_family;
	ret->type = message.xdiag_type;
	ret->state = SOCK_CLOSE;
	ret->inode = message.xdiag_ino;
	ret->cookie =
		(uint64_t)message.xdiag_cookie[1] << COOKIE_HIGH_SHIFT | message.xdiag_cookie[0];

	diag_attributes((const char *)payload + sizeof(message), len - sizeof(message), attributes,
			ARRAY_SIZE(attributes), ret);
	if (ret->xdp.info.len >= sizeof(info))
		memcpy(&info, ret->xdp.info.data, sizeof(info));
	ret->interface = info.ifindex;
	ret->local.port = info.queue_id;
	ret->receive_queue = sock_bytes_u32(&ret->memory, MEMORY_RECEIVE);
	return 0;
}

const struct diag_family diag_xdp = {
	.table = DIAG_XDP,
	.tables = TABLE_BIT(DIAG_XDP),
	.halves = { { AF_XDP, PROC_FILES } },
	.one_state = true,
	.request = xdp_request,
	.decode = xdp_decode,
};
