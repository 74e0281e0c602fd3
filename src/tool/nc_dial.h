/* SPDX-License-Identifier: MIT */
#pragma once

/* Connecting to a place, with all addresses that its name has.  Waits through
 * task/, so it runs on a fiber as well. */

#include "base/err.h"
#include "net/resolve.h"
#include "tool/nc_place.h"

/* One port: through the proxy, if there is one.  1: *ret_fd is connected (blocking,
 * close-on-exec) to *ret_to (len 0 through a proxy); 0: no address could be reached,
 * as the observer was told; negative: what ends the program, with its sentence, and
 * -ECANCELED. */
int nc_dial(const struct nc_place *place, uint16_t port, int *ret_fd, struct net_address *ret_to,
	    struct err *err);

/* The same for addresses that are known, never through a proxy: in a race (nc_race.h), if that
 * makes sense, else one after the other.  Sets their ports. */
int nc_dial_any(const struct nc_place *place, struct net_addresses *list, uint16_t port,
		int *ret_fd, struct net_address *ret_to, struct err *err);

/* When an attempt that begins now has lasted too long (clock.h). */
int64_t nc_dial_deadline(const struct nc_place *place);

/* Its parts.  A socket of the family, bound and tuned: 1, 0 if there can be none, or
 * negative with the sentence.  All addresses of the host: 0 or negative likewise; port
 * is for the sentence. */
int nc_dial_socket(const struct nc_place *place, int family, int *ret_fd, struct err *err);
int nc_dial_resolve(const struct nc_place *place, uint16_t port, struct net_addresses *ret,
		    struct err *err);
