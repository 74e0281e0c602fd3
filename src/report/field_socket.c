/* SPDX-License-Identifier: MIT */
/* Facts that sockets of several families have: the columns of ss and what -e and -m
 * add to them.  Where ss has words of its own they come from the same printers. */

#include "report/field_rows.h"
#include "report/tcp_info.h"

#include <arpa/inet.h>
#include <sys/socket.h>

enum { SHUT_RECEIVING = 1 << 0, SHUT_SENDING = 1 << 1 };

#define TABLES_IP (TABLES_INET & ~TABLE_BIT(DIAG_RAW))

static const struct sock_end *end_of(const struct field *self, const struct field_view *view)
{
	return self->offset == SIDE_LOCAL ? &view->record->local : &view->record->peer;
}

static bool is_inet(const struct sock_record *record)
{
	return (TABLES_INET & TABLE_BIT(record->table)) != 0;
}

static bool get_netns(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_name(view, view->netns, ret);
}

static bool get_netid(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	if (view->report->is_association)
		text_put(&view->text, "sctp");
	else
		row_format_of(view->record)->netid(view->report, view->record, &view->text);
	return field_take_text(view, ret);
}

static bool get_state(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	if (view->report->is_association)
		text_put(&view->text, sctp_state_name(view->record->state));
	else
		put_state(view->report, view->record, &view->text);
	return field_take_text(view, ret);
}

static bool get_association(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	(void)self;
	ret->truth = view->report->is_association;
	return ret->truth;
}

static bool get_family(const struct field *self, struct field_view *view, struct field_value *ret)
{
	static const struct {
		uint8_t family;
		const char *name;
	} names[] = {
		{ AF_INET, "inet" },	 { AF_INET6, "inet6" },	    { AF_UNIX, "unix" },
		{ AF_PACKET, "packet" }, { AF_NETLINK, "netlink" }, { AF_VSOCK, "vsock" },
		{ AF_TIPC, "tipc" },	 { AF_XDP, "xdp" },
	};

	(void)self;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].family == view->record->family)
			return field_take_name(view, names[i].name, ret);
	return false;
}

/* A number of the record, as it stands. */
static bool get_member(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes whole = { view->record, sizeof(*view->record) };

	return field_take_number(sock_bytes_number(&whole, self->offset, self->size), ret);
}

static bool get_member_if_set(const struct field *self, struct field_view *view,
			      struct field_value *ret)
{
	return get_member(self, view, ret) && ret->number;
}

static bool take_unix_name(struct field_view *view, const struct sock_bytes *name,
			   struct field_value *ret)
{
	field_put_unix_name(name, &view->text);
	return name->len && field_take_text(view, ret);
}

/* The peer of a TIPC socket that has none. */
static bool is_missing(const struct field *self, const struct sock_record *record)
{
	return record->family == AF_TIPC && self->offset == SIDE_PEER && !(record->has & HAS_PEER);
}

static bool get_address(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_record *record = view->record;
	const struct sock_end *end = end_of(self, view);
	char name[INET6_ADDRSTRLEN];
	uint32_t number; /* of a virtual machine or node */

	if (record->family == AF_UNIX)
		return self->offset == SIDE_LOCAL && take_unix_name(view, &record->name, ret);
	if (record->family == AF_VSOCK || record->family == AF_TIPC) {
		memcpy(&number, end->address, sizeof(number));
		if (record->family == AF_VSOCK && number == UINT32_MAX)
			return field_take_name(view, "*", ret);
		text_unsigned(&view->text, number);
		return !is_missing(self, record) && field_take_text(view, ret);
	}
	return is_inet(record) &&
	       field_take_name(view, inet_ntop(record->family, end->address, name, sizeof(name)),
			       ret);
}

static bool get_port(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint32_t port = end_of(self, view)->port;

	return port && port != UINT32_MAX && !is_missing(self, view->record) &&
	       field_take_number(port, ret);
}

static bool get_service(const struct field *self, struct field_view *view, struct field_value *ret)
{
	uint32_t port = end_of(self, view)->port;
	int protocol = view->record->table == DIAG_UDP ? IPPROTO_UDP : IPPROTO_TCP;

	if (view->report->options.numeric || !port)
		return false;
	return field_take_name(view, names_service(&view->report->names, (uint16_t)port, protocol),
			       ret);
}

static bool get_host(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct report_options *options = &view->report->options;

	if (!options->host_name)
		return false;
	return field_take_name(view,
			       options->host_name(options->host_name_context, view->record->family,
						  end_of(self, view)->address),
			       ret);
}

