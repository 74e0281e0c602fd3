/* SPDX-License-Identifier: MIT */
/* One table of noise; a stream begins at a place in it that its seed chooses. */

#include "pattern.h"

#include <string.h>

enum { PERIOD = 131071 }; /* a prime, and the table still fits a cache */

static uint8_t table[PERIOD + PATTERN_RUN];

uint64_t pattern_random(uint64_t *state, uint64_t limit)
{
	/* xorshift64* */
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return limit ? ((*state * 0x2545f4914f6cdd1dULL) >> 16) % limit : 0;
}

void pattern_init(void)
{
	uint64_t state = 0x9e3779b97f4a7c15ULL;
	size_t i;

	for (i = 0; i < PERIOD; i++)
		table[i] = (uint8_t)pattern_random(&state, 256);

	for (i = 0; i < PATTERN_RUN; i++)
		table[PERIOD + i] = table[i % PERIOD];
}

const uint8_t *pattern_at(uint32_t seed, uint64_t offset)
{
	return table + (seed * 7919ULL + offset) % PERIOD;
}

bool pattern_matches(uint32_t seed, uint64_t offset, const uint8_t *data, size_t len)
{
	while (len > 0) {
		size_t n = MIN(len, (size_t)PATTERN_RUN);

		if (memcmp(data, pattern_at(seed, offset), n) != 0)
			return false;

		offset += n;
		data += n;
		len -= n;
	}
	return true;
}
