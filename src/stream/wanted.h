/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Packets that are wanted, among others that are dropped.
 *
 * Who sends faster than this drops would have it all the time; so after some of them it
 * pauses, and others have their turns.
 */

#include "stream/stream.h"

enum { UNWANTED_MAX = 64 }; /* packets dropped at a time */

/* Bytes or -errno; *ret_again: nothing is to be made of it, read the next one. */
typedef ssize_t read_one(struct stream *s, void *buf, size_t len, bool *ret_again);

/* The first packet that is wanted, as stream_ops.read: -EAGAIN also when there may be more
 * after many that were not, of which the kernel tells nothing (s->reread_at). */
ssize_t read_wanted(struct stream *s, void *buf, size_t len, read_one *read);