/* Address and port as ss shows them; the name of a UNIX socket without its inode. */
static bool get_end(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct row_format *format = row_format_of(view->record);
	enum sock_side side = (enum sock_side)self->offset;

	if (view->record->family == AF_UNIX)
		return get_address(self, view, ret) ||
		       (self->offset == SIDE_PEER && view->peers &&
			take_unix_name(view, peers_name(view->peers, view->record->peer.port),
				       ret));
	format->address(view->report, view->record, side, &view->text);
	format->port(view->report, view->record, side, &view->text);
	return field_take_text(view, ret);
}

static bool get_abstract(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *name = &view->record->name;

	(void)self;
	ret->truth = name->len && *(const char *)name->data == '\0';
	return ret->truth;
}

static bool get_interface(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	(void)self;
	if (!view->record->interface)
		return false;
	return field_take_name(view, names_interface(&view->report->names, view->record->interface),
			       ret);
}

static uint32_t protocol_of(const struct sock_record *record)
{
	return record->table == DIAG_RAW ? record->local.port : record->link_protocol;
}

static bool get_protocol(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_number(protocol_of(view->record), ret);
}

static bool get_protocol_name(const struct field *self, struct field_view *view,
			      struct field_value *ret)
{
	uint32_t protocol = protocol_of(view->record);
	const char *name;

	(void)self;
	if (view->record->table == DIAG_NETLINK)
		name = names_netlink(&view->report->names, (uint16_t)protocol);
	else if (view->record->table == DIAG_RAW)
		name = names_protocol((int)protocol);
	else
		name = names_ethernet((uint16_t)protocol);
	return field_take_name(view, name, ret);
}

static bool get_peer_inode(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	return view->record->peer.port && field_take_number(view->record->peer.port, ret);
}

static bool is_uid_known(const struct sock_record *record)
{
	if (record->has & HAS_UID)
		return true;
	return record->has & HAS_DETAILS &&
	       (is_inet(record) || (record->over_proc && TABLES_PACKET & TABLE_BIT(record->table)));
}

static bool get_uid(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return is_uid_known(view->record) && field_take_number(view->record->uid, ret);
}

static bool get_user(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return is_uid_known(view->record) &&
	       field_take_name(view, names_user(&view->report->names, view->record->uid), ret);
}

static bool get_cookie(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	if (!view->record->cookie)
		return false;
	text_hex(&view->text, view->record->cookie);
	return field_take_text(view, ret);
}

static bool get_shutdown(const struct field *self, struct field_view *view, struct field_value *ret)
{
	ret->truth = (view->record->shutdown & self->offset) != 0;
	return (view->record->has & HAS_SHUTDOWN) != 0;
}

static bool get_memory(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct sock_bytes *memory = &view->record->memory;

	if (!(view->record->has & HAS_MEMORY) || self->offset >= memory->len / sizeof(uint32_t))
		return false;
	return field_take_number(sock_bytes_u32(memory, self->offset), ret);
}

#define MEMBER(member_)                                  \
	.offset = offsetof(struct sock_record, member_), \
	.size = sizeof(((struct sock_record *)0)->member_)
#define MEMORY(name_, place_, help_)                                              \
	{                                                                         \
		.name = "memory." name_, .help = (help_), .type = FIELD_UNSIGNED, \
		.needs = NEED_MEMORY, .get = get_memory, .offset = (place_)       \
	}

