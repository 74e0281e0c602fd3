/* SPDX-License-Identifier: MIT */
#pragma once

/* The names of message queues. */

#include "base/base.h"
#include "base/err.h"

/* Is this a name that mq_open(3) takes: "/" and 1 to 254 bytes without "/", not "."
 * or ".."?  If not, -EINVAL with the reason in err.  Pure.  mq_overview(7) */
int posixmq_name_check(const char *name, struct err *err);
