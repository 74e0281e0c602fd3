/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Which sockets the command line of ss asks for.  Options name tables and
 * families and bring default states; completing fills in what they imply.
 * Pure.
 */

#include "diag/table.h"

struct ss_selection {
	diag_tables tables;
	diag_families families;
	diag_states states;	    /* from -a, -l, -B, -A or state words */
	diag_states default_states; /* the sum of what the options bring */
	int preferred;		    /* the family named last, or 0 */
	bool named;		    /* some option named a table or family */
	bool listed;		    /* there was a -A */
};

/* An option names a table or a family, with the states it brings. */
void ss_select_table(struct ss_selection *selection, enum diag_table table, diag_states states);
void ss_select_family(struct ss_selection *selection, int family, diag_states states);

/* -A: a list of table names, "tcp,!udp".  Returns NULL, or the item that is no
 * table; *ret_len is its length. */
const char *ss_select_list(struct ss_selection *selection, const char *list, size_t *ret_len);

/* Fills in what was implied.  Returns NULL, or the sentence that tells why
 * there is nothing to show. */
const char *ss_select_complete(struct ss_selection *selection);
