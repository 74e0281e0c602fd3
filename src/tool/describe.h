/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What a file descriptor is, in words: the analysis behind filan and socat -D.
 *
 * The long form is one line of TAB-separated columns (see describe_header());
 * the short forms say only type and address or path.  Whatever text comes from
 * outside (paths, names of sockets) is escaped; values that the kernel refuses
 * leave an empty column.  Reading the socket option ERROR clears it, as always.
 */

#include "base/err.h"

#include <stdio.h>

struct describe_style {
	bool raw;    /* times as seconds; the device and control characters as numbers */
	bool follow; /* paths: show what a symbolic link points to */
};

/* Names the columns of the long form. */
void describe_header(FILE *out, const struct describe_style *style);

/* The long form; nothing when the descriptor is closed. */
void describe_descriptor(FILE *out, int fd, const struct describe_style *style);

/* The long form of a file system entry, which is opened where that is possible
 * without waiting, else examined by name (as descriptor -1).  An entry that is
 * missing is described as undef. */
void describe_path(FILE *out, const char *path, const struct describe_style *style);

/* `tcp 127.0.0.1:80 127.0.0.1:5000`, `file /etc/passwd`, `tty /dev/pts/0`;
 * the tidy form is `tcp 127.0.0.1:80-127.0.0.1:5000 (stream) `.  Nothing when
 * the descriptor is closed. */
void describe_short(FILE *out, int fd);
void describe_tidy(FILE *out, int fd);

/* Type and path of a file system entry; symbolic links are followed.  0 or
 * -errno with the sentence in err. */
int describe_path_short(FILE *out, const char *path, struct err *err);

/* Parts of the above, for the files of this analysis. */

/* `file`, `socket`, ...; `undef` for what has no type (epoll, eventfd). */
const char *describe_type(mode_t mode);

/* A text from outside, escaped. */
void describe_text(FILE *out, const char *text);

/* All columns that a socket has of its own, each followed by a TAB. */
void describe_socket(FILE *out, int fd);
