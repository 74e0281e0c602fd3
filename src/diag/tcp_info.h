/* SPDX-License-Identifier: MIT */
#pragma once

/* What the kernel says about a TCP connection, in its layout of Linux 6.18.
 * Older kernels send a shorter one, newer ones a longer one: what is missing
 * counts as 0.  It has no gaps; packed, it can be read where it lies in a message. */

#include "base/base.h"

enum tcp_option_bit {
	TCP_HAS_TIMESTAMPS = 1 << 0,
	TCP_HAS_SACK = 1 << 1,
	TCP_HAS_WSCALE = 1 << 2,
	TCP_HAS_ECN = 1 << 3,
	TCP_HAS_ECN_SEEN = 1 << 4,
	TCP_HAS_SYN_DATA = 1 << 5,
	TCP_HAS_USEC_TIMESTAMPS = 1 << 6,
};

struct kernel_tcp_info {
	uint8_t state, ca_state, retransmits, probes, backoff, options;
	uint8_t wscale; /* low nibble: sending, high nibble: receiving */
	uint8_t limits; /* bit 0: the rate was limited by the application */
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd, advmss, reordering;
	uint32_t rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt, data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	uint16_t total_rto, total_rto_recoveries;
	uint32_t total_rto_time;
	/* Accurate ECN counts bytes by their mark: ECT(1), ECT(0), CE. */
	uint32_t received_ce;
	uint32_t delivered_e1_bytes, delivered_e0_bytes, delivered_ce_bytes;
	uint32_t received_e1_bytes, received_e0_bytes, received_ce_bytes;
} __attribute__((__packed__));

/* Beside it, when the congestion control has more to say. */
struct kernel_vegas {
	uint32_t enabled, rtt_count, rtt, min_rtt;
};

struct kernel_dctcp {
	uint16_t enabled, ce_state;
	uint32_t alpha, ab_ecn, ab_tot;
};

struct kernel_bbr {
	uint32_t bw_low, bw_high, min_rtt, pacing_gain, cwnd_gain;
};

/* Of an MPTCP socket as a whole. */
struct kernel_mptcp_info {
	uint8_t subflows, add_addr_signal, add_addr_accepted;
	uint8_t subflows_max, add_addr_signal_max, add_addr_accepted_max;
	uint32_t flags, token;
	uint64_t write_seq, snd_una, rcv_nxt;
	uint8_t local_addr_used, local_addr_max, csum_enabled;
	uint32_t retransmits;
	uint64_t bytes_retrans, bytes_sent, bytes_received, bytes_acked;
	uint8_t subflows_total, endp_laminar_max, endp_fullmesh_max;
	uint32_t last_data_sent, last_data_recv, last_ack_recv;
};

enum { MD5_KEY_MAX = 80 };

struct kernel_md5_key {
	uint8_t family, prefix_len;
	uint16_t key_len;
	uint8_t address[16];
	uint8_t key[MD5_KEY_MAX];
};
