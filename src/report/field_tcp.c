/* SPDX-License-Identifier: MIT */
/* What TCP knows of a connection (-i), and its congestion control.  As in the text, 0 means
 * that there is nothing to say. */

#include "diag/tcp_info.h"
#include "report/field_rows.h"

enum {
	US_PER_MS = 1000,
	BITS_PER_BYTE = 8,
	BBR_UNIT = 256,
	NIBBLE = 4,
	NIBBLE_MASK = 15,
	RTO_UNSAID_US = 3000000,
	REORDERING_DEFAULT = 3,
	SSTHRESH_INFINITE = 0xffff,
	VEGAS_RTT_UNKNOWN = 0x7fffffff,
	APP_LIMITED = 1,
};

static const double us_per_second_in_bits = 8e6;

#define READ(bytes_, type_, member_)                                 \
	sock_bytes_number((bytes_), offsetof(struct type_, member_), \
			  sizeof(((struct type_ *)0)->member_))
#define INFO(view_, member_) READ(&(view_)->record->info, kernel_tcp_info, member_)

bool field_get_info(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint64_t number = sock_bytes_number(&view->record->info, self->offset, self->size);

	if (!(view->record->has & HAS_INFO) || !number)
		return false;
	if (self->type == FIELD_REAL)
		ret->real = (double)number / self->unit;
	else
		ret->number = number;
	return true;
}

/* A rate in bytes as bits per second; all ones stand for no limit. */
static bool get_rate(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint64_t rate = sock_bytes_number(&view->record->info, self->offset, self->size);

	if (!(view->record->has & HAS_INFO) || !rate || rate == UINT64_MAX)
		return false;
	ret->real = (double)rate * BITS_PER_BYTE;
	return true;
}

static bool get_max_rate(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint64_t rate = INFO(view, pacing_rate);

	return rate && rate != UINT64_MAX && get_rate(self, view, ret);
}

static bool get_option(const struct field *self, struct field_view *view, struct field_value *ret)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
		{ TCP_HAS_TIMESTAMPS, "ts" },	 { TCP_HAS_USEC_TIMESTAMPS, "usec_ts" },
		{ TCP_HAS_SACK, "sack" },	 { TCP_HAS_ECN, "ecn" },
		{ TCP_HAS_ECN_SEEN, "ecnseen" }, { TCP_HAS_SYN_DATA, "fastopen" },
	};
	uint64_t options = INFO(view, options);
	size_t wanted = view->item;

	(void)self;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (options & names[i].bit && wanted-- == 0)
			return field_take_name(view, names[i].name, ret);
	return false;
}

static bool get_congestion(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	const struct sock_bytes *name = &view->record->congestion;

	(void)self;
	if (!name->len || !*(const char *)name->data)
		return false;
	field_put_name(name->data, strnlen(name->data, name->len), &view->text);
	return field_take_text(view, ret);
}

static bool get_wscale(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (!(INFO(view, options) & TCP_HAS_WSCALE))
		return false;
	return field_take_number(INFO(view, wscale) >> self->offset & NIBBLE_MASK, ret);
}

/* Known over /proc too, in milliseconds there. */
static bool get_rto(const struct field *self, struct field_view *view, struct field_value *ret)
{
	ret->real = view->record->proc_tcp.rto_ms;
	if (view->record->over_proc)
		return view->record->proc_tcp.rto_ms != 0;
	return INFO(view, rto) != RTO_UNSAID_US && field_get_info(self, view, ret);
}

static bool get_ato(const struct field *self, struct field_view *view, struct field_value *ret)
{
	ret->real = view->record->proc_tcp.ato_ms;
	if (view->record->over_proc)
		return view->record->proc_tcp.ato_ms != 0;
	return field_get_info(self, view, ret);
}

static bool get_quick_acks(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	return view->record->proc_tcp.quick_acks &&
	       field_take_number(view->record->proc_tcp.quick_acks, ret);
}

static bool get_rttvar(const struct field *self, struct field_view *view, struct field_value *ret)
{
	ret->real = (double)INFO(view, rttvar) / self->unit;
	return view->record->has & HAS_INFO && INFO(view, rtt);
}

