/* SPDX-License-Identifier: MIT */
/* Names, remembered. */

#include "report/names.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <assert.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

enum { PORTS = UINT16_MAX + 1 };

struct names_interface {
	struct names_interface *next;
	uint32_t index;
	char name[IF_NAMESIZE];
};

struct names_user {
	struct names_user *next;
	uint32_t uid;
	char *name; /* NULL: it has none */
};

/* Stands for "asked, there is none". */
static const char no_name[] = "";

void names_init(struct names *names, const struct diag_places *places)
{
	*names = (struct names){ .places = places };
}

void names_forget_interfaces(struct names *names)
{
	while (names->interfaces) {
		struct names_interface *next = names->interfaces->next;

		free(names->interfaces);
		names->interfaces = next;
	}
}

void names_done(struct names *names)
{
	for (size_t kind = 0; kind < NAMES_SERVICE_KINDS; kind++) {
		const char **services = names->services[kind];

		for (size_t i = 0; services && i < PORTS; i++)
			if (services[i] != no_name)
				free((void *)(uintptr_t)services[i]);
		free(services);
	}
	names_forget_interfaces(names);
	while (names->users) {
		struct names_user *next = names->users->next;

		free(names->users->name);
		free(names->users);
		names->users = next;
	}
	cgroups_free(names->cgroups);
	for (size_t i = 0; names->netlink && i < NAMES_NETLINK; i++)
		free(names->netlink[i]);
	free(names->netlink);
	*names = (struct names){ 0 };
}

static const struct {
	int protocol;
	const char *name;
} service_kinds[] = {
	{ 0, NULL },
	{ IPPROTO_TCP, "tcp" },
	{ IPPROTO_UDP, "udp" },
};
static_assert(ARRAY_SIZE(service_kinds) == NAMES_SERVICE_KINDS, "a cache for each kind");

static size_t find_kind(int protocol)
{
	for (size_t kind = 0; kind < NAMES_SERVICE_KINDS; kind++)
		if (service_kinds[kind].protocol == protocol)
			return kind;
	return 0;
}

static const char *look_up_service(uint16_t port, const char *protocol)
{
	const struct servent *entry = getservbyport(htons(port), protocol);

	return entry ? str_copy(entry->s_name) : no_name;
}

const char *names_service(struct names *names, uint16_t port, int protocol)
{
	size_t kind = find_kind(protocol);
	const char ***services = &names->services[kind];
	const char *name;

	if (!names->range_high)
		diag_port_range(names->places, &names->range_low, &names->range_high);
	if (port >= names->range_low && port <= names->range_high)
		return NULL;

	if (!*services)
		*services = mem_new(PORTS, sizeof(**services));
	name = (*services)[port];
	if (!name)
		name = (*services)[port] = look_up_service(port, service_kinds[kind].name);
	return name == no_name ? NULL : name;
}

const char *names_protocol(int number)
{
	const struct protoent *entry = getprotobynumber(number);

	return entry ? entry->p_name : NULL;
}

const char *names_user(struct names *names, uint32_t uid)
{
	struct names_user *user = names->users;
	const struct passwd *entry;

	while (user && user->uid != uid)
		user = user->next;
	if (user)
		return user->name;

	entry = getpwuid(uid);
	user = new_object(struct names_user);
	user->uid = uid;
	user->name = entry ? str_copy(entry->pw_name) : NULL;
	user->next = names->users;
	names->users = user;
	return user->name;
}

const char *names_interface(struct names *names, uint32_t index)
{
	struct names_interface *interface = names->interfaces;

	while (interface && interface->index != index)
		interface = interface->next;
	if (interface)
		return interface->name;

	interface = new_object(struct names_interface);
	interface->index = index;
	if (!if_indextoname(index, interface->name))
		(void)snprintf(interface->name, sizeof(interface->name), "if%u", index);
	interface->next = names->interfaces;
	names->interfaces = interface;
	return interface->name;
}

const char *names_cgroup(struct names *names, uint64_t id)
{
	if (!names->cgroups)
		names->cgroups = cgroups_new();
	return cgroups_path(names->cgroups, id);
}
