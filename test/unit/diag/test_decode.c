/* SPDX-License-Identifier: MIT */
/* The decoders of netlink payloads and of recorded dumps: bytes in, record out. */

#include "diag/dumpfile.h"
#include "diag/family.h"
#include "diag/tcp_info.h"
#include "message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/netlink_diag.h>
#include <linux/packet_diag.h>
#include <linux/unix_diag.h>
#include <linux/vm_sockets_diag.h>
#include <netinet/in.h>
#include <string.h>

/* What the kernel said about an sshd listener on [::]:22, recorded on 6.18. */
static void make_listener(struct message *ret)
{
	struct inet_diag_msg base = {
		.idiag_family = AF_INET6,
		.idiag_state = SOCK_LISTEN,
		.id = { .idiag_sport = htons(22), .idiag_if = 3, .idiag_cookie = { 0x11, 0x2 } },
		.idiag_rqueue = 2,
		.idiag_wqueue = 128,
		.idiag_uid = 1000,
		.idiag_inode = 4711,
	};
	uint32_t memory[] = { 0, 131072, 0, 16384, 0, 0, 0, 0, 5 };
	uint64_t cgroup = 0x1234567890;
	uint8_t one = 1;

	*ret = (struct message){ 0 };
	add(ret, &base, sizeof(base));
	add_attribute(ret, INET_DIAG_SHUTDOWN, &one, sizeof(one));
	add_attribute(ret, INET_DIAG_SKV6ONLY, &one, sizeof(one));
	add_attribute(ret, INET_DIAG_SKMEMINFO, memory, sizeof(memory));
	add_attribute(ret, INET_DIAG_CGROUP_ID, &cgroup, sizeof(cgroup));
}

static int decode_tcp(const struct message *message, struct sock_record *ret)
{
	*ret = (struct sock_record){ .table = DIAG_TCP };
	return diag_tcp.decode(message->data, message->len, ret);
}

static void an_inet_message_is_a_record(void **state)
{
	struct sock_record record;
	struct message message;

	(void)state;
	make_listener(&message);
	assert_int_equal(decode_tcp(&message, &record), 0);
	assert_int_equal(record.family, AF_INET6);
	assert_int_equal(record.state, SOCK_LISTEN);
	assert_int_equal(record.local.port, 22);
	assert_int_equal(record.peer.port, 0);
	assert_int_equal(record.interface, 3);
	assert_int_equal(record.receive_queue, 2);
	assert_int_equal(record.send_queue, 128);
	assert_int_equal(record.uid, 1000);
	assert_int_equal(record.inode, 4711);
	assert_int_equal(record.cookie, 0x200000011);
	assert_int_equal(record.shutdown, 1);
	assert_int_equal(record.v6only, 1);
	assert_int_equal(record.cgroup, 0x1234567890);
	assert_int_equal(sock_bytes_u32(&record.memory, MEMORY_RECEIVE_MAX), 131072);
	assert_int_equal(sock_bytes_u32(&record.memory, MEMORY_DROPS), 5);
	assert_int_equal(sock_bytes_u32(&record.memory, MEMORY_FIELDS), 0);
	assert_int_equal(record.has,
			 HAS_DETAILS | HAS_SHUTDOWN | HAS_V6ONLY | HAS_MEMORY | HAS_CGROUP);
}

static void a_short_message_is_none(void **state)
{
	struct sock_record record;
	struct message message;

	(void)state;
	make_listener(&message);
	for (message.len = 0; message.len < sizeof(struct inet_diag_msg); message.len++)
		assert_int_equal(decode_tcp(&message, &record), -EBADMSG);
	assert_int_equal(decode_tcp(&message, &record), 0);
	assert_int_equal(record.has, HAS_DETAILS);
}

static void a_cut_attribute_is_skipped(void **state)
{
	struct sock_record record;
	struct message message;

	(void)state;
	make_listener(&message);
	message.len -= 1;
	assert_int_equal(decode_tcp(&message, &record), 0);
	assert_false(record.has & HAS_CGROUP);
	assert_true(record.has & HAS_MEMORY);
}

