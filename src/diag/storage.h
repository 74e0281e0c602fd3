/* SPDX-License-Identifier: MIT */
#pragma once

/* What BPF programs keep with a socket: a value per map (linux/sock_diag.h).  Pure. */

#include "diag/record.h"

struct sock_storage {
	uint32_t map_id;
	struct sock_bytes value; /* of the map's value type; at any address */
};

/* The next entry of a record's `storages`, a copy of which begins the walk; false at the end.
 * Entries without a map or a value are skipped. */
bool storage_next(struct sock_bytes *rest, struct sock_storage *ret);
