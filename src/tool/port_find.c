/* SPDX-License-Identifier: MIT */
/* From the word to the sockets: one dump, of which little is kept. */

#include "base/num.h"
#include "base/str.h"
#include "tool/port.h"

#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

bool place_parse(const char *word, struct place *ret)
{
	long long port;

	*ret = (struct place){ .word = word };
	if (word[0] == '@' || strchr(word, '/')) {
		ret->name = word;
		return word[1] != '\0';
	}
	if (num_parse_decimal(word, 1, UINT16_MAX, &port) < 0)
		return false;
	ret->port = (uint32_t)port;
	return true;
}

void place_look(struct place *place)
{
	if (!place->name || place->name[0] == '@' || stat(place->name, &place->file) < 0)
		place->file = (struct stat){ 0 };
}

/* The kernel tells the device as it has it: 12 bits and 20 bits. */
static bool is_file(const struct place *place, const struct sock_record *record)
{
	enum { MINOR_BITS = 20 };
	dev_t device = place->file.st_dev;

	return place->file.st_ino && record->has & HAS_FILE &&
	       sock_bytes_u32(&record->file, 0) == (uint32_t)place->file.st_ino &&
	       sock_bytes_u32(&record->file, 1) == (major(device) << MINOR_BITS | minor(device));
}

/* A path may end with a NUL; an abstract name begins with one instead of the @. */
static bool is_name(const struct place *place, const struct sock_bytes *name)
{
	size_t len = strlen(place->name);
	const char *data = name->data;

	if (!name->len)
		return false;
	if (data[0] == '\0')
		return place->name[0] == '@' && name->len == len &&
		       memcmp(data + 1, place->name + 1, len - 1) == 0;
	return strnlen(data, name->len) == len && memcmp(data, place->name, len) == 0;
}

static bool is_here(const struct place *place, const struct sock_record *record)
{
	bool is_unix = (TABLES_UNIX & TABLE_BIT(record->table)) != 0;

	if (place->name)
		return is_unix && (is_name(place, &record->name) || is_file(place, record));
	return !is_unix && record->local.port == place->port;
}

/* Datagram sockets have no state for it: those without a peer wait for any.  UNIX ones are
 * "established" as soon as somebody connected to them. */
bool place_is_listener(const struct place *place, const struct sock_record *record)
{
	if (!is_here(place, record))
		return false;
	if (record->table == DIAG_UNIX_DGRAM)
		return !record->peer.port;
	return record->state == (record->table == DIAG_UDP ? SOCK_CLOSE : SOCK_LISTEN);
}

bool place_is_client(const struct place *place, const struct sock_record *record)
{
	return record->table != DIAG_UNIX_DGRAM && is_here(place, record) &&
	       STATES_CONNECTED & STATE_BIT(record->state) && record->state != SOCK_SYN_SENT;
}

bool is_datagram_client(const struct findings *findings, const struct sock_record *record)
{
	if (record->table != DIAG_UNIX_DGRAM || !record->peer.port)
		return false;
	for (size_t i = 0; i < findings->listeners_count; i++)
		if (findings->listeners[i].record.inode == record->peer.port)
			return true;
	return false;
}

/* The NUL before an abstract name becomes an @; a path ends at its NUL. */
static void copy_name(const struct sock_bytes *name, char *out, size_t size)
{
	const char *data = name->data;

	if (!name->len)
		return;
	if (data[0]) {
		(void)str_escape(data, strnlen(data, name->len), out, size);
		return;
	}
	out[0] = '@';
	(void)str_escape(data + 1, name->len - 1, out + 1, size - 1);
}

struct search {
	const struct place *place;
	struct findings *findings;
};

static void keep(struct found **list, size_t *count, const struct sock_record *record)
{
	struct found *found;

	*list = mem_resize(*list, *count + 1, sizeof(**list));
	found = &(*list)[(*count)++];
	*found = (struct found){
		.record = {
			.table = record->table,
			.has = record->has,
			.family = record->family,
			.type = record->type,
			.state = record->state,
			.receive_queue = record->receive_queue,
			.send_queue = record->send_queue,
			.uid = record->uid,
			.inode = record->inode,
			.interface = record->interface,
			.cookie = record->cookie,
			.local = record->local,
			.peer = record->peer,
			.v6only = record->v6only,
		},
	};
	copy_name(&record->name, found->name, sizeof(found->name));
}

static int take(void *context, const struct sock_record *record)
{
	const struct search *search = context;
	struct findings *findings = search->findings;

	if (place_is_listener(search->place, record))
		keep(&findings->listeners, &findings->listeners_count, record);
	else if (place_is_client(search->place, record))
		keep(&findings->clients, &findings->clients_count, record);
	return 0;
}

static int take_datagram_client(void *context, const struct sock_record *record)
{
	struct findings *findings = context;

	if (is_datagram_client(findings, record))
		keep(&findings->clients, &findings->clients_count, record);
	return 0;
}

void port_find(const struct port *port, const struct place *place, struct findings *ret)
{
	struct search search = { place, ret };
	struct diag_query query = {
		.tables = place->name ? TABLES_UNIX : TABLE_BIT(DIAG_TCP) | TABLE_BIT(DIAG_UDP),
		.families = FAMILIES_INET | FAMILY_BIT(AF_UNIX),
		.states = STATES_ALL,
		.wants = WANT_FILE,
	};
	struct err err = { 0 };

	*ret = (struct findings){ 0 };
	(void)diag_dump(&query, &port->places, take, &search, &err);
	query.tables &= TABLE_BIT(DIAG_UNIX_DGRAM);
	if (query.tables && ret->listeners_count)
		(void)diag_dump(&query, &port->places, take_datagram_client, ret, &err);
}

void findings_done(struct findings *findings)
{
	free(findings->listeners);
	free(findings->clients);
	*findings = (struct findings){ 0 };
}
