/* SPDX-License-Identifier: MIT */
#pragma once

/* Making nc's IP sockets, clients' and listeners'. */

#include "net/address.h"
#include "tool/nc_options.h"

/* IPPROTO_TCP or IPPROTO_UDP. */
int nc_socket_protocol(const struct nc_options *o);
const char *nc_socket_protocol_name(const struct nc_options *o);

/* A close-on-exec socket for the family of the address, or -errno. */
int nc_socket_open(const struct nc_options *o, const struct net_address *to);

/* Sets what -b -D -T -I -O -M -m ask for, in netcat's order. */
int nc_socket_tune(int fd, int family, const struct nc_options *o, struct err *err);