static void short_numbers_and_repeated_attributes_do_not_count(void **state)
{
	struct sock_record record;
	struct message message;
	uint32_t half = 7;
	uint8_t three = 3;

	(void)state;
	make_listener(&message);
	add_attribute(&message, INET_DIAG_SHUTDOWN, &three, sizeof(three));
	add_attribute(&message, INET_DIAG_MARK, &half, 3);
	assert_int_equal(decode_tcp(&message, &record), 0);
	assert_int_equal(record.shutdown, 1);
	assert_false(record.has & HAS_MARK);
}

static void nested_attributes_of_upper_layers_are_found(void **state)
{
	struct message message, nest = { 0 }, tls = { 0 };
	struct sock_record record;
	uint16_t version = 0x304, way = 2;

	(void)state;
	add_attribute(&tls, 1, &version, sizeof(version));
	add_attribute(&tls, 4, &way, sizeof(way));
	add_attribute(&nest, 1, "tls", sizeof("tls"));
	add_attribute(&nest, 2 | NLA_F_NESTED, tls.data, tls.len);
	make_listener(&message);
	add_attribute(&message, INET_DIAG_ULP_INFO | NLA_F_NESTED, nest.data, nest.len);
	assert_int_equal(decode_tcp(&message, &record), 0);
	assert_memory_equal(record.ulp.name.data, "tls", sizeof("tls"));
	assert_int_equal(record.ulp.has, ULP_TLS_VERSION | ULP_TLS_RECEIVE);
	assert_int_equal(record.ulp.tls_version, 0x304);
	assert_int_equal(record.ulp.tls_receive, 2);
}

static void a_unix_message_is_a_record(void **state)
{
	struct unix_diag_msg base = {
		.udiag_family = AF_UNIX,
		.udiag_type = SOCK_SEQPACKET,
		.udiag_state = SOCK_LISTEN,
		.udiag_ino = 99,
	};
	struct unix_diag_rqlen queues = { 1, 5 };
	uint32_t peer = 100, waiting[] = { 101, 102 };
	struct sock_record record = { .table = DIAG_UNIX_DGRAM };
	struct message message = { 0 };

	(void)state;
	add(&message, &base, sizeof(base));
	add_attribute(&message, UNIX_DIAG_NAME, "\0a\0b", 4);
	add_attribute(&message, UNIX_DIAG_PEER, &peer, sizeof(peer));
	add_attribute(&message, UNIX_DIAG_RQLEN, &queues, sizeof(queues));
	add_attribute(&message, UNIX_DIAG_ICONS, waiting, sizeof(waiting));
	assert_int_equal(diag_unix.decode(message.data, message.len, &record), 0);
	assert_int_equal(record.table, DIAG_UNIX_SEQPACKET);
	assert_int_equal(record.local.port, 99);
	assert_int_equal(record.peer.port, 100);
	assert_int_equal(record.receive_queue, 1);
	assert_int_equal(record.send_queue, 5);
	assert_int_equal(record.name.len, 4);
	assert_memory_equal(record.name.data, "\0a\0b", 4);
	assert_int_equal(sock_bytes_u32(&record.waiting, 1), 102);
	assert_int_equal(diag_unix.decode(message.data, sizeof(base) - 1, &record), -EBADMSG);
}

static void a_packet_message_is_a_record(void **state)
{
	struct packet_diag_msg base = { .pdiag_family = AF_PACKET,
					.pdiag_type = SOCK_RAW,
					.pdiag_num = 0x88cc,
					.pdiag_ino = 12 };
	struct packet_diag_info info = { .pdi_index = 3, .pdi_flags = PDI_RUNNING };
	uint32_t uid = 1000, fanout = 1 << 16 | 7, memory[9] = { 2112 };
	struct sock_record record = { .table = DIAG_PACKET_DGRAM };
	struct message message = { 0 };

	(void)state;
	add(&message, &base, sizeof(base));
	add_attribute(&message, PACKET_DIAG_INFO, &info, sizeof(info));
	add_attribute(&message, PACKET_DIAG_UID, &uid, sizeof(uid));
	add_attribute(&message, PACKET_DIAG_FANOUT, &fanout, sizeof(fanout));
	add_attribute(&message, PACKET_DIAG_MEMINFO, memory, sizeof(memory));
	assert_int_equal(diag_packet.decode(message.data, message.len, &record), 0);
	assert_int_equal(record.table, DIAG_PACKET_RAW);
	assert_int_equal(record.state, SOCK_CLOSE);
	assert_int_equal(record.link_protocol, 0x88cc);
	assert_int_equal(record.interface, 3);
	assert_int_equal(record.uid, 1000);
	assert_int_equal(record.packet.fanout, fanout);
	assert_int_equal(record.receive_queue, 2112);
	assert_int_equal(diag_packet.decode(message.data, sizeof(base) - 1, &record), -EBADMSG);
}

