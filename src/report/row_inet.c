/* SPDX-License-Identifier: MIT */
/* Rows of tcp, udp, raw, dccp, sctp and mptcp sockets. */

#include "base/platform.h"
#include "report/column.h"
#include "report/tcp_info.h"

#include <arpa/inet.h>

enum { ICMPV6 = 58, SCTP = 132, IPV4_SIZE = 4, SOCKET_OPTION_BYTES = 2 };

/* The kernel says the protocol only of rows that do not have their table's. */
static int protocol_of(const struct sock_record *record)
{
	static const int protocols[DIAG_TABLES] = {
		[DIAG_TCP] = IPPROTO_TCP,
		[DIAG_UDP] = IPPROTO_UDP,
		[DIAG_RAW] = 0,
		[DIAG_DCCP] = IPPROTO_DCCP,
		[DIAG_SCTP] = IPPROTO_SCTP,
		[DIAG_MPTCP] = IPPROTO_MPTCP,
	};

	return record->has & HAS_PROTOCOL ? record->protocol : protocols[record->table];
}

static void inet_netid(struct report *report, const struct sock_record *record, struct text *text)
{
	static const struct {
		int protocol;
		const char *name;
	} names[] = {
		{ IPPROTO_TCP, "tcp" }, { IPPROTO_UDP, "udp" },	  { IPPROTO_MPTCP, "mptcp" },
		{ SCTP, "sctp" },	{ IPPROTO_DCCP, "dccp" }, { ICMPV6, "icmp6" },
		{ 0, "raw" },
	};
	int protocol = protocol_of(record);

	if (report->is_association)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (names[i].protocol == protocol) {
			text_put(text, names[i].name);
			return;
		}
	}
	text_put(text, "???");
}

/* An association of the sctp socket in the row above has states of its own. */
static void inet_state(struct report *report, const struct sock_record *record, struct text *text)
{
	if (!report->is_association) {
		put_state(report, record, text);
		return;
	}
	text_put(text, "`- ");
	text_put(text, sctp_state_name(record->state));
}

static void put_ipv4(const uint8_t *address, struct text *text)
{
	char space[INET_ADDRSTRLEN];
	bool fits = (size_t)(text->end - text->at) >= sizeof(space);
	char *at = fits ? text->at : space;

	for (int i = 0; i < IPV4_SIZE; i++) {
		at = text_small(at, address[i]);
		*at++ = '.';
	}
	at--;
	if (fits)
		text->at = at;
	else
		text_bytes(text, space, (size_t)(at - space));
}

static void put_ipv6(const uint8_t *address, struct text *text)
{
	char name[INET6_ADDRSTRLEN];

	text_byte(text, '[');
	text_put(text, inet_ntop(AF_INET6, address, name, sizeof(name)));
	text_byte(text, ']');
}

/* A socket that takes IPv4 too listens on more than [::]. */
static bool is_any(const struct sock_record *record, const struct sock_end *end)
{
	static const uint8_t any[sizeof(end->address)];

	return record->family == AF_INET6 && !record->v6only &&
	       memcmp(end->address, any, sizeof(any)) == 0;
}

static void put_host(struct report *report, const struct sock_record *record,
		     const struct sock_end *end, struct text *text)
{
	const struct report_options *options = &report->options;
	const char *name = NULL;

	if (is_any(record, end))
		name = "*";
	else if (options->host_name)
		name = options->host_name(options->host_name_context, record->family, end->address);

	if (name)
		text_put(text, name);
	else if (record->family == AF_INET)
		put_ipv4(end->address, text);
	else
		put_ipv6(end->address, text);
}

static void inet_address(struct report *report, const struct sock_record *record,
			 enum sock_side side, struct text *text)
{
	put_host(report, record, side == SIDE_LOCAL ? &record->local : &record->peer, text);
	if (side == SIDE_LOCAL && record->interface) {
		text_byte(text, '%');
		text_put(text, names_interface(&report->names, record->interface));
	}
	text_byte(text, ':');
}

/* The port of a raw socket is its protocol. */
static void put_raw_protocol(uint32_t protocol, struct text *text)
{
	const char *name = names_protocol((int)protocol);

	if (name) {
		text_put(text, name);
	} else {
		text_put(text, "ipproto-");
		text_unsigned(text, protocol);
	}
}

/* The protocol whose services name the ports.  ss takes those of the inet table
 * it listed last when a protocol has none of its own; without one, any. */
static int services_of(const struct report *report, enum diag_table table)
{
	diag_tables tables = report->options.tables;

	if (table == DIAG_TCP || table == DIAG_UDP)
		return table == DIAG_TCP ? IPPROTO_TCP : IPPROTO_UDP;
	if (tables & TABLE_BIT(DIAG_TCP))
		return IPPROTO_TCP;
	return tables & TABLE_BIT(DIAG_UDP) ? IPPROTO_UDP : 0;
}

static void inet_port(struct report *report, const struct sock_record *record, enum sock_side side,
		      struct text *text)
{
	uint32_t port = side == SIDE_LOCAL ? record->local.port : record->peer.port;
	const char *name;

