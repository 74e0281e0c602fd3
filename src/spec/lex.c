/* SPDX-License-Identifier: MIT */
/*
 * Quotes, brackets and escapes.
 *
 * At the outermost level quotes are dropped; within double quotes or brackets
 * everything that nests keeps its characters.  In single quotes only the
 * backslash is special.  `depth` counts what is open around the current byte.
 */

#include "spec/lex.h"

#include "base/buf.h"

#include <errno.h>
#include <string.h>

struct word {
	struct lexer *lexer;
	struct buf text;
	size_t start;
	size_t max;
	const char *name;
};

static int lex_nested(struct word *w, char close, unsigned int depth, struct err *err);

bool lex_at_dual(const struct lexer *lexer)
{
	return lexer->text[lexer->at] == '!' && lexer->text[lexer->at + 1] == '!';
}

static int unexpected_end(const struct word *w, size_t from, struct err *err)
{
	return err_at(err, from, 1, -EINVAL, "unexpected end of %s \"%.200s\"", w->lexer->what,
		      w->lexer->text);
}

static int put(struct word *w, char byte, struct err *err)
{
	if (w->text.len >= w->max)
		return err_at(err, w->start, w->lexer->at - w->start, -E2BIG,
			      "%s too long (more than %zu bytes)", w->name, w->max);
	buf_put_byte(&w->text, byte);
	return 0;
}

static int lex_escape(struct word *w, struct err *err)
{
	static const char letters[] = "0abfnrtv", controls[] = "\0\a\b\f\n\r\t\v";
	struct lexer *l = w->lexer;
	char byte = l->text[l->at + 1];
	const char *found;

	if (!byte)
		return unexpected_end(w, l->at, err);
	l->at += 2;
	found = strchr(letters, byte);
	return put(w, found ? controls[found - letters] : byte, err);
}

/* Up to the closing apostrophe; keep: the apostrophes themselves stay. */
static int lex_hard_quote(struct word *w, bool keep, struct err *err)
{
	struct lexer *l = w->lexer;
	size_t from = l->at++;
	int r = keep ? put(w, '\'', err) : 0;

	while (r == 0 && l->text[l->at] != '\'') {
		if (!l->text[l->at])
			return unexpected_end(w, from, err);
		r = l->text[l->at] == '\\' ? lex_escape(w, err) : put(w, l->text[l->at++], err);
	}
	if (r < 0)
		return r;
	l->at++;
	return keep ? put(w, '\'', err) : 0;
}

static int lex_soft_quote(struct word *w, unsigned int depth, struct err *err)
{
	bool keep = depth > 0;
	struct lexer *l = w->lexer;
	size_t from = l->at++;
	int r = keep ? put(w, '"', err) : 0;

	if (r < 0)
		return r;
	r = lex_nested(w, '"', depth + 1, err);
	if (r < 0)
		return r;
	if (!l->text[l->at])
		return unexpected_end(w, from, err);
	l->at++;
	return keep ? put(w, '"', err) : 0;
}

/* A bracket up to its counterpart.  At the end of the text a missing counterpart
 * is forgiven (as classic does), but not within quotes. */
static int lex_bracket(struct word *w, unsigned int depth, bool in_quotes, struct err *err)
{
	struct lexer *l = w->lexer;
	size_t from = l->at;
	char open = l->text[l->at++];
	char close = open == '(' ? ')' : open == '[' ? ']' : '}';
	int r = put(w, open, err);

	if (r < 0)
		return r;
	r = lex_nested(w, close, depth + 1, err);
	if (r < 0)
		return r;
	if (!l->text[l->at])
		return in_quotes ? unexpected_end(w, from, err) : 0;
	l->at++;
	return put(w, close, err);
}

/* A byte or what it begins: a quote, a bracket, an escape. */
static int lex_part(struct word *w, unsigned int depth, bool in_quotes, struct err *err)
{
	struct lexer *l = w->lexer;

	switch (l->text[l->at]) {
	case '\'':
		return lex_hard_quote(w, depth > 0, err);
	case '"':
		return lex_soft_quote(w, depth, err);
	case '(':
	case '[':
	case '{':
		return lex_bracket(w, depth, in_quotes, err);
	case '\\':
		return lex_escape(w, err);
	default:
		return put(w, l->text[l->at++], err);
	}
}

/* Everything up to the closing byte, which is left; or to the end of the text. */
static int lex_nested(struct word *w, char close, unsigned int depth, struct err *err)
{
	struct lexer *l = w->lexer;
	int r = 0;

	if (depth > SPEC_DEPTH_MAX)
		return err_at(err, l->at, 1, -E2BIG, "%s nested too deeply (more than %d levels)",
			      w->name, SPEC_DEPTH_MAX);

	while (r == 0 && l->text[l->at] && l->text[l->at] != close)
		r = lex_part(w, depth, close == '"', err);
	return r;
}

static bool at_end(const struct lexer *l, const struct lex_ends *ends)
{
	char byte = l->text[l->at];

	return !byte || strchr(ends->bytes, byte) || (ends->dual && lex_at_dual(l));
}

int lex_word(struct lexer *lexer, const struct lex_ends *ends, size_t max, const char *name,
	     struct spec_word *ret, struct err *err)
{
	struct word w = { .lexer = lexer, .start = lexer->at, .max = max, .name = name };
	int r = 0;

	while (r == 0 && !at_end(lexer, ends))
		r = lex_part(&w, 0, false, err);
	if (r < 0) {
		buf_done(&w.text);
		return r;
	}
	*ret = (struct spec_word){ .at = w.start, .width = lexer->at - w.start };
	ret->len = w.text.len;
	ret->text = buf_take(&w.text);
	return 0;
}
