/* SPDX-License-Identifier: MIT */
#pragma once

/* What the words after the options mean. */

#include "tool/nc_options.h"

/* Fills host, listen_port and ports.  NC_RUN, NC_USAGE or -EINVAL. */
int nc_operands(struct nc_options *o, size_t n, char **words, struct err *err);
