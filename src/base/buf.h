/* SPDX-License-Identifier: MIT */
#pragma once

/* A text that grows, up to a hard maximum.  Past the maximum everything more
 * is dropped and `full` is set; nobody adds to a pointer by hand. */

#include "base/base.h"

struct buf {
	char *data; /* always terminated once something was put */
	size_t len;
	size_t size;
	size_t max; /* 0: BUF_MAX */
	bool full;
};

enum { BUF_MAX = 1 << 30 };

#define auto_buf __attribute__((__cleanup__(buf_done))) struct buf

void buf_put(struct buf *buf, const void *data, size_t len);
void buf_put_byte(struct buf *buf, char byte);
void buf_put_text(struct buf *buf, const char *text);
void buf_format(struct buf *buf, const char *format, ...) printf_like(2, 3);
void buf_clear(struct buf *buf); /* empty, memory kept */
void buf_drop(struct buf *buf, size_t len); /* the first len bytes, at most all */

/* The text so far, "" when empty; the buffer keeps it. */
const char *buf_text(const struct buf *buf);

/* The text, never NULL, now the caller's; the buffer is empty again. */
char *buf_take(struct buf *buf);
void buf_done(struct buf *buf);
