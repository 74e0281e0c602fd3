/* SPDX-License-Identifier: MIT */
/* IPv4 headers and VLAN tags. */

#include "net/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const struct {
	uint8_t first;
	size_t len, header;
} headers[] = {
	{ 0x45, 100, 20 }, { 0x46, 100, 24 }, { 0x4f, 100, 60 },
	{ 0x45, 20, 20 },  { 0x45, 19, 19 }, /* cut */
	{ 0x4f, 1, 1 },	   { 0x40, 100, 0 },
};

static void test_ip4_header(void **state)
{
	uint8_t packet[100] = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		packet[0] = headers[i].first;
		assert_int_equal(frame_ip4_header(packet, headers[i].len), headers[i].header);
	}
	assert_int_equal(frame_ip4_header(packet, 0), 0);
}

static void test_strip(void **state)
{
	char packet[] = "\x45-------------------data";

	(void)state;
	assert_int_equal(frame_strip(packet, 24, frame_ip4_header), 4);
	assert_memory_equal(packet, "data", 4);
	assert_int_equal(frame_strip(packet, 4, NULL), 4);
	assert_memory_equal(packet, "data", 4);
	packet[0] = 0x45;
	assert_int_equal(frame_strip(packet, 4, frame_ip4_header), 0);
	assert_int_equal(frame_strip(packet, 0, frame_ip4_header), 0);
}

static const struct {
	const char *frame;
	size_t size;
	const char *tagged;
} tags[] = {
	{ "ddddddssssssTTdata", 64, "ddddddssssss\x81\x01\x20\x64TTdata" },
	{ "ddddddssssssTTdata", 22, "ddddddssssss\x81\x01\x20\x64TTdata" },
	{ "ddddddssssssTTdata", 20, "ddddddssssss\x81\x01\x20\x64TTda" },
	{ "ddddddssssss", 64, "ddddddssssss\x81\x01\x20\x64" },
	{ "ddddddsssss", 64, "ddddddsssss" },	    /* too short for a frame */
	{ "ddddddssssssTT", 15, "ddddddssssssTT" }, /* no room for a tag */
	{ "", 64, "" },
};

static void test_vlan(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		size_t len = strlen(tags[i].frame), expected = strlen(tags[i].tagged);
		char frame[64] = { 0 };

		memcpy(frame, tags[i].frame, len);
		assert_int_equal(frame_put_vlan(frame, len, tags[i].size, 0x8101, 0x2064),
				 expected);
		assert_memory_equal(frame, tags[i].tagged, expected);
		assert_int_equal(frame[MIN(tags[i].size, sizeof(frame) - 1)], 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip4_header),
		cmocka_unit_test(test_strip),
		cmocka_unit_test(test_vlan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
