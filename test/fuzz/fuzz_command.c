/* SPDX-License-Identifier: MIT */
/* Command lines for EXEC: the words, quoted and split again, are the same. */

#include "base/buf.h"
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 8192 };

static void quote(const char *word, struct buf *out)
{
	buf_put_byte(out, '\'');
	for (; *word; word++) {
		if (*word == '\'' || *word == '\\')
			buf_put_byte(out, '\\');
		buf_put_byte(out, *word);
	}
	buf_put_text(out, "'  ");
}

static void check_again(char *const *words)
{
	auto_buf text = { 0 };
	char **again = NULL;
	size_t n = 0;
	struct err err;

	for (; words[n]; n++)
		quote(words[n], &text);
	if (spec_split_command(buf_text(&text), &again, &err) < 0)
		abort();
	for (size_t i = 0; i < n; i++)
		if (!again[i] || strcmp(again[i], words[i]) != 0)
			abort();
	if (again[n])
		abort();
	spec_words_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[TEXT_MAX];
	char **words = NULL;
	struct err err = { .column = -1 };

	if (size >= sizeof(text))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';

	if (spec_split_command(text, &words, &err) < 0) {
		if (err.column < 0 || (size_t)err.column > strlen(text) || words)
			abort();
		return 0;
	}
	check_again(words);
	spec_words_free(words);
	return 0;
}
