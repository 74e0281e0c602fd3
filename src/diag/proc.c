/* SPDX-License-Identifier: MIT */
/* Lines of files below /proc/net. */

#include "diag/proc.h"
#include "base/fd.h"

#include <string.h>

enum { LINE_LEN_MAX = 254, FILE_LEN_MAX = 1 << 30 };

ssize_t proc_read(const char *path, char **ret)
{
	return fd_read_file(path, FILE_LEN_MAX, ret);
}

void proc_lines_init(struct proc_lines *lines, const char *text, size_t len)
{
	const char *line_feed = len ? memchr(text, '\n', len) : NULL;

	lines->end = text + len;
	lines->at = line_feed ? line_feed + 1 : lines->end;
}

bool proc_lines_next(struct proc_lines *lines, const char **ret_line, size_t *ret_len)
{
	size_t left = (size_t)(lines->end - lines->at);
	const char *line_feed = left ? memchr(lines->at, '\n', left) : NULL;
	size_t len;

	if (!line_feed)
		return false;
	len = (size_t)(line_feed - lines->at);
	if (len > LINE_LEN_MAX)
		return false;

	*ret_line = lines->at;
	*ret_len = len;
	lines->at = line_feed + 1;
	return true;
}
