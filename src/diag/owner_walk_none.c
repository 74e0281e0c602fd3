/* SPDX-License-Identifier: MIT */
/* A build without libbpf. */

#include "diag/owner_walk.h"

#include <errno.h>

int owner_walk(owner_found *found, void *context)
{
	(void)found;
	(void)context;
	return -ENOENT;
}
