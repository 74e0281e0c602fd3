/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The bytes of a stream, known from its seed and the place: both ends can tell a lost, doubled,
 * swapped or foreign block although neither keeps what was sent.
 *
 * The stream repeats after a prime number of bytes, so a block of a relay (a power of two) that
 * is missing or comes twice never looks like the one that was due.
 */

#include "base/base.h"

enum { PATTERN_RUN = 1 << 18 };

/* Makes the table; once, before all else. */
void pattern_init(void);

/* PATTERN_RUN bytes of the stream from the offset on. */
const uint8_t *pattern_at(uint32_t seed, uint64_t offset);

/* Are these the bytes of the stream from the offset on? */
bool pattern_matches(uint32_t seed, uint64_t offset, const uint8_t *data, size_t len);

/* The next of a reproducible sequence of numbers below the limit. */
uint64_t pattern_random(uint64_t *state, uint64_t limit);
