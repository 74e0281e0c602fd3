/* SPDX-License-Identifier: MIT */
#pragma once

/* How many sockets there are, from the kernel's own counters. */

#include "base/err.h"
#include "diag/places.h"

struct diag_summary {
	int sockets;
	int tcp_total, tcp_orphans, tcp_time_wait;
	int tcp4, udp4, raw4, fragments4;
	int tcp6, udp6, raw6, fragments6;
	int tcp_established;
};

/* Adds the numbers of a sockstat, sockstat6 or snmp file.  Pure. */
void diag_summary_sockstat(struct diag_summary *summary, const char *text);
void diag_summary_snmp(struct diag_summary *summary, const char *text);

/* Reads all three.  What cannot be read stays 0 and is told to the log
 * (sockstat6 is not missed).  Never fails. */
void diag_summary_read(const struct diag_places *places, struct diag_summary *ret);
