/* SPDX-License-Identifier: MIT */
/* Headers of packets and frames; see frame.h. */

#include "net/frame.h"

#include <string.h>

enum { HARDWARE_ADDRESSES = 12 };

/* RFC 791: version, then the header's length in words of four bytes. */
size_t frame_ip4_header(const void *packet, size_t len)
{
	const uint8_t *first = packet;

	return len == 0 ? 0 : MIN(len, (size_t)(*first & 0x0f) * 4);
}

size_t frame_strip(void *packet, size_t len, frame_header *header)
{
	size_t before = header ? header(packet, len) : 0;

	if (before)
		memmove(packet, (char *)packet + before, len - before);
	return len - before;
}

/*
 * IEEE 802.1Q, in network order:
 *
 *	destination 6 | source 6 | ethertype 2 | tag 2 | the frame's own ethertype ...
 */
size_t frame_put_vlan(void *frame, size_t len, size_t size, uint16_t ethertype, uint16_t tag)
{
	const uint8_t bytes[FRAME_VLAN_LEN] = {
		(uint8_t)(ethertype >> 8),
		(uint8_t)ethertype,
		(uint8_t)(tag >> 8),
		(uint8_t)tag,
	};
	uint8_t *at = (uint8_t *)frame + HARDWARE_ADDRESSES;

	if (len < HARDWARE_ADDRESSES || size < HARDWARE_ADDRESSES + FRAME_VLAN_LEN)
		return len;
	len = MIN(len, size - FRAME_VLAN_LEN);
	memmove(at + FRAME_VLAN_LEN, at, len - HARDWARE_ADDRESSES);
	memcpy(at, bytes, sizeof(bytes));
	return len + FRAME_VLAN_LEN;
}
