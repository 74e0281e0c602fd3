/* SPDX-License-Identifier: MIT */
#pragma once

/*
 * What went wrong, said once, where the facts are.
 *
 * A function that can fail returns a negative errno and leaves the sentence in
 * a struct err; whoever knows how serious it is prints it.  The sentence names
 * the thing, then the reason: `connect 10.0.0.1:80: Connection refused`.
 */

#include "base/base.h"

enum { ERR_TEXT_MAX = 1024 };

struct err {
	int code;		 /* negative errno; 0: nothing went wrong */
	int column;		 /* 0-based place in the text that was parsed, or -1 */
	int length;		 /* how many characters of it are meant, at least 1 */
	char text[ERR_TEXT_MAX]; /* the sentence, without a full stop */
};

/* Stores code and sentence and returns code, so that `return err_set(...)`
 * reads as it should.  err may be NULL. */
int err_set(struct err *err, int code, const char *format, ...) printf_like(3, 4);

/* The same, for text that was parsed: column and length tell the place. */
int err_at(struct err *err, size_t column, size_t length, int code, const char *format, ...)
	printf_like(5, 6);

/* Appends to the sentence that is already there (a hint, a context). */
void err_add(struct err *err, const char *format, ...) printf_like(2, 3);

/* strerror() for a negative errno; never NULL. */
const char *err_reason(int code);
