/* SPDX-License-Identifier: MIT */
/* Growing text; see buf.h. */

#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for len more bytes and the terminator. */
static bool reserve(struct buf *buf, size_t len)
{
	size_t max = buf->max ? buf->max : BUF_MAX;
	size_t size = buf->size ? buf->size : 64;

	if (buf->full || len > max - buf->len) {
		buf->full = true;
		return false;
	}
	if (buf->len + len < buf->size)
		return true;
	while (size <= buf->len + len)
		size *= 2;
	buf->data = mem_resize(buf->data, 1, size);
	buf->size = size;
	return true;
}

void buf_put(struct buf *buf, const void *data, size_t len)
{
	if (!reserve(buf, len))
		return;
	if (len)
		memcpy(buf->data + buf->len, data, len);
	buf->len += len;
	buf->data[buf->len] = '\0';
}

void buf_put_byte(struct buf *buf, char byte)
{
	buf_put(buf, &byte, 1);
}

void buf_put_text(struct buf *buf, const char *text)
{
	buf_put(buf, text, strlen(text));
}

void buf_format(struct buf *buf, const char *format, ...)
{
	va_list list;
	int len;

	va_start(list, format);
	len = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (len < 0 || !reserve(buf, (size_t)len))
		return;
	va_start(list, format);
	(void)vsnprintf(buf->data + buf->len, (size_t)len + 1, format, list);
	va_end(list);
	buf->len += (size_t)len;
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->full = false;
	if (buf->data)
		buf->data[0] = '\0';
}

void buf_drop(struct buf *buf, size_t len)
{
	if (len >= buf->len) {
		buf_clear(buf);
		return;
	}
	memmove(buf->data, buf->data + len, buf->len - len + 1); /* and the end */
	buf->len -= len;
}

const char *buf_text(const struct buf *buf)
{
	return buf->data ? buf->data : "";
}

char *buf_take(struct buf *buf)
{
	char *text = buf->data ? buf->data : mem_new(1, 1);

	*buf = (struct buf){ .max = buf->max };
	return text;
}

void buf_done(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){ .max = buf->max };
}
