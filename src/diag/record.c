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

uint64_t sock_bytes_number(const struct sock_bytes *bytes, size_t offset, size_t size)
{
	char space[sizeof(uint64_t)] = { 0 };
	uint64_t whole;
	uint32_t half;
	uint16_t quarter;

	if (!bytes->data || offset >= bytes->len)
		return 0;
	memcpy(space, (const char *)bytes->data + offset, MIN(size, bytes->len - offset));
	switch (size) {
	case sizeof(whole):
		memcpy(&whole, space, sizeof(whole));
		return whole;
	case sizeof(half):
		memcpy(&half, space, sizeof(half));
		return half;
	case sizeof(quarter):
		memcpy(&quarter, space, sizeof(quarter));
		return quarter;
	default:
		return (uint8_t)space[0];
	}
}
