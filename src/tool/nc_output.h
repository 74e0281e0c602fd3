/* SPDX-License-Identifier: MIT */
#pragma once

/* Standard output, which may be anything, written without ever waiting for
 * whoever reads it: not to be used before poll(2) says that it is writable. */

#include "base/base.h"

enum nc_output {
	OUTPUT_ANY,    /* a file or simple device: never makes us wait for others */
	OUTPUT_SOCKET, /* MSG_DONTWAIT */
	OUTPUT_NOWAIT, /* a pipe: RWF_NOWAIT */
	OUTPUT_CHUNKS, /* a terminal, or a pipe of an older kernel: PIPE_BUF at a time */
};

enum nc_output nc_output_kind(void);

/* As write(2).  Learns from a kernel that has no RWF_NOWAIT for pipes. */
ssize_t nc_output_write(enum nc_output *kind, uint8_t *data, size_t len);
