/* SPDX-License-Identifier: MIT */
/* Facts of XDP and TIPC sockets. */

#include "report/field_rows.h"

#include <linux/xdp_diag.h>

/* A number of the structure at `unit` bytes into the record, if all of it came. */
static bool get_xdp(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes part;

	memcpy(&part, (const char *)view->record + (size_t)self->unit, sizeof(part));
	return part.len >= self->offset + self->size &&
	       field_take_number(sock_bytes_number(&part, self->offset, self->size), ret);
}

static bool get_queue(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return view->record->interface && field_take_number(view->record->local.port, ret);
}

static bool get_zero_copy(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	if (!get_xdp(self, view, ret))
		return false;
	ret->truth = ret->number & XDP_DU_F_ZEROCOPY;
	return true;
}

static bool get_congested(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	const struct sock_tipc *tipc = &view->record->tipc;

	(void)self;
	if (tipc->link_congested)
		return field_take_name(view, "link", ret);
	return field_take_name(view, tipc->connection_congested ? "conn" : "none", ret);
}

static bool get_drops(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_number(view->record->tipc.drops, ret);
}

static bool get_published(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	(void)self;
	ret->truth = view->record->tipc.published;
	return true;
}

static bool get_name_type(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	(void)self;
	return view->record->tipc.by_name && field_take_number(view->record->tipc.name_type, ret);
}

static bool get_name_instance(const struct field *self, struct field_view *view,
			      struct field_value *ret)
{
	(void)self;
	return view->record->tipc.by_name &&
	       field_take_number(view->record->tipc.name_instance, ret);
}

#define XDP(name_, part_, struct_, member_, help_)                             \
	{                                                                      \
		.name = "xdp." name_, .help = (help_), .type = FIELD_UNSIGNED, \
		.tables = TABLE_BIT(DIAG_XDP), .get = get_xdp,                 \
		.unit = offsetof(struct sock_record, xdp.part_),               \
		.offset = offsetof(struct struct_, member_),                   \
		.size = sizeof(((struct struct_ *)0)->member_)                 \
	}
#define TIPC(name_, type_, get_, help_)                                                 \
	{                                                                               \
		.name = "tipc." name_, .help = (help_), .type = (type_), .get = (get_), \
		.tables = TABLE_BIT(DIAG_TIPC)                                          \
	}

/* lint: flat table */
static const struct field rows[] = {
	{ .name = "xdp.queue",
	  .help = "queue of the device",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLE_BIT(DIAG_XDP),
	  .get = get_queue },
	XDP("receive_ring", receive_ring, xdp_diag_ring, entries, "entries of the receive ring"),
	XDP("send_ring", send_ring, xdp_diag_ring, entries, "entries of the send ring"),
	XDP("fill_ring", fill_ring, xdp_diag_ring, entries, "entries of the fill ring"),
	XDP("completion_ring", completion_ring, xdp_diag_ring, entries,
	    "entries of the completion ring"),
	XDP("area_id", memory, xdp_diag_umem, id, "number of the area that packets lie in"),
	XDP("area_size", memory, xdp_diag_umem, size, "its bytes"),
	XDP("area_pages", memory, xdp_diag_umem, num_pages, "its pages"),
	XDP("chunk_size", memory, xdp_diag_umem, chunk_size, "bytes of a chunk"),
	XDP("headroom", memory, xdp_diag_umem, headroom, "bytes before a packet"),
	XDP("area_interface", memory, xdp_diag_umem, ifindex, "index of the device of the area"),
	XDP("area_queue", memory, xdp_diag_umem, queue_id, "queue of the area"),
	{ .name = "xdp.zero_copy",
	  .help = "packets are not copied",
	  .type = FIELD_BOOL,
	  .tables = TABLE_BIT(DIAG_XDP),
	  .get = get_zero_copy,
	  .unit = offsetof(struct sock_record, xdp.memory),
	  .offset = offsetof(struct xdp_diag_umem, flags),
	  .size = sizeof(uint32_t) },
	XDP("area_references", memory, xdp_diag_umem, refs, "sockets that use the area"),
	XDP("receive_dropped", statistics, xdp_diag_stats, n_rx_dropped, "packets dropped"),
	XDP("receive_invalid", statistics, xdp_diag_stats, n_rx_invalid, "invalid ones"),
	XDP("receive_full", statistics, xdp_diag_stats, n_rx_full, "dropped, the ring was full"),
	XDP("fill_empty", statistics, xdp_diag_stats, n_fill_ring_empty,
	    "how often the fill ring was empty"),
	XDP("send_invalid", statistics, xdp_diag_stats, n_tx_invalid, "invalid descriptors"),
	XDP("send_empty", statistics, xdp_diag_stats, n_tx_ring_empty,
	    "how often the send ring was empty"),
	TIPC("congested", FIELD_TEXT, get_congested, "what waits: link, conn or none"),
	TIPC("drops", FIELD_UNSIGNED, get_drops, "messages dropped"),
	TIPC("published", FIELD_BOOL, get_published, "it has published a name"),
	TIPC("name_type", FIELD_UNSIGNED, get_name_type, "type of the name it is connected to"),
	TIPC("name_instance", FIELD_UNSIGNED, get_name_instance, "instance of that name"),
};

const struct field_table field_link_table = { rows, ARRAY_SIZE(rows) };
