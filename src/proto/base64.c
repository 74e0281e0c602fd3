/* SPDX-License-Identifier: MIT */
/* Three bytes become four letters of six bits each. */

#include "proto/base64.h"

void base64_put(struct buf *out, const void *data, size_t len)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *at = data;

	for (; len; at += MIN(len, 3), len -= MIN(len, 3)) {
		uint32_t bits = (uint32_t)at[0] << 16 | (len > 1 ? (uint32_t)at[1] << 8 : 0) |
				(len > 2 ? at[2] : 0u);

		buf_put_byte(out, letters[bits >> 18]);
		buf_put_byte(out, letters[bits >> 12 & 63]);
		buf_put_byte(out, len > 1 ? letters[bits >> 6 & 63] : '=');
		buf_put_byte(out, len > 2 ? letters[bits & 63] : '=');
	}
}
