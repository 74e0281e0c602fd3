/* SPDX-License-Identifier: MIT */
#pragma once

/* Names for numbers: services, protocols, interfaces, control groups.  Each is asked for once
 * and only when a row needs it, so that a numeric listing reads no database. */

#include "base/base.h"
#include "diag/cgroup.h"
#include "diag/places.h"
#include "report/services.h"

enum { NAMES_NETLINK = 256, NAMES_PROCESS_SIZE = 256 };

struct names_interface;
struct names_user;

struct names {
	const struct diag_places *places;
	int range_low, range_high; /* of ports nobody chose; 0: not read yet */
	struct services *services; /* on first use */
	struct names_interface *interfaces;
	struct names_user *users;
	struct cgroups *cgroups;
	char **netlink; /* [NAMES_NETLINK], on first use */
};

/* places is borrowed.  Nothing is read before somebody asks. */
void names_init(struct names *names, const struct diag_places *places);
void names_done(struct names *names);

/* The name of a port of IPPROTO_TCP, IPPROTO_UDP or any protocol (0); NULL when
 * it has none or when it lies in the range of ports that the kernel gives away. */
const char *names_service(struct names *names, uint16_t port, int protocol);

/* The name of an IP protocol, or NULL. */
const char *names_protocol(int number);

/* The name of a user, or NULL. */
const char *names_user(struct names *names, uint32_t uid);

/* The name of an interface; "if7" when there is none with that index. */
const char *names_interface(struct names *names, uint32_t index);

/* Other interfaces follow: those of another namespace. */
void names_forget_interfaces(struct names *names);

/* The name of an Ethernet protocol, or NULL. */
const char *names_ethernet(uint16_t protocol);

/* The name of a netlink protocol, or NULL. */
const char *names_netlink(struct names *names, uint16_t protocol);

/* The other way round: the number of a name (of Ethernet protocols in any case); -1: there is
 * none. */
int names_ethernet_number(const char *name);
int names_netlink_number(struct names *names, const char *name);

/* The name of a process, raw, into a text of NAMES_PROCESS_SIZE bytes; false when there is none. */
bool names_process(const struct names *names, int pid, char *ret);

/* The path of a control group, or NULL. */
const char *names_cgroup(struct names *names, uint64_t id);
