/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of socat: options before the two addresses. */

#include "relay/relay.h"
#include "tool/socat_log.h"

struct socat {
	struct relay_options relay;
	struct socat_log log;
	char *prefix;		/* of environment variables: "SOCAT_" */
	uint64_t signals;	/* bit N: signal N ends the program */
	bool describe;		/* -D */
	const char *lockfile;	/* -L or -W */
	bool wait_for_lock;
	int help;		/* -h, -hh, -hhh */
	bool version;		/* -V */
};

/* Reads options up to the first word that is none; *ret_next is its index.  0 or
 * -EINVAL with the sentence in err. */
int socat_parse_options(struct socat *socat, int argc, char **argv, int *ret_next,
			struct err *err);

void socat_print_option_help(void);
