/* SPDX-License-Identifier: MIT */
/* Reading the byte ranges of a record. */

#include "diag/record.h"

#include <string.h>

uint32_t sock_bytes_u32(const struct sock_bytes *bytes, size_t n)
{
	uint32_t value = 0;

	if ((n + 1) * sizeof(value) <= bytes->len)
		memcpy(&value, (const char *)bytes->data + n * sizeof(value), sizeof(value));
	return value;
}
