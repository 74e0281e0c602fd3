/* SPDX-License-Identifier: MIT */
#pragma once

/* Opening by name, for the families that do: files here, named pipes in
 * memory.c. */

#include "addr/addr.h"

/* The options that come before the open: unlink-early, user-early, unlink ... */
int file_prepare(struct opening *o, const char *path);

/* "reading", "writing", "reading and writing" */
const char *file_direction_words(enum addr_direction direction);

/* Logs what kind of file is about to be opened. */
void file_tell_opening(const struct opening *o, const char *path);

/* O_RDONLY, O_WRONLY or O_RDWR. */
int file_access_flags(enum addr_direction direction);

/* The mode for a new entry: option perm, or 0666. */
mode_t file_mode(struct opening *o);

/* open(2) with the flags that options add or clear; waits for the peer of a FIFO
 * through task/. */
int file_open(struct opening *o, const char *path, int flags);

/* A stream over it, with the options of the open file. */
int file_stream(struct opening *o, int fd, const char *path, struct stream **ret);

/* Flags that only open(2) knows. */
opt_action opt_open_flag;
