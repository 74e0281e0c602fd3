/* SPDX-License-Identifier: MIT */
/* Attributes within attributes; see storage.h. */

#include "diag/storage.h"
#include "diag/attribute.h"

#include <linux/sock_diag.h>

static bool decode(struct sock_bytes entry, struct sock_storage *ret)
{
	struct sock_bytes payload;
	bool has_map = false;
	uint16_t type;

	*ret = (struct sock_storage){ 0 };
	while (diag_attribute_next(&entry, &type, &payload)) {
		if (type == SK_DIAG_BPF_STORAGE_MAP_ID && payload.len >= sizeof(ret->map_id)) {
			ret->map_id = sock_bytes_u32(&payload, 0);
			has_map = true;
		} else if (type == SK_DIAG_BPF_STORAGE_MAP_VALUE) {
			ret->value = payload;
		}
	}
	return has_map && ret->value.len;
}

bool storage_next(struct sock_bytes *rest, struct sock_storage *ret)
{
	struct sock_bytes entry;
	uint16_t type;

	while (diag_attribute_next(rest, &type, &entry))
		if (type == SK_DIAG_BPF_STORAGE && decode(entry, ret))
			return true;
	return false;
}
