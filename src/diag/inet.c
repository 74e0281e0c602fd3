/* SPDX-License-Identifier: MIT */
/*
 * TCP, UDP, raw, SCTP, DCCP and MPTCP sockets of IPv4 and IPv6: inet_diag over netlink.
 *
 *	| family u8 | state u8 | timer u8 | retrans u8 | id, 48 bytes |
 *	| expires u32 | rqueue u32 | wqueue u32 | uid u32 | inode u32 | attributes ...
 *
 * The text files that replace it are read in proc_inet.c.
 */

#include "base/platform.h"
#include "diag/attribute.h"
#include "diag/family.h"
#include "diag/proc_inet.h"
#include "diag/ulp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>

enum { COOKIE_HIGH_SHIFT = 32 };

static const struct diag_attribute attributes[] = {
	[INET_DIAG_MEMINFO] = ATTRIBUTE_BYTES(old_memory, HAS_OLD_MEMORY),
	[INET_DIAG_SKMEMINFO] = ATTRIBUTE_BYTES(memory, HAS_MEMORY),
	[INET_DIAG_SHUTDOWN] = ATTRIBUTE_NUMBER(shutdown, HAS_SHUTDOWN),
	[INET_DIAG_PROTOCOL] = ATTRIBUTE_NUMBER(protocol, HAS_PROTOCOL),
	[INET_DIAG_SKV6ONLY] = ATTRIBUTE_NUMBER(v6only, HAS_V6ONLY),
	[INET_DIAG_LOCALS] = ATTRIBUTE_BYTES(locals, 0),
	[INET_DIAG_PEERS] = ATTRIBUTE_BYTES(peers, 0),
	[INET_DIAG_MARK] = ATTRIBUTE_NUMBER(mark, HAS_MARK),
	[INET_DIAG_INFO] = ATTRIBUTE_BYTES(info, HAS_INFO),
	[INET_DIAG_VEGASINFO] = ATTRIBUTE_BYTES(vegas, HAS_VEGAS),
	[INET_DIAG_CONG] = ATTRIBUTE_BYTES(congestion, 0),
	[INET_DIAG_TOS] = ATTRIBUTE_NUMBER(tos, HAS_TOS),
	[INET_DIAG_TCLASS] = ATTRIBUTE_NUMBER(tclass, HAS_TCLASS),
	[INET_DIAG_DCTCPINFO] = ATTRIBUTE_BYTES(dctcp, HAS_DCTCP),
	[INET_DIAG_BBRINFO] = ATTRIBUTE_BYTES(bbr, HAS_BBR),
	[INET_DIAG_CLASS_ID] = ATTRIBUTE_NUMBER(class_id, HAS_CLASS_ID),
	[INET_DIAG_MD5SIG] = ATTRIBUTE_BYTES(md5_keys, 0),
	[INET_DIAG_ULP_INFO] = ATTRIBUTE_BYTES(ulp.nest, 0),
	[INET_DIAG_SOCKOPT] = ATTRIBUTE_BYTES(options, 0),
	[INET_DIAG_SK_BPF_STORAGES] = ATTRIBUTE_BYTES(storages, 0),
	[INET_DIAG_CGROUP_ID] = ATTRIBUTE_NUMBER(cgroup, HAS_CGROUP),
};

/* What must be asked for; everything else comes anyway. */
static const struct {
	enum diag_want want;
	unsigned int attribute;
} extensions[] = {
	{ WANT_MEMORY, INET_DIAG_MEMINFO }, { WANT_MEMORY, INET_DIAG_SKMEMINFO },
	{ WANT_INFO, INET_DIAG_INFO },	    { WANT_INFO, INET_DIAG_VEGASINFO },
	{ WANT_INFO, INET_DIAG_CONG },	    { WANT_TOS, INET_DIAG_TOS },
	{ WANT_TOS, INET_DIAG_TCLASS },
};

static void put_attribute(struct buf *out, uint16_t type, const void *data, size_t len)
{
	static const char padding[NLA_ALIGNTO];
	struct nlattr header = {
		.nla_len = (uint16_t)(sizeof(header) + len),
		.nla_type = type,
	};

	buf_put(out, &header, sizeof(header));
	buf_put(out, data, len);
	buf_put(out, padding, (size_t)NLA_ALIGN(header.nla_len) - header.nla_len);
}

static void put_storages(struct buf *out, const int *maps, size_t count)
{
	auto_buf list = { 0 };

	for (size_t i = 0; i < count; i++)
		put_attribute(&list, SK_DIAG_BPF_STORAGE_REQ_MAP_FD, &maps[i], sizeof(maps[i]));
	put_attribute(out, INET_DIAG_REQ_SK_BPF_STORAGES | NLA_F_NESTED, list.data, list.len);
}

static uint8_t extensions_of(const struct diag_query *query)
{
	uint8_t bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(extensions); i++)
		if (query->wants & extensions[i].want)
			bits |= (uint8_t)(1 << (extensions[i].attribute - 1));
	return bits;
}

static void put_bytecode(struct buf *out, const struct diag_query *query)
{
	if (query->bytecode_len)
		put_attribute(out, INET_DIAG_REQ_BYTECODE, query->bytecode, query->bytecode_len);
}

