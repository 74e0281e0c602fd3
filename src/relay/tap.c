/* SPDX-License-Identifier: MIT */
/* Copies of the data; see tap.h. */

#include "relay/tap.h"

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HEX_COLUMNS = 16 };

static bool is_plain(char c)
{
	return (unsigned char)c >= 0x20 && (unsigned char)c < 0x7f;
}

static void format_header(const struct tap *tap, const struct timespec *time, size_t len,
			  struct buf *out)
{
	char stamp[64];
	struct tm local;

	(void)localtime_r(&time->tv_sec, &local);
	(void)strftime(stamp, sizeof(stamp), "%Y/%m/%d %H:%M:%S", &local);
	buf_format(out, "%c %s.%06ld  length=%zu from=%llu to=%llu\n", tap->direction, stamp,
		   time->tv_nsec / 1000, len, (unsigned long long)tap->offset,
		   (unsigned long long)(tap->offset + len - 1));
}

static void format_text(const char *data, size_t len, struct buf *out)
{
	static const char special[] = "\\\r\a\b\v\f", letters[] = "\\rabvf";

	for (size_t i = 0; i < len; i++) {
		const char *found = data[i] ? strchr(special, data[i]) : NULL;

		if (found) {
			buf_put_byte(out, '\\');
			buf_put_byte(out, letters[found - special]);
		} else if (data[i] == '\n' || data[i] == '\t' || is_plain(data[i])) {
			buf_put_byte(out, data[i]);
		} else {
			buf_put_byte(out, '.');
		}
	}
}

static void format_hex(const char *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++)
		buf_format(out, " %02x", (unsigned char)data[i]);
}

/* Up to 16 bytes, or up to a line feed: hex, then text. */
static size_t format_row(const char *data, size_t len, struct buf *out)
{
	const char *feed = memchr(data, '\n', MIN(len, (size_t)HEX_COLUMNS));
	size_t n = feed ? (size_t)(feed - data) + 1 : MIN(len, (size_t)HEX_COLUMNS);

	format_hex(data, n, out);
	for (size_t i = n; i < HEX_COLUMNS; i++)
		buf_put_text(out, "   ");
	buf_put_text(out, "  ");
	for (size_t i = 0; i < n; i++)
		buf_put_byte(out, is_plain(data[i]) ? data[i] : '.');
	buf_put_byte(out, '\n');
	return n;
}

void tap_format(const struct tap *tap, const struct timespec *time, const char *data, size_t len,
		struct buf *out)
{
	format_header(tap, time, len, out);
	if (tap->text && tap->hex) {
		for (size_t at = 0; at < len;)
			at += format_row(data + at, len - at, out);
		buf_put_text(out, "--\n");
	} else if (tap->hex) {
		format_hex(data, len, out);
		buf_put_byte(out, '\n');
	} else {
		format_text(data, len, out);
	}
}

void tap_copy(struct tap *tap, const char *data, size_t len)
{
	struct timespec now;
	auto_buf out = { 0 };

	if (tap->dump_fd >= 0) {
		(void)clock_gettime(CLOCK_REALTIME, &now);
		tap_format(tap, &now, data, len, &out);
		(void)fd_write_all(tap->dump_fd, buf_text(&out), out.len);
	}
	if (tap->raw_fd >= 0) {
		ssize_t n = write(tap->raw_fd, data, len);

		if (n < 0)
			log_warn("write(%d, ..., %zu): %s", tap->raw_fd, len, err_reason(-errno));
		else if ((size_t)n < len)
			log_warn("write(%d, ..., %zu): only %zd bytes written", tap->raw_fd, len,
				 n);
	}
	tap->offset += len;
}

static void expand_variable(const char *name, size_t len, const char *program,
			    const struct env *env, const struct timespec *time, struct buf *out)
{
	auto_free char *variable = str_copy_n(name, len);
	char stamp[32];
	struct tm local;
	const char *value;

	if (str_equal(variable, "PROGNAME")) {
		buf_put_text(out, program);
	} else if (str_equal(variable, "TIMESTAMP")) {
		(void)localtime_r(&time->tv_sec, &local);
		(void)strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%S", &local);
		buf_put_text(out, stamp);
	} else if (str_equal(variable, "MICROS")) {
		buf_format(out, "%06ld", time->tv_nsec / 1000);
	} else {
		value = env_get(env, variable);
		buf_put_text(out, value ? value : "");
	}
}

static size_t name_length(const char *text)
{
	size_t len = 0;

	while (isalnum((unsigned char)text[len]) || text[len] == '_')
		len++;
	return len;
}

char *tap_expand_name(const char *name, const char *program, const struct env *env,
		      const struct timespec *time)
{
	auto_buf out = { 0 };

	while (*name) {
		size_t brace = name[0] == '$' && name[1] == '{';
		size_t len = *name == '$' ? name_length(name + 1 + brace) : 0;

		if (name[0] == '\\' && name[1] == '$') {
			buf_put_byte(&out, '$');
			name += 2;
		} else if (name[0] == '$' && name[1] == '$') {
			buf_format(&out, "%d", (int)getpid());
			name += 2;
		} else if (len && (!brace || name[2 + len] == '}')) {
			expand_variable(name + 1 + brace, len, program, env, time, &out);
			name += 1 + len + 2 * brace;
		} else {
			buf_put_byte(&out, *name++);
		}
	}
	return buf_take(&out);
}

int tap_open_raw(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0664);

	return fd < 0 ? -errno : fd;
}

struct tap *tap_free(struct tap *tap)
{
	if (tap && tap->raw_fd >= 0)
		(void)close(tap->raw_fd);
	free(tap);
	return NULL;
}