static bool get_cwnd(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (view->record->over_proc)
		return view->record->proc_tcp.cwnd &&
		       field_take_number(view->record->proc_tcp.cwnd, ret);
	return field_get_info(self, view, ret);
}

static bool get_ssthresh(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (view->record->over_proc)
		return view->record->proc_tcp.ssthresh &&
		       field_take_number(view->record->proc_tcp.ssthresh, ret);
	return INFO(view, snd_ssthresh) < SSTHRESH_INFINITE && field_get_info(self, view, ret);
}

/* How fast the window would let it send. */
static bool get_send(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *vegas = &view->record->vegas;
	uint64_t vegas_rtt = READ(vegas, kernel_vegas, rtt);
	uint64_t rtt = INFO(view, rtt), mss = INFO(view, snd_mss), cwnd = INFO(view, snd_cwnd);

	(void)self;
	if (READ(vegas, kernel_vegas, enabled) && vegas_rtt && vegas_rtt != VEGAS_RTT_UNKNOWN)
		rtt = vegas_rtt;
	if (!rtt || !mss || !cwnd)
		return false;
	ret->real = (double)cwnd * (double)mss * us_per_second_in_bits / (double)rtt;
	return true;
}

static bool get_app_limited(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	(void)self;
	ret->truth = INFO(view, limits) & APP_LIMITED;
	return ret->truth;
}

static bool get_limited(const struct field *self, struct field_view *view, struct field_value *ret)
{
	return INFO(view, busy_time) && field_get_info(self, view, ret);
}

static bool get_retrans(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (view->record->over_proc)
		return view->record->retransmits &&
		       field_take_number(view->record->retransmits, ret);
	return field_get_info(self, view, ret);
}

/* Of a listener this is the length of its queue, which is shown elsewhere. */
static bool get_sacked(const struct field *self, struct field_view *view, struct field_value *ret)
{
	return view->record->state != SOCK_LISTEN && field_get_info(self, view, ret);
}

static bool get_reordering(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	return view->record->has & HAS_INFO && INFO(view, reordering) != REORDERING_DEFAULT &&
	       field_take_number(INFO(view, reordering), ret);
}

static bool get_min_rtt(const struct field *self, struct field_view *view, struct field_value *ret)
{
	return INFO(view, min_rtt) != UINT32_MAX && field_get_info(self, view, ret);
}

static bool get_dctcp(const struct field *self, struct field_view *view, struct field_value *ret)
{
	if (!(view->record->has & HAS_DCTCP))
		return false;
	return field_take_number(sock_bytes_number(&view->record->dctcp, self->offset, self->size),
				 ret);
}

static bool get_bbr(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint64_t number = sock_bytes_number(&view->record->bbr, self->offset, self->size);

	ret->real = (double)number / self->unit;
	return view->record->has & HAS_BBR && number;
}

static bool get_bbr_bandwidth(const struct field *self, struct field_view *view,
			      struct field_value *ret)
{
	const struct sock_bytes *bbr = &view->record->bbr;
	uint64_t bytes = READ(bbr, kernel_bbr, bw_high) << 32 | READ(bbr, kernel_bbr, bw_low);

	(void)self;
	ret->real = (double)bytes * BITS_PER_BYTE;
	return (view->record->has & HAS_BBR) != 0;
}

#define TCP .tables = TABLE_BIT(DIAG_TCP), .needs = NEED_INFO
#define AT(type_, member_) \
	.offset = offsetof(struct type_, member_), .size = sizeof(((struct type_ *)0)->member_)
#define ROW(name_, help_, type_, get_, ...)                                                      \
	{                                                                                        \
		.name = name_, .help = (help_), .type = (type_), .get = (get_), TCP, __VA_ARGS__ \
	}
#define NUMBER(name_, member_, help_) \
	ROW("tcp." name_, help_, FIELD_UNSIGNED, field_get_info, AT(kernel_tcp_info, member_))
#define NUMBER_BY(name_, member_, get_, help_) \
	ROW("tcp." name_, help_, FIELD_UNSIGNED, get_, AT(kernel_tcp_info, member_))
