/* SPDX-License-Identifier: MIT */
/* Which table belongs to which address family. */

#include "diag/table.h"

#include <assert.h>

static const diag_families families[] = {
	[DIAG_TCP] = FAMILIES_INET,
	[DIAG_UDP] = FAMILIES_INET,
	[DIAG_RAW] = FAMILIES_INET,
	[DIAG_DCCP] = FAMILIES_INET,
	[DIAG_SCTP] = FAMILIES_INET,
	[DIAG_MPTCP] = FAMILIES_INET,
	[DIAG_UNIX_DGRAM] = FAMILY_BIT(AF_UNIX),
	[DIAG_UNIX_STREAM] = FAMILY_BIT(AF_UNIX),
	[DIAG_UNIX_SEQPACKET] = FAMILY_BIT(AF_UNIX),
	[DIAG_PACKET_DGRAM] = FAMILY_BIT(AF_PACKET),
	[DIAG_PACKET_RAW] = FAMILY_BIT(AF_PACKET),
	[DIAG_NETLINK] = FAMILY_BIT(AF_NETLINK),
	[DIAG_VSOCK_STREAM] = FAMILY_BIT(AF_VSOCK),
	[DIAG_VSOCK_DGRAM] = FAMILY_BIT(AF_VSOCK),
	[DIAG_TIPC] = FAMILY_BIT(AF_TIPC),
	[DIAG_XDP] = FAMILY_BIT(AF_XDP),
};
static_assert(ARRAY_SIZE(families) == DIAG_TABLES, "every table has its families");

diag_families diag_table_families(enum diag_table table)
{
	return families[table];
}

diag_tables diag_family_tables(int family)
{
	diag_tables tables = 0;

	for (unsigned int i = 0; i < DIAG_TABLES; i++)
		if (diag_table_families((enum diag_table)i) & FAMILY_BIT(family))
			tables |= TABLE_BIT(i);
	return tables;
}
