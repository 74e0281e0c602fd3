/* SPDX-License-Identifier: MIT */
#pragma once

/* The port operands of the traditional netcat.  Pure, as nc_ports.h is. */

#include "tool/nc_ports.h"

/* One port operand: `80`, `http`, or `20-25`, which is tried from its end; a backslash
 * takes a hyphen as part of a name.  Appends; 0 or -EINVAL with the sentence. */
int trad_ports_add(struct nc_ports *list, const char *word, const struct nc_services *services,
		   struct err *err);
