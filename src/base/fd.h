/* SPDX-License-Identifier: MIT */
#pragma once

/* Small questions and settings for descriptors. */

#include "base/base.h"

/* 0 or -errno. */
int fd_set_cloexec(int fd, bool on);
int fd_set_nonblock(int fd, bool on);

/* Does one of the poll(2) events, or an error, wait there now?  Never waits itself. */
bool fd_is_ready(int fd, short events);

/* An S_IFMT type (S_IFSOCK, ...) or -errno. */
int fd_type(int fd);

/* Writes everything, also to a descriptor that is not ready (it waits there).
 * For logs and dumps, never for sessions.  0 or -errno. */
int fd_write_all(int fd, const void *data, size_t len);

/* Reads a whole file of at most max bytes; the text is terminated by a NUL
 * that does not count.  Returns its length or -errno (-EFBIG). */
ssize_t fd_read_file(const char *path, size_t max, char **ret);
