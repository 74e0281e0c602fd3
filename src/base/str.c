/* SPDX-License-Identifier: MIT */
/* Text helpers; see str.h. */

#include "base/str.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { DISTANCE_MAX = 64 };

char *str_copy(const char *text)
{
	return str_copy_n(text, strlen(text));
}

char *str_copy_n(const char *text, size_t len)
{
	char *copy = mem_new(1, len + 1);

	memcpy(copy, text, len);
	return copy;
}

char *str_format(const char *format, ...)
{
	char *text;
	va_list list;
	int len;

	va_start(list, format);
	len = vsnprintf(NULL, 0, format, list);
	va_end(list);

	text = mem_new(1, (size_t)len + 1);
	va_start(list, format);
	(void)vsnprintf(text, (size_t)len + 1, format, list);
	va_end(list);
	return text;
}

bool str_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

bool str_equal_nocase(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

bool str_begins(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

const char *str_escape(const void *data, size_t len, char *out, size_t size)
{
	const unsigned char *byte = data;
	size_t used = 0;
	char piece[5];

	for (size_t i = 0; i < len; i++) {
		size_t need;

		if (byte[i] == '\\')
			(void)snprintf(piece, sizeof(piece), "\\\\");
		else if (byte[i] < 0x20 || byte[i] >= 0x7f)
			(void)snprintf(piece, sizeof(piece), "\\x%02x", byte[i]);
		else
			(void)snprintf(piece, sizeof(piece), "%c", byte[i]);
		need = strlen(piece);
		if (used + need >= size)
			break;
		memcpy(out + used, piece, need);
		used += need;
	}
	if (size)
		out[used] = '\0';
	return out;
}

/* Damerau-Levenshtein (optimal string alignment), three rows at a time. */
unsigned int str_distance(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);
	unsigned int row[3][DISTANCE_MAX + 1];

	if (la > DISTANCE_MAX || lb > DISTANCE_MAX)
		return DISTANCE_MAX;

	for (size_t j = 0; j <= lb; j++)
		row[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		unsigned int *now = row[i % 3];
		const unsigned int *above = row[(i + 2) % 3], *two = row[(i + 1) % 3];
		int ca = tolower((unsigned char)a[i - 1]);

		now[0] = (unsigned int)i;
		for (size_t j = 1; j <= lb; j++) {
			int cb = tolower((unsigned char)b[j - 1]);

			now[j] = MIN(above[j - 1] + (ca != cb), MIN(above[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
			    cb == tolower((unsigned char)a[i - 2]))
				now[j] = MIN(now[j], two[j - 2] + 1);
		}
	}
	return row[la % 3][lb];
}

bool str_is_nearer(const char *word, const char *candidate, unsigned int *best)
{
	unsigned int distance = str_distance(word, candidate);

	if (distance >= *best || distance > 1 + strlen(word) / 4)
		return false;
	*best = distance;
	return true;
}

const char *str_word(const char *list, size_t *ret_len)
{
	list += strspn(list, " ");
	*ret_len = strcspn(list, " ");
	return *ret_len ? list : NULL;
}

bool str_word_is(const char *list, const char *word)
{
	size_t len, want = strlen(word);

	for (const char *w = str_word(list, &len); w; w = str_word(w + len, &len))
		if (len == want && strncasecmp(w, word, len) == 0)
			return true;
	return false;
}
