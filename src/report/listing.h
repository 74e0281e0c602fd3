/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Records as chosen fields: JSON, CSV or columns; sorted, cut, or counted in
 * groups.  Beside report.h, which prints what ss prints.
 *
 *	record --> row of bytes --+--------------------> written at once
 *	                          +--> sort.c, at the end --> written
 *	record --> value --> group.c, at the end --> rows of bytes
 *
 * Nothing is kept of a row that is written at once, so JSON and CSV need the
 * same memory for ten sockets and ten million; columns need a page for widths.
 */

#include "base/buf.h"
#include "report/field.h"

enum listing_format {
	LISTING_NONE, /* ss's own listing */
	LISTING_COLUMNS,
	LISTING_CSV,
	LISTING_JSON,	    /* one array */
	LISTING_JSON_LINES, /* one object in each line */
};

struct listing_options {
	enum listing_format format;
	const char *fields;   /* names, comma-separated; NULL: the usual ones */
	const char *sort;     /* a field; a minus sign before it reverses */
	const char *group_by; /* a field */
	size_t top;	      /* rows at most; 0: all */
	bool peers;	      /* name the other ends */
	bool all_netns;	      /* say in which namespace each socket is */
	bool schema;	      /* nothing but the JSON Schema of the rows */
};

struct listing;

#define auto_listing __attribute__((__cleanup__(listing_cleanup))) struct listing *

/* NULL and a sentence when a name is not that of a field, or options contradict
 * each other. */
struct listing *listing_new(const struct listing_options *options,
			    const struct report_options *report, int fd, struct err *err);
void listing_free(struct listing *listing);
void listing_cleanup(struct listing **listing);

/* What the named fields need: a set of enum field_need. */
unsigned int listing_needs(const struct listing *listing);

/* What came to be known since: report options with owners and host names, facts of
 * processes, peers; borrowed.  The last two may be NULL. */
void listing_use(struct listing *listing, const struct report_options *report,
		 struct owner_book *book, const struct peers *peers);

/* The sockets that follow are in this namespace; borrowed. */
void listing_enter(struct listing *listing, const char *netns);

/* One socket, valid during the call; rows that are sorted or counted appear at the end. */
void listing_row(struct listing *listing, const struct sock_record *record);

/* Are all the rows there that will be written?  Then the dump may end. */
bool listing_is_full(const struct listing *listing);

/* Writes what is left.  0 or -errno of the first write that failed. */
int listing_end(struct listing *listing);

/* The JSON Schema of the rows that these options print. */
void listing_schema(const struct listing_options *options, struct buf *ret);

/* The help of --fields: a line per field. */
void listing_help(struct buf *ret);
