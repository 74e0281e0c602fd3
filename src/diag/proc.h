/* SPDX-License-Identifier: MIT */
#pragma once

/* Text files of the kernel, cut into lines.  Pure but for the reading. */

#include "base/base.h"

struct proc_lines {
	const char *at;
	const char *end;
};

/* All of a file; the caller frees the text.  Length or -errno. */
ssize_t proc_read(const char *path, char **ret);

/* Over the lines of a text after its first, which is the header. */
void proc_lines_init(struct proc_lines *lines, const char *text, size_t len);

/* The next line, without its line feed.  false at the end; a line of over 255
 * bytes or without line feed ends the reading too, as it does in ss. */
bool proc_lines_next(struct proc_lines *lines, const char **ret_line, size_t *ret_len);
