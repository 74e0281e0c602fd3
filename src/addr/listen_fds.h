/* SPDX-License-Identifier: MIT */
#pragma once

/* Descriptors that a supervisor passed on, from number 3 on (sd_listen_fds(3)). */

#include "base/base.h"
#include "base/err.h"

/* What it says in the environment; NULL: nothing. */
struct listen_fds {
	const char *pid;   /* LISTEN_PID: for which process */
	const char *count; /* LISTEN_FDS */
	const char *names; /* LISTEN_FDNAMES: separated by colons, in the order of the numbers */
};

enum { LISTEN_FDS_FIRST = 3, LISTEN_FDS_MAX = 4096 };

/* The first descriptor of that name, if they were passed on to process self.
 * Negative with the reason in err.  Pure. */
int listen_fds_find(const struct listen_fds *passed, pid_t self, const char *name, struct err *err);
