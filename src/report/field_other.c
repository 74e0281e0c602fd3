/* SPDX-License-Identifier: MIT */
/* Facts of MPTCP, SCTP, UNIX, packet and netlink sockets. */

#include "diag/tcp_info.h"
#include "report/field_rows.h"
#include "report/tcp_info.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/packet_diag.h>
#include <linux/sctp.h>
#include <sys/sysmacros.h>

enum { FANOUT_TYPE_SHIFT = 16, MPTCP_FALLBACK = 1 << 0, MPTCP_REMOTE_KEY = 1 << 1 };

static uint64_t info_number(const struct field *self, const struct field_view *view)
{
	return sock_bytes_number(&view->record->info, self->offset, self->size);
}

static bool get_info_hex(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint64_t number = info_number(self, view);

	if (!(view->record->has & HAS_INFO) || !number)
		return false;
	text_hex(&view->text, number);
	return field_take_text(view, ret);
}

/* The bit in `unit` of the flags. */
static bool get_info_flag(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	ret->truth = view->record->has & HAS_INFO && info_number(self, view) & (uint64_t)self->unit;
	return ret->truth;
}

static bool get_sctp_state(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	uint64_t state = info_number(self, view);

	return view->record->has & HAS_INFO && state &&
	       field_take_name(view, sctp_state_name((uint32_t)state), ret);
}

/* The n-th of a list of struct sockaddr_storage. */
static bool get_sctp_address(const struct field *self, struct field_view *view,
			     struct field_value *ret)
{
	const struct sock_bytes *list =
		self->offset == SIDE_LOCAL ? &view->record->locals : &view->record->peers;
	char name[INET6_ADDRSTRLEN];
	struct sockaddr_storage any;
	const struct sockaddr_in *in = (const void *)&any;
	const struct sockaddr_in6 *in6 = (const void *)&any;
	size_t at = view->item * sizeof(any);

	if (at + sizeof(any) > list->len)
		return false;
	memcpy(&any, (const char *)list->data + at, sizeof(any));
	if (inet_ntop(any.ss_family,
		      any.ss_family == AF_INET ? (const void *)&in->sin_addr
					       : (const void *)&in6->sin6_addr,
		      name, sizeof(name)))
		text_put(&view->text, name);
	return field_take_text(view, ret);
}

static bool get_file_inode(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	return view->record->has & HAS_FILE &&
	       field_take_number(sock_bytes_u32(&view->record->file, 0), ret);
}

static bool get_file_device(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	dev_t device = sock_bytes_u32(&view->record->file, 1);

	(void)self;
	if (!(view->record->has & HAS_FILE))
		return false;
	text_format(&view->text, "%u/%u", major(device), minor(device));
	return field_take_text(view, ret);
}

static bool get_waiting(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *waiting = &view->record->waiting;

	(void)self;
	return view->item < waiting->len / sizeof(uint32_t) &&
	       field_take_number(sock_bytes_u32(waiting, view->item), ret);
}

static bool get_packet_info(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	const struct sock_bytes *info = &view->record->packet.info;

	return info->len >= sizeof(struct packet_diag_info) &&
	       field_take_number(sock_bytes_number(info, self->offset, self->size), ret);
}

static bool get_packet_flag(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	static const char *const names[] = { "running", "auxdata", "origdev", "vnethdr", "loss" };
	uint64_t flags = sock_bytes_number(&view->record->packet.info, self->offset, self->size);
	size_t wanted = view->item;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags & 1U << i && wanted-- == 0)
			return field_take_name(view, names[i], ret);
	return false;
}

/* Of the ring at `unit` bytes into the record's packet part. */
static bool get_ring(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes ring;

	memcpy(&ring, (const char *)&view->record->packet + (size_t)self->unit, sizeof(ring));
	return ring.len >= sizeof(struct packet_diag_ring) &&
	       field_take_number(sock_bytes_number(&ring, self->offset, self->size), ret);
}

static bool get_fanout_id(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	(void)self;
	return view->record->has & HAS_FANOUT &&
	       field_take_number(view->record->packet.fanout & UINT16_MAX, ret);
}