#define REAL_BY(name_, member_, unit_, get_, help_) \
	ROW("tcp." name_, help_, FIELD_REAL, get_, AT(kernel_tcp_info, member_), .unit = (unit_))

/* lint: flat table */
static const struct field rows[] = {
	{ .name = "congestion", .help = "congestion control", TCP, .get = get_congestion },
	{ .name = "tcp.options",
	  .help = "TCP options in use: ts, sack, ecn, ...",
	  .shape = FIELD_LIST,
	  TCP,
	  .get = get_option },
	ROW("tcp.wscale_send", "window scale of the peer", FIELD_UNSIGNED, get_wscale, .offset = 0),
	ROW("tcp.wscale_receive", "our window scale", FIELD_UNSIGNED, get_wscale, .offset = NIBBLE),
	REAL_BY("rto_ms", rto, US_PER_MS, get_rto, "retransmission time-out"),
	NUMBER("backoff", backoff, "exponent of its back-off"),
	REAL_BY("rtt_ms", rtt, US_PER_MS, field_get_info, "smoothed round-trip time"),
	REAL_BY("rtt_variance_ms", rttvar, US_PER_MS, get_rttvar, "its mean deviation"),
	REAL_BY("ato_ms", ato, US_PER_MS, get_ato, "time-out of delayed acknowledgements"),
	NUMBER_BY("quick_acks", ato, get_quick_acks, "quick acknowledgements (over /proc only)"),
	NUMBER("mss", snd_mss, "segment size when sending"),
	NUMBER("pmtu", pmtu, "largest packet of the path"),
	NUMBER("receive_mss", rcv_mss, "segment size when receiving"),
	NUMBER("advertised_mss", advmss, "segment size that was told the peer"),
	NUMBER_BY("cwnd", snd_cwnd, get_cwnd, "congestion window in segments"),
	NUMBER_BY("ssthresh", snd_ssthresh, get_ssthresh, "slow start threshold"),
	NUMBER("bytes_sent", bytes_sent, "bytes sent, repeated ones too"),
	NUMBER("bytes_retransmitted", bytes_retrans, "bytes sent again"),
	NUMBER("bytes_acked", bytes_acked, "bytes acknowledged by the peer"),
	NUMBER("bytes_received", bytes_received, "bytes received"),
	NUMBER("segments_out", segs_out, "segments sent"),
	NUMBER("segments_in", segs_in, "segments received"),
	NUMBER("data_segments_out", data_segs_out, "segments with data sent"),
	NUMBER("data_segments_in", data_segs_in, "segments with data received"),
	ROW("tcp.send_bps", "rate that the window allows", FIELD_REAL, get_send, .offset = 0),
	NUMBER("last_send_ms", last_data_sent, "since data was sent"),
	NUMBER("last_receive_ms", last_data_recv, "since data was received"),
	NUMBER("last_ack_ms", last_ack_recv, "since an acknowledgement was received"),
	REAL_BY("pacing_bps", pacing_rate, 1, get_rate, "rate at which it paces"),
	REAL_BY("pacing_max_bps", max_pacing_rate, 1, get_max_rate, "limit of that"),
	REAL_BY("delivery_bps", delivery_rate, 1, get_rate, "rate at which data arrived lately"),
	NUMBER("delivered", delivered, "segments delivered"),
	NUMBER("delivered_ce", delivered_ce, "of them marked for congestion"),
	ROW("tcp.app_limited", "the program sends less than it could", FIELD_BOOL, get_app_limited,
	    .offset = 0),
	REAL_BY("busy_ms", busy_time, US_PER_MS, field_get_info, "time with data to send"),
	REAL_BY("rwnd_limited_ms", rwnd_limited, US_PER_MS, get_limited,
		"of it limited by the peer's window"),
	REAL_BY("sndbuf_limited_ms", sndbuf_limited, US_PER_MS, get_limited,
		"of it limited by the send buffer"),
	NUMBER("unacked", unacked, "segments not acknowledged"),
	NUMBER_BY("retransmitting", retrans, get_retrans, "segments being sent again"),
	NUMBER("retransmitted", total_retrans, "segments sent again in all"),
	NUMBER("lost", lost, "segments thought lost"),
	NUMBER_BY("sacked", sacked, get_sacked, "segments acknowledged selectively"),
	NUMBER("dsack_duplicates", dsack_dups, "segments that came twice, says the peer"),
	NUMBER("fackets", fackets, "segments acknowledged forward"),
	NUMBER_BY("reordering", reordering, get_reordering, "how much reordering is expected"),
	NUMBER("reordering_seen", reord_seen, "how often it was seen"),
	REAL_BY("receive_rtt_ms", rcv_rtt, US_PER_MS, field_get_info,
		"round-trip time seen by the receiver"),
	NUMBER("receive_space", rcv_space, "bytes the program reads per round trip"),
	NUMBER("receive_ssthresh", rcv_ssthresh, "largest window to be offered"),
	NUMBER("not_sent", notsent_bytes, "bytes not sent yet"),
	REAL_BY("min_rtt_ms", min_rtt, US_PER_MS, get_min_rtt, "least round-trip time"),
	NUMBER("out_of_order", rcv_ooopack, "segments received out of order"),
	NUMBER("send_window", snd_wnd, "the peer's window in bytes"),
	NUMBER("receive_window", rcv_wnd, "our window in bytes"),
	NUMBER("rehash", rehash, "how often another path was tried"),
	NUMBER("timeouts", total_rto, "retransmission time-outs in all"),
	NUMBER("timeout_recoveries", total_rto_recoveries, "how often it recovered from some"),
	NUMBER("timeout_ms", total_rto_time, "time spent in them"),
	NUMBER("probes", probes, "unanswered window probes"),
	NUMBER("received_ce", received_ce, "segments received with a congestion mark"),
	NUMBER("delivered_ect1_bytes", delivered_e1_bytes, "bytes that arrived marked ECT(1)"),
	NUMBER("delivered_ect0_bytes", delivered_e0_bytes, "bytes that arrived marked ECT(0)"),
	NUMBER("delivered_ce_bytes", delivered_ce_bytes, "bytes that arrived marked CE"),
	NUMBER("received_ect1_bytes", received_e1_bytes, "bytes received marked ECT(1)"),
	NUMBER("received_ect0_bytes", received_e0_bytes, "bytes received marked ECT(0)"),
	NUMBER("received_ce_bytes", received_ce_bytes, "bytes received marked CE"),
	ROW("dctcp.enabled", "0: it fell back to Reno", FIELD_UNSIGNED, get_dctcp,
	    AT(kernel_dctcp, enabled)),
	ROW("dctcp.ce_state", "congestion was seen", FIELD_UNSIGNED, get_dctcp,
	    AT(kernel_dctcp, ce_state)),
	ROW("dctcp.alpha", "estimated share of marked bytes", FIELD_UNSIGNED, get_dctcp,
	    AT(kernel_dctcp, alpha)),
	ROW("dctcp.ab_ecn", "marked bytes acknowledged", FIELD_UNSIGNED, get_dctcp,
	    AT(kernel_dctcp, ab_ecn)),
	ROW("dctcp.ab_tot", "bytes acknowledged", FIELD_UNSIGNED, get_dctcp,
	    AT(kernel_dctcp, ab_tot)),
	ROW("bbr.bandwidth_bps", "estimated bandwidth", FIELD_REAL, get_bbr_bandwidth, .offset = 0),
	ROW("bbr.min_rtt_ms", "least round-trip time", FIELD_REAL, get_bbr, AT(kernel_bbr, min_rtt),
	    .unit = US_PER_MS),
	ROW("bbr.pacing_gain", "gain of pacing", FIELD_REAL, get_bbr, AT(kernel_bbr, pacing_gain),
	    .unit = BBR_UNIT),
	ROW("bbr.cwnd_gain", "gain of the window", FIELD_REAL, get_bbr, AT(kernel_bbr, cwnd_gain),
	    .unit = BBR_UNIT),
};

const struct field_table field_tcp_table = { rows, ARRAY_SIZE(rows) };
