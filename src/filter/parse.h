/* SPDX-License-Identifier: MIT */
#pragma once

/* Inside filter/: words to tokens, and words to values. */

#include "filter/filter.h"

enum filter_token {
	TOKEN_END,
	TOKEN_VALUE,
	TOKEN_NOT,
	TOKEN_AND,
	TOKEN_OR,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_GE,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_LT,
	TOKEN_SRC,
	TOKEN_DST,
	TOKEN_SPORT,
	TOKEN_DPORT,
	TOKEN_DEV,
	TOKEN_FWMARK,
	TOKEN_CGROUP,
	TOKEN_AUTOBOUND,
};

struct filter_lexer {
	const char *text;
	size_t at;
	size_t start, length; /* of the last word in the text */
	char *word;	      /* the last word without its backslashes; room for the whole text */
};

/* The next word's meaning; TOKEN_VALUE for what is no word of the language. */
enum filter_token filter_next_token(struct filter_lexer *lexer);

/*
 * A value as a leaf of the tree, as the keyword before it wants it.  The text
 * is changed.  *family is the preferred family, and becomes the one that was
 * used.  0, or -EINVAL with a sentence.
 */
int filter_value(char *text, enum filter_token keyword, const struct filter_context *context,
		 int *family, struct filter_node *ret, struct err *err);
int filter_host_value(char *text, bool is_port, const struct filter_context *context, int *family,
		      struct filter_node *ret, struct err *err);

/* Frees what a leaf owns. */
void filter_node_done(struct filter_node *node);