static bool get_fanout_type(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	static const char *const types[] = { "hash", "lb", "cpu", "roll", "random", "qm" };

	(void)self;
	return view->record->has & HAS_FANOUT &&
	       field_take_choice(types, ARRAY_SIZE(types),
				 view->record->packet.fanout >> FANOUT_TYPE_SHIFT, view, ret);
}

/* The n-th instruction, as ss writes it. */
static bool get_filter(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *filter = &view->record->packet.filter;
	struct sock_filter instruction;
	size_t at = view->item * sizeof(instruction);

	(void)self;
	if (at + sizeof(instruction) > filter->len)
		return false;
	memcpy(&instruction, (const char *)filter->data + at, sizeof(instruction));
	text_format(&view->text, "0x%02x %u %u %u", instruction.code, instruction.jt,
		    instruction.jf, instruction.k);
	return field_take_text(view, ret);
}

static bool get_port_id(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	ret->signed_number = (int32_t)view->record->local.port;
	return true;
}

static bool get_peer_port_id(const struct field *self, struct field_view *view,
			     struct field_value *ret)
{
	(void)self;
	ret->signed_number = (int32_t)view->record->peer.port;
	return (view->record->has & HAS_PEER) != 0;
}

static bool get_peer_group(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	ret->signed_number = (int32_t)view->record->netlink.peer_group;
	return (view->record->has & HAS_PEER) != 0;
}

static bool get_groups(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	text_format(&view->text, "%08x", view->record->netlink.group_mask);
	return field_take_text(view, ret);
}

static bool get_callback(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	if (!view->record->netlink.callback)
		return false;
	text_hex(&view->text, view->record->netlink.callback);
	return field_take_text(view, ret);
}

#define AT(type_, member_) \
	.offset = offsetof(struct type_, member_), .size = sizeof(((struct type_ *)0)->member_)
#define MPTCP .tables = TABLE_BIT(DIAG_MPTCP), .needs = NEED_INFO
#define SCTP .tables = TABLE_BIT(DIAG_SCTP), .needs = NEED_INFO
#define PACKET .tables = TABLES_PACKET
#define NETLINK .tables = TABLE_BIT(DIAG_NETLINK)
#define MPTCP_NUMBER(member_, help_)                                                \
	{                                                                           \
		.name = "mptcp." #member_, .help = (help_), .type = FIELD_UNSIGNED, \
		.get = field_get_info, MPTCP, AT(kernel_mptcp_info, member_)        \
	}
#define SCTP_NUMBER(name_, member_, help_)                                      \
	{                                                                       \
		.name = "sctp." name_, .help = (help_), .type = FIELD_UNSIGNED, \
		.get = field_get_info, SCTP, AT(sctp_info, member_)             \
	}
#define RING(name_, ring_, member_, help_)                                                       \
	{                                                                                        \
		.name = name_, .help = (help_), .type = FIELD_UNSIGNED, .get = get_ring, PACKET, \
		AT(packet_diag_ring, member_), .unit = offsetof(struct sock_packet, ring_)       \
	}
#define RING_ROWS(name_, ring_, which_)                                               \
	RING(name_ ".block_size", ring_, pdr_block_size,                              \
	     "bytes of a block of the " which_ " ring"),                              \
		RING(name_ ".blocks", ring_, pdr_block_nr, "its blocks"),             \
		RING(name_ ".frame_size", ring_, pdr_frame_size, "bytes of a frame"), \
		RING(name_ ".frames", ring_, pdr_frame_nr, "its frames"),             \
		RING(name_ ".timeout_ms", ring_, pdr_retire_tmo,                      \
		     "when a block is handed over anyway"),                           \
		RING(name_ ".features", ring_, pdr_features, "flags of its features")

