/* SPDX-License-Identifier: MIT */
#pragma once

/* A recorded dump: netlink messages one after the other, as the kernel sent
 * them.  Pure. */

#include "base/base.h"

enum dumpfile_next { DUMPFILE_END, DUMPFILE_MESSAGE };

struct dumpfile {
	const char *data;
	size_t len;
	size_t at;
};

/*
 * The payload of the next message.  Returns DUMPFILE_MESSAGE; DUMPFILE_END at
 * the first DONE; -ENODATA when the bytes end before that; the negative errno
 * that an error message carries.  Types other than these two are not looked at.
 */
int dumpfile_next(struct dumpfile *file, const void **ret_payload, size_t *ret_len);
