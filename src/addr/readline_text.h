/* SPDX-License-Identifier: MIT */
#pragma once

/* The text side of READLINE, all pure: what the prompt is, bytes and characters, the
 * lines of a history file. */

#include "base/base.h"
#include "base/buf.h"

#include <wchar.h>

enum { PROMPT_MAX = 512 };

/* The last line that the peer wrote and did not end, which is what it asks. */
struct prompt {
	char text[PROMPT_MAX + 1]; /* terminated */
	size_t len;
};

/* The peer wrote this: what follows its last CR, LF or NUL becomes or continues the prompt, of
 * which the last PROMPT_MAX bytes are kept. */
void prompt_scan(struct prompt *prompt, const char *data, size_t len);
void prompt_clear(struct prompt *prompt);

/* The first character of data, in the locale's encoding; a byte that is none is a
 * character of its own, which text_encode() makes that byte again.  Returns the
 * bytes it took; 0: the rest of it is still to come. */
size_t text_decode(const char *data, size_t len, wchar_t *ret);
void text_encode(struct buf *buf, const wchar_t *text, size_t len);

/* All of data as characters, terminated; the caller frees. */
wchar_t *text_decode_all(const char *data, size_t len);

/* Calls each for every line that is not empty. */
void history_lines(const char *data, size_t len,
		   void (*each)(void *context, const char *line, size_t len), void *context);
