/* SPDX-License-Identifier: MIT */
#pragma once

/* TLS on a connection of a place. */

#include "stream/stream.h"
#include "tool/nc_place.h"

/* The handshake within the place's limit; without one a listener gives its client half a minute.
 * As nc_tls_over(). */
int nc_tls_in_time(const struct nc_place *place, struct stream **s, struct err *err);
