/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * Text to tree: address specifications.
 *
 *	address = single [ "!!" single ]
 *	single  = keyword *( ":" parameter ) *( "," option )
 *	option  = name [ "=" value ]
 *
 * The tree holds decoded words and where they stood; what they mean is the
 * business of addr/.  No I/O, no log, time linear in the length of the text.
 */

#include "base/base.h"
#include "base/err.h"

enum {
	SPEC_WORD_MAX = 511,	/* bytes of a keyword or parameter */
	SPEC_OPTION_MAX = 2047, /* bytes of an option's name or value */
	SPEC_OPTIONS_MAX = 1024,
	SPEC_PARAMS_MAX = 64,
	SPEC_DEPTH_MAX = 128,	/* nested quotes and brackets */
};

/* A word without its quotes and escapes. */
struct spec_word {
	char *text;   /* terminated; may contain NUL bytes from \0 */
	size_t len;   /* bytes of text */
	size_t at;    /* column in the source */
	size_t width; /* columns it took there */
};

struct spec_option {
	struct spec_word name;
	struct spec_word value;
	bool has_value; /* "=" was there, perhaps with nothing behind it */
};

struct spec_single {
	struct spec_word keyword;
	struct spec_word *params;
	size_t n_params;
	struct spec_option *options;
	size_t n_options;
	size_t at, width; /* keyword and parameters, as they stand in the source */
};

struct spec {
	char *source;
	struct spec_single single[2]; /* of a dual address: read from [0], write to [1] */
	size_t n;		      /* 1, or 2 for a dual address */
};

#define auto_spec __attribute__((__cleanup__(spec_done))) struct spec

/* Parses a whole address.  0; -EINVAL with the place in err (unbalanced quote,
 * dangling backslash, text after a third "!!"), -E2BIG (word too long, too many
 * words, nested too deeply).  The caller frees with spec_done(). */
int spec_parse(const char *text, struct spec *ret, struct err *err);
void spec_done(struct spec *spec);

/* Splits a command line for EXEC by the same quoting rules: words are separated
 * by blanks, quotes may stand in the middle, an empty pair of quotes is an empty
 * word.  *ret is a NULL-terminated array, one allocation per word, freed with
 * spec_words_free(). */
int spec_split_command(const char *text, char ***ret, struct err *err);
void spec_words_free(char **words);