	if (port == 0) {
		text_byte(text, '*');
	} else if (report->options.numeric) {
		text_unsigned(text, port);
	} else if (record->table == DIAG_RAW) {
		put_raw_protocol(port, text);
	} else {
		name = names_service(&report->names, (uint16_t)port,
				     services_of(report, record->table));
		if (name)
			text_put(text, name);
		else
			text_unsigned(text, port);
	}
}

static void put_cgroup(struct report *report, const struct sock_record *record, struct text *text)
{
	const char *path;

	if (!(record->has & HAS_CGROUP))
		return;
	text_put(text, " cgroup:");
	path = names_cgroup(&report->names, record->cgroup);
	if (path) {
		text_put(text, path);
	} else {
		text_put(text, "unreachable:");
		text_hex(text, record->cgroup);
	}
}

static void put_extended(struct report *report, const struct sock_record *record, struct text *text)
{
	put_identity(record, text);
	if (record->has & HAS_MARK && record->mark) {
		text_put(text, " fwmark:0x");
		text_hex(text, record->mark);
	}
	put_cgroup(report, record, text);
	if (record->family == AF_INET6 && record->has & HAS_V6ONLY) {
		text_put(text, " v6only:");
		text_unsigned(text, record->v6only);
	}
	put_shutdown(record, text);
}

/* The attribute of kernels before 3.x, still sent beside the new one. */
static void put_inet_memory(const struct sock_record *record, struct text *text)
{
	static const char *const letters[] = { " mem:(r", ",w", ",f", ",t" };

	if (record->has & HAS_MEMORY || !(record->has & HAS_OLD_MEMORY)) {
		put_memory(record, text);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(letters); i++) {
		text_put(text, letters[i]);
		text_unsigned(text, sock_bytes_u32(&record->old_memory, i));
	}
	text_byte(text, ')');
}

static void put_rest(const struct sock_record *record, struct text *text)
{
	if (!record->rest.len)
		return;
	text_put(text, " opt:\"");
	text_bytes(text, record->rest.data, record->rest.len);
	text_byte(text, '"');
}

static void put_traffic_class(const struct sock_record *record, struct text *text)
{
	if (record->has & HAS_TOS)
		text_format(text, " tos:%#x", record->tos);
	if (record->has & HAS_TCLASS)
		text_format(text, " tclass:%#x", record->tclass);
	if (record->has & HAS_CLASS_ID)
		text_format(text, " class_id:%#x", record->class_id);
}

/* Two bytes of flags, the lowest bit first. */
static void put_socket_options(const struct sock_record *record, bool one_line, struct text *text)
{
	static const char *const names[] = {
		" recverr",	      " is_icsk",	  " freebind",	    " hdrincl",
		" mc_loop",	      " transparent",	  " mc_all",	    " nodefrag",
		" bind_addr_no_port", " recverr_rfc4884", " defer_connect",
	};
	const uint8_t *flags = record->options.data;

	if (record->options.len < SOCKET_OPTION_BYTES)
		return;
	text_put(text, one_line ? " inet-sockopt: (" : "\n\tinet-sockopt: (");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (flags[i / 8] & 1U << i % 8)
			text_put(text, names[i]);
	text_byte(text, ')');
}

static void inet_proc_details(const struct report_options *options,
			      const struct sock_record *record, struct text *text)
{
	if (options->extended)
		put_rest(record, text);
	if (options->info)
		put_proc_tcp(record, text);
}

/* Memory, and what the protocol knows of the connection. */
static void put_inside(const struct report_options *options, const struct sock_record *record,
		       struct text *text)
{
	int protocol = protocol_of(record);

	if (!options->memory && (!options->info || protocol == IPPROTO_UDP))
		return;
	if (!options->one_line)
		text_put(text, "\n\t");
	put_inet_memory(record, text);
	if (protocol == SCTP)
		put_sctp_info(record, text);
	else if (protocol == IPPROTO_MPTCP)
		put_mptcp_info(record, text);
	else
		put_tcp_info(options, record, text);
}

static void inet_details(struct report *report, const struct sock_record *record, struct text *text)
{
	const struct report_options *options = &report->options;

	if (!(record->has & HAS_DETAILS))
		return;
	if (options->timers && record->timer)
		put_timer(protocol_of(record) == SCTP ? "T3_RTX" : timer_name(record->timer),
			  record, text);
	if (options->extended)
		put_extended(report, record, text);
	if (record->over_proc) {
		inet_proc_details(options, record, text);
		return;
	}
	if (options->tos)
		put_traffic_class(record, text);
	if (options->cgroup)
		put_cgroup(report, record, text);
	if (options->socket_options)
		put_socket_options(record, options->one_line, text);
	put_inside(options, record, text);
	if (options->map_value)
		put_storages(options, record, text);
}

const struct row_format row_inet = {
	.netid = inet_netid,
	.state = inet_state,
	.address = inet_address,
	.port = inet_port,
	.details = inet_details,
};