static void inet_request(const struct diag_family *self, const struct diag_query *query,
			 uint8_t family, struct buf *out)
{
	uint32_t protocol = self->protocol;
	struct inet_diag_req_v2 request = {
		.sdiag_family = family,
		.sdiag_protocol = (uint8_t)self->protocol, /* cut, if there is an attribute */
		.idiag_ext = extensions_of(query),
		.idiag_states = query->states & ~self->never,
	};

	buf_put(out, &request, sizeof(request));
	put_bytecode(out, query);
	if (query->storages)
		put_storages(out, query->maps, query->maps_count);
	if (protocol > UINT8_MAX) /* it did not fit */
		put_attribute(out, INET_DIAG_REQ_PROTOCOL, &protocol, sizeof(protocol));
}

/* The request of kernels before 3.3 (TCPDIAG_GETSOCK).  It names no family that would be looked
 * at: one walk through the table tells the sockets of both. */
static void tcp_joint_request(const struct diag_family *self, const struct diag_query *query,
			      struct buf *out)
{
	struct inet_diag_req request = {
		.idiag_family = AF_UNSPEC,
		.idiag_ext = extensions_of(query),
		.idiag_states = query->states & ~self->never,
	};

	buf_put(out, &request, sizeof(request));
	put_bytecode(out, query);
}

static int inet_decode(const void *payload, size_t len, struct sock_record *ret)
{
	struct inet_diag_msg message;

	if (len < sizeof(message))
		return -EBADMSG;
	memcpy(&message, payload, sizeof(message));

	ret->has |= HAS_DETAILS;
	ret->family = message.idiag_family;
	ret->state = message.idiag_state;
	ret->timer = message.idiag_timer;
	ret->retransmits = message.idiag_retrans;
	ret->timer_ms = message.idiag_expires;
	ret->receive_queue = message.idiag_rqueue;
	ret->send_queue = message.idiag_wqueue;
	ret->uid = message.idiag_uid;
	ret->inode = message.idiag_inode;
	ret->interface = message.id.idiag_if;
	ret->cookie = (uint64_t)message.id.idiag_cookie[1] << COOKIE_HIGH_SHIFT |
		      message.id.idiag_cookie[0];
	ret->local.port = ntohs(message.id.idiag_sport);
	ret->peer.port = ntohs(message.id.idiag_dport);
	memcpy(ret->local.address, message.id.idiag_src, sizeof(ret->local.address));
	memcpy(ret->peer.address, message.id.idiag_dst, sizeof(ret->peer.address));

	diag_attributes((const char *)payload + sizeof(message), len - sizeof(message), attributes,
			ARRAY_SIZE(attributes), ret);
	if (ret->ulp.nest.len)
		ulp_decode(ret);
	return 0;
}

/* A TCP socket leaves the kernel's tables before its state becomes closed.  Whoever asks for that
 * state, as -l does, has the kernel walk through the table of all connections in vain. */
const struct diag_family diag_tcp = {
	.table = DIAG_TCP,
	.tables = TABLE_BIT(DIAG_TCP),
	.protocol = IPPROTO_TCP,
	.never = STATE_BIT(SOCK_CLOSE),
	.halves = { { AF_INET, PROC_TCP }, { AF_INET6, PROC_TCP6 } },
	.quiet = true,
	.request = inet_request,
	.joint_type = TCPDIAG_GETSOCK,
	.joint_request = tcp_joint_request,
	.decode = inet_decode,
	.parse = proc_parse_tcp,
};

const struct diag_family diag_udp = {
	.table = DIAG_UDP,
	.tables = TABLE_BIT(DIAG_UDP),
	.protocol = IPPROTO_UDP,
	.halves = { { AF_INET, PROC_UDP }, { AF_INET6, PROC_UDP6 } },
	.quiet = true,
	.request = inet_request,
	.decode = inet_decode,
	.parse = proc_parse_datagram,
};

const struct diag_family diag_raw = {
	.table = DIAG_RAW,
	.tables = TABLE_BIT(DIAG_RAW),
	.protocol = IPPROTO_RAW,
	.halves = { { AF_INET, PROC_RAW }, { AF_INET6, PROC_RAW6 } },
	.quiet = true,
	.request = inet_request,
	.decode = inet_decode,
	.parse = proc_parse_datagram,
};

const struct diag_family diag_dccp = {
	.table = DIAG_DCCP,
	.tables = TABLE_BIT(DIAG_DCCP),
	.protocol = IPPROTO_DCCP,
	.halves = { { AF_INET, PROC_DCCP }, { AF_INET6, PROC_DCCP } },
	.quiet = true,
	.request = inet_request,
	.decode = inet_decode,
};

const struct diag_family diag_sctp = {
	.table = DIAG_SCTP,
	.tables = TABLE_BIT(DIAG_SCTP),
	.protocol = IPPROTO_SCTP,
	.halves = { { AF_INET, PROC_SCTP }, { AF_INET6, PROC_SCTP } },
	.quiet = true,
	.request = inet_request,
	.decode = inet_decode,
};

const struct diag_family diag_mptcp = {
	.table = DIAG_MPTCP,
	.tables = TABLE_BIT(DIAG_MPTCP),
	.protocol = IPPROTO_MPTCP,
	.halves = { { AF_INET, PROC_MPTCP }, { AF_INET6, PROC_MPTCP } },
	.quiet = true,
	.request = inet_request,
	.decode = inet_decode,
};
