/* SPDX-License-Identifier: MIT */
/* The rules by which tables, families and states complete each other. */

#include "tool/ss_select.h"

#include <string.h>

static const struct {
	const char *name;
	diag_tables tables;
} table_names[] = {
	{ "all", TABLES_ALL },
	{ "inet", TABLES_INET },
	{ "tcp", TABLE_BIT(DIAG_TCP) },
	{ "udp", TABLE_BIT(DIAG_UDP) },
	{ "raw", TABLE_BIT(DIAG_RAW) },
	{ "unix", TABLES_UNIX },
	{ "unix_dgram", TABLE_BIT(DIAG_UNIX_DGRAM) },
	{ "u_dgr", TABLE_BIT(DIAG_UNIX_DGRAM) },
	{ "unix_stream", TABLE_BIT(DIAG_UNIX_STREAM) },
	{ "u_str", TABLE_BIT(DIAG_UNIX_STREAM) },
	{ "unix_seqpacket", TABLE_BIT(DIAG_UNIX_SEQPACKET) },
	{ "u_seq", TABLE_BIT(DIAG_UNIX_SEQPACKET) },
	{ "packet", TABLES_PACKET },
	{ "packet_raw", TABLE_BIT(DIAG_PACKET_RAW) },
	{ "p_raw", TABLE_BIT(DIAG_PACKET_RAW) },
	{ "packet_dgram", TABLE_BIT(DIAG_PACKET_DGRAM) },
	{ "p_dgr", TABLE_BIT(DIAG_PACKET_DGRAM) },
	{ "netlink", TABLE_BIT(DIAG_NETLINK) },
	{ "dccp", TABLE_BIT(DIAG_DCCP) },
	{ "sctp", TABLE_BIT(DIAG_SCTP) },
	{ "mptcp", TABLE_BIT(DIAG_MPTCP) },
	{ "tipc", TABLE_BIT(DIAG_TIPC) },
	{ "vsock", TABLES_VSOCK },
	{ "vsock_stream", TABLE_BIT(DIAG_VSOCK_STREAM) },
	{ "v_str", TABLE_BIT(DIAG_VSOCK_STREAM) },
	{ "vsock_dgram", TABLE_BIT(DIAG_VSOCK_DGRAM) },
	{ "v_dgr", TABLE_BIT(DIAG_VSOCK_DGRAM) },
	{ "xdp", TABLE_BIT(DIAG_XDP) },
};

void ss_select_table(struct ss_selection *selection, enum diag_table table, diag_states states)
{
	selection->tables |= TABLE_BIT(table);
	selection->default_states |= states;
	selection->named = true;
}

void ss_select_family(struct ss_selection *selection, int family, diag_states states)
{
	selection->families |= FAMILY_BIT(family);
	selection->default_states |= states;
	selection->preferred = family;
	selection->named = true;
}

/* The tables of a name; 0: there is none. */
static diag_tables find_tables(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(table_names); i++) {
		if (strlen(table_names[i].name) == len &&
		    memcmp(table_names[i].name, name, len) == 0)
			return table_names[i].tables;
	}
	return 0;
}

const char *ss_select_list(struct ss_selection *selection, const char *list, size_t *ret_len)
{
	/* The first list replaces what table options chose before it. */
	if (!selection->listed)
		selection->tables = 0;
	selection->listed = true;
	selection->named = true;
	if (!selection->states)
		selection->states = STATES_CONNECTED;

	for (;;) {
		size_t len = strcspn(list, ",");
		bool remove = list[0] == '!';
		diag_tables tables = find_tables(list + remove, len - remove);

		if (!tables) {
			*ret_len = len;
			return list;
		}
		if (remove)
			selection->tables &= ~tables;
		else
			selection->tables |= tables;
		if (!list[len])
			return NULL;
		list += len + 1;
	}
}

const char *ss_select_complete(struct ss_selection *selection)
{
	if (!selection->named) {
		selection->tables = TABLES_ALL;
		selection->default_states = STATES_CONNECTED;
	}
	if (!selection->states)
		selection->states = selection->default_states;

	for (unsigned int i = 0; i < DIAG_TABLES; i++) {
		diag_families families = diag_table_families((enum diag_table)i);

		if (selection->tables & TABLE_BIT(i) && !(selection->families & families))
			selection->families |= families;
	}
	for (int i = 0; i < FAMILY_BITS; i++) {
		diag_tables tables = diag_family_tables(i);

		if (selection->families & FAMILY_BIT(i) && !(selection->tables & tables))
			selection->tables |= tables;
	}

	if (!selection->tables)
		return "ss: no socket tables to show with such filter.";
	if (!selection->families)
		return "ss: no families to show with such filter.";
	if (!selection->states)
		return "ss: no socket states to show with such filter.";
	return NULL;
}
