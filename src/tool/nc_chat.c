/* SPDX-License-Identifier: MIT */
/* Words, rows and messages; see nc_chat.h. */

#include "tool/nc_chat.h"

#include "base/str.h"

#include <errno.h>
#include <string.h>

enum { ROW = 16, HALF = 8 };

static void add_word(char ***words, size_t *n, struct buf *word)
{
	*words = mem_resize(*words, *n + 2, sizeof(**words));
	(*words)[(*n)++] = buf_take(word);
	(*words)[*n] = NULL;
}

int nc_command_split(const char *text, char ***ret)
{
	auto_buf word = { 0 };
	bool inside = false;
	char **words = NULL;
	size_t n = 0;

	for (; *text; text++) {
		if (*text == ' ') {
			if (inside)
				add_word(&words, &n, &word);
			inside = false;
			continue;
		}
		if (*text == '\\' && text[1])
			text++;
		buf_put_byte(&word, *text);
		inside = true;
	}
	if (inside)
		add_word(&words, &n, &word);
	*ret = words;
	return n ? 0 : -EINVAL;
}

static void put_row(struct buf *out, size_t offset, const uint8_t *data, size_t len)
{
	buf_format(out, "%04zx  ", offset);
	for (size_t i = 0; i < ROW; i++) {
		if (i == HALF)
			buf_put_byte(out, ' ');
		if (i < len)
			buf_format(out, " %02x", data[i]);
		else
			buf_put_text(out, "   ");
	}
	buf_put_text(out, "  ");
	for (size_t i = 0; i < ROW; i++)
		buf_put_byte(out, i >= len			    ? ' '
				  : data[i] > ' ' && data[i] < 0x7f ? (char)data[i]
								    : '.');
	buf_put_byte(out, '\n');
}

void nc_hex_put(struct buf *out, const void *data, size_t len)
{
	for (size_t at = 0; at < len; at += ROW)
		put_row(out, at, (const uint8_t *)data + at, MIN(len - at, (size_t)ROW));
}

void nc_trace_put(struct buf *out, char mark, uint32_t *offset, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	for (size_t at = 0; at < len; at += ROW) {
		buf_format(out, "%c %08x ", mark, *offset + (uint32_t)at);
		for (size_t i = at; i < at + ROW; i++)
			if (i < len)
				buf_format(out, "%02x ", bytes[i]);
			else
				buf_put_text(out, "   ");
		buf_put_text(out, "# ");
		for (size_t i = at; i < MIN(at + ROW, len); i++)
			buf_put_byte(out, bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i]
									     : '.');
		buf_put_byte(out, '\n');
	}
	*offset += (uint32_t)len;
}

void nc_chat_put(struct buf *out, int user, const void *data, size_t len)
{
	const uint8_t *bytes = data;

	buf_format(out, "<user%d> ", user);
	for (size_t i = 0; i < len; i++) {
		if ((bytes[i] >= ' ' && bytes[i] < 0x7f) || memchr("\r\n\t", bytes[i], 3))
			buf_put_byte(out, (char)bytes[i]);
		else
			buf_format(out, "\\%03o", bytes[i]);
	}
}
