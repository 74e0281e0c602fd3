/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Options as rows: read, stored and explained from one table.
 *
 * A command line may be read with several tables at once, each with a struct of its
 * own to store into: a dialect's options, and those that all dialects have.
 */

#include "base/base.h"
#include "base/err.h"

#include <stdio.h>

enum nc_option_kind {
	OPTION_FLAG,	/* int: counts how often */
	OPTION_SET,	/* int: becomes number */
	OPTION_TEXT,	/* const char * */
	OPTION_NUMBER,	/* long long: number..max */
	OPTION_TIME,	/* int64_t: microseconds (nc_time.h) */
	OPTION_SECONDS, /* the same; without a unit it is seconds, however many */
	OPTION_SIZE,	/* int64_t: bytes (nc_time.h) */
	OPTION_LIST,	/* struct nc_words: one more */
	OPTION_REQUEST, /* stores nothing: nc_getopt() returns number */
	OPTION_REFUSED, /* stores nothing: noun is the sentence */
};

struct nc_option {
	char letter;	   /* 0: none */
	const char *name;  /* NULL: none */
	const char *value; /* what help calls its value; NULL: has none */
	const char *help;
	enum nc_option_kind kind;
	size_t offset;
	long long number, max;
	const char *noun; /* what messages call the value; NULL: the option as typed */
};

struct nc_option_table {
	const struct nc_option *rows;
	size_t n;
	void *base; /* the struct that the offsets are of */
};

struct nc_words {
	const char **items;
	size_t n;
};

/* What went wrong, for those who want to say it in their own words; the sentence is in
 * err, too. */
enum {
	NC_GETOPT_DONE = 0,
	NC_GETOPT_UNKNOWN = -2, /* getopt_long(3) has told; err may know what was meant */
	NC_GETOPT_INVALID = -1,
};

/* Reads all options; operands are argv[optind..argc) afterwards.  NC_GETOPT_DONE, the
 * number of a request (positive), or one of the two others. */
int nc_getopt(int argc, char **argv, const struct nc_option_table *tables, size_t n,
	      struct err *err);

/* For a dialect that knows its letters itself: as getopt_long(3), with the long names of
 * n tables; one of them is the letter in its row or, without, NC_OPTION_LONG, *ret_row and
 * *ret_base. */
enum { NC_OPTION_LONG = 256 };
int nc_getopt_next(int argc, char **argv, const char *letters, const struct nc_option_table *tables,
		   size_t n, const struct nc_option **ret_row, void **ret_base, struct err *err);

/* Stores what one option says, as nc_getopt() does. */
int nc_option_apply(const struct nc_option *o, void *base, const char *text, struct err *err);

/* One line per row. */
void nc_option_help(const struct nc_option *rows, size_t n, FILE *out);

void nc_words_done(struct nc_words *words);
