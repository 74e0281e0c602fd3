/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * All sockets that processes hold, told by the kernel's own walk through their
 * descriptors: a BPF program that runs once for each of them.  Two files,
 * chosen by the build: owner_walk.c with libbpf, owner_walk_none.c.
 */

#include "base/base.h"

/* One descriptor of a process.  Processes come in the order of their numbers, and each one's
 * descriptors too. */
typedef void owner_found(void *context, int pid, int fd, uint32_t inode);

/* Numbers are those of the first pid namespace, and threads that have descriptors of their own
 * are left out.  To begin takes as long as to look at five thousand descriptors below /proc.
 *
 * 0; or why it cannot be done here, perhaps after some were told: -ENOENT (no libbpf, no types of
 * this kernel), -EPERM, -EINVAL (an older kernel) or another -errno. */
int owner_walk(owner_found *found, void *context);
