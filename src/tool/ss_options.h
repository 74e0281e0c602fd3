/* SPDX-License-Identifier: MIT */
#pragma once

/* The command line of ss: a row per option, and what they add up to. */

#include "report/report.h"
#include "tool/list.h"
#include "tool/ss_maps.h"
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
	bool events;		     /* -E */
	bool kill;		     /* -K */
	FILE *filter_file;	     /* -F */
	const char *dump;	     /* -D: file, or "-" and anything: stdout */
	struct ss_maps *maps;	     /* --bpf-maps, --bpf-map-id; NULL: none; owned */
	bool ours;		     /* called as `sockbox list`: other defaults */
	struct listing_options list; /* what iproute2 does not have */
	struct listing *listing;     /* NULL: print what iproute2 prints */
};

/* The usage, on whatever stream is right. */
void ss_options_usage(const struct ss_options *options, FILE *out);

/* Works the options off in order; the other words move to the end of argv and
 * begin at *ret_words.  Returns SS_GO_ON, or the exit status when the run ends
 * here (what there was to say has been printed). */
int ss_options_parse(int argc, char **argv, struct ss_options *ret, int *ret_words);

/* Both ss and `sockbox list`: options over these defaults, then the listing. */
int ss_run(int argc, char **argv, struct ss_options *options);
