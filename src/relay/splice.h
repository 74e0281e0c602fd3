/* SPDX-License-Identifier: MIT */
#pragma once

/* Bulk data between descriptors, moved inside the kernel (splice(2)). */

#include "relay/flow.h"

/* Can this flow's ends be spliced?  Sockets of our own are made non-blocking for
 * it, because splice(2) has no flag that says so.  FLOW_NOT_ASKED: there is no pipe now. */
enum flow_answer splice_prepare(struct flow *flow);

/* One portion, as flow_move().  -ENOTSUP: not these descriptors; nothing was moved. */
int splice_move(struct flow *flow, bool *ret_over, struct err *err);
