/* SPDX-License-Identifier: MIT */
/* Messages of filan and procan; see filan_message.h. */

#include "tool/filan_message.h"

#include "tool/socat_log.h"

#include <stdarg.h>
#include <string.h>

enum { MESSAGE_MAX = 2048 };

static struct socat_log messages;

void filan_message_open(const char *program, enum log_level level)
{
	const char *slash = strrchr(program, '/');

	socat_log_init(&messages, slash ? slash + 1 : program);
	messages.level = (int)level;
	socat_log_open(&messages);
}

int filan_fail(const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	log_error("%s", text);
	return 1;
}
