/* SPDX-License-Identifier: MIT */
/*
 * tcp_info as text.  The order of the rows is the order of the words; most
 * words are "name:number, unless it is 0", the others have a function.
 */

#include "report/tcp_info.h"
#include "diag/tcp_info.h"

enum {
	BITS_PER_BYTE = 8,
	US_PER_MS = 1000,
	MS_PER_SECOND = 1000,
	BBR_UNIT = 256,
	CONGESTION_NAME_MAX = 15,
	RTO_UNSAID_US = 3000000,
	REORDERING_DEFAULT = 3,
	SSTHRESH_INFINITE = 0xffff,
	VEGAS_RTT_UNKNOWN = 0x7fffffff,
	NIBBLE = 4,
	NIBBLE_MASK = 15,
};

/* What the functions below look at. */
struct connection {
	const struct report_options *options;
	const struct sock_record *record;
	const struct kernel_tcp_info *info;
};

/* A kernel structure of any length: what is missing is 0, what is new is left.  Where all of it
 * came, the compiler knows the size. */
static inline void copy_padded(void *to, size_t size, const struct sock_bytes *bytes)
{
	if (bytes->len >= size) {
		memcpy(to, bytes->data, size);
		return;
	}
	memset(to, 0, size);
	if (bytes->len)
		memcpy(to, bytes->data, bytes->len);
}

static void put_rate(const struct report_options *options, double rate, struct text *text)
{
	static const struct {
		double unit;
		const char *letter;
	} units[] = { { 1e12, "Tbps" }, { 1e9, "Gbps" }, { 1e6, "Mbps" }, { 1e3, "kbps" } };

	if (options->numeric) {
		text_rounded(text, rate);
		text_put(text, "bps");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (rate >= units[i].unit) {
			text_three_digits(text, rate / units[i].unit);
			text_put(text, units[i].letter);
			return;
		}
	}
	text_format(text, "%gbps", rate);
}

/* Microseconds as milliseconds. */
static void put_ms(const char *label, uint32_t microseconds, struct text *text)
{
	text_put(text, label);
	text_thousandths(text, microseconds);
}

static double bits(uint64_t bytes)
{
	return (double)bytes * BITS_PER_BYTE;
}

static void put_options(const struct connection *c, struct text *text)
{
	static const struct {
		uint8_t bit;
		const char *name;
	} names[] = {
		{ TCP_HAS_TIMESTAMPS, " ts" },	  { TCP_HAS_USEC_TIMESTAMPS, " usec_ts" },
		{ TCP_HAS_SACK, " sack" },	  { TCP_HAS_ECN, " ecn" },
		{ TCP_HAS_ECN_SEEN, " ecnseen" }, { TCP_HAS_SYN_DATA, " fastopen" },
	};

	for (size_t i = 0; c->options->timers && i < ARRAY_SIZE(names); i++)
		if (c->info->options & names[i].bit)
			text_put(text, names[i].name);
}

static void put_congestion(const struct connection *c, struct text *text)
{
	const char *name = c->record->congestion.data;
	size_t len = MIN(c->record->congestion.len, (size_t)CONGESTION_NAME_MAX);

	if (!len || !name[0])
		return;
	text_byte(text, ' ');
	text_bytes(text, name, strnlen(name, len));
}

static void put_wscale(const struct connection *c, struct text *text)
{
	if (c->info->options & TCP_HAS_WSCALE) {
		text_put(text, " wscale:");
		text_unsigned(text, c->info->wscale & NIBBLE_MASK);
		text_byte(text, ',');
		text_unsigned(text, c->info->wscale >> NIBBLE);
	}
}

static void put_rto(const struct connection *c, struct text *text)
{
	if (c->info->rto && c->info->rto != RTO_UNSAID_US)
		put_ms(" rto:", c->info->rto, text);
}

static void put_backoff(const struct connection *c, struct text *text)
{
	if (c->info->backoff)
		text_format(text, " backoff:%u", c->info->backoff);
}

