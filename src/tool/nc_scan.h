/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Scanning ports: many at once, told in the order of the list.
 *
 * The observer hears of each port what it would hear if one was tried after the
 * other: failed for each address that was tried, then connected if one answered, and
 * at last scanned.
 */

#include "base/err.h"
#include "tool/nc_place.h"
#include "tool/nc_ports.h"

/* Connects to each port and closes, or, for datagrams, probes it.  Without -w silence
 * of 3 s counts as open, as nobody said that the port is closed.  Waits through task/.
 * *ret_open: how many ports are; *ret_last: what the last one is.  0 or negative, with
 * the sentence. */
int nc_scan(const struct nc_place *place, const struct nc_ports *ports, size_t *ret_open,
	    enum nc_port_state *ret_last, struct err *err);
