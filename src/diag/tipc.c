/* SPDX-License-Identifier: MIT */
/*
 * TIPC sockets: nothing but attributes, in nests.
 *
 *	SOCK { ADDR REF TYPE INO UID TIPC_STATE COOKIE HAS_PUBL
 *	       STAT { RCVQ SENDQ LINK_CONG CONN_CONG DROP }
 *	       CON { NODE SOCK FLAG TYPE INST } }
 */

#include "diag/attribute.h"
#include "diag/family.h"

#include <errno.h>
#include <linux/tipc_netlink.h>
#include <linux/tipc_sockets_diag.h>
#include <string.h>
#include <sys/socket.h>

static void tipc_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	struct tipc_sock_diag_req request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol,
		.tidiag_states = query->states,
	};

	buf_put(out, &request, sizeof(request));
}

static uint32_t number_of(const struct sock_bytes *payload)
{
	return (uint32_t)diag_attribute_number(payload, sizeof(uint32_t));
}

static void set_node(struct sock_end *end, const struct sock_bytes *payload)
{
	uint32_t node = number_of(payload);

	memcpy(end->address, &node, sizeof(node));
}

static void take_statistic(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	switch (type) {
	case TIPC_NLA_SOCK_STAT_RCVQ:
		ret->receive_queue = number_of(payload);
		break;
	case TIPC_NLA_SOCK_STAT_SENDQ:
		ret->send_queue = number_of(payload);
		break;
	case TIPC_NLA_SOCK_STAT_LINK_CONG:
		ret->tipc.link_congested = true;
		break;
	case TIPC_NLA_SOCK_STAT_CONN_CONG:
		ret->tipc.connection_congested = true;
		break;
	case TIPC_NLA_SOCK_STAT_DROP:
		ret->tipc.drops = number_of(payload);
		break;
	default:
		break;
	}
}

static void take_connection(uint16_t type, const struct sock_bytes *payload,
			    struct sock_record *ret)
{
	switch (type) {
	case TIPC_NLA_CON_FLAG:
		ret->tipc.by_name = true;
		break;
	case TIPC_NLA_CON_NODE:
		set_node(&ret->peer, payload);
		break;
	case TIPC_NLA_CON_SOCK:
		ret->peer.port = number_of(payload);
		break;
	case TIPC_NLA_CON_TYPE:
		ret->tipc.name_type = number_of(payload);
		break;
	case TIPC_NLA_CON_INST:
		ret->tipc.name_instance = number_of(payload);
		break;
	default:
		break;
	}
}

static void take_identity(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	switch (type) {
	case TIPC_NLA_SOCK_ADDR:
		set_node(&ret->local, payload);
		break;
	case TIPC_NLA_SOCK_REF:
		ret->local.port = number_of(payload);
		break;
	case TIPC_NLA_SOCK_TYPE:
		ret->type = (uint8_t)number_of(payload);
		break;
	case TIPC_NLA_SOCK_INO:
		ret->inode = number_of(payload);
		break;
	case TIPC_NLA_SOCK_UID:
		ret->uid = number_of(payload);
		break;
	case TIPC_NLA_SOCK_TIPC_STATE:
		ret->state = (uint8_t)number_of(payload);
		break;
	case TIPC_NLA_SOCK_COOKIE:
		ret->cookie = diag_attribute_number(payload, sizeof(ret->cookie));
		break;
	default:
		break;
	}
}

static void take_socket(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	switch (type) {
	case TIPC_NLA_SOCK_CON:
		ret->has |= HAS_PEER;
		diag_attributes_each(payload->data, payload->len, take_connection, ret);
		break;
	case TIPC_NLA_SOCK_STAT:
		diag_attributes_each(payload->data, payload->len, take_statistic, ret);
		break;
	case TIPC_NLA_SOCK_HAS_PUBL:
		ret->tipc.published = true;
		break;
	default:
		take_identity(type, payload, ret);
		break;
	}
}

static void take_nest(uint16_t type, const struct sock_bytes *payload, struct sock_record *ret)
{
	if (type == TIPC_NLA_SOCK) {
		ret->has |= HAS_DETAILS;
		diag_attributes_each(payload->data, payload->len, take_socket, ret);
	}
}

static int tipc_decode(const void *payload, size_t len, struct sock_record *ret)
{
	ret->family = AF_TIPC;
	diag_attributes_each(payload, len, take_nest, ret);
	return ret->has & HAS_DETAILS ? 0 : -EBADMSG;
}

const struct diag_family diag_tipc = {
	.table = DIAG_TIPC,
	.tables = TABLE_BIT(DIAG_TIPC),
	.halves = { { AF_TIPC, PROC_FILES } },
	.request = tipc_request,
	.decode = tipc_decode,
};
