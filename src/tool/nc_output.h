/* SPDX-License-Identifier: MIT */
#pragma once

/* Standard output, which may be anything, written without ever waiting for
 * whoever reads it: not to be used before poll(2) says that it is writable. */

#include "base/base.h"

enum nc_output_kind {
	OUTPUT_ANY,	 /* a file or simple device: never makes us wait for others */
	OUTPUT_SOCKET,	 /* MSG_DONTWAIT */
	OUTPUT_NOWAIT,	 /* a pipe: RWF_NOWAIT */
	OUTPUT_TERMINAL, /* through an open file of our own, O_NONBLOCK */
	OUTPUT_CHUNKS,	 /* a pipe of an older kernel: PIPE_BUF at a time */
};

struct nc_output {
	enum nc_output_kind kind;
	int terminal; /* our own; -1: none */
};

void nc_output_open(struct nc_output *out);
void nc_output_close(struct nc_output *out);

/* As write(2).  Learns from a kernel that has no RWF_NOWAIT for pipes. */
ssize_t nc_output_write(struct nc_output *out, uint8_t *data, size_t len);
