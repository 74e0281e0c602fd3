/* SPDX-License-Identifier: MIT */
#pragma once

/* UDP packets between two sockets, many at a time (net/batch.h), when nobody looks at
 * them one by one. */

#include "relay/flow.h"

/* Can this flow's packets be moved in batches? */
bool batch_prepare(struct flow *flow);

/* One portion, as flow_move(). */
int batch_move(struct flow *flow, bool *ret_over, struct err *err);
