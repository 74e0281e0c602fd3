/* SPDX-License-Identifier: MIT */
/* Messages kept for later. */

#include "diag/kept.h"

#include <string.h>

void kept_init(struct kept *kept, size_t max)
{
	*kept = (struct kept){ .bytes.max = max };
}

void kept_done(struct kept *kept)
{
	buf_done(&kept->bytes);
}

void kept_put(struct kept *kept, const void *message, size_t len)
{
	uint32_t size = (uint32_t)len;

	buf_put(&kept->bytes, &size, sizeof(size));
	buf_put(&kept->bytes, message, size);
}

bool kept_is_full(const struct kept *kept)
{
	return kept->bytes.full;
}

bool kept_next(struct kept *kept, const void **ret_message, size_t *ret_len)
{
	size_t left = kept->bytes.len - kept->at;
	uint32_t size;

	if (left < sizeof(size))
		return false;
	memcpy(&size, kept->bytes.data + kept->at, sizeof(size));
	if (size > left - sizeof(size))
		return false;
	kept->at += sizeof(size);
	*ret_message = kept->bytes.data + kept->at;
	*ret_len = size;
	kept->at += size;
	return true;
}