/* lint: flat table */
static const struct field rows[] = {
	{ .name = "netns",
	  .help = "network namespace: its name, or who lives in it (--all-netns)",
	  .get = get_netns },
	{ .name = "netid", .help = "kind of socket: tcp, udp, u_str, ...", .get = get_netid },
	{ .name = "family",
	  .help = "inet, inet6, unix, packet, netlink, vsock, tipc or xdp",
	  .get = get_family },
	{ .name = "state", .help = "state of the connection, as ss writes it", .get = get_state },
	{ .name = "association",
	  .help = "it is an association of the sctp socket before it",
	  .type = FIELD_BOOL,
	  .get = get_association },
	{ .name = "recv_q",
	  .help = "bytes not yet read; connections waiting if it listens",
	  .type = FIELD_UNSIGNED,
	  .get = get_member,
	  MEMBER(receive_queue) },
	{ .name = "send_q",
	  .help = "bytes not yet acknowledged; longest queue if it listens",
	  .type = FIELD_UNSIGNED,
	  .get = get_member,
	  MEMBER(send_queue) },
	{ .name = "local",
	  .help = "address and port of this end in one text",
	  .short_form = true,
	  .get = get_end,
	  .offset = SIDE_LOCAL },
	{ .name = "local_address",
	  .help = "address of this end: numeric, or the path or @name of a UNIX socket",
	  .get = get_address,
	  .offset = SIDE_LOCAL },
	{ .name = "local_port",
	  .help = "port of this end",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLES_IP | TABLES_VSOCK | TABLE_BIT(DIAG_TIPC),
	  .get = get_port,
	  .offset = SIDE_LOCAL },
	{ .name = "local_service",
	  .help = "service name of that port (not with -n)",
	  .tables = TABLES_IP,
	  .get = get_service,
	  .offset = SIDE_LOCAL },
	{ .name = "local_host",
	  .help = "host name of that address (with -r)",
	  .tables = TABLES_INET,
	  .get = get_host,
	  .offset = SIDE_LOCAL },
	{ .name = "peer",
	  .help = "address and port of the other end in one text",
	  .short_form = true,
	  .get = get_end,
	  .offset = SIDE_PEER },
	{ .name = "peer_address",
	  .help = "address of the other end, numeric",
	  .tables = TABLES_INET | TABLES_VSOCK,
	  .get = get_address,
	  .offset = SIDE_PEER },
	{ .name = "peer_port",
	  .help = "port of the other end",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLES_IP | TABLES_VSOCK | TABLE_BIT(DIAG_TIPC),
	  .get = get_port,
	  .offset = SIDE_PEER },
	{ .name = "peer_service",
	  .help = "service name of that port (not with -n)",
	  .tables = TABLES_IP,
	  .get = get_service,
	  .offset = SIDE_PEER },
	{ .name = "peer_host",
	  .help = "host name of that address (with -r)",
	  .tables = TABLES_INET,
	  .get = get_host,
	  .offset = SIDE_PEER },
	{ .name = "interface", .help = "device it is bound to", .get = get_interface },
	{ .name = "abstract",
	  .help = "the @ of its name stands for a NUL: it is no file",
	  .type = FIELD_BOOL,
	  .tables = TABLES_UNIX,
	  .get = get_abstract },
	{ .name = "protocol",
	  .help = "number of the IP, Ethernet or netlink protocol",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLE_BIT(DIAG_RAW) | TABLES_PACKET | TABLE_BIT(DIAG_NETLINK),
	  .get = get_protocol },
	{ .name = "protocol_name",
	  .help = "name of that protocol",
	  .tables = TABLE_BIT(DIAG_RAW) | TABLES_PACKET | TABLE_BIT(DIAG_NETLINK),
	  .get = get_protocol_name },
	{ .name = "inode",
	  .help = "inode of the socket",
	  .type = FIELD_UNSIGNED,
	  .get = get_member_if_set,
	  MEMBER(inode) },
	{ .name = "peer_inode",
	  .help = "inode of the other end",
	  .type = FIELD_UNSIGNED,
	  .tables = TABLES_UNIX,
	  .get = get_peer_inode },
	{ .name = "cookie",
	  .help = "the kernel's number of the socket, hexadecimal",
	  .get = get_cookie },
	{ .name = "uid", .help = "user id of the socket", .type = FIELD_UNSIGNED, .get = get_uid },
	{ .name = "user", .help = "user name of that id", .get = get_user },
	{ .name = "shutdown.receive",
	  .help = "it receives no more",
	  .type = FIELD_BOOL,
	  .get = get_shutdown,
	  .offset = SHUT_RECEIVING },
	{ .name = "shutdown.send",
	  .help = "it sends no more",
	  .type = FIELD_BOOL,
	  .get = get_shutdown,
	  .offset = SHUT_SENDING },
	MEMORY("receive", MEMORY_RECEIVE, "bytes allocated for receiving"),
	MEMORY("receive_max", MEMORY_RECEIVE_MAX, "limit of these"),
	MEMORY("send", MEMORY_SEND, "bytes allocated for sending"),
	MEMORY("send_max", MEMORY_SEND_MAX, "limit of these"),
	MEMORY("forward", MEMORY_FORWARD, "bytes allocated ahead"),
	MEMORY("queued", MEMORY_QUEUED, "bytes queued for sending"),
	MEMORY("options", MEMORY_OPTIONS, "bytes of socket options"),
	MEMORY("backlog", MEMORY_BACKLOG, "bytes waiting for the lock of the socket"),
	MEMORY("drops", MEMORY_DROPS, "packets dropped"),
};

const struct field_table field_socket_table = { rows, ARRAY_SIZE(rows) };
