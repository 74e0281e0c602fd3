/* SPDX-License-Identifier: MIT */
/* Rows of tcp, udp and raw sockets. */

#include "base/platform.h"
#include "report/column.h"

#include <arpa/inet.h>
#include <assert.h>

enum { ICMPV6 = 58, SCTP = 132, IPV4_SIZE = 4 };

/* The kernel says the protocol only of rows that do not have their table's. */
static int protocol_of(const struct sock_record *record)
{
	static const int protocols[DIAG_TABLES] = {
		[DIAG_TCP] = IPPROTO_TCP,
		[DIAG_UDP] = IPPROTO_UDP,
		[DIAG_RAW] = 0,
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
	static const char *const names[] = {
		"CLOSED",	    "COOKIE_WAIT",   "COOKIE_ECHOED",	  "ESTAB",
		"SHUTDOWN_PENDING", "SHUTDOWN_SENT", "SHUTDOWN_RECEIVED", "ACK_SENT",
	};

	if (!report->is_association) {
		put_state(report, record, text);
		return;
	}
	text_put(text, "`- ");
	text_put(text, record->state < ARRAY_SIZE(names) ? names[record->state] : "UNKNOWN");
}

static void put_ipv4(const uint8_t *address, struct text *text)
{
	for (int i = 0; i < IPV4_SIZE; i++) {
		if (i)
			text_byte(text, '.');
		text_unsigned(text, address[i]);
	}
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
				     record->table == DIAG_UDP ? IPPROTO_UDP : IPPROTO_TCP);
		if (name)
			text_put(text, name);
		else
			text_unsigned(text, port);
	}
}

static void put_extended(const struct sock_record *record, struct text *text)
{
	put_identity(record, text);
	if (record->has & HAS_MARK && record->mark) {
		text_put(text, " fwmark:0x");
		text_hex(text, record->mark);
	}
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

static void inet_details(struct report *report, const struct sock_record *record, struct text *text)
{
	const struct report_options *options = &report->options;

	if (!(record->has & HAS_DETAILS))
		return;
	if (options->timers && record->timer)
		put_timer(protocol_of(record) == SCTP ? "T3_RTX" : timer_name(record->timer),
			  record, text);
	if (options->extended)
		put_extended(record, text);
	if (record->over_proc) {
		if (options->extended)
			put_rest(record, text);
		return;
	}
	if (options->memory) {
		if (!options->one_line)
			text_put(text, "\n\t");
		put_inet_memory(record, text);
	}
}

const struct row_format row_inet = {
	.netid = inet_netid,
	.state = inet_state,
	.address = inet_address,
	.port = inet_port,
	.details = inet_details,
};
