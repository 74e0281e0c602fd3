/* SPDX-License-Identifier: MIT */
#pragma once

/* Copies of the data that flows: readable (-v, -x) and raw (-r, -R). */

#include "addr/env.h"
#include "base/buf.h"

struct tap {
	char direction;	 /* '>' left to right, '<' right to left */
	bool text, hex;
	int dump_fd;	 /* of the readable copy, -1: none */
	int raw_fd;	 /* of the raw copy, -1: none */
	uint64_t offset; /* bytes so far */
};

/* The readable form of one block, with its header line; time as in
 * clock_gettime(CLOCK_REALTIME).  Pure but for the local time zone. */
void tap_format(const struct tap *tap, const struct timespec *time, const char *data, size_t len,
		struct buf *out);

/* Copies a block to wherever the tap leads.  Trouble is a warning: it must not
 * disturb the transfer. */
void tap_copy(struct tap *tap, const char *data, size_t len);

/* A file name with $VARIABLES: $$, $PROGNAME, $TIMESTAMP, $MICROS, the session's
 * and the environment's; \$ is a dollar.  The caller frees. */
char *tap_expand_name(const char *name, const char *program, const struct env *env,
		      const struct timespec *time);

/* Closes its raw copy.  NULL is fine; returns NULL. */
struct tap *tap_free(struct tap *tap);

/* Opens a raw copy for appending.  The descriptor or -errno. */
int tap_open_raw(const char *path);
