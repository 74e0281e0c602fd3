/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The dialects of nc: one row each, listed in nc.c.  A dialect is chosen by the name
 * the program was called by, or by a first argument --as=NAME.  Its main function
 * reads the command line and plays the roles; doc/nc.md tells with what.
 */

#include "base/base.h"
#include "base/err.h"

struct nc_dialect {
	const char *names; /* of the program and for --as, blank-separated */
	const char *help;  /* one line */
	int (*main)(int argc, char **argv);
};

extern const struct nc_dialect nc_openbsd;
extern const struct nc_dialect nc_ncat;
extern const struct nc_dialect nc_traditional;

enum { NC_FAILED = 1 };

/* How a dialect's main function ends, once nc_open_signals() was called: the result
 * itself if it is a status, else 1 and the sentence on stderr behind `program: `.  A
 * signal that ended us is given its default action, so the shell sees what it expects. */
int nc_end(const char *program, int result, const struct err *err);

/* From now on INT, TERM and HUP end all waits with -ECANCELED. */
void nc_open_signals(void);

/* The last component of argv[0]. */
const char *nc_program(const char *argv0);
