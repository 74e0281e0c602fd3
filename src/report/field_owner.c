/* SPDX-License-Identifier: MIT */
/* Who holds a socket, who holds its other end, and why that is not known; and the
 * rows of --group-by. */

#include "report/field_rows.h"

/* The n-th owner of an inode becomes the view's. */
static bool find_owner(struct field_view *view, uint32_t inode, size_t wanted)
{
	const struct owners *owners = view->report->options.owners;
	size_t i = owners ? owners_first(owners, inode) : 0;

	for (; i && wanted; wanted--)
		i = owners_next(owners, i);
	if (i)
		owners_get(owners, i, &view->owner);
	return i != 0;
}

static uint32_t peer_inode(const struct field_view *view)
{
	return view->peers ? peers_inode(view->peers, view->record) : 0;
}

static const struct owner_facts *facts_of(struct field_view *view)
{
	return view->book ? owner_book_find(view->book, view->owner.pid) : NULL;
}

static bool get_pid(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_number((uint64_t)view->owner.pid, ret);
}

static bool get_tid(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return view->report->options.threads && field_take_number((uint64_t)view->owner.tid, ret);
}

static bool get_fd(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_number((uint64_t)view->owner.fd, ret);
}

static bool get_name(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	return field_take_name(view, view->owner.name, ret);
}

/* Arguments are divided by NULs. */
static bool get_command(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct owner_facts *facts = facts_of(view);

	(void)self;
	if (!facts || !facts->command_len)
		return false;
	for (size_t at = 0; at < facts->command_len;) {
		size_t len = strnlen(facts->command + at, facts->command_len - at);

		if (at)
			text_byte(&view->text, ' ');
		field_put_name(facts->command + at, len, &view->text);
		at += len + 1;
	}
	return field_take_text(view, ret);
}

static bool get_owner_uid(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	const struct owner_facts *facts = facts_of(view);

	(void)self;
	return facts && facts->uid_known && field_take_number(facts->uid, ret);
}

static bool get_owner_user(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	const struct owner_facts *facts = facts_of(view);

	(void)self;
	return facts && facts->uid_known &&
	       field_take_name(view, names_user(&view->report->names, facts->uid), ret);
}

static bool get_unit(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct owner_facts *facts = facts_of(view);

	(void)self;
	return facts && field_take_name(view, facts->group.unit, ret);
}

static bool get_container(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	const struct owner_facts *facts = facts_of(view);

	(void)self;
	return facts && field_take_name(view, facts->group.container, ret);
}

static const struct field parts[] = {
	{ .name = "pid", .help = "number of the process", .type = FIELD_UNSIGNED, .get = get_pid },
	{ .name = "tid",
	  .help = "number of the thread (with -T)",
	  .type = FIELD_UNSIGNED,
	  .get = get_tid },
	{ .name = "name", .help = "name of the process", .get = get_name },
	{ .name = "fd", .help = "its descriptor", .type = FIELD_UNSIGNED, .get = get_fd },
	{ .name = "command", .help = "the whole command line", .get = get_command },
	{ .name = "uid",
	  .help = "user id of the process",
	  .type = FIELD_UNSIGNED,
	  .get = get_owner_uid },
	{ .name = "user", .help = "name of that user", .get = get_owner_user },
	{ .name = "unit", .help = "systemd unit", .get = get_unit },
	{ .name = "container", .help = "id or name of its container", .get = get_container },
};

static bool get_owner(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	(void)ret;
	return find_owner(view, view->record->inode, view->item);
}

static bool get_peer_owner(const struct field *self, struct field_view *view,
			   struct field_value *ret)
{
	(void)self;
	(void)ret;
	return find_owner(view, peer_inode(view), view->item);
}

/* A part of the first owner, whose row is at `offset`. */
static bool get_of_first(const struct field *self, struct field_view *view, struct field_value *ret)
{
	return find_owner(view, view->record->inode, 0) &&
	       parts[self->offset].get(&parts[self->offset], view, ret);
}

/* "name/pid", each process once, as long as few hold the socket. */
static bool put_processes(struct field_view *view, uint32_t inode)
{
	enum { SHOWN_MAX = 8 };
	int before = 0;
	size_t shown = 0;

	for (size_t i = 0; find_owner(view, inode, i); i++) {
		if (view->owner.pid == before)
			continue;
		if (shown++ == SHOWN_MAX) {
			text_put(&view->text, " ...");
			break;
		}
		before = view->owner.pid;
		if (text_len(&view->text))
			text_byte(&view->text, ' ');
		field_put_name(view->owner.name, strlen(view->owner.name), &view->text);
		text_byte(&view->text, '/');
		text_signed(&view->text, view->owner.pid);
	}
	return shown > 0;
}

