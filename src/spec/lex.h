/* SPDX-License-Identifier: MIT */
#pragma once

/* The lexer behind spec.h: one word at a time, up to one of a set of ends. */

#include "spec/spec.h"

struct lexer {
	const char *text; /* the whole source */
	size_t at;	  /* next byte */
	const char *what; /* "address", "command line": for messages */
};

/* Where a word ends, apart from the end of the text. */
struct lex_ends {
	const char *bytes; /* any of these bytes */
	bool dual;	   /* and "!!" */
};

/* Reads one word of at most max bytes; name is what messages call it.  On
 * success `at` stands on the end that was found.  The caller frees ret->text. */
int lex_word(struct lexer *lexer, const struct lex_ends *ends, size_t max, const char *name,
	     struct spec_word *ret, struct err *err);

/* Is the next thing "!!"? */
bool lex_at_dual(const struct lexer *lexer);
