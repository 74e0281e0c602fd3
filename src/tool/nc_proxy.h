/* SPDX-License-Identifier: MIT */
#pragma once

/* Connecting through a proxy: src/proto/ talks, this says in nc's words what went wrong. */

#include "base/err.h"
#include "tool/nc_place.h"

/* Has the place's proxy connect us to its host; the limit counts for the talk, too.
 * 1: *ret_fd is connected; 0: the proxy could not be reached, as the observer was told;
 * negative: what ends the program, with its sentence (-EOPNOTSUPP: the proxy wants a login of a
 * kind that is unknown here), and -ECANCELED. */
int nc_proxy_dial(const struct nc_place *place, uint16_t port, int *ret_fd, struct err *err);
