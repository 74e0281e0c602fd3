/* SPDX-License-Identifier: MIT */
#pragma once

/* Log lines in classic's format, to standard error, a file or syslog:
 *	2026/11/22 13:30:51 socat[123] N listening on AF=2 0.0.0.0:80 */

#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

struct socat_log {
	const char *program;
	FILE *file;	  /* standard error, or of -lf */
	bool syslog;	  /* -ly */
	bool syslog_later; /* -lm: from the first wait on */
	int facility;
	bool microseconds, hostname;
	int level; /* of verbosity: an enum log_level */
	bool level_given; /* by -d */
	bool opened;
};

void socat_log_init(struct socat_log *log, const char *program);

/* auth, daemon, local0 ...; -1: there is no such facility. */
int socat_log_facility(const char *name);

/* Begins to log; before, errors go to standard error all the same. */
void socat_log_open(struct socat_log *log);

/* -lm: what was waited for has come; from now on syslog. */
void socat_log_switch(struct socat_log *log);

/* Prints an error, and where the text of an address is wrong, the place. */
void socat_log_failure(struct socat_log *log, const struct err *err, const char *address);
