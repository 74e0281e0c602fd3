/* SPDX-License-Identifier: MIT */
#pragma once

/* Listening at a place. */

#include "base/err.h"
#include "tool/nc_place.h"

/* Binds to the first address of the place that can be had, and listens there; "" is
 * any free port.  Without an address and a family this means IPv4.  The socket is
 * non-blocking, for net_accept().  0 or negative, with the sentence. */
int nc_listen_open(const struct nc_place *place, const char *port, int *ret_fd, struct err *err);