static void put_rtt(const struct connection *c, struct text *text)
{
	if (c->info->rtt) {
		put_ms(" rtt:", c->info->rtt, text);
		put_ms("/", c->info->rttvar, text);
	}
}

static void put_ssthresh(const struct connection *c, struct text *text)
{
	if (c->info->snd_ssthresh && c->info->snd_ssthresh < SSTHRESH_INFINITE)
		text_format(text, " ssthresh:%u", c->info->snd_ssthresh);
}

static void put_dctcp(const struct connection *c, struct text *text)
{
	struct kernel_dctcp dctcp;

	if (!(c->record->has & HAS_DCTCP))
		return;
	copy_padded(&dctcp, sizeof(dctcp), &c->record->dctcp);
	if (!dctcp.enabled)
		text_put(text, " dctcp:fallback_mode");
	else
		text_format(text, " dctcp:(ce_state:%u,alpha:%u,ab_ecn:%u,ab_tot:%u)",
			    dctcp.ce_state, dctcp.alpha, dctcp.ab_ecn, dctcp.ab_tot);
}

static void put_gain(const char *label, uint32_t gain, struct text *text)
{
	text_put(text, label);
	text_fraction(text, gain, BBR_UNIT);
}

static void put_bbr(const struct connection *c, struct text *text)
{
	struct kernel_bbr bbr;

	if (!(c->record->has & HAS_BBR))
		return;
	copy_padded(&bbr, sizeof(bbr), &c->record->bbr);
	text_put(text, " bbr:(bw:");
	put_rate(c->options, bits((uint64_t)bbr.bw_high << 32 | bbr.bw_low), text);
	put_ms(",mrtt:", bbr.min_rtt, text);
	if (bbr.pacing_gain)
		put_gain(",pacing_gain:", bbr.pacing_gain, text);
	if (bbr.cwnd_gain)
		put_gain(",cwnd_gain:", bbr.cwnd_gain, text);
	text_byte(text, ')');
}

/* How fast the window would let it send. */
static void put_send(const struct connection *c, struct text *text)
{
	struct kernel_vegas vegas;
	uint32_t rtt = c->info->rtt;

	copy_padded(&vegas, sizeof(vegas), &c->record->vegas);
	if (vegas.enabled && vegas.rtt && vegas.rtt != VEGAS_RTT_UNKNOWN)
		rtt = vegas.rtt;
	if (!rtt || !c->info->snd_mss || !c->info->snd_cwnd)
		return;
	text_put(text, " send ");
	put_rate(c->options, (double)c->info->snd_cwnd * c->info->snd_mss * 8e6 / rtt, text);
}

static void put_pacing(const struct connection *c, struct text *text)
{
	const struct kernel_tcp_info *info = c->info;

	if (!info->pacing_rate || info->pacing_rate == UINT64_MAX)
		return;
	text_put(text, " pacing_rate ");
	put_rate(c->options, bits(info->pacing_rate), text);
	if (!info->max_pacing_rate || info->max_pacing_rate == UINT64_MAX)
		return;
	text_byte(text, '/');
	put_rate(c->options, bits(info->max_pacing_rate), text);
}

static void put_delivery(const struct connection *c, struct text *text)
{
	if (!c->info->delivery_rate)
		return;
	text_put(text, " delivery_rate ");
	put_rate(c->options, bits(c->info->delivery_rate), text);
}

static void put_limited(const char *name, uint64_t limited, uint64_t busy, struct text *text)
{
	if (limited)
		text_format(text, " %s:%llums(%.1f%%)", name,
			    (unsigned long long)(limited / US_PER_MS),
			    100.0 * (double)limited / (double)busy);
}

