/* SPDX-License-Identifier: MIT */
/* Hash tables with an entry for each socket.  An IPv4 connection of an IPv6 socket
 * counts as one of IPv4, for its other end may be that. */

#include "diag/peer.h"

#include <stdlib.h>
#include <string.h>

enum { ROOM_AT_FIRST = 1024, IPV4_SIZE = 4, MAPPED_SIZE = 12, ADDRESS_SIZE = 16 };

struct endpoints {
	uint8_t local[ADDRESS_SIZE], peer[ADDRESS_SIZE];
	uint32_t local_port, peer_port;
};

/* Entries begin with the inode, 0 where there is none. */
struct connection {
	uint32_t inode;
	struct endpoints ends;
};

struct name {
	uint32_t inode;
	struct sock_bytes bytes;
};

/* Open addressing: an entry stands at the place that its key says, or behind it. */
struct table {
	size_t size;		     /* of an entry */
	size_t key_offset, key_size; /* within it; the key has no padding */
	char *entries;
	size_t used, room; /* room: a power of two */
};

struct peers {
	struct table connections, names;
};

#define TABLE(type, key)                                                               \
	{                                                                              \
		.size = sizeof(struct type), .key_offset = offsetof(struct type, key), \
		.key_size = sizeof(((struct type *)0)->key)                            \
	}

static const struct peers empty = {
	.connections = TABLE(connection, ends),
	.names = TABLE(name, inode),
};

/* FNV-1a over the whole key. */
static size_t hash(const void *data, size_t len)
{
	const uint8_t *byte = data;
	uint64_t value = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		value = (value ^ byte[i]) * 0x100000001b3;
	return (size_t)(value ^ value >> 32);
}

static bool is_taken(const void *entry)
{
	uint32_t inode;

	memcpy(&inode, entry, sizeof(inode));
	return inode;
}

/* The entry of a key, or the empty one where it would be; NULL as long as the table has none. */
static void *find(const struct table *table, const void *key)
{
	size_t i = table->room ? hash(key, table->key_size) & (table->room - 1) : 0;
	char *entry = table->entries;

	if (!entry)
		return NULL;
	entry += i * table->size;
	while (is_taken(entry) && memcmp(entry + table->key_offset, key, table->key_size) != 0) {
		i = (i + 1) & (table->room - 1);
		entry = table->entries + i * table->size;
	}
	return entry;
}

static void enlarge(struct table *table)
{
	struct table old = *table;

	table->room = old.room ? old.room * 2 : ROOM_AT_FIRST;
	table->entries = mem_new(table->room, table->size);
	for (size_t i = 0; i < old.room; i++) {
		const char *entry = old.entries + i * old.size;

		if (is_taken(entry))
			memcpy(find(table, entry + table->key_offset), entry, table->size);
	}
	free(old.entries);
}

/* The same as find(), for an entry that will be taken. */
static void *find_room(struct table *table, const void *key)
{
	void *entry;

	if (table->used * 2 >= table->room)
		enlarge(table);
	entry = find(table, key);
	if (!is_taken(entry))
		table->used++;
	return entry;
}

struct peers *peers_new(void)
{
	struct peers *peers = new_object(struct peers);

	*peers = empty;
	return peers;
}

void peers_clear(struct peers *peers)
{
	const struct name *names = (const struct name *)(const void *)peers->names.entries;

	for (size_t i = 0; i < peers->names.room; i++)
		free((void *)(uintptr_t)names[i].bytes.data);
	free(peers->names.entries);
	free(peers->connections.entries);
	*peers = empty;
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

static void add_connection(struct peers *peers, const struct sock_record *record)
{
	struct endpoints ends = ends_of(record);
	struct connection *connection;

	if (!record->inode || record->state == SOCK_LISTEN)
		return;
	connection = find_room(&peers->connections, &ends);
	*connection = (struct connection){ record->inode, ends };
}

static void add_name(struct peers *peers, const struct sock_record *record)
{
	struct name *name;

	if (!record->inode || !record->name.len)
		return;
	name = find_room(&peers->names, &record->inode);
	if (name->inode)
		return;
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
	const struct connection *connection;
	struct endpoints there, here;

	if (TABLES_UNIX & TABLE_BIT(record->table))
		return record->peer.port;
	if (record->table != DIAG_TCP)
		return 0;
	here = ends_of(record);
	there = (struct endpoints){ .local_port = here.peer_port, .peer_port = here.local_port };
	memcpy(there.local, here.peer, ADDRESS_SIZE);
	memcpy(there.peer, here.local, ADDRESS_SIZE);
	connection = find(&peers->connections, &there);
	return connection ? connection->inode : 0;
}

const struct sock_bytes *peers_name(const struct peers *peers, uint32_t inode)
{
	static const struct sock_bytes none;
	const struct name *name;

	name = inode ? find(&peers->names, &inode) : NULL;
	return name ? &name->bytes : &none;
}
