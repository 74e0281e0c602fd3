/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * A line editor on a terminal, fed byte by byte.
 *
 * It neither reads nor writes: keys go in, what the terminal is to show and whole
 * lines come out, to be taken from `shown` and `lines`.  Only the terminal's
 * settings are changed directly.
 */

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"

struct line_editor;

/* How a line is asked for; looked at when its first key comes. */
struct line_question {
	const char *prompt; /* shown before the line; NULL: none */
	bool hidden;	    /* keys are not shown, the line is not remembered */
};

struct line_editor_setup {
	int fd; /* the terminal */
	struct line_question (*ask)(void *context);
	void (*asked)(void *context); /* the line is complete */
	void *context;
};

/* -ENOTTY: no terminal. */
int line_editor_new(const struct line_editor_setup *setup, struct line_editor **ret,
		    struct err *err);

/* Gives the terminal back, in the process that made the editor.  NULL is fine. */
struct line_editor *line_editor_free(struct line_editor *e);

/* Keys, and with len 0 their end. */
void line_editor_feed(struct line_editor *e, const char *keys, size_t len);

bool line_editor_has_ended(const struct line_editor *e); /* Ctrl-D, or no more keys */
struct buf *line_editor_lines(struct line_editor *e);	 /* with their ends */
struct buf *line_editor_shown(struct line_editor *e);

/* Before and after something else is written to the terminal: takes the line that
 * is being edited away and shows it again. */
void line_editor_hide(struct line_editor *e);
void line_editor_show(struct line_editor *e);

/* After a stop: a shell has set the terminal for itself and written to it.  In the
 * background nothing is done. */
void line_editor_come_back(struct line_editor *e);

/* Appends one old line to the history; the history, oldest first, with line ends.
 * has_news: did lines come since it was made? */
void line_editor_remember(struct line_editor *e, const char *line, size_t len);
void line_editor_history(struct line_editor *e, struct buf *buf);
bool line_editor_has_news(const struct line_editor *e);
