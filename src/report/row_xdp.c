/* SPDX-License-Identifier: MIT */
/* Rows of XDP sockets. */

#include "report/column.h"

#include <linux/xdp_diag.h>

static void xdp_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	(void)report;
	(void)record;
	text_put(text, "xdp");
}

static void xdp_address(struct report *report, const struct sock_record *record,
			enum sock_side side, struct text *text)
{
	if (side == SIDE_PEER || !record->interface) {
		text_byte(text, '*');
		return;
	}
	text_put(text, names_interface(&report->names, record->interface));
	text_byte(text, ':');
}

static void xdp_port(struct report *report, const struct sock_record *record, enum sock_side side,
		     struct text *text)
{
	(void)report;
	if (side == SIDE_LOCAL && record->interface) {
		text_byte(text, 'q');
		text_unsigned(text, record->local.port);
	}
}

static void put_ring(const char *name, const struct sock_bytes *bytes, const char *line,
		     struct text *text)
{
	if (bytes->len < sizeof(struct xdp_diag_ring))
		return;
	text_put(text, line);
	text_format(text, "%s(entries:%u)", name, sock_bytes_u32(bytes, 0));
}

static void put_area(const struct sock_bytes *bytes, const char *line, struct text *text)
{
	struct xdp_diag_umem area;

	if (bytes->len < sizeof(area))
		return;
	memcpy(&area, bytes->data, sizeof(area));
	text_put(text, line);
	text_format(text, "umem(id:%u,size:%llu,num_pages:%u,chunk_size:%u,headroom:%u,", area.id,
		    (unsigned long long)area.size, area.num_pages, area.chunk_size, area.headroom);
	text_format(text, "ifindex:%u,qid:%u,zc:%u,refs:%u)", area.ifindex, area.queue_id,
		    area.flags & XDP_DU_F_ZEROCOPY, area.refs);
}

static void put_statistics(const struct sock_bytes *bytes, const char *line, struct text *text)
{
	static const struct {
		size_t offset;
		const char *name;
	} counters[] = {
		{ offsetof(struct xdp_diag_stats, n_rx_dropped), "stats(rx dropped:" },
		{ offsetof(struct xdp_diag_stats, n_rx_invalid), ",rx invalid:" },
		{ offsetof(struct xdp_diag_stats, n_rx_full), ",rx queue full:" },
		{ offsetof(struct xdp_diag_stats, n_fill_ring_empty), ",rx fill ring empty:" },
		{ offsetof(struct xdp_diag_stats, n_tx_invalid), ",tx invalid:" },
		{ offsetof(struct xdp_diag_stats, n_tx_ring_empty), ",tx ring empty:" },
	};

	if (bytes->len < sizeof(struct xdp_diag_stats))
		return;
	text_put(text, line);
	for (size_t i = 0; i < ARRAY_SIZE(counters); i++) {
		uint64_t value;

		memcpy(&value, (const char *)bytes->data + counters[i].offset, sizeof(value));
		text_put(text, counters[i].name);
		text_unsigned(text, value);
	}
	text_byte(text, ')');
}

static void xdp_details(struct report *report, const struct sock_record *record, struct text *text)
{
	const char *line = report->options.one_line ? " " : "\n\t";
	const struct sock_xdp *xdp = &record->xdp;

	if (report->options.extended) {
		put_identity(record, text);
		put_ring("rx", &xdp->receive_ring, line, text);
		put_ring("tx", &xdp->send_ring, line, text);
		put_area(&xdp->memory, line, text);
		if (xdp->memory.len >= sizeof(struct xdp_diag_umem)) {
			put_ring("fr", &xdp->fill_ring, line, text);
			put_ring("cr", &xdp->completion_ring, line, text);
		}
		put_statistics(&xdp->statistics, line, text);
	}
	if (report->options.memory)
		put_memory(record, text);
}

const struct row_format row_xdp = {
	.netid = xdp_netid,
	.state = put_state,
	.address = xdp_address,
	.port = xdp_port,
	.details = xdp_details,
};
