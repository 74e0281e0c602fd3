/* SPDX-License-Identifier: MIT */
#pragma once

/* Control groups by their number: the kernel reports a socket's as an id, people
 * know them by their path below the cgroup2 mount. */

#include "base/err.h"

struct cgroups;

struct cgroups *cgroups_new(void);
void cgroups_free(struct cgroups *cgroups);

/* The path, beginning with a slash; NULL when no group below the first cgroup2
 * mount has that id.  The first question walks the mount. */
const char *cgroups_path(struct cgroups *cgroups, uint64_t id);

/* The id of a group by its path: a path in the file system, or one below the
 * first cgroup2 mount.  0 or -errno, with a sentence. */
int cgroup_id(const char *path, uint64_t *ret, struct err *err);
