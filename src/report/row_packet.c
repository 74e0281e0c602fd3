/* SPDX-License-Identifier: MIT */
/* Rows of packet sockets. */

#include "report/column.h"

#include <linux/filter.h>
#include <linux/packet_diag.h>
#include <sys/socket.h>

enum { PROTOCOL_ALL = 3, FANOUT_TYPE_SHIFT = 16 };

static void packet_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	(void)report;
	text_put(text, record->type == SOCK_RAW ? "p_raw" : "p_dgr");
}

static void put_protocol(const struct report *report, uint16_t protocol, struct text *text)
{
	const char *name = report->options.numeric ? NULL : names_ethernet(protocol);

	if (protocol == PROTOCOL_ALL)
		text_byte(text, '*');
	else if (name)
		text_put(text, name);
	else
		text_format(text, "[%u]", protocol);
}

static void packet_address(struct report *report, const struct sock_record *record,
			   enum sock_side side, struct text *text)
{
	if (side == SIDE_PEER) {
		text_byte(text, '*');
		return;
	}
	put_protocol(report, record->link_protocol, text);
	text_byte(text, ':');
}

static void packet_port(struct report *report, const struct sock_record *record,
			enum sock_side side, struct text *text)
{
	if (side == SIDE_PEER)
		return;
	if (record->interface)
		text_put(text, names_interface(&report->names, record->interface));
	else
		text_byte(text, '*');
}

static void put_info(const struct sock_record *record, const char *line, struct text *text)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} flags[] = {
		{ PDI_RUNNING, "running" },  { PDI_AUXDATA, " auxdata" },
		{ PDI_ORIGDEV, " origdev" }, { PDI_VNETHDR, " vnethdr" },
		{ PDI_LOSS, " loss" },
	};
	struct packet_diag_info info;

	if (record->packet.info.len < sizeof(info))
		return;
	memcpy(&info, record->packet.info.data, sizeof(info));
	text_put(text, line);
	text_format(text, "ver:%u cpy_thresh:%u flags( ", info.pdi_version, info.pdi_copy_thresh);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (info.pdi_flags & flags[i].bit)
			text_put(text, flags[i].name);
	text_put(text, info.pdi_flags ? " )" : "0 )");
}

static void put_ring(const char *name, const struct sock_bytes *bytes, const char *line,
		     struct text *text)
{
	struct packet_diag_ring ring;

	if (bytes->len < sizeof(ring))
		return;
	memcpy(&ring, bytes->data, sizeof(ring));
	text_put(text, line);
	text_format(text, "%s(blk_size:%u,blk_nr:%u,frm_size:%u,frm_nr:%u,tmo:%u,features:0x%x)",
		    name, ring.pdr_block_size, ring.pdr_block_nr, ring.pdr_frame_size,
		    ring.pdr_frame_nr, ring.pdr_retire_tmo, ring.pdr_features);
}

static void put_fanout(const struct sock_record *record, const char *line, struct text *text)
{
	static const char *const types[] = { "hash", "lb", "cpu", "roll", "random", "qm" };
	uint32_t type = record->packet.fanout >> FANOUT_TYPE_SHIFT;

	if (!(record->has & HAS_FANOUT))
		return;
	text_put(text, line);
	text_format(text, "fanout(id:%u,type:", record->packet.fanout & UINT16_MAX);
	if (type < ARRAY_SIZE(types))
		text_put(text, types[type]);
	else
		text_format(text, "0x%x", type);
	text_byte(text, ')');
}

static void put_filter(const struct sock_bytes *filter, const char *line, struct text *text)
{
	struct sock_filter instruction;
	size_t count = filter->len / sizeof(instruction);

	if (!filter->data)
		return;
	text_put(text, line);
	text_format(text, "bpf filter (%zu): ", count);
	for (size_t i = 0; i < count; i++) {
		memcpy(&instruction, (const char *)filter->data + i * sizeof(instruction),
		       sizeof(instruction));
		text_format(text, " 0x%02x %u %u %u,", instruction.code, instruction.jt,
			    instruction.jf, instruction.k);
	}
}

static void packet_details(struct report *report, const struct sock_record *record,
			   struct text *text)
{
	const struct report_options *options = &report->options;
	const char *line = options->one_line ? " " : "\n\t";

	if (options->extended) {
		put_identity(record, text);
		put_info(record, line, text);
		put_ring("ring_rx", &record->packet.receive_ring, line, text);
		put_ring("ring_tx", &record->packet.send_ring, line, text);
		put_fanout(record, line, text);
	}
	if (options->packet_filter)
		put_filter(&record->packet.filter, line, text);
	if (options->memory)
		put_memory(record, text);
}

const struct row_format row_packet = {
	.netid = packet_netid,
	.state = put_state,
	.address = packet_address,
	.port = packet_port,
	.details = packet_details,
};
