/* SPDX-License-Identifier: MIT */
#pragma once

/* Making nc's IP sockets, clients' and listeners'. */

#include "base/err.h"
#include "tool/nc_place.h"

/* As for socket(2); for UNIX sockets 0.  And the name that messages give it. */
int nc_socket_type(const struct nc_place *place);
int nc_socket_protocol(const struct nc_place *place);
const char *nc_socket_protocol_name(const struct nc_place *place);

/* A close-on-exec socket of the family, or -errno. */
int nc_socket_open(const struct nc_place *place, int family);

/* Sets what is asked for, in netcat's order. */
int nc_socket_tune(int fd, int family, const struct nc_tuning *tuning, struct err *err);
