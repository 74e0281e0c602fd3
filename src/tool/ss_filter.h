/* SPDX-License-Identifier: MIT */
#pragma once

/* The expression of a command line: from words and the file of -F to a filter,
 * with names looked up. */

#include "filter/filter.h"
#include "tool/ss_options.h"

/*
 * Reads the words that are left and the filter file, and tells the selection
 * which family the conditions chose.  Returns SS_GO_ON, or the exit status
 * after telling what is wrong.
 */
int ss_filter_read(struct ss_options *options, char *const *words, struct filter *ret);
