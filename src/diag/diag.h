/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * The kernel's view of sockets.  A query names tables, families and states;
 * every socket found is handed over as a record, in the order in which the
 * kernel tells them.
 */

#include "base/err.h"
#include "diag/places.h"
#include "diag/record.h"

/* Facts that cost the kernel time and are sent only when asked for. */
enum diag_want {
	WANT_MEMORY = 1 << 0,
	WANT_FILE = 1 << 1, /* unix: inode of the path, waiting connections */
	WANT_INFO = 1 << 2, /* tcp_info and congestion control */
	WANT_TOS = 1 << 3,
};

struct diag_query {
	diag_tables tables;
	diag_families families;
	diag_states states;
	int preferred; /* AF_INET or AF_INET6: only that half of inet tables; else both */
	unsigned int wants;
};

/* Receives one socket; negative ends the dump and is returned. */
typedef int diag_row(void *context, const struct sock_record *record);

/*
 * All sockets of a query: through sock_diag, or from text files where it is
 * refused or where `places` says so.
 *
 * Returns 0, or what the receiver returned.  A table that cannot be read is
 * left out and told to the log, as ss does; trouble with the recorded dump is
 * told to err, with the code -ENODATA when it ends too early, and the other
 * tables follow all the same.
 */
int diag_dump(const struct diag_query *query, const struct diag_places *places, diag_row *row,
	      void *context, struct err *err);
