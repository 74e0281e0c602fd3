/* SPDX-License-Identifier: MIT */
/* The long form: one line per descriptor, the columns of stat(2) and fcntl(2)
 * first, then what the type of the file has of its own, then poll(2). */

#include "tool/describe.h"

#include "base/log.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { TEXT_SIZE = 2048 };

const char *describe_type(mode_t mode)
{
	static const struct {
		mode_t type;
		const char *name;
	} types[] = {
		{ S_IFIFO, "pipe" },	{ S_IFCHR, "chrdev" }, { S_IFDIR, "dir" },
		{ S_IFBLK, "blkdev" },	{ S_IFREG, "file" },   { S_IFLNK, "symlink" },
		{ S_IFSOCK, "socket" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if ((mode & S_IFMT) == types[i].type)
			return types[i].name;
	return "undef";
}

void describe_text(FILE *out, const char *text)
{
	char piece[TEXT_SIZE];
	size_t len = strlen(text);

	/* Escapes are up to four times as long as what they stand for. */
	for (size_t at = 0; at < len; at += sizeof(piece) / 4 - 1)
		fputs(str_escape(text + at, MIN(len - at, sizeof(piece) / 4 - 1), piece,
				 sizeof(piece)),
		      out);
}

void describe_header(FILE *out, const struct describe_style *style)
{
	/* Times are wide: in words they take the room of four columns, raw of two. */
	const char *wide = style->raw ? "\t" : "\t\t\t";

	fputs("  FD  type\tdevice\tinode\tmode\tlinks\tuid\tgid\trdev\tsize\tblksize\tblocks", out);
	fprintf(out, "\tatime%s\tmtime%s\tctime%s", wide, wide, wide);
	fputs("\tcloexec\tflags\tsigown\tsigio\n", out);
}

static void put_time(FILE *out, time_t moment, bool raw)
{
	char text[64];
	struct tm tm;

	if (raw || !localtime_r(&moment, &tm))
		fprintf(out, "\t%lld", (long long)moment);
	else if (strftime(text, sizeof(text), "%a %b %e %H:%M:%S %Y", &tm))
		fprintf(out, "\t%s", text);
}

static void put_stat(FILE *out, int fd, const struct stat *st, const struct describe_style *style)
{
	fprintf(out, "%4d: %s\t", fd, describe_type(st->st_mode));
	if (style->raw)
		fprintf(out, "%llu", (unsigned long long)st->st_dev);
	else
		fprintf(out, "%u,%u", major(st->st_dev), minor(st->st_dev));
	fprintf(out, "\t%llu\t0%03o\t%llu\t%u\t%u", (unsigned long long)st->st_ino, st->st_mode,
		(unsigned long long)st->st_nlink, st->st_uid, st->st_gid);
	/* The original keeps rdev in two numbers even with -r. */
	fprintf(out, "\t%u,%u\t%lld\t%lld\t%lld", major(st->st_rdev), minor(st->st_rdev),
		(long long)st->st_size, (long long)st->st_blksize, (long long)st->st_blocks);
	put_time(out, st->st_atime, style->raw);
	put_time(out, st->st_mtime, style->raw);
	put_time(out, st->st_ctime, style->raw);
}

static void put_flags(FILE *out, int fd)
{
	fprintf(out, "\t%d\tx%06x\t%d\t%d", fcntl(fd, F_GETFD), (unsigned int)fcntl(fd, F_GETFL),
		fcntl(fd, F_GETOWN), fcntl(fd, F_GETSIG));
}

/* `^C`, `a`, `xFF`; raw the number */
static void put_control_character(FILE *out, unsigned int index, cc_t value, bool raw)
{
	if (raw)
		fprintf(out, " cc[%u]=%u", index, value);
	else if (value < 0x20)
		fprintf(out, " cc[%u]=^%c", index, value + '@');
	else if (value < 0x7f)
		fprintf(out, " cc[%u]=%c", index, value);
	else
		fprintf(out, " cc[%u]=x%02X", index, value);
}

static void put_terminal(FILE *out, int fd, const struct describe_style *style)
{
	struct winsize window = { 0 };
	char name[PATH_MAX];
	struct termios tio;
	int reason;

	if (tcgetattr(fd, &tio) < 0)
		return;

	fputc('\t', out);
	reason = ttyname_r(fd, name, sizeof(name));
	if (reason == 0)
		describe_text(out, name);
	else
		log_warn("ttyname(%d): %s", fd, err_reason(-reason));
	fprintf(out, " \tIFLAGS=0x%06x OFLAGS=0x%06x CFLAGS=0x%06x LFLAGS=0x%06x", tio.c_iflag,
		tio.c_oflag, tio.c_cflag, tio.c_lflag);
	for (unsigned int i = 0; i < NCCS; i++)
		put_control_character(out, i, tio.c_cc[i], style->raw);
	if (ioctl(fd, TIOCGWINSZ, &window) == 0)
		fprintf(out, "\tterminal window size:   %ux%u terminal window pixels: %ux%u",
			window.ws_col, window.ws_row, window.ws_xpixel, window.ws_ypixel);
}

static void put_details(FILE *out, int fd, mode_t mode, const struct describe_style *style)
{
	int size;

	log_info("fd %d is a %s", fd, describe_type(mode));
	if (S_ISCHR(mode) && isatty(fd))
		put_terminal(out, fd, style);
	fputc('\t', out);
	if (S_ISSOCK(mode))
		describe_socket(out, fd);
	size = S_ISFIFO(mode) ? fcntl(fd, F_GETPIPE_SZ) : -1;
	if (size >= 0)
		fprintf(out, "F_GETPIPE_SZ=%d\t", size);
}

/* How much there is to be read: looking at the first byte does not take it. */
static void put_peek(FILE *out, int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, sizeof(byte), MSG_PEEK | MSG_DONTWAIT);

	if (n >= 0)
		fprintf(out, "; recvmsg=%zd, ", n);
}

static void put_poll(FILE *out, int fd, mode_t mode)
{
	static const struct {
		short event;
		const char *name;
	} events[] = {
		{ POLLIN, "IN" },   { POLLPRI, "PRI" }, { POLLOUT, "OUT" },
		{ POLLERR, "ERR" }, { POLLHUP, "HUP" }, { POLLNVAL, "NVAL" },
	};
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLPRI | POLLOUT };
	const char *comma = "";
	int waiting;

	if (poll(&p, 1, 0) < 0)
		log_warn("poll(%d): %s", fd, err_reason(-errno));
	fputs("poll: ", out);
	for (size_t i = 0; i < ARRAY_SIZE(events); i++) {
		if (!(p.revents & events[i].event))
			continue;
		fprintf(out, "%s%s", comma, events[i].name);
		comma = ",";
		if (events[i].event == POLLIN && ioctl(fd, FIONREAD, &waiting) == 0)
			fprintf(out, "(FIONREAD=%d)", waiting);
	}
	if (S_ISSOCK(mode) && (p.revents & POLLIN))
		put_peek(out, fd);
}

