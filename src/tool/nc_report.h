/* SPDX-License-Identifier: MIT */
#pragma once

/* What nc -v says in OpenBSD's words, on stderr.  It may wait, for the names of
 * addresses. */

#include "tool/nc_place.h"

/* For -v given so often; NULL: say nothing. */
const struct nc_observer *nc_report_for(int verbose);

/* inet_ntop(3) form with the scope of a link-local address.  Returns out. */
const char *nc_report_numeric(const struct net_address *a, char *out, size_t size);
