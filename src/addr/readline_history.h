/* SPDX-License-Identifier: MIT */
#pragma once

/* The history file of READLINE: a line each, as readline(3) has it. */

#include "addr/line_editor.h"

/* Which file, whatever becomes of the working and the root directory. */
struct history_file {
	int folder; /* descriptor; -1: none */
	char *name;
};

/* Reads the file, which may be missing, into the editor's history. */
int history_file_open(const char *path, struct line_editor *editor, struct history_file *ret,
		      struct err *err);

/* Writes the history, if it has news: beside the file, then in its place. */
int history_file_save(const struct history_file *file, struct line_editor *editor, struct err *err);
void history_file_done(struct history_file *file);
