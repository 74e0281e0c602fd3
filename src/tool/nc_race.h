/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Connecting to a host that has several addresses, without waiting long for one that
 * does not answer: Happy Eyeballs (RFC 8305).
 *
 * The families take turns, beginning with that of the first address.  A new attempt is
 * begun 250 ms after the last one, or as soon as one has failed; the first connection
 * wins and the others are given up.
 */

#include "tool/nc_dial.h"

/* As nc_dial_any(), for a list whose ports are set.  Whoever is told of
 * failures is told in the order in which they came, and the families do not take turns
 * then: the list is in the order in which the original tries. */
int nc_race(const struct nc_place *place, const struct net_addresses *list, int *ret_fd,
	    struct net_address *ret_to, struct err *err);
