/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What kinds of sockets there are, as sets of bits: tables (tcp, unix_stream,
 * ...), address families and states.
 *
 * A table is one source of rows.  Families are bits of AF_ numbers.  States are
 * numbered as the kernel numbers those of TCP; other protocols borrow them.
 */

#include "base/base.h"

#include <sys/socket.h>

enum diag_table {
	DIAG_TCP,
	DIAG_UDP,
	DIAG_RAW,
	DIAG_DCCP,
	DIAG_SCTP,
	DIAG_MPTCP,
	DIAG_UNIX_DGRAM,
	DIAG_UNIX_STREAM,
	DIAG_UNIX_SEQPACKET,
	DIAG_PACKET_DGRAM,
	DIAG_PACKET_RAW,
	DIAG_NETLINK,
	DIAG_VSOCK_STREAM,
	DIAG_VSOCK_DGRAM,
	DIAG_TIPC,
	DIAG_XDP,
	DIAG_TABLES,
};

enum sock_state {
	SOCK_UNKNOWN,
	SOCK_ESTABLISHED,
	SOCK_SYN_SENT,
	SOCK_SYN_RECV,
	SOCK_FIN_WAIT1,
	SOCK_FIN_WAIT2,
	SOCK_TIME_WAIT,
	SOCK_CLOSE,
	SOCK_CLOSE_WAIT,
	SOCK_LAST_ACK,
	SOCK_LISTEN,
	SOCK_CLOSING,
	SOCK_NEW_SYN_RECV,
	SOCK_BOUND_INACTIVE,
	SOCK_STATES,
};

typedef uint32_t diag_tables;	/* set of enum diag_table */
typedef uint32_t diag_states;	/* set of enum sock_state */
typedef uint64_t diag_families; /* set of AF_ numbers */

enum { FAMILY_BITS = 64 };

#define TABLE_BIT(table) ((diag_tables)1 << (table))
#define STATE_BIT(state) ((diag_states)1 << (state))
#define FAMILY_BIT(family) ((diag_families)1 << (family))

#define STATES_ALL (STATE_BIT(SOCK_STATES) - 1)
#define STATES_CONNECTED                                                 \
	(STATES_ALL & ~(STATE_BIT(SOCK_LISTEN) | STATE_BIT(SOCK_CLOSE) | \
			STATE_BIT(SOCK_TIME_WAIT) | STATE_BIT(SOCK_SYN_RECV)))

#define TABLES_INET                                                                               \
	(TABLE_BIT(DIAG_TCP) | TABLE_BIT(DIAG_UDP) | TABLE_BIT(DIAG_RAW) | TABLE_BIT(DIAG_DCCP) | \
	 TABLE_BIT(DIAG_SCTP) | TABLE_BIT(DIAG_MPTCP))
#define TABLES_UNIX \
	(TABLE_BIT(DIAG_UNIX_DGRAM) | TABLE_BIT(DIAG_UNIX_STREAM) | TABLE_BIT(DIAG_UNIX_SEQPACKET))
#define TABLES_PACKET (TABLE_BIT(DIAG_PACKET_DGRAM) | TABLE_BIT(DIAG_PACKET_RAW))
#define TABLES_VSOCK (TABLE_BIT(DIAG_VSOCK_STREAM) | TABLE_BIT(DIAG_VSOCK_DGRAM))
/* What ss calls all: TIPC must be asked for. */
#define TABLES_ALL ((TABLE_BIT(DIAG_TABLES) - 1) & ~TABLE_BIT(DIAG_TIPC))
#define FAMILIES_INET (FAMILY_BIT(AF_INET) | FAMILY_BIT(AF_INET6))

/* The families a table's rows may have, and the tables whose rows may be of a
 * family (0: none is known). */
diag_families diag_table_families(enum diag_table table);
diag_tables diag_family_tables(int family);
