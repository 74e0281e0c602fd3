/* SPDX-License-Identifier: MIT */
/* Messages of filan and procan; see filan_message.h. */

#include "tool/filan_message.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { MESSAGE_MAX = 2048 };

static const char *program_name = "filan";

/* The text may hold names from outside; they are escaped here, once. */
static void put_line(void *context, enum log_level level, const char *text)
{
	static const char letters[] = "FEWNID";
	char shown[MESSAGE_MAX * 4], stamp[64];
	time_t now = time(NULL);
	struct tm tm = { 0 };

	(void)context;
	(void)localtime_r(&now, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &tm);
	fprintf(stderr, "%s %s[%d] %c %s\n", stamp, program_name, (int)getpid(), letters[level],
		str_escape(text, strlen(text), shown, sizeof(shown)));
}

void filan_message_open(const char *program, enum log_level level)
{
	const char *slash = strrchr(program, '/');

	program_name = slash ? slash + 1 : program;
	log_open(put_line, NULL, level);
}

int filan_fail(const char *format, ...)
{
	char text[MESSAGE_MAX];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	put_line(NULL, LEVEL_ERROR, text);
	return 1;
}
