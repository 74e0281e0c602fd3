/* SPDX-License-Identifier: MIT */
/* Address specifications: limits and places hold, and the tree written with
 * every byte escaped is read as the same tree. */

#include "spec/spec.h"

#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 8192 };

static void check(bool fine)
{
	if (!fine)
		abort();
}

static void check_word(const struct spec_word *w, size_t max, size_t source_len)
{
	check(w->text && w->len <= max && w->text[w->len] == '\0');
	check(w->at <= source_len && w->width <= source_len - w->at);
	check(w->len <= w->width);
}

static void check_single(const struct spec_single *s, size_t source_len)
{
	check(s->n_params <= SPEC_PARAMS_MAX && s->n_options <= SPEC_OPTIONS_MAX);
	check(s->at + s->width <= source_len);
	check_word(&s->keyword, SPEC_WORD_MAX, source_len);
	for (size_t i = 0; i < s->n_params; i++)
		check_word(&s->params[i], SPEC_WORD_MAX, source_len);
	for (size_t i = 0; i < s->n_options; i++) {
		check_word(&s->options[i].name, SPEC_OPTION_MAX, source_len);
		check(s->options[i].name.len > 0);
		if (s->options[i].has_value)
			check_word(&s->options[i].value, SPEC_OPTION_MAX, source_len);
	}
}

/* As one may type it: what is a letter of an escape is not escaped. */
static void write_word(const struct spec_word *w, struct buf *out)
{
	for (size_t i = 0; i < w->len; i++) {
		char c = w->text[i];

		if (!c)
			buf_put_text(out, "\\0");
		else if (strchr("0abfnrtv", c))
			buf_put_byte(out, c);
		else
			buf_format(out, "\\%c", c);
	}
}

static void write_single(const struct spec_single *s, struct buf *out)
{
	write_word(&s->keyword, out);
	for (size_t i = 0; i < s->n_params; i++) {
		buf_put_byte(out, ':');
		write_word(&s->params[i], out);
	}
	for (size_t i = 0; i < s->n_options; i++) {
		buf_put_byte(out, ',');
		write_word(&s->options[i].name, out);
		if (s->options[i].has_value) {
			buf_put_byte(out, '=');
			write_word(&s->options[i].value, out);
		}
	}
}

static void compare_words(const struct spec_word *a, const struct spec_word *b)
{
	check(a->len == b->len && (!a->len || memcmp(a->text, b->text, a->len) == 0));
}

static void compare(const struct spec_single *a, const struct spec_single *b)
{
	check(a->n_params == b->n_params && a->n_options == b->n_options);
	compare_words(&a->keyword, &b->keyword);
	for (size_t i = 0; i < a->n_params; i++)
		compare_words(&a->params[i], &b->params[i]);
	for (size_t i = 0; i < a->n_options; i++) {
		compare_words(&a->options[i].name, &b->options[i].name);
		check(a->options[i].has_value == b->options[i].has_value);
		compare_words(&a->options[i].value, &b->options[i].value);
	}
}

static void check_again(const struct spec *spec)
{
	auto_buf text = { 0 };
	auto_spec again = { 0 };
	struct err err;

	for (size_t i = 0; i < spec->n; i++) {
		buf_put_text(&text, i ? "!!" : "");
		write_single(&spec->single[i], &text);
	}
	check(spec_parse(buf_text(&text), &again, &err) == 0);
	check(again.n == spec->n);
	for (size_t i = 0; i < spec->n; i++)
		compare(&spec->single[i], &again.single[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];
	auto_spec spec = { 0 };
	struct err err = { .column = -1 };

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	size = strlen(text);

	if (spec_parse(text, &spec, &err) < 0) {
		check(err.code < 0 && err.column >= 0 && (size_t)err.column <= size);
		check(err.length >= 1 && *err.text);
		return 0;
	}
	check(spec.n == 1 || spec.n == 2);
	for (size_t i = 0; i < spec.n; i++)
		check_single(&spec.single[i], size);
	check_again(&spec);
	return 0;
}