static void put_busy(const struct connection *c, struct text *text)
{
	const struct kernel_tcp_info *info = c->info;

	if (c->info->limits & 1)
		text_put(text, " app_limited");
	if (!info->busy_time)
		return;
	text_put(text, " busy:");
	text_unsigned(text, info->busy_time / US_PER_MS);
	text_put(text, "ms");
	put_limited("rwnd_limited", info->rwnd_limited, info->busy_time, text);
	put_limited("sndbuf_limited", info->sndbuf_limited, info->busy_time, text);
}

static void put_retransmits(const struct connection *c, struct text *text)
{
	if (c->info->retrans || c->info->total_retrans)
		text_format(text, " retrans:%u/%u", c->info->retrans, c->info->total_retrans);
}

/* Of a listener this is the length of its queue, which is shown elsewhere. */
static void put_sacked(const struct connection *c, struct text *text)
{
	if (c->info->sacked && c->record->state != SOCK_LISTEN)
		text_format(text, " sacked:%u", c->info->sacked);
}

static void put_reordering(const struct connection *c, struct text *text)
{
	if (c->info->reordering != REORDERING_DEFAULT)
		text_format(text, " reordering:%d", (int)c->info->reordering);
}

static void put_min_rtt(const struct connection *c, struct text *text)
{
	if (c->info->min_rtt && c->info->min_rtt != UINT32_MAX)
		put_ms(" minrtt:", c->info->min_rtt, text);
}

enum item_kind { ITEM_FUNCTION, ITEM_U32, ITEM_S32, ITEM_U64, ITEM_MS };

static const struct item {
	enum item_kind kind;
	size_t offset;
	struct text_label label;
	void (*put)(const struct connection *c, struct text *text);
} items[] = {
#define FIELD(kind_, field_, label_)                                                 \
	{                                                                            \
		.kind = (kind_), .offset = offsetof(struct kernel_tcp_info, field_), \
		.label = TEXT_LABEL(label_)                                          \
	}
#define FUNCTION(put_)                               \
	{                                            \
		.kind = ITEM_FUNCTION, .put = (put_) \
	}
	FUNCTION(put_options),
	FUNCTION(put_congestion),
	FUNCTION(put_wscale),
	FUNCTION(put_rto),
	FUNCTION(put_backoff),
	FUNCTION(put_rtt),
	FIELD(ITEM_MS, ato, " ato:"),
	FIELD(ITEM_S32, snd_mss, " mss:"),
	FIELD(ITEM_U32, pmtu, " pmtu:"),
	FIELD(ITEM_S32, rcv_mss, " rcvmss:"),
	FIELD(ITEM_S32, advmss, " advmss:"),
	FIELD(ITEM_U32, snd_cwnd, " cwnd:"),
	FUNCTION(put_ssthresh),
	FIELD(ITEM_U64, bytes_sent, " bytes_sent:"),
	FIELD(ITEM_U64, bytes_retrans, " bytes_retrans:"),
	FIELD(ITEM_U64, bytes_acked, " bytes_acked:"),
	FIELD(ITEM_U64, bytes_received, " bytes_received:"),
	FIELD(ITEM_U32, segs_out, " segs_out:"),
	FIELD(ITEM_U32, segs_in, " segs_in:"),
	FIELD(ITEM_U32, data_segs_out, " data_segs_out:"),
	FIELD(ITEM_U32, data_segs_in, " data_segs_in:"),
	FUNCTION(put_dctcp),
	FUNCTION(put_bbr),
	FUNCTION(put_send),
	FIELD(ITEM_U32, last_data_sent, " lastsnd:"),
	FIELD(ITEM_U32, last_data_recv, " lastrcv:"),
	FIELD(ITEM_U32, last_ack_recv, " lastack:"),
	FUNCTION(put_pacing),
	FUNCTION(put_delivery),
	FIELD(ITEM_U32, delivered, " delivered:"),
	FIELD(ITEM_U32, delivered_ce, " delivered_ce:"),
	FUNCTION(put_busy),
	FIELD(ITEM_U32, unacked, " unacked:"),
	FUNCTION(put_retransmits),
	FIELD(ITEM_U32, lost, " lost:"),
	FUNCTION(put_sacked),
	FIELD(ITEM_U32, dsack_dups, " dsack_dups:"),
	FIELD(ITEM_U32, fackets, " fackets:"),
	FUNCTION(put_reordering),
	FIELD(ITEM_S32, reord_seen, " reord_seen:"),
	FIELD(ITEM_MS, rcv_rtt, " rcv_rtt:"),
	FIELD(ITEM_S32, rcv_space, " rcv_space:"),
	FIELD(ITEM_U32, rcv_ssthresh, " rcv_ssthresh:"),
	FIELD(ITEM_U32, notsent_bytes, " notsent:"),
	FUNCTION(put_min_rtt),
	FIELD(ITEM_U32, rcv_ooopack, " rcv_ooopack:"),
	FIELD(ITEM_U32, snd_wnd, " snd_wnd:"),
	FIELD(ITEM_U32, rcv_wnd, " rcv_wnd:"),
	FIELD(ITEM_U32, rehash, " rehash:"),
};