void describe_descriptor(FILE *out, int fd, const struct describe_style *style)
{
	struct stat st;

	log_debug("checking file descriptor %d", fd);
	if (fstat(fd, &st) < 0)
		return;

	put_stat(out, fd, &st, style);
	put_flags(out, fd);
	put_details(out, fd, st.st_mode, style);
	put_poll(out, fd, st.st_mode);
	fputc('\n', out);
}

static void put_link(FILE *out, const char *path)
{
	char target[PATH_MAX];
	ssize_t len = readlink(path, target, sizeof(target) - 1);

	if (len < 0)
		return;
	target[len] = '\0';
	fputs("LINKTARGET=", out);
	describe_text(out, target);
}

void describe_path(FILE *out, const char *path, const struct describe_style *style)
{
	auto_close int fd = open(path, O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC |
					       (style->follow ? 0 : O_NOFOLLOW));
	int by_name = style->follow ? 0 : AT_SYMLINK_NOFOLLOW;
	struct stat st = { 0 };

	if (fd < 0)
		log_info("open(\"%s\"): %s", path, err_reason(-errno));
	if (fd >= 0 ? fstat(fd, &st) < 0 : fstatat(AT_FDCWD, path, &st, by_name) < 0)
		log_warn("stat(\"%s\"): %s", path, err_reason(-errno));

	put_stat(out, fd, &st, style);
	fputs("\t\t\t\t", out); /* cloexec, flags, sigown and sigio would be our own */
	if (S_ISCHR(st.st_mode) && fd >= 0 && isatty(fd))
		put_terminal(out, fd, style);
	if (S_ISLNK(st.st_mode))
		put_link(out, path);
	fputc('\n', out);
}
