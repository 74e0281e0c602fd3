/* SPDX-License-Identifier: MIT */
#pragma once

/* Network interfaces by name (netdevice(7)).  fd is any socket of the wanted
 * network namespace.  All return 0 or -errno. */

#include "base/base.h"

#include <net/if.h>
#include <netinet/in.h>

int net_interface_index(int fd, const char *name, int *ret);

/* The IFF_ flags.  Linux ignores those it does not let a program change. */
int net_interface_flags(int fd, const char *name, uint16_t *ret);
int net_interface_set_flags(int fd, const char *name, uint16_t flags);

int net_interface_set_mtu(int fd, const char *name, int mtu);

/* IPv4 address and netmask. */
int net_interface_set_address(int fd, const char *name, struct in_addr address, unsigned int bits);
