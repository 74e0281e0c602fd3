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
	WANT_UID = 1 << 4, /* unix: the user; others tell it unasked */
};

struct diag_query {
	diag_tables tables;
	diag_families families;
	diag_states states;
	int preferred; /* AF_INET or AF_INET6: only that half of inet tables; else both */
	unsigned int wants;
	/* A program for inet_diag that lets only some sockets through (filter/).
	 * Where the kernel refuses it, all sockets come. */
	const void *bytecode;
	size_t bytecode_len;
	/* What BPF programs keep with inet sockets: of these maps (descriptors), or of all
	 * when none is named. */
	bool storages;
	const int *maps;
	size_t maps_count;
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

/*
 * Writes what the kernel answers about TCP sockets to a descriptor, as it
 * comes; that is the file that TCPDIAG_FILE names.  0 or -errno.
 */
int diag_save(const struct diag_query *query, int fd, struct err *err);

/*
 * Hands on each socket of tables tcp and udp that is destroyed, for ever:
 * returns only a failure or what the receiver returned.  -ENOENT when the
 * query has no such table.
 */
int diag_events(const struct diag_query *query, diag_row *row, void *context, struct err *err);

/* Destroys a socket of an inet table.  0; -EOPNOTSUPP, -ENOENT when this one
 * cannot be or is gone; another -errno (-EPERM).  One connection to the kernel
 * serves many calls. */
struct diag_killer;
struct diag_killer *diag_killer_new(void);
void diag_killer_free(struct diag_killer *killer);
int diag_kill(struct diag_killer *killer, const struct sock_record *record);
