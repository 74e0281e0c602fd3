/* SPDX-License-Identifier: MIT */
/*
 * Lines of /proc/net/tcp, udp, raw and their IPv6 brothers:
 *
 *	sl: ADDRESS:PORT ADDRESS:PORT st tx:rx timer:when retrnsmt uid probes inode
 *	refs pointer rto ato qack cwnd ssthresh
 *
 * Addresses are words of four bytes in the order of the machine.
 */

#include "diag/proc_inet.h"
#include "diag/scan.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum {
	WORD_SIZE = 4,
	MS_PER_SECOND = 1000,
	RTO_INITIAL_MS = 3000,
	CWND_WHEN_UNSAID = 2,
};

/* Kernel ticks in milliseconds, rounded up. */
static uint32_t ticks_to_ms(uint64_t ticks)
{
	long hertz = sysconf(_SC_CLK_TCK);
	uint64_t rate = hertz > 0 ? (uint64_t)hertz : MS_PER_SECOND;

	return (uint32_t)((ticks * MS_PER_SECOND + rate - 1) / rate);
}

/* Hexadecimal words, each printed as the number it is on this machine. */
static size_t parse_address(struct scan *scan, uint8_t address[16])
{
	size_t len = 0;

	scan_blanks(scan);
	while (!scan->failed && len < 16 && scan->at < scan->end && *scan->at != ':') {
		uint32_t word = 0;

		for (int i = 0; i < WORD_SIZE; i++)
			word = word << 8 | scan_octet(scan);
		memcpy(address + len, &word, WORD_SIZE);
		len += WORD_SIZE;
	}
	return len;
}

static size_t parse_end(struct scan *scan, struct sock_end *end)
{
	size_t len = parse_address(scan, end->address);

	scan_byte(scan, ':');
	end->port = (uint16_t)scan_hex(scan);
	return len;
}

/* Both ends, and the columns that all protocols share. */
static int parse_common(struct scan *scan, struct sock_record *ret)
{
	size_t expected = ret->family == AF_INET ? WORD_SIZE : sizeof(ret->local.address);

	scan_decimal(scan);
	scan_byte(scan, ':');
	if (parse_end(scan, &ret->local) != expected || parse_end(scan, &ret->peer) != expected ||
	    scan->failed)
		return -EBADMSG;

	ret->over_proc = true;
	ret->state = (uint8_t)scan_hex(scan);
	ret->send_queue = (uint32_t)scan_hex(scan);
	scan_byte(scan, ':');
	ret->receive_queue = (uint32_t)scan_hex(scan);
	return scan->failed || ret->state >= SOCK_STATES ? -EBADMSG : 0;
}

/* The last five columns, which sockets without a connection lack. */
static void parse_connection(struct scan *scan, struct sock_record *ret)
{
	struct sock_proc_tcp *tcp = &ret->proc_tcp;
	uint32_t rto = (uint32_t)scan_decimal(scan);
	uint32_t ato = (uint32_t)scan_decimal(scan);
	uint32_t quick_acks = (uint32_t)scan_decimal(scan);
	uint32_t cwnd = (uint32_t)scan_decimal(scan);
	uint32_t ssthresh = (uint32_t)scan_decimal(scan);

	tcp->cwnd = CWND_WHEN_UNSAID;
	if (scan->failed)
		return;
	tcp->rto_ms = ticks_to_ms(rto);
	if (tcp->rto_ms == RTO_INITIAL_MS)
		tcp->rto_ms = 0;
	tcp->ato_ms = ticks_to_ms(ato);
	tcp->quick_acks = quick_acks / 2; /* the lowest bit is the kernel's pingpong */
	tcp->cwnd = cwnd;
	tcp->ssthresh = ssthresh == UINT32_MAX ? 0 : ssthresh;
}

int proc_parse_tcp(const char *line, size_t len, struct sock_record *ret)
{
	uint32_t probes, retransmits;
	struct scan scan;
	int r;

	scan_init(&scan, line, len);
	r = parse_common(&scan, ret);
	if (r < 0)
		return r;

	ret->has |= HAS_DETAILS;
	ret->timer = (uint8_t)scan_hex(&scan);
	scan_byte(&scan, ':');
	ret->timer_ms = ticks_to_ms(scan_hex(&scan));
	retransmits = (uint32_t)scan_hex(&scan);
	ret->uid = (uint32_t)scan_decimal(&scan);
	probes = (uint32_t)scan_decimal(&scan);
	ret->retransmits = (uint8_t)(ret->timer == TIMER_RETRANSMIT ? retransmits : probes);
	ret->inode = (uint32_t)scan_decimal(&scan);
	(void)scan_decimal(&scan);
	ret->cookie = scan_hex(&scan);

	parse_connection(&scan, ret);
	if (!scan.failed) {
		scan_blanks(&scan);
		ret->rest = (struct sock_bytes){ scan.at, (size_t)(scan.end - scan.at) };
	}
	return 0;
}

int proc_parse_datagram(const char *line, size_t len, struct sock_record *ret)
{
	struct scan scan;
	int r;

	scan_init(&scan, line, len);
	r = parse_common(&scan, ret);
	if (r < 0)
		return r;

	scan_word(&scan); /* timer:when */
	scan_word(&scan); /* retrnsmt */
	ret->uid = (uint32_t)scan_decimal(&scan);
	(void)scan_decimal(&scan);
	ret->inode = (uint32_t)scan_decimal(&scan);
	(void)scan_decimal(&scan);
	ret->cookie = scan_hex(&scan);
	return 0;
}