static void a_netlink_message_is_a_record(void **state)
{
	struct netlink_diag_msg base = { .ndiag_family = AF_NETLINK,
					 .ndiag_protocol = 15,
					 .ndiag_state = 1,
					 .ndiag_portid = 4711,
					 .ndiag_dst_group = 2,
					 .ndiag_ino = 12 };
	uint32_t groups[] = { 0x51, 0 }, memory[9] = { 1, 0, 2 };
	struct sock_record record = { .table = DIAG_NETLINK };
	struct message message = { 0 };

	(void)state;
	add(&message, &base, sizeof(base));
	add_attribute(&message, NETLINK_DIAG_GROUPS, groups, sizeof(groups));
	add_attribute(&message, NETLINK_DIAG_MEMINFO, memory, sizeof(memory));
	assert_int_equal(diag_netlink.decode(message.data, message.len, &record), 0);
	assert_int_equal(record.state, SOCK_CLOSE);
	assert_int_equal(record.link_protocol, 15);
	assert_int_equal(record.local.port, 4711);
	assert_true(record.has & HAS_PEER);
	assert_int_equal(record.netlink.peer_group, 2);
	assert_int_equal(record.netlink.group_mask, 0x51);
	assert_int_equal(record.receive_queue, 1);
	assert_int_equal(record.send_queue, 2);
	assert_int_equal(diag_netlink.decode(message.data, sizeof(base) - 1, &record), -EBADMSG);
}

static void a_vsock_message_is_a_record(void **state)
{
	struct vsock_diag_msg message = { .vdiag_family = AF_VSOCK,
					  .vdiag_type = SOCK_DGRAM,
					  .vdiag_state = SOCK_LISTEN,
					  .vdiag_src_cid = 2,
					  .vdiag_src_port = 1024,
					  .vdiag_dst_cid = UINT32_MAX,
					  .vdiag_dst_port = 7,
					  .vdiag_ino = 12 };
	struct sock_record record = { .table = DIAG_VSOCK_STREAM };
	uint32_t cid;

	(void)state;
	assert_int_equal(diag_vsock.decode(&message, sizeof(message), &record), 0);
	assert_int_equal(record.table, DIAG_VSOCK_DGRAM);
	assert_int_equal(record.state, SOCK_LISTEN);
	memcpy(&cid, record.local.address, sizeof(cid));
	assert_int_equal(cid, 2);
	memcpy(&cid, record.peer.address, sizeof(cid));
	assert_int_equal(cid, UINT32_MAX);
	assert_int_equal(record.local.port, 1024);
	assert_int_equal(record.peer.port, 7);
	assert_int_equal(record.inode, 12);
	assert_int_equal(diag_vsock.decode(&message, sizeof(message) - 1, &record), -EBADMSG);
}

static void a_large_protocol_number_is_an_attribute(void **state)
{
	struct diag_query query = { .states = STATES_ALL };
	auto_buf request = { 0 };
	struct {
		struct inet_diag_req_v2 request;
		struct nlattr header;
		uint32_t protocol;
	} sent;

	(void)state;
	diag_mptcp.request(&diag_mptcp, &query, AF_INET, &request);
	assert_int_equal(request.len, sizeof(sent));
	memcpy(&sent, request.data, sizeof(sent));
	assert_int_equal(sent.request.sdiag_protocol, 6);
	assert_int_equal(sent.header.nla_type, INET_DIAG_REQ_PROTOCOL);
	assert_int_equal(sent.header.nla_len, 8);
	assert_int_equal(sent.protocol, 262);
}

