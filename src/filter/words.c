/* SPDX-License-Identifier: MIT */
/* The words of the language.  They are whole words: `sport=22` is none. */

#include "base/str.h"
#include "filter/parse.h"

#include <string.h>

static const struct {
	const char *spellings; /* lower case only */
	enum filter_token token;
} words[] = {
	{ "! not", TOKEN_NOT },	    { "& && and", TOKEN_AND },	    { "| || or", TOKEN_OR },
	{ "(", TOKEN_OPEN },	    { ")", TOKEN_CLOSE },	    { "= == eq", TOKEN_EQ },
	{ "!= ne neq", TOKEN_NE },  { ">= ge geq", TOKEN_GE },	    { "<= le leq", TOKEN_LE },
	{ "> gt", TOKEN_GT },	    { "< lt", TOKEN_LT },	    { "src", TOKEN_SRC },
	{ "dst", TOKEN_DST },	    { "sport", TOKEN_SPORT },	    { "dport", TOKEN_DPORT },
	{ "dev", TOKEN_DEV },	    { "fwmark", TOKEN_FWMARK },	    { "cgroup", TOKEN_CGROUP },
	{ "autobound", TOKEN_AUTOBOUND },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

static bool is_spelling(const char *spellings, const char *word)
{
	size_t len, word_len = strlen(word);

	for (const char *s = str_word(spellings, &len); s; s = str_word(s + len, &len))
		if (len == word_len && memcmp(s, word, len) == 0)
			return true;
	return false;
}

/* Copies the word at the current place; false at the end of the text. */
static bool read_word(struct filter_lexer *lexer)
{
	const char *text = lexer->text;
	char *out = lexer->word;

	while (is_blank(text[lexer->at]))
		lexer->at++;
	lexer->start = lexer->at;
	while (text[lexer->at] && !is_blank(text[lexer->at])) {
		if (text[lexer->at] == '\\' && text[lexer->at + 1])
			lexer->at++;
		*out++ = text[lexer->at++];
	}
	*out = '\0';
	lexer->length = lexer->at - lexer->start;
	return lexer->length > 0;
}

enum filter_token filter_next_token(struct filter_lexer *lexer)
{
	if (!read_word(lexer))
		return TOKEN_END;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (is_spelling(words[i].spellings, lexer->word))
			return words[i].token;
	return TOKEN_VALUE;
}
