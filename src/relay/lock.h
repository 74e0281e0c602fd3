/* SPDX-License-Identifier: MIT */
#pragma once

/* Lock files as classic makes them: link(2) of a temporary file that holds the
 * process id, safe over NFS; a stale one stays. */

#include "base/err.h"
#include "stream/stream.h"

/* Makes the lock file.  wait: until it can be made, looking once a second.  0;
 * -EEXIST with classic's sentence; -ECANCELED; -errno. */
int lock_take(const char *path, bool wait, struct owned_path *ret, struct err *err);