static void requests_ask_for_what_is_wanted(void **state)
{
	struct diag_query query = { .states = 0x480, .wants = WANT_MEMORY | WANT_FILE | WANT_TOS };
	auto_buf request = { 0 };
	struct inet_diag_req_v2 inet;
	struct unix_diag_req local;

	(void)state;
	diag_tcp.request(&diag_tcp, &query, AF_INET6, &request);
	assert_int_equal(request.len, sizeof(inet));
	memcpy(&inet, request.data, sizeof(inet));
	assert_int_equal(inet.sdiag_family, AF_INET6);
	assert_int_equal(inet.sdiag_protocol, IPPROTO_TCP);
	assert_int_equal(inet.idiag_states, 0x400); /* no TCP socket is listed as closed */
	assert_int_equal(inet.idiag_ext, 1 << 0 | 1 << 6 | 1 << 4 | 1 << 5);
	buf_clear(&request);
	diag_unix.request(&diag_unix, &query, AF_UNIX, &request);
	assert_int_equal(request.len, sizeof(local));
	memcpy(&local, request.data, sizeof(local));
	assert_int_equal(local.udiag_show, 1 | 2 | 4 | 8 | 16 | 32);
}

static size_t put_header(unsigned char *out, uint16_t type, uint32_t len)
{
	struct nlmsghdr header = { .nlmsg_len = len, .nlmsg_type = type };

	memcpy(out, &header, sizeof(header));
	return sizeof(header);
}

static void a_recorded_dump_is_read_to_its_done(void **state)
{
	unsigned char data[256] = { 0 };
	struct dumpfile file = { .data = (const char *)data };
	const void *payload;
	int refusal = -EACCES;
	size_t len;

	(void)state;
	(void)put_header(data, 20, 16 + 5); /* padded to 24 */
	(void)put_header(data + 24, NLMSG_ERROR, 20);
	memcpy(data + 40, &refusal, sizeof(refusal));
	(void)put_header(data + 44, NLMSG_DONE, 20);
	file.len = 64;
	assert_int_equal(dumpfile_next(&file, &payload, &len), DUMPFILE_MESSAGE);
	assert_ptr_equal(payload, data + 16);
	assert_int_equal(len, 5);
	assert_int_equal(dumpfile_next(&file, &payload, &len), -EACCES);
	assert_int_equal(dumpfile_next(&file, &payload, &len), DUMPFILE_END);
	assert_int_equal(dumpfile_next(&file, &payload, &len), -ENODATA);
}

static void lengths_in_a_recorded_dump_are_not_believed(void **state)
{
	static const uint32_t lengths[] = { 0, 15, 65, UINT32_MAX };
	unsigned char data[64] = { 0 };
	const void *payload;
	size_t len;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lengths); i++) {
		struct dumpfile file = { .data = (const char *)data, .len = sizeof(data) };

		(void)put_header(data, 20, lengths[i]);
		assert_int_equal(dumpfile_next(&file, &payload, &len), -ENODATA);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_inet_message_is_a_record),
		cmocka_unit_test(a_short_message_is_none),
		cmocka_unit_test(a_cut_attribute_is_skipped),
		cmocka_unit_test(short_numbers_and_repeated_attributes_do_not_count),
		cmocka_unit_test(nested_attributes_of_upper_layers_are_found),
		cmocka_unit_test(a_unix_message_is_a_record),
		cmocka_unit_test(a_packet_message_is_a_record),
		cmocka_unit_test(a_netlink_message_is_a_record),
		cmocka_unit_test(a_vsock_message_is_a_record),
		cmocka_unit_test(a_large_protocol_number_is_an_attribute),
		cmocka_unit_test(requests_ask_for_what_is_wanted),
		cmocka_unit_test(a_recorded_dump_is_read_to_its_done),
		cmocka_unit_test(lengths_in_a_recorded_dump_are_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
