/* SPDX-License-Identifier: MIT */
#pragma once

/* A layer that changes nothing: somebody is told of the bytes that pass, for dumps and
 * counters, whoever carries them. */

#include "stream/stream.h"
#include "tool/nc_relay.h"

/* Takes the stream over.  passed as in struct nc_session, but with the context alone. */
struct stream *nc_meter_new(struct stream *below,
			    void (*passed)(void *context, enum nc_way way, const void *data,
					   size_t len),
			    void *context);
