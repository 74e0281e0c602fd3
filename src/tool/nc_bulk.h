/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Bulk data between standard input or output and a socket, moved inside the kernel:
 * splice(2) when one of the two is a pipe, sendfile(2) from a file, and through a pipe of
 * our own, the duct, into a file or /dev/null.
 *
 * It is used once large blocks come one after the other, and only while nothing waits
 * in the buffers.  Whatever it cannot do is left to read and write, which then meet the
 * same trouble and know whose it is.
 */

#include "base/base.h"

enum nc_bulk_how { NC_BULK_NONE, NC_BULK_SPLICE, NC_BULK_SENDFILE, NC_BULK_DUCT };

struct nc_bulk {
	enum nc_bulk_how how;
	int from, to;
	int duct[2];   /* reading, writing; 0: none */
	uint8_t large; /* large blocks, one after the other */
	bool is_prepared;
	bool is_stalled; /* wait for writing: reading is not what is missing */
};

/* The socket's descriptor must be our own: it is made non-blocking. */
void nc_bulk_init(struct nc_bulk *b, int from, int to);
void nc_bulk_done(struct nc_bulk *b);

/* A block was read by other means. */
void nc_bulk_note(struct nc_bulk *b, ssize_t len);

/* Is it worth while? */
bool nc_bulk_is_on(const struct nc_bulk *b);

/* Bytes moved; 0: the source has ended; -EAGAIN: wait for reading, or with is_stalled
 * for writing; -ENOTSUP: not this way, now or ever. */
ssize_t nc_bulk_move(struct nc_bulk *b);