static bool get_owners(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct owners *owners = view->report->options.owners;

	(void)self;
	if (!put_processes(view, view->record->inode)) {
		if (!owners)
			return false;
		text_byte(&view->text, '(');
		text_put(&view->text, owners_why(owners, view->record));
		text_byte(&view->text, ')');
	}
	return field_take_text(view, ret);
}

static bool get_peer_owners(const struct field *self, struct field_view *view,
			    struct field_value *ret)
{
	(void)self;
	return put_processes(view, peer_inode(view)) && field_take_text(view, ret);
}

static bool get_unknown(const struct field *self, struct field_view *view, struct field_value *ret)
{
	const struct owners *owners = view->report->options.owners;

	(void)self;
	if (!owners || owners_first(owners, view->record->inode))
		return false;
	return field_take_name(view, owners_why(owners, view->record), ret);
}

static bool get_peer_name(const struct field *self, struct field_view *view,
			  struct field_value *ret)
{
	const struct sock_bytes *name;

	(void)self;
	if (!view->peers)
		return false;
	name = peers_name(view->peers, view->record->peer.port);
	if (!name->len)
		return false;
	field_put_unix_name(name, &view->text);
	return field_take_text(view, ret);
}

enum { PART_PID = 0, PART_NAME = 2, PART_COMMAND = 4, PART_UNIT = 7, PART_CONTAINER = 8 };

#define OWNERS .needs = NEED_OWNERS
#define PEERS .needs = NEED_OWNERS | NEED_PEERS
#define FIRST(name_, part_, type_, help_)                                                    \
	{                                                                                    \
		.name = name_, .help = (help_), .type = (type_), .short_form = true, OWNERS, \
		.get = get_of_first, .offset = (part_)                                       \
	}

/* lint: flat table */
static const struct field rows[] = {
	{ .name = "processes",
	  .help = "all who hold the socket",
	  .shape = FIELD_OBJECTS,
	  OWNERS,
	  .get = get_owner,
	  .parts = parts,
	  .parts_count = ARRAY_SIZE(parts) },
	{ .name = "owner_unknown",
	  .help = "why no process is named: no permission, other pid namespace, kernel, vanished",
	  OWNERS,
	  .get = get_unknown },
	{ .name = "peer_processes",
	  .help = "who holds the other end, if it is on this host",
	  .shape = FIELD_OBJECTS,
	  PEERS,
	  .get = get_peer_owner,
	  .parts = parts,
	  .parts_count = ARRAY_SIZE(parts) },
	{ .name = "peer_name",
	  .help = "path or @name of the other end of a UNIX socket",
	  .tables = TABLES_UNIX,
	  .needs = NEED_PEERS,
	  .get = get_peer_name },
	{ .name = "owners",
	  .help = "the processes as name/pid, or (why they are unknown)",
	  .short_form = true,
	  OWNERS,
	  .get = get_owners },
	{ .name = "peer_owners",
	  .help = "those of the other end as name/pid",
	  .short_form = true,
	  PEERS,
	  .get = get_peer_owners },
	FIRST("process", PART_NAME, FIELD_TEXT, "name of the first process"),
	FIRST("pid", PART_PID, FIELD_UNSIGNED, "its number"),
	FIRST("command", PART_COMMAND, FIELD_TEXT, "its command line"),
	FIRST("unit", PART_UNIT, FIELD_TEXT, "its systemd unit"),
	FIRST("container", PART_CONTAINER, FIELD_TEXT, "its container"),
};

const struct field_table field_owner_table = { rows, ARRAY_SIZE(rows) };

static bool get_key(const struct field *self, struct field_view *view, struct field_value *ret)
{
	(void)self;
	ret->text = (struct sock_bytes){ view->group->key, view->group->len };
	return view->group->len > 0;
}

static bool get_count(const struct field *self, struct field_view *view, struct field_value *ret)
{
	struct sock_bytes whole = { view->group, sizeof(*view->group) };

	return field_take_number(sock_bytes_number(&whole, self->offset, self->size), ret);
}

#define COUNT(member_)                                                                             \
	.type = FIELD_UNSIGNED, .get = get_count, .offset = offsetof(struct field_group, member_), \
	.size = sizeof(((struct field_group *)0)->member_)

static const struct field group_rows[] = {
	{ .name = "group", .help = "the value they share; unknown is left out", .get = get_key },
	{ .name = "sockets", .help = "how many there are", COUNT(sockets) },
	{ .name = "recv_q", .help = "sum of their recv_q", COUNT(receive_queue) },
	{ .name = "send_q", .help = "sum of their send_q", COUNT(send_queue) },
};

const struct field_table field_group_table = { group_rows, ARRAY_SIZE(group_rows) };
