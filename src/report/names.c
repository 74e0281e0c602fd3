/* SPDX-License-Identifier: MIT */
/* Names, remembered. */

#include "report/names.h"
#include "base/str.h"

#include <net/if.h>
#include <netdb.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>

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
	services_free(names->services);
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

const char *names_service(struct names *names, uint16_t port, int protocol)
{
	if (!names->range_high)
		diag_port_range(names->places, &names->range_low, &names->range_high);
	if (port >= names->range_low && port <= names->range_high)
		return NULL;

	if (!names->services)
		names->services = services_new();
	return services_name(names->services, port, protocol);
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
