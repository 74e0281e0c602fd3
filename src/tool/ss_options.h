/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of ss: a row per option, and what they add up to. */

#include "report/report.h"
#include "tool/ss_select.h"

#include <stdio.h>

enum {
	SS_GO_ON = -1,	     /* no exit status yet */
	SS_EXIT_USAGE = 255, /* a wrong command line; so does the original */
};

struct ss_options {
	struct report_options report;
	struct ss_selection selection;
	bool resolve;
	bool summary;
	bool events;	   /* -E */
	bool kill;	   /* -K */
	FILE *filter_file; /* -F */
	const char *dump;  /* -D: file, or "-" and anything: stdout */
};

/* The usage, on whatever stream is right. */
void ss_options_usage(FILE *out);

/* Works the options off in order; the other words move to the end of argv and
 * begin at *ret_words.  Returns SS_GO_ON, or the exit status when the run ends
 * here (what there was to say has been printed). */
int ss_options_parse(int argc, char **argv, struct ss_options *ret, int *ret_words);
