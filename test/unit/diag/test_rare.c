/* SPDX-License-Identifier: MIT */
/* The decoders of XDP and TIPC, which few machines can make sockets of. */

#include "diag/family.h"
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <linux/tipc_netlink.h>
#include <linux/xdp_diag.h>

static void an_xdp_message_is_a_record(void **state)
{
	struct xdp_diag_msg base = { .xdiag_family = AF_XDP,
				     .xdiag_type = SOCK_RAW,
				     .xdiag_ino = 99,
				     .xdiag_cookie = { 5, 6 } };
	struct xdp_diag_info info = { .ifindex = 3, .queue_id = 2 };
	struct xdp_diag_ring ring = { .entries = 2048 };
	uint32_t memory[MEMORY_FIELDS] = { [MEMORY_RECEIVE] = 77 }, uid = 1000;
	struct sock_record record = { .table = DIAG_XDP };
	struct message message = { 0 };

	(void)state;
	add(&message, &base, sizeof(base));
	add_attribute(&message, XDP_DIAG_INFO, &info, sizeof(info));
	add_attribute(&message, XDP_DIAG_UID, &uid, sizeof(uid));
	add_attribute(&message, XDP_DIAG_RX_RING, &ring, sizeof(ring));
	add_attribute(&message, XDP_DIAG_MEMINFO, memory, sizeof(memory));
	assert_int_equal(diag_xdp.decode(message.data, message.len, &record), 0);
	assert_int_equal(record.family, AF_XDP);
	assert_int_equal(record.state, SOCK_CLOSE);
	assert_int_equal(record.inode, 99);
	assert_int_equal(record.cookie, 0x600000005);
	assert_int_equal(record.interface, 3);
	assert_int_equal(record.local.port, 2);
	assert_int_equal(record.uid, 1000);
	assert_int_equal(record.receive_queue, 77);
	assert_int_equal(sock_bytes_u32(&record.xdp.receive_ring, 0), 2048);
	assert_null(record.xdp.send_ring.data);
	assert_int_equal(diag_xdp.decode(message.data, sizeof(base) - 1, &record), -EBADMSG);
}

enum { TIPC_COOKIE = 0x1234567 };

static void make_tipc(struct message *ret)
{
	uint64_t cookie = TIPC_COOKIE;
	size_t whole, inner;

	*ret = (struct message){ 0 };
	whole = begin_nest(ret, TIPC_NLA_SOCK);
	add_u32(ret, TIPC_NLA_SOCK_ADDR, 4711);
	add_u32(ret, TIPC_NLA_SOCK_REF, 12);
	add_u32(ret, TIPC_NLA_SOCK_TYPE, SOCK_SEQPACKET);
	add_u32(ret, TIPC_NLA_SOCK_INO, 13);
	add_u32(ret, TIPC_NLA_SOCK_UID, 14);
	add_u32(ret, TIPC_NLA_SOCK_TIPC_STATE, SOCK_LISTEN);
	add_attribute(ret, TIPC_NLA_SOCK_COOKIE, &cookie, sizeof(cookie));
	add_attribute(ret, TIPC_NLA_SOCK_HAS_PUBL, NULL, 0);
	inner = begin_nest(ret, TIPC_NLA_SOCK_STAT);
	add_u32(ret, TIPC_NLA_SOCK_STAT_RCVQ, 15);
	add_u32(ret, TIPC_NLA_SOCK_STAT_SENDQ, 16);
	add_attribute(ret, TIPC_NLA_SOCK_STAT_LINK_CONG, NULL, 0);
	add_u32(ret, TIPC_NLA_SOCK_STAT_DROP, 17);
	end_nest(ret, inner);
	inner = begin_nest(ret, TIPC_NLA_SOCK_CON);
	add_u32(ret, TIPC_NLA_CON_NODE, 18);
	add_u32(ret, TIPC_NLA_CON_SOCK, 19);
	add_attribute(ret, TIPC_NLA_CON_FLAG, NULL, 0);
	add_u32(ret, TIPC_NLA_CON_TYPE, 20);
	add_u32(ret, TIPC_NLA_CON_INST, 21);
	end_nest(ret, inner);
	end_nest(ret, whole);
}

static void a_tipc_message_is_a_record(void **state)
{
	struct sock_record record = { .table = DIAG_TIPC };
	struct message message;
	uint32_t node;

	(void)state;
	make_tipc(&message);
	assert_int_equal(diag_tipc.decode(message.data, message.len, &record), 0);
	assert_int_equal(record.family, AF_TIPC);
	assert_int_equal(record.type, SOCK_SEQPACKET);
	assert_int_equal(record.state, SOCK_LISTEN);
	assert_int_equal(record.inode, 13);
	assert_int_equal(record.uid, 14);
	assert_int_equal(record.cookie, TIPC_COOKIE);
	assert_int_equal(record.local.port, 12);
	assert_int_equal(record.peer.port, 19);
	memcpy(&node, record.local.address, sizeof(node));
	assert_int_equal(node, 4711);
	memcpy(&node, record.peer.address, sizeof(node));
	assert_int_equal(node, 18);
	assert_true(record.has & HAS_PEER);
	assert_int_equal(record.receive_queue, 15);
	assert_int_equal(record.send_queue, 16);
	assert_true(record.tipc.published && record.tipc.by_name && record.tipc.link_congested);
	assert_false(record.tipc.connection_congested);
	assert_int_equal(record.tipc.drops, 17);
	assert_int_equal(record.tipc.name_type, 20);
	assert_int_equal(record.tipc.name_instance, 21);
	assert_int_equal(diag_tipc.decode(message.data, 3, &(struct sock_record){ 0 }), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_xdp_message_is_a_record),
		cmocka_unit_test(a_tipc_message_is_a_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
