/* SPDX-License-Identifier: MIT */
/* Error sentences; see err.h. */

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static printf_like(3, 0) void fill(struct err *err, int code, const char *format, va_list list)
{
	err->code = code;
	err->column = -1;
	err->length = 1;
	(void)vsnprintf(err->text, sizeof(err->text), format, list);
}

int err_set(struct err *err, int code, const char *format, ...)
{
	va_list list;

	if (!err)
		return code;

	va_start(list, format);
	fill(err, code, format, list);
	va_end(list);
	return code;
}

int err_at(struct err *err, size_t column, size_t length, int code, const char *format, ...)
{
	va_list list;

	if (!err)
		return code;

	va_start(list, format);
	fill(err, code, format, list);
	va_end(list);
	err->column = (int)column;
	err->length = (int)MAX(length, (size_t)1);
	return code;
}

void err_add(struct err *err, const char *format, ...)
{
	size_t used;
	va_list list;

	if (!err)
		return;

	used = strlen(err->text);
	va_start(list, format);
	(void)vsnprintf(err->text + used, sizeof(err->text) - used, format, list);
	va_end(list);
}

const char *err_reason(int code)
{
	return strerror(-code);
}
