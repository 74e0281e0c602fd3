/* SPDX-License-Identifier: MIT */
#pragma once

/* Text: copies, escapes for terminals, and "did you mean". */

#include "base/base.h"

/* strdup/asprintf that do not fail. */
char *str_copy(const char *text);
char *str_copy_n(const char *text, size_t len);
char *str_format(const char *format, ...) printf_like(1, 2);

bool str_equal(const char *a, const char *b);
bool str_equal_nocase(const char *a, const char *b);
bool str_begins(const char *text, const char *prefix);

/* Writes data so that it is harmless on a terminal: control bytes, DEL and
 * bytes from 0x80 up become \xNN, backslash becomes \\.  Always terminated;
 * cut at size-1 bytes, never within an escape.  Returns out. */
const char *str_escape(const void *data, size_t len, char *out, size_t size);

/* Number of single-character edits (insert, delete, replace, swap) between two
 * words, ignoring case; words of over 64 characters count as 64 apart. */
unsigned int str_distance(const char *a, const char *b);

/* Is candidate a plausible slip of the pen for word, and nearer than *best?
 * Then *best becomes its distance.  Start with *best = UINT_MAX. */
bool str_is_nearer(const char *word, const char *candidate, unsigned int *best);

/* A list of words held in one string, separated by single blanks: the next
 * word from list on (NULL at the end) with its length; and: is this word one
 * of them, ignoring case?
 *	for (w = str_word(list, &len); w; w = str_word(w + len, &len)) */
const char *str_word(const char *list, size_t *ret_len);
bool str_word_is(const char *list, const char *word);
