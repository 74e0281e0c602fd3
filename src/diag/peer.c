/* SPDX-License-Identifier: MIT */
/* Two hash tables, one entry for each socket.  An IPv4 connection of an IPv6 socket
 * counts as one of IPv4, for its other end may be that. */

#include "diag/peer.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 1024, IPV4_SIZE = 4, MAPPED_SIZE = 12, ADDRESS_SIZE = 16 };

struct endpoints {
	uint8_t local[ADDRESS_SIZE], peer[ADDRESS_SIZE];
	uint32_t local_port, peer_port;
};

struct connection {
	struct endpoints ends;
	uint32_t inode; /* 0: empty */
};

struct name {
	uint32_t inode; /* 0: empty */
	struct sock_bytes bytes;
};

struct peers {
	struct connection *connections; /* powers of two */
	size_t connections_used, connections_room;
	struct name *names;
	size_t names_used, names_room;
};

struct peers *peers_new(void)
{
	return new_object(struct peers);
}

void peers_clear(struct peers *peers)
{
	for (size_t i = 0; i < peers->names_room; i++)
		free((void *)(uintptr_t)peers->names[i].bytes.data);
	free(peers->names);
	free(peers->connections);
	*peers = (struct peers){ 0 };
}

void peers_free(struct peers *peers)
{
	if (!peers)
		return;
	peers_clear(peers);
	free(peers);
}

void peers_cleanup(struct peers **peers)
{
	peers_free(*peers);
}

static void copy_address(const struct sock_record *record, const struct sock_end *end, uint8_t *out)
{
	static const uint8_t mapped[MAPPED_SIZE] = { [10] = 0xff, [11] = 0xff };

	if (record->family == AF_INET6) {
		memcpy(out, end->address, ADDRESS_SIZE);
		return;
	}
	memcpy(out, mapped, MAPPED_SIZE);
	memcpy(out + MAPPED_SIZE, end->address, IPV4_SIZE);
}

static struct endpoints ends_of(const struct sock_record *record)
{
	struct endpoints ends = {
		.local_port = record->local.port,
		.peer_port = record->peer.port,
	};

	copy_address(record, &record->local, ends.local);
	copy_address(record, &record->peer, ends.peer);
	return ends;
}

/* FNV-1a over the whole key, which has no padding. */
static size_t hash(const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		value = (value ^ byte[i]) * 0x100000001b3;
	return (size_t)(value ^ value >> 32);
}

static struct connection *connection_of(const struct peers *peers, const struct endpoints *ends)
{
	size_t i = hash(ends, sizeof(*ends)) & (peers->connections_room - 1);

	while (peers->connections[i].inode &&
	       memcmp(&peers->connections[i].ends, ends, sizeof(*ends)) != 0)
		i = (i + 1) & (peers->connections_room - 1);
	return &peers->connections[i];
}

static void enlarge_connections(struct peers *peers)
{
	struct connection *old = peers->connections;
	size_t room = peers->connections_room;

	peers->connections_room = room ? room * 2 : ROOM_AT_FIRST;
	peers->connections = mem_new(peers->connections_room, sizeof(*old));
	for (size_t i = 0; i < room; i++)
		if (old[i].inode)
			*connection_of(peers, &old[i].ends) = old[i];
	free(old);
}

static void add_connection(struct peers *peers, const struct sock_record *record)
{
	struct endpoints ends = ends_of(record);
	struct connection *connection;

	if (!record->inode || record->state == SOCK_LISTEN)
		return;
	if (peers->connections_used * 2 >= peers->connections_room)
		enlarge_connections(peers);
	connection = connection_of(peers, &ends);
	if (!connection->inode)
		peers->connections_used++;
	*connection = (struct connection){ ends, record->inode };
}

static struct name *name_of(const struct peers *peers, uint32_t inode)
{
	size_t i = hash(&inode, sizeof(inode)) & (peers->names_room - 1);

	while (peers->names[i].inode && peers->names[i].inode != inode)
		i = (i + 1) & (peers->names_room - 1);
	return &peers->names[i];
}

static void enlarge_names(struct peers *peers)
{
	struct name *old = peers->names;
	size_t room = peers->names_room;

	peers->names_room = room ? room * 2 : ROOM_AT_FIRST;
	peers->names = mem_new(peers->names_room, sizeof(*old));
	for (size_t i = 0; i < room; i++)
		if (old[i].inode)
			*name_of(peers, old[i].inode) = old[i];
	free(old);
}

static void add_name(struct peers *peers, const struct sock_record *record)
{
	struct name *name;

	if (!record->inode || !record->name.len)
		return;
	if (peers->names_used * 2 >= peers->names_room)
		enlarge_names(peers);
	name = name_of(peers, record->inode);
	if (name->inode)
		return;
	peers->names_used++;
	*name = (struct name){
		record->inode,
		{ mem_copy(record->name.data, record->name.len), record->name.len },
	};
}

void peers_add(struct peers *peers, const struct sock_record *record)
{
	if (record->table == DIAG_TCP)
		add_connection(peers, record);
	else if (TABLES_UNIX & TABLE_BIT(record->table))
		add_name(peers, record);
}

uint32_t peers_inode(const struct peers *peers, const struct sock_record *record)
{
	struct endpoints there, here;

	if (TABLES_UNIX & TABLE_BIT(record->table))
		return record->peer.port;
	if (record->table != DIAG_TCP || !peers->connections_room)
		return 0;
	here = ends_of(record);
	there = (struct endpoints){ .local_port = here.peer_port, .peer_port = here.local_port };
	memcpy(there.local, here.peer, ADDRESS_SIZE);
	memcpy(there.peer, here.local, ADDRESS_SIZE);
	return connection_of(peers, &there)->inode;
}

const struct sock_bytes *peers_name(const struct peers *peers, uint32_t inode)
{
	static const struct sock_bytes none;

	return inode && peers->names_room ? &name_of(peers, inode)->bytes : &none;
}
