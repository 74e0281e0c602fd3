/* SPDX-License-Identifier: MIT */
#pragma once

/* The words of ncat's exec, dump and chat on bytes.  Pure. */

#include "base/buf.h"

/* A command line into words, at blanks; a backslash takes the next byte as it is.
 * *ret is NULL-terminated, with one allocation per word (spec_words_free()).  0 or
 * -EINVAL: there is no word. */
int nc_command_split(const char *text, char ***ret);

/* Rows of 16 bytes: offset, bytes in hexadecimal, characters. */
void nc_hex_put(struct buf *out, const void *data, size_t len);

/* The same with `mark` in front, and an offset that goes on from call to call. */
void nc_trace_put(struct buf *out, char mark, uint32_t *offset, const void *data, size_t len);

/* A message of a chat: `<userN> `, and what could control a terminal as \ooo; CR, LF and
 * TAB stay. */
void nc_chat_put(struct buf *out, int user, const void *data, size_t len);