static void put_field(const struct item *item, const struct kernel_tcp_info *info,
		      struct text *text)
{
	const char *field = (const char *)info + item->offset;
	uint64_t value = 0;
	uint32_t half;

	if (item->kind == ITEM_U64) {
		memcpy(&value, field, sizeof(value));
	} else {
		memcpy(&half, field, sizeof(half));
		value = half;
	}
	if (!value)
		return;
	if (item->kind == ITEM_MS || (item->kind == ITEM_S32 && value > INT32_MAX)) {
		text_label(text, &item->label);
		if (item->kind == ITEM_MS)
			text_thousandths(text, (uint32_t)value);
		else
			text_signed(text, (int32_t)value);
		return;
	}
	text_labelled(text, &item->label, value);
}

/* Unrolled, each row of the table becomes the few instructions that it stands for: most values
 * are 0, and then a comparison is all. */
static void put_items(const struct connection *c, struct text *text)
{
#pragma GCC unroll 64
	for (size_t i = 0; i < ARRAY_SIZE(items); i++) {
		if (items[i].kind == ITEM_FUNCTION)
			items[i].put(c, text);
		else
			put_field(&items[i], c->info, text);
	}
}

/* In place where all of it came, which spares a copy per socket. */
static void put_info(const struct report_options *options, const struct sock_record *record,
		     struct text *text)
{
	struct connection c = { options, record, record->info.data };
	struct kernel_tcp_info space;

	if (record->info.len < sizeof(space)) {
		copy_padded(&space, sizeof(space), &record->info);
		c.info = &space;
	}
	put_items(&c, text);
}

void put_tcp_info(const struct report_options *options, const struct sock_record *record,
		  struct text *text)
{
	if (record->has & HAS_INFO)
		put_info(options, record, text);
	put_md5_keys(&record->md5_keys, text);
	put_ulp(&record->ulp, text);
}

void put_proc_tcp(const struct sock_record *record, struct text *text)
{
	const struct sock_proc_tcp *tcp = &record->proc_tcp;

	if (tcp->rto_ms)
		text_format(text, " rto:%g", (double)tcp->rto_ms / MS_PER_SECOND);
	if (tcp->ato_ms)
		text_format(text, " ato:%g", (double)tcp->ato_ms / MS_PER_SECOND);
	if (tcp->quick_acks)
		text_format(text, " qack:%u", tcp->quick_acks);
	if (tcp->quick_acks & 1)
		text_put(text, " bidir");
	if (tcp->cwnd)
		text_format(text, " cwnd:%u", tcp->cwnd);
	if (tcp->ssthresh)
		text_format(text, " ssthresh:%u", tcp->ssthresh);
	if (record->retransmits)
		text_format(text, " retrans:%u/0", record->retransmits);
	text_put(text, " reordering:0"); /* not in the file, and 0 is not the default */
}
