/* SPDX-License-Identifier: MIT */
/* READLINE's texts: what the peer writes becomes a prompt, bytes become characters and
 * come back unchanged, a file becomes history lines. */

#include "addr/readline_text.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_line(void *context, const char *line, size_t len)
{
	size_t *total = context;

	if (!len || memchr(line, '\n', len))
		abort();
	*total += len;
}

static void check_prompt(const char *text, size_t len)
{
	struct prompt whole = { 0 }, pieces = { 0 };

	prompt_scan(&whole, text, len);
	prompt_scan(&pieces, text, len / 2);
	prompt_scan(&pieces, text + len / 2, len - len / 2);
	if (whole.len > PROMPT_MAX || strcmp(whole.text, pieces.text) != 0 ||
	    strlen(whole.text) != whole.len)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_free char *text = mem_copy(data, size);
	auto_free wchar_t *wide = NULL;
	auto_buf back = { 0 };
	size_t total = 0;

	(void)setlocale(LC_CTYPE, "C.UTF-8");
	check_prompt(text, size);
	history_lines(text, size, check_line, &total);
	if (total > size)
		abort();
	wide = text_decode_all(text, size);
	for (size_t i = 0, n = 0; i < size; i += n) {
		wchar_t c;

		n = text_decode(text + i, size - i, &c);
		if (!n)
			break;
		text_encode(&back, &c, 1);
	}
	if (memcmp(buf_text(&back), text, back.len) != 0)
		abort();
	return 0;
}
