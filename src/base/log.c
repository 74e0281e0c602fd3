/* SPDX-License-Identifier: MIT */
/* The one place where events pass from the library to the program's sink. */

#include "base/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

enum { LOG_TEXT_MAX = 2048 };

static struct {
	log_sink *sink;
	void *context;
	enum log_level level;
	unsigned int softer;
} current;

void log_open(log_sink *sink, void *context, enum log_level level)
{
	current.sink = sink;
	current.context = context;
	current.level = level;
}

static enum log_level softened(enum log_level level)
{
	if (level == LEVEL_FATAL)
		return level;
	return (enum log_level)MIN((unsigned int)level + current.softer, (unsigned int)LEVEL_DEBUG);
}

bool log_wants(enum log_level level)
{
	return current.sink && softened(level) <= current.level;
}

unsigned int log_soften(unsigned int steps)
{
	unsigned int before = current.softer;

	current.softer = MIN(steps, 8U);
	return before;
}

void log_event(enum log_level level, const char *format, ...)
{
	char text[LOG_TEXT_MAX];
	int saved = errno;
	va_list list;

	if (!log_wants(level))
		return;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	current.sink(current.context, softened(level), text);
	errno = saved;
}
