/* SPDX-License-Identifier: MIT */
/* What is said of a listener, and of its clients. */

#include "base/str.h"
#include "diag/peer.h"
#include "tool/port.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CLIENTS_SHOWN = 20, SHOWN_MAX = 512, ADDRESS_MAX = 64 };

const char *port_owner_name(const struct owner *owner, char *out, size_t size)
{
	char name[4 * OWNER_NAME_MAX + 1];

	(void)snprintf(out, size, "%s (pid %d)",
		       str_escape(owner->name, strlen(owner->name), name, sizeof(name)),
		       owner->pid);
	return out;
}

static const char *kind_of(const struct sock_record *record)
{
	static const char *const names[DIAG_TABLES] = {
		[DIAG_TCP] = "tcp",
		[DIAG_UDP] = "udp",
		[DIAG_UNIX_DGRAM] = "unix datagram",
		[DIAG_UNIX_STREAM] = "unix stream",
		[DIAG_UNIX_SEQPACKET] = "unix seqpacket",
	};

	return names[record->table];
}

static const char *address_of(const struct sock_record *record, const struct sock_end *end,
			      char out[ADDRESS_MAX])
{
	char name[INET6_ADDRSTRLEN] = "?";

	(void)inet_ntop(record->family, end->address, name, sizeof(name));
	(void)snprintf(out, ADDRESS_MAX, record->family == AF_INET6 ? "[%s]:%u" : "%s:%u", name,
		       end->port);
	return out;
}

static bool is_any(const struct sock_record *record)
{
	static const uint8_t any[sizeof(record->local.address)];

	return memcmp(record->local.address, any, record->family == AF_INET ? 4 : sizeof(any)) == 0;
}

static bool is_loopback(const struct sock_record *record)
{
	static const uint8_t six[] = { [15] = 1 };
	static const uint8_t mapped[] = { [10] = 0xff, 0xff, 127 };
	const uint8_t *address = record->local.address;

	if (record->family == AF_INET)
		return address[0] == 127;
	return memcmp(address, six, sizeof(six)) == 0 ||
	       memcmp(address, mapped, sizeof(mapped)) == 0;
}

static const char *reach_of(const struct sock_record *record)
{
	if (is_loopback(record))
		return "this host only (loopback)";
	if (!is_any(record))
		return "one address";
	if (record->family == AF_INET)
		return "all IPv4 addresses of this host";
	return record->v6only ? "all IPv6 addresses of this host"
			      : "all addresses of this host, IPv4 and IPv6";
}

static void print_time(const char *what, int64_t seconds)
{
	time_t moment = (time_t)seconds;
	char text[ADDRESS_MAX];
	struct tm when;

	if (seconds > 0 && localtime_r(&moment, &when) &&
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &when))
		printf("    since     %s (%s)\n", text, what);
}

static void print_command(const struct owner_facts *facts)
{
	char shown[SHOWN_MAX], words[SHOWN_MAX];
	size_t len = MIN(facts->command_len, sizeof(words));

	if (!len)
		return;
	for (size_t i = 0; i < len; i++)
		words[i] = facts->command[i] ? facts->command[i] : ' ';
	printf("    command   %s\n", str_escape(words, len, shown, sizeof(shown)));
}

static void print_facts(struct port *port, const struct owner *owner)
{
	const struct owner_facts *facts = owner_book_find(port->book, owner->pid);
	const char *user = facts->uid_known ? names_user(&port->names, facts->uid) : NULL;
	char shown[SHOWN_MAX];

	print_command(facts);
	if (facts->uid_known && user)
		printf("    user      %s\n", str_escape(user, strlen(user), shown, sizeof(shown)));
	else if (facts->uid_known)
		printf("    user      %u\n", facts->uid);
	if (facts->group.unit[0])
		printf("    unit      %s\n",
		       str_escape(facts->group.unit, strlen(facts->group.unit), shown,
				  sizeof(shown)));
	if (facts->group.container[0])
		printf("    container %s\n",
		       str_escape(facts->group.container, strlen(facts->group.container), shown,
				  sizeof(shown)));
	print_time("the process started; it cannot have listened longer", facts->started);
}

/* Each process once; what is told of the first holds for workers of the same program. */
static void print_owners(struct port *port, const struct sock_record *record)
{
	struct owner owner, first;
	char name[SHOWN_MAX];
	int before = 0;

	for (size_t i = owners_first(port->owners, record->inode); i;
	     i = owners_next(port->owners, i)) {
		owners_get(port->owners, i, &owner);
		if (owner.pid == before)
			continue;
		printf("    %s%s\n", before ? "          " : "process   ",
		       port_owner_name(&owner, name, sizeof(name)));
		if (!before)
			first = owner;
		before = owner.pid;
	}
	if (before)
		print_facts(port, &first);
	else
		printf("    process   unknown: %s\n", owners_why(port->owners, record));
}

static void print_listener(struct port *port, const struct place *place, const struct found *found)
{
	const struct sock_record *record = &found->record;
	char address[ADDRESS_MAX];

	if (!place->name) {
		printf("%s %s\n", kind_of(record), address_of(record, &record->local, address));
		printf("    reachable %s%s%s\n", reach_of(record),
		       record->interface ? ", through " : "",
		       record->interface ? names_interface(&port->names, record->interface) : "");
	} else {
		printf("%s %s\n", kind_of(record), found->name);
		printf("    reachable this host only%s\n",
		       place->name[0] == '@' ? ", this network namespace" : "");
	}
	print_owners(port, record);
	if (place->file.st_ino)
		print_time("the path was made", place->file.st_mtime);
}

/* The process at the other end, if it is on this host. */
static void print_client(struct port *port, const struct peers *peers, const struct found *found)
{
	const struct sock_record *record = &found->record;
	char address[ADDRESS_MAX], name[SHOWN_MAX];
	bool itself = record->table == DIAG_UNIX_DGRAM;
	size_t i = owners_first(port->owners, itself ? record->inode : peers_inode(peers, record));
	struct owner owner;

	if (i)
		owners_get(port->owners, i, &owner);
	printf("              %s%s%s\n",
	       record->family == AF_UNIX ? "" : address_of(record, &record->peer, address),
	       i && record->family != AF_UNIX ? " " : "",
	       i			   ? port_owner_name(&owner, name, sizeof(name))
	       : record->family == AF_UNIX ? "unknown"
					   : "");
}

static int take_peer(void *context, const struct sock_record *record)
{
	peers_add(context, record);
	return 0;
}

static void print_clients(struct port *port, const struct findings *findings)
{
	struct diag_query query = { .tables = TABLE_BIT(DIAG_TCP),
				    .families = FAMILIES_INET,
				    .states = STATES_CONNECTED };
	auto_peers peers = peers_new();
	struct err err;

	printf("    clients   %zu\n", findings->clients_count);
	if (findings->clients_count)
		(void)diag_dump(&query, &port->places, take_peer, peers, &err);
	for (size_t i = 0; i < MIN(findings->clients_count, (size_t)CLIENTS_SHOWN); i++)
		print_client(port, peers, &findings->clients[i]);
	if (findings->clients_count > CLIENTS_SHOWN)
		printf("              and %zu more\n", findings->clients_count - CLIENTS_SHOWN);
}

void port_print(struct port *port, const struct place *place, const struct findings *findings)
{
	for (size_t i = 0; i < findings->listeners_count; i++)
		print_listener(port, place, &findings->listeners[i]);
	print_clients(port, findings);
}
