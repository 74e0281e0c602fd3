/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The tools of the multi-call program.
 *
 * A tool is one row and one main function, in the file that bears its name;
 * main.c lists all rows.  A tool reads its arguments, makes library calls and
 * returns the exit status.  Only tools print and only main() exits.
 */

#include "base/base.h"

struct tool {
	const char *names; /* first the name, then other names, blank-separated */
	const char *help;  /* one line for `sockbox help`, imperative */
	bool link;	   /* is installed as a link of its own (socat, nc, ss, ...) */
	int (*main)(int argc, char **argv); /* argv[0] is the name it was called by */
};

extern const struct tool tool_socat;
extern const struct tool tool_nc;
extern const struct tool tool_ncat;
extern const struct tool tool_ss;
extern const struct tool tool_list_sockets;
extern const struct tool tool_port;
extern const struct tool tool_filan;
extern const struct tool tool_procan;
extern const struct tool tool_relay;
extern const struct tool tool_fd;
extern const struct tool tool_tour;
extern const struct tool tool_links;
extern const struct tool tool_help;
extern const struct tool tool_version;

/* All of them, up to a NULL, in the order of `sockbox help` (main.c). */
extern const struct tool *const tool_list[];

/* The exit codes of our own verbs (sockbox fd, sockbox tour, ...).  The
 * personalities (socat, nc, ss, filan, procan) keep those of the originals. */
enum tool_exit {
	EXIT_DONE = 0,		/* everything that was asked for was done */
	EXIT_FAILED = 1,	/* it could not be done: refused, busy, not permitted, not found */
	EXIT_USAGE = 2,		/* the command line is wrong; nothing was begun */
	EXIT_CUT = 3,		/* data was lost or cut on the way */
	EXIT_DIFFERS = 4,	/* a check found something else than expected */
	EXIT_NOT_EXECUTABLE = 126, /* the command exists but cannot be run */
	EXIT_NOT_FOUND = 127,	/* the command does not exist */
	EXIT_SIGNAL = 128,	/* plus the number of the signal that ended us */
};
