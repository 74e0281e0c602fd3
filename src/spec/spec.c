/* SPDX-License-Identifier: MIT */
/* The grammar above the words; see spec.h. */

#include "spec/spec.h"

#include "base/buf.h"
#include "base/str.h"
#include "spec/lex.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void single_done(struct spec_single *s)
{
	free(s->keyword.text);
	for (size_t i = 0; i < s->n_params; i++)
		free(s->params[i].text);
	free(s->params);
	for (size_t i = 0; i < s->n_options; i++) {
		free(s->options[i].name.text);
		free(s->options[i].value.text);
	}
	free(s->options);
}

void spec_done(struct spec *spec)
{
	for (size_t i = 0; i < ARRAY_SIZE(spec->single); i++)
		single_done(&spec->single[i]);
	free(spec->source);
	*spec = (struct spec){ 0 };
}

static int parse_param(struct lexer *l, struct spec_single *s, struct err *err)
{
	static const struct lex_ends ends = { .bytes = ",:", .dual = true };
	struct spec_word word;
	int r;

	if (s->n_params == SPEC_PARAMS_MAX)
		return err_at(err, l->at, 1, -E2BIG,
			      "address has too many parameters (more than %d)", SPEC_PARAMS_MAX);
	r = lex_word(l, &ends, SPEC_WORD_MAX, "address parameter", &word, err);
	if (r < 0)
		return r;
	s->params = mem_resize(s->params, s->n_params + 1, sizeof(*s->params));
	s->params[s->n_params++] = word;
	return 0;
}

static int parse_head(struct lexer *l, struct spec_single *s, struct err *err)
{
	static const struct lex_ends ends = { .bytes = ",:", .dual = true };
	int r;

	s->at = l->at;
	r = lex_word(l, &ends, SPEC_WORD_MAX, "keyword", &s->keyword, err);
	while (r == 0 && l->text[l->at] == ':') {
		l->at++;
		r = parse_param(l, s, err);
	}
	s->width = l->at - s->at;
	return r;
}

static int parse_value(struct lexer *l, struct spec_option *option, struct err *err)
{
	static const struct lex_ends ends = { .bytes = ",", .dual = true };

	if (l->text[l->at] != '=')
		return 0;
	l->at++;
	option->has_value = true;
	return lex_word(l, &ends, SPEC_OPTION_MAX, "option value", &option->value, err);
}

static int parse_option(struct lexer *l, struct spec_single *s, struct err *err)
{
	static const struct lex_ends ends = { .bytes = ",=", .dual = true };
	struct spec_option *option;
	struct spec_word name;
	int r;

	r = lex_word(l, &ends, SPEC_OPTION_MAX, "option name", &name, err);
	if (r < 0)
		return r;
	if (name.len == 0 && l->text[l->at] != '=') {
		free(name.text); /* nothing between two commas */
		return 0;
	}
	if (name.len == 0 || s->n_options == SPEC_OPTIONS_MAX) {
		free(name.text);
		return name.len ? err_at(err, name.at, name.width, -E2BIG,
					 "address has too many options (more than %d)",
					 SPEC_OPTIONS_MAX)
				: err_at(err, l->at, 1, -EINVAL,
					 "syntax error in address \"%.200s\": option name missing "
					 "before \"=\"",
					 l->text);
	}
	s->options = mem_resize(s->options, s->n_options + 1, sizeof(*s->options));
	option = &s->options[s->n_options++];
	*option = (struct spec_option){ .name = name };
	return parse_value(l, option, err);
}

static int parse_single(struct lexer *l, struct spec_single *s, struct err *err)
{
	int r;

	r = parse_head(l, s, err);
	while (r == 0 && l->text[l->at] == ',') {
		l->at++;
		r = parse_option(l, s, err);
	}
	return r;
}

static int parse(struct spec *spec, struct err *err)
{
	struct lexer l = { .text = spec->source, .what = "address" };
	int r;

	spec->n = 1;
	r = parse_single(&l, &spec->single[0], err);
	if (r < 0 || !lex_at_dual(&l))
		return r;
	l.at += 2;
	spec->n = 2;
	r = parse_single(&l, &spec->single[1], err);
	if (r < 0)
		return r;
	if (lex_at_dual(&l))
		return err_at(err, l.at, 2, -EINVAL,
			      "syntax error in address \"%.200s\": more than one \"!!\"", l.text);
	return 0;
}

int spec_parse(const char *text, struct spec *ret, struct err *err)
{
	struct spec spec = { .source = str_copy(text) };
	int r;

	r = parse(&spec, err);
	if (r < 0) {
		spec_done(&spec);
		return r;
	}
	*ret = spec;
	return 0;
}

void spec_words_free(char **words)
{
	for (char **w = words; w && *w; w++)
		free(*w);
	free(words);
}

int spec_split_command(const char *text, char ***ret, struct err *err)
{
	static const struct lex_ends ends = { .bytes = " " };
	struct lexer l = { .text = text, .what = "command line" };
	char **words = mem_new(1, sizeof(char *));
	size_t n = 0;

	for (;;) {
		struct spec_word word;
		int r;

		l.at += strspn(text + l.at, " ");
		if (!text[l.at])
			break;
		r = lex_word(&l, &ends, SPEC_OPTION_MAX, "command word", &word, err);
		if (r < 0) {
			spec_words_free(words);
			return r;
		}
		words = mem_resize(words, n + 2, sizeof(char *));
		words[n++] = word.text;
		words[n] = NULL;
	}
	*ret = words;
	return 0;
}
