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
	/* sl, two ends, state, queues, timer, uid, probes, inode, refs, pointer */
	NUMBERS_UP_TO_STATE = 4,
	/* counted from the state on */
	NUMBERS_WITH_ALL = 16,
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

	scan->numbers = 0;
	ret->over_proc = true;
	ret->state = (uint8_t)scan_hex(scan);
	ret->send_queue = (uint32_t)scan_hex(scan);
	scan_byte(scan, ':');
	ret->receive_queue = (uint32_t)scan_hex(scan);
	return scan->failed || ret->state >= SOCK_STATES ? -EBADMSG : 0;
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

	for (int i = 0; i < 5 && !scan.failed; i++)
		(void)scan_decimal(&scan);
	if (scan.numbers == NUMBERS_WITH_ALL) {
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
