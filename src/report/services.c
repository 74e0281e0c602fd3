/* SPDX-License-Identifier: MIT */
/* A list of names, and for each kind of question the place in it of each port. */

#include "report/services.h"
#include "base/fd.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { PORTS = UINT16_MAX + 1, KINDS = 3, NSSWITCH_MAX = 1 << 16, ROOM_AT_FIRST = 1 << 9 };

/* The first places are not of names. */
enum { NOT_ASKED, NO_NAME, NAMES };

static const struct {
	int protocol;
	const char *name; /* NULL: any will do */
} kinds[KINDS] = {
	{ 0, NULL },
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
};

struct services {
	bool complete; /* all names are here */
	uint32_t places[KINDS][PORTS];
	char **names;
	size_t used, room;
};

static uint32_t add_name(struct services *services, const char *name)
{
	if (services->used == services->room) {
		services->room = services->room ? services->room * 2 : ROOM_AT_FIRST;
		services->names =
			mem_resize(services->names, services->room, sizeof(*services->names));
	}
	services->names[services->used] = name ? str_copy(name) : NULL;
	return (uint32_t)services->used++;
}

/* The first of two names counts, as it does for the C library. */
static void add_entry(struct services *services, const struct servent *entry)
{
	uint32_t place = add_name(services, entry->s_name);
	uint16_t port = ntohs((uint16_t)entry->s_port);

	for (size_t kind = 0; kind < KINDS; kind++)
		if (services->places[kind][port] == NOT_ASKED &&
		    (!kinds[kind].name || str_equal(kinds[kind].name, entry->s_proto)))
			services->places[kind][port] = place;
}

/* False where the list is empty: some C libraries have none. */
static bool read_list(struct services *services)
{
	const struct servent *entry;

	setservent(1);
	while ((entry = getservent()))
		add_entry(services, entry);
	endservent();
	return services->used > NAMES;
}

static bool is_listed(void)
{
	auto_free char *text = NULL;

	return fd_read_file("/etc/nsswitch.conf", NSSWITCH_MAX, &text) >= 0 &&
	       services_are_listed(text);
}

struct services *services_new(void)
{
	struct services *services = new_object(struct services);

	while (services->used < NAMES)
		(void)add_name(services, NULL);
	services->complete = is_listed() && read_list(services);
	return services;
}

void services_free(struct services *services)
{
	if (!services)
		return;
	for (size_t i = 0; i < services->used; i++)
		free(services->names[i]);
	free(services->names);
	free(services);
}

static size_t find_kind(int protocol)
{
	for (size_t kind = 0; kind < KINDS; kind++)
		if (kinds[kind].protocol == protocol)
			return kind;
	return 0;
}

static uint32_t ask(struct services *services, uint16_t port, const char *protocol)
{
	const struct servent *entry = getservbyport(htons(port), protocol);

	return entry ? add_name(services, entry->s_name) : NO_NAME;
}

const char *services_name(struct services *services, uint16_t port, int protocol)
{
	size_t kind = find_kind(protocol);
	uint32_t *place = &services->places[kind][port];

	if (*place == NOT_ASKED && !services->complete)
		*place = ask(services, port, kinds[kind].name);
	return services->names[*place];
}

static bool is_local_source(const char *word, size_t len)
{
	static const char *const names[] = { "files", "db" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (len == strlen(names[i]) && memcmp(word, names[i], len) == 0)
			return true;
	return false;
}

/* One line, from behind its colon. */
static bool has_local_sources(const char *at)
{
	static const char blanks[] = " \t\r", ends[] = " \t\r\n#";
	size_t len;

	for (at += strspn(at, blanks); (len = strcspn(at, ends)); at += strspn(at, blanks)) {
		if (!is_local_source(at, len))
			return false;
		at += len;
	}
	return true;
}

bool services_are_listed(const char *nsswitch)
{
	static const char word[] = "services:";
	bool listed = false;

	for (const char *line = nsswitch; line; line = strchr(line, '\n')) {
		line += strspn(line, " \t\r\n");
		if (!str_begins(line, word))
			continue;
		listed = has_local_sources(line + strlen(word));
		if (!listed)
			return false;
	}
	return listed;
}