/* lint: flat table */
static const struct field rows[] = {
	MPTCP_NUMBER(subflows, "subflows besides the first"),
	MPTCP_NUMBER(add_addr_signal, "addresses announced"),
	MPTCP_NUMBER(add_addr_accepted, "announced addresses accepted"),
	MPTCP_NUMBER(subflows_max, "limit of subflows"),
	MPTCP_NUMBER(add_addr_signal_max, "limit of announced addresses"),
	MPTCP_NUMBER(add_addr_accepted_max, "limit of accepted ones"),
	{ .name = "mptcp.fallback",
	  .help = "it fell back to TCP",
	  .type = FIELD_BOOL,
	  .get = get_info_flag,
	  MPTCP,
	  AT(kernel_mptcp_info, flags),
	  .unit = MPTCP_FALLBACK },
	{ .name = "mptcp.remote_key",
	  .help = "the peer's key is known",
	  .type = FIELD_BOOL,
	  .get = get_info_flag,
	  MPTCP,
	  AT(kernel_mptcp_info, flags),
	  .unit = MPTCP_REMOTE_KEY },
	{ .name = "mptcp.token",
	  .help = "token of the connection, hexadecimal",
	  .get = get_info_hex,
	  MPTCP,
	  AT(kernel_mptcp_info, token) },
	MPTCP_NUMBER(write_seq, "next sequence number to send"),
	MPTCP_NUMBER(snd_una, "first one not acknowledged"),
	MPTCP_NUMBER(rcv_nxt, "next one to receive"),
	MPTCP_NUMBER(local_addr_used, "local addresses in use"),
	MPTCP_NUMBER(local_addr_max, "limit of these"),
	MPTCP_NUMBER(csum_enabled, "checksums are on"),
	MPTCP_NUMBER(retransmits, "how often data was sent again"),
	MPTCP_NUMBER(bytes_retrans, "bytes sent again"),
	MPTCP_NUMBER(bytes_sent, "bytes sent"),
	MPTCP_NUMBER(bytes_received, "bytes received"),
	MPTCP_NUMBER(bytes_acked, "bytes acknowledged"),
	MPTCP_NUMBER(subflows_total, "subflows in all"),
	MPTCP_NUMBER(endp_laminar_max, "limit of laminar end points"),
	MPTCP_NUMBER(last_data_sent, "milliseconds since data was sent"),
	MPTCP_NUMBER(last_data_recv, "milliseconds since data was received"),
	MPTCP_NUMBER(last_ack_recv, "milliseconds since an acknowledgement"),
	{ .name = "sctp.locals",
	  .help = "local addresses",
	  .shape = FIELD_LIST,
	  .get = get_sctp_address,
	  SCTP,
	  .offset = SIDE_LOCAL },
	{ .name = "sctp.peers",
	  .help = "addresses of the peer",
	  .shape = FIELD_LIST,
	  .get = get_sctp_address,
	  SCTP,
	  .offset = SIDE_PEER },
	{ .name = "sctp.tag",
	  .help = "our verification tag, hexadecimal",
	  .get = get_info_hex,
	  SCTP,
	  AT(sctp_info, sctpi_tag) },
	{ .name = "sctp.state",
	  .help = "state of the association",
	  .get = get_sctp_state,
	  SCTP,
	  AT(sctp_info, sctpi_state) },
	SCTP_NUMBER("rwnd", sctpi_rwnd, "receive window"),
	SCTP_NUMBER("unackdata", sctpi_unackdata, "chunks not acknowledged"),
	SCTP_NUMBER("penddata", sctpi_penddata, "chunks not received by the program"),
	SCTP_NUMBER("instrms", sctpi_instrms, "streams in"),
	SCTP_NUMBER("outstrms", sctpi_outstrms, "streams out"),
	SCTP_NUMBER("inqueue", sctpi_inqueue, "chunks in the receive queue"),
	SCTP_NUMBER("outqueue", sctpi_outqueue, "chunks in the send queue"),
	SCTP_NUMBER("overerr", sctpi_overall_error, "errors"),
	SCTP_NUMBER("maxburst", sctpi_max_burst, "largest burst"),
	SCTP_NUMBER("maxseg", sctpi_maxseg, "largest segment"),
	SCTP_NUMBER("prwnd", sctpi_peer_rwnd, "the peer's receive window"),
	{ .name = "sctp.ptag",
	  .help = "the peer's tag, hexadecimal",
	  .get = get_info_hex,
	  SCTP,
	  AT(sctp_info, sctpi_peer_tag) },
	SCTP_NUMBER("pcapable", sctpi_peer_capable, "flags of what the peer can"),
	SCTP_NUMBER("psack", sctpi_peer_sack, "the peer wants SACK at once"),
	SCTP_NUMBER("autoclose", sctpi_s_autoclose, "seconds until it closes by itself"),
	SCTP_NUMBER("adapind", sctpi_s_adaptation_ind, "adaptation layer indication"),
	SCTP_NUMBER("pdpoint", sctpi_s_pd_point, "partial delivery point"),
	SCTP_NUMBER("nodelay", sctpi_s_nodelay, "it sends small packets at once"),
	SCTP_NUMBER("nofrag", sctpi_s_disable_fragments, "it does not fragment"),
	SCTP_NUMBER("v4mapped", sctpi_s_v4mapped, "it shows IPv4 as mapped addresses"),
	SCTP_NUMBER("fraginl", sctpi_s_frag_interleave, "fragments may be interleaved"),
	{ .name = "file.inode",
	  .help = "inode of the path",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLES_UNIX,
	  .needs = NEED_FILE,
	  .get = get_file_inode },
	{ .name = "file.device",
	  .help = "device of the path, major/minor",
	  .tables = TABLES_UNIX,
	  .needs = NEED_FILE,
	  .get = get_file_device },
	{ .name = "waiting",
	  .help = "inodes of connections that were not accepted yet",
	  .type = FIELD_UNSIGNED,
	  .shape = FIELD_LIST,
	  .tables = TABLES_UNIX,
	  .needs = NEED_FILE,
	  .get = get_waiting },
	{ .name = "packet.version",
	  .help = "version of the ring",
	  .type = FIELD_UNSIGNED,
	  .get = get_packet_info,
	  PACKET,
	  AT(packet_diag_info, pdi_version) },
	{ .name = "packet.copy_threshold",
	  .help = "packets up to this size are copied",
	  .type = FIELD_UNSIGNED,
	  .get = get_packet_info,
	  PACKET,
	  AT(packet_diag_info, pdi_copy_thresh) },
	{ .name = "packet.flags",
	  .help = "running, auxdata, origdev, vnethdr, loss",
	  .shape = FIELD_LIST,
	  .get = get_packet_flag,
	  PACKET,
	  AT(packet_diag_info, pdi_flags) },
	{ .name = "packet.fanout_id",
	  .help = "fanout group",
	  .type = FIELD_UNSIGNED,
	  .get = get_fanout_id,
	  PACKET },
	{ .name = "packet.fanout_type",
	  .help = "how packets are spread over the group",
	  .get = get_fanout_type,
	  PACKET },
	{ .name = "packet.filter",
	  .help = "instructions of its filter",
	  .shape = FIELD_LIST,
	  .get = get_filter,
	  PACKET },
	RING_ROWS("receive_ring", receive_ring, "receive"),
	RING_ROWS("send_ring", send_ring, "send"),
	{ .name = "netlink.port_id",
	  .help = "port id, often the number of the process",
	  .type = FIELD_SIGNED,
	  NETLINK,
	  .get = get_port_id },
	{ .name = "netlink.peer_port_id",
	  .help = "port id it is connected to",
	  .type = FIELD_SIGNED,
	  NETLINK,
	  .get = get_peer_port_id },
	{ .name = "netlink.peer_group",
	  .help = "group it sends to",
	  .type = FIELD_SIGNED,
	  NETLINK,
	  .get = get_peer_group },
	{ .name = "netlink.groups",
	  .help = "mask of the first 32 groups it listens to",
	  NETLINK,
	  .get = get_groups },
	{ .name = "netlink.callback",
	  .help = "address of a dump in progress (over /proc)",
	  NETLINK,
	  .get = get_callback },
};

const struct field_table field_other_table = { rows, ARRAY_SIZE(rows) };
