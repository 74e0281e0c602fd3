/* SPDX-License-Identifier: MIT */
/* Headers of packets and frames: what is left is the end of what came, and a tag
 * only moves what was there.  The first byte of the input is the room there is. */

#include "net/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_strip(const uint8_t *data, size_t size)
{
	auto_free uint8_t *packet = mem_copy(data, size);
	size_t len = frame_strip(packet, size, frame_ip4_header);

	check(len <= size && memcmp(packet, data + size - len, len) == 0);
}

static void check_vlan(const uint8_t *data, size_t size, size_t room)
{
	auto_free uint8_t *frame = mem_new(1, MAX(room, size));
	size_t len;

	memcpy(frame, data, size);
	len = frame_put_vlan(frame, size, room, 0x8100, 5);
	if (len == size && (size < 12 || memcmp(frame, data, size) == 0))
		return;
	check(len <= room && len <= size + FRAME_VLAN_LEN);
	check(memcmp(frame, data, 12) == 0 && frame[12] == 0x81 && frame[15] == 5);
	check(memcmp(frame + 16, data + 12, len - 16) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	check_strip(data + 1, size - 1);
	if (data[0] >= size - 1)
		check_vlan(data + 1, size - 1, data[0]);
	return 0;
}
