/* SPDX-License-Identifier: MIT */
/* The text side of READLINE; see readline_text.h. */

#include "addr/readline_text.h"

#include <limits.h>
#include <string.h>

/* Where bytes that are no characters live: low surrogates, as in Python's PEP 383. */
enum { STRAY = 0xDC00 };

void prompt_clear(struct prompt *prompt)
{
	prompt->len = 0;
	prompt->text[0] = '\0';
}

static bool ends_line(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

void prompt_scan(struct prompt *prompt, const char *data, size_t len)
{
	size_t begin = len, keep;

	while (begin && !ends_line(data[begin - 1]))
		begin--;
	if (begin)
		prompt_clear(prompt);
	data += begin;
	len -= begin;
	if (len > PROMPT_MAX) {
		data += len - PROMPT_MAX;
		len = PROMPT_MAX;
	}
	keep = MIN(prompt->len, PROMPT_MAX - len);
	memmove(prompt->text, prompt->text + prompt->len - keep, keep);
	memcpy(prompt->text + keep, data, len);
	prompt->len = keep + len;
	prompt->text[prompt->len] = '\0';
}

size_t text_decode(const char *data, size_t len, wchar_t *ret)
{
	mbstate_t state = { 0 };
	size_t n = mbrtowc(ret, data, len, &state);

	if (n == (size_t)-2 && len < MB_LEN_MAX)
		return 0;
	if (n == 0)
		return 1; /* a NUL */
	if (n <= len)
		return n;
	*ret = STRAY + (unsigned char)data[0];
	return 1;
}

static void encode_one(struct buf *buf, wchar_t c)
{
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t n;

	if (c >= STRAY && c <= STRAY + UCHAR_MAX) {
		buf_put_byte(buf, (char)(c - STRAY));
		return;
	}
	n = wcrtomb(bytes, c, &state);
	if (n == (size_t)-1)
		buf_put_byte(buf, '?');
	else
		buf_put(buf, bytes, n);
}

void text_encode(struct buf *buf, const wchar_t *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		encode_one(buf, text[i]);
}

wchar_t *text_decode_all(const char *data, size_t len)
{
	wchar_t *text = mem_new(len + 1, sizeof(*text));
	size_t count = 0;

	while (len) {
		size_t n = text_decode(data, len, &text[count]);

		if (n == 0) { /* the rest will not come */
			text[count] = STRAY + (unsigned char)data[0];
			n = 1;
		}
		count++;
		data += n;
		len -= n;
	}
	text[count] = L'\0';
	return text;
}

void history_lines(const char *data, size_t len,
		   void (*each)(void *context, const char *line, size_t len), void *context)
{
	while (len) {
		const char *end = memchr(data, '\n', len);
		size_t n = end ? (size_t)(end - data) : len;

		if (n)
			each(context, data, n);
		n = MIN(n + 1, len);
		data += n;
		len -= n;
	}
}
