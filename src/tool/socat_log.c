/* SPDX-License-Identifier: MIT */
/* Log lines; see socat_log.h.  Every text is escaped here, so that nothing a peer
 * or a file name says reaches a terminal as a control sequence. */

#include "tool/socat_log.h"

#include "base/buf.h"
#include "base/fd.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_BYTES = 512 };

static const char letters[] = "FEWNID";
static const int priorities[] = { LOG_CRIT, LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

void socat_log_init(struct socat_log *log, const char *program)
{
	*log = (struct socat_log){
		.program = program,
		.file = stderr,
		.facility = LOG_DAEMON,
		.level = LEVEL_WARN,
	};
}

int socat_log_facility(const char *name)
{
	static const struct {
		const char *name;
		int facility;
	} names[] = {
		{ "auth", LOG_AUTH },	  { "authpriv", LOG_AUTHPRIV }, { "cron", LOG_CRON },
		{ "daemon", LOG_DAEMON }, { "ftp", LOG_FTP },		{ "kern", LOG_KERN },
		{ "local0", LOG_LOCAL0 }, { "local1", LOG_LOCAL1 },	{ "local2", LOG_LOCAL2 },
		{ "local3", LOG_LOCAL3 }, { "local4", LOG_LOCAL4 },	{ "local5", LOG_LOCAL5 },
		{ "local6", LOG_LOCAL6 }, { "local7", LOG_LOCAL7 },	{ "lpr", LOG_LPR },
		{ "mail", LOG_MAIL },	  { "news", LOG_NEWS },		{ "syslog", LOG_SYSLOG },
		{ "user", LOG_USER },	  { "uucp", LOG_UUCP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_equal(names[i].name, name))
			return names[i].facility;
	return -1;
}

static void put_time(const struct socat_log *log, struct buf *line)
{
	char stamp[64];
	struct timespec now;
	struct tm local;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	(void)localtime_r(&now.tv_sec, &local);
	(void)strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &local);
	buf_put_text(line, stamp);
	if (log->microseconds)
		buf_format(line, ".%06ld", now.tv_nsec / 1000);
	buf_put_byte(line, ' ');
}

static void put_hostname(const struct socat_log *log, struct buf *line)
{
	const char *name = getenv("HOSTNAME");
	struct utsname system;

	if (!log->hostname)
		return;
	if (!name && uname(&system) == 0)
		name = system.nodename;
	buf_format(line, "%s ", name ? name : "");
}

static void put_escaped(struct buf *line, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (byte < 0x20 || byte >= 0x7f)
			buf_format(line, "\\x%02x", byte);
		else
			buf_put_byte(line, *text);
	}
}

static void print_line(void *context, enum log_level level, const char *text)
{
	const struct socat_log *log = context;
	struct buf line = { .max = 64 * 1024 };

	if (log->syslog) {
		put_escaped(&line, text);
		syslog(priorities[level], "%c %s", letters[level], buf_text(&line));
	} else {
		put_time(log, &line);
		put_hostname(log, &line);
		buf_format(&line, "%s[%d] %c ", log->program, (int)getpid(), letters[level]);
		put_escaped(&line, text);
		line.len = MIN(line.len, (size_t)LINE_MAX_BYTES - 1);
		buf_put_byte(&line, '\n');
		(void)fd_write_all(fileno(log->file), line.data, line.len);
	}
	buf_done(&line);
}

void socat_log_open(struct socat_log *log)
{
	if (log->syslog || log->syslog_later)
		openlog(log->program, LOG_PID, log->facility);
	log_open(print_line, log, (enum log_level)MIN(MAX(log->level, LEVEL_ERROR), LEVEL_DEBUG));
	log->opened = true;
}

void socat_log_switch(struct socat_log *log)
{
	if (log->syslog_later)
		log->syslog = true;
}

/* The address and a caret under the wrong part of it, as a compiler does. */
static void point_at(const struct socat_log *log, const struct err *err, const char *address)
{
	enum { SHOWN = 160 };
	size_t column = (size_t)err->column, skip = column > SHOWN / 2 ? column - SHOWN / 2 : 0;
	size_t len = MIN((size_t)err->length, (size_t)SHOWN / 2);
	auto_buf out = { 0 };

	buf_put_text(&out, "    ");
	for (const char *at = address + skip; *at && at < address + skip + SHOWN; at++)
		buf_put_byte(&out, *at < 0x20 || *at >= 0x7f ? '?' : *at);
	buf_put_text(&out, "\n    ");
	for (size_t i = skip; i < column; i++)
		buf_put_byte(&out, ' ');
	buf_put_byte(&out, '^');
	for (size_t i = 1; i < len; i++)
		buf_put_byte(&out, '~');
	buf_put_byte(&out, '\n');
	(void)fd_write_all(fileno(log->file), out.data, out.len);
}

void socat_log_failure(struct socat_log *log, const struct err *err, const char *address)
{
	if (!log->opened)
		socat_log_open(log);
	log_error("%s", err->text);
	if (address && err->column >= 0 && (size_t)err->column <= strlen(address) && !log->syslog)
		point_at(log, err, address);
}
