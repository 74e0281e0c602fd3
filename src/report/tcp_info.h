/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside report/: the details that -i shows of a connection. */

#include "report/column.h"

/* Over sock_diag: whatever of tcp_info, congestion control, MD5 keys and upper
 * layer protocol came. */
void put_tcp_info(const struct report_options *options, const struct sock_record *record,
		  struct text *text);

/* The few values of /proc. */
void put_proc_tcp(const struct sock_record *record, struct text *text);

/* An sctp socket or association: addresses and sctp_info. */
void put_sctp_info(const struct sock_record *record, struct text *text);

/* An MPTCP socket: mptcp_info. */
void put_mptcp_info(const struct sock_record *record, struct text *text);

/* Name of an sctp association's state. */
const char *sctp_state_name(uint32_t state);

/* The parts in ulp.c and of MD5 signatures. */
void put_ulp(const struct sock_ulp *ulp, struct text *text);
void put_md5_keys(const struct sock_bytes *keys, struct text *text);
