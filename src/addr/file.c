/* SPDX-License-Identifier: MIT */
/* Entries of the file system: OPEN, CREATE, GOPEN, and the options of open(2). */

#include "addr/families.h"
#include "addr/unix.h"
#include "base/log.h"
#include "opt/action.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "addr/file.h"

static const char *type_word(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return "file";
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return "regular file";
	case S_IFCHR:
		return "character device";
	case S_IFBLK:
		return "block device";
	case S_IFIFO:
		return "named pipe";
	case S_IFSOCK:
		return "socket";
	case S_IFDIR:
		return "directory";
	default:
		return "file";
	}
}

const char *file_direction_words(enum addr_direction direction)
{
	switch (direction) {
	case DIR_READ:
		return "reading";
	case DIR_WRITE:
		return "writing";
	default:
		return "reading and writing";
	}
}

void file_tell_opening(const struct opening *o, const char *path)
{
	log_notice("opening %s \"%s\" for %s", type_word(path), path,
		   file_direction_words(o->wanted));
}

int file_access_flags(enum addr_direction direction)
{
	switch (direction) {
	case DIR_READ:
		return O_RDONLY;
	case DIR_WRITE:
		return O_WRONLY;
	default:
		return O_RDWR;
	}
}

mode_t file_mode(struct opening *o)
{
	const struct option *perm = opening_take(o, "perm");

	return perm ? (mode_t)perm->value.number[0] : 0666;
}

struct open_call {
	const char *path;
	int flags;
	mode_t mode;
};

static int open_main(void *arg)
{
	const struct open_call *c = arg;
	int fd = open(c->path, c->flags | O_CLOEXEC, c->mode);

	return fd < 0 ? -errno : fd;
}

int file_open(struct opening *o, const char *path, int flags)
{
	struct open_call c = { .path = path, .mode = file_mode(o) };
	struct stat st;
	int fd;

	c.flags = (int)opt_collect_flags(&o->address->options, &o->used, opt_open_flag, flags);
	c.flags = (int)opt_collect_flags(&o->address->options, &o->used, opt_file_flag, c.flags);
	/* Only the open of a FIFO waits for somebody. */
	fd = stat(path, &st) == 0 && S_ISFIFO(st.st_mode) ? task_offload(open_main, &c)
							   : open_main(&c);
	if (fd < 0)
		return err_set(o->err, fd, "open(\"%s\", 0%o, 0%03o): %s", path,
			       (unsigned int)c.flags, c.mode, err_reason(fd));
	return fd;
}

int file_stream(struct opening *o, int fd, const char *path, struct stream **ret)
{
	auto_stream s = stream_new(o->wanted & DIR_READ ? fd : -1, o->wanted & DIR_WRITE ? fd : -1,
				   END_CLOSE);
	int r;

	s->shut = SHUT_NONE;
	if (isatty(fd))
		saved_terminal_take(&s->terminals, fd);
	if (o->address->settings.unlink_close > 0)
		owned_path_set(&s->path, path);
	r = opening_apply(o, PHASE_PASTOPEN, fd, path);
	if (r == 0)
		r = opening_apply(o, PHASE_FD, fd, NULL);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

int file_prepare(struct opening *o, const char *path)
{
	int r;

	r = opening_apply_named(o, PHASE_EARLY, path);
	if (r < 0)
		return r;
	return opening_apply(o, PHASE_PREOPEN, -1, path);
}

static int open_file(struct opening *o, struct stream **ret)
{
	const char *path = o->address->params[0];
	int fd, r;

	r = file_prepare(o, path);
	if (r < 0)
		return r;
	file_tell_opening(o, path);
	fd = file_open(o, path, file_access_flags(o->wanted));
	if (fd < 0)
		return fd;
	return file_stream(o, fd, path, ret);
}

static int open_create(struct opening *o, struct stream **ret)
{
	const char *path = o->address->params[0];
	int fd, r;

	if (o->wanted == DIR_READ)
		return err_set(o->err, -EINVAL,
			       "CREAT:\"%s\": read-only mode, refusing to truncate or create file",
			       path);
	r = file_prepare(o, path);
	if (r < 0)
		return r;
	log_notice("creating regular file \"%s\" for writing", path);
	fd = file_open(o, path, O_WRONLY | O_CREAT | O_TRUNC);
	if (fd < 0)
		return fd;
	r = file_stream(o, fd, path, ret);
	if (r == 0)
		(*ret)->rfd = -1; /* it can only be written */
	return r;
}

static int open_any(struct opening *o, struct stream **ret)
{
	const char *path = o->address->params[0];
	int flags = file_access_flags(o->wanted);
	bool exists;
	struct stat st;
	int fd, r;

	r = file_prepare(o, path);
	if (r < 0)
		return r;
	exists = stat(path, &st) == 0;
	file_tell_opening(o, path);
	if (exists && S_ISSOCK(st.st_mode))
		return unix_open_client(o, "GOPEN", path, ret);
	if (!exists)
		flags |= O_CREAT; /* for reading too: the other half of a!!a will write it */
	else if (o->wanted & DIR_WRITE)
		flags |= O_APPEND;
	fd = file_open(o, path, flags);
	if (fd < 0)
		return fd;
	return file_stream(o, fd, path, ret);
}

#define NAME ":<filename>"
#define FILE_GROUPS                                                                                \
	(GROUP_FD | GROUP_FIFO | GROUP_CHR | GROUP_BLK | GROUP_REG | GROUP_NAMED | GROUP_OPEN |    \
	 GROUP_TERMIOS)

static const struct addr_type rows[] = {
	{ "OPEN FILE", NAME, "open a file or device that exists", FILE_GROUPS, DIR_BOTH, 1, 1,
	  open_file },
	{ "CREATE CREAT", NAME, "create or empty a file and write to it",
	  GROUP_FD | GROUP_REG | GROUP_NAMED, DIR_WRITE, 1, 1, open_create },
	{ "GOPEN", NAME, "open whatever is there, connect to a socket, or create a file",
	  FILE_GROUPS | GROUP_SOCKET | GROUP_UNIX, DIR_BOTH, 1, 1, open_any,
	  .args = { .family = AF_UNIX, .type = SOCK_STREAM } },
};

const struct addr_table file_addresses = { rows, ARRAY_SIZE(rows) };

int opt_open_flag(const struct option *option, const struct opt_target *target, int fd,
		  struct err *err)
{
	(void)target;
	(void)fd;
	return err_set(err, -EINVAL,
		       "option \"%s\" is for open(2): this address opens nothing by name",
		       option->name);
}

#define OPEN_FLAG(names, help, flag)                                                               \
	{ names, help, GROUP_OPEN, PHASE_OPEN, SCOPE_FD, &value_bool, opt_open_flag,               \
	  { .bit = (flag) } }
#define ACCESS_MODE(names, help, flag)                                                             \
	{ names, help, GROUP_OPEN, PHASE_OPEN, SCOPE_FD, &value_bool, opt_open_flag,               \
	  { .bit = (flag), .mask = O_ACCMODE } }
#define FILE_FLAG(names, help, phase, flag)                                                        \
	{ names, help, GROUP_OPEN | GROUP_FD, phase, SCOPE_FD, &value_bool, opt_file_flag,         \
	  { .bit = (flag) } }

static const struct opt_type options[] = {
	FILE_FLAG("append o-append", "write at the end of the file", PHASE_LATE, O_APPEND),
	FILE_FLAG("o-nonblock nonblock ndelay o-ndelay o_ndelay", "do not wait in open and connect",
		  PHASE_FD, O_NONBLOCK),
	FILE_FLAG("async o-async", "send SIGIO when data can move", PHASE_LATE, O_ASYNC),
	FILE_FLAG("o-noatime noatime", "leave the access time alone", PHASE_FD, O_NOATIME),
	ACCESS_MODE("o-rdonly rdonly o_rdonly", "open for reading only", O_RDONLY),
	ACCESS_MODE("o-wronly wronly o_wronly", "open for writing only", O_WRONLY),
	ACCESS_MODE("o-rdwr rdwr o_rdwr", "open for reading and writing", O_RDWR),
	OPEN_FLAG("o-creat creat create o-create o_creat o_create", "create the file if missing",
		  O_CREAT),
	OPEN_FLAG("o-excl excl o_excl", "with o-creat, fail if the file exists", O_EXCL),
	OPEN_FLAG("o-noctty noctty o_noctty", "do not take a terminal as controlling one",
		  O_NOCTTY),
	OPEN_FLAG("o-sync sync o_sync", "have each write reach the device", O_SYNC),
	OPEN_FLAG("o-nofollow nofollow o_nofollow", "refuse a symbolic link", O_NOFOLLOW),
	OPEN_FLAG("o-directory directory o_directory", "refuse what is no directory", O_DIRECTORY),
	OPEN_FLAG("o-largefile largefile o_largefile", "allow offsets over 31 bits", O_LARGEFILE),
	OPEN_FLAG("o-direct direct o_direct", "bypass the page cache", O_DIRECT),
	OPEN_FLAG("o-dsync dsync o_dsync", "have each write's data reach the device", O_DSYNC),
	OPEN_FLAG("o-rsync rsync o_rsync", "have reads wait for pending writes", O_RSYNC),
	{ "o-trunc trunc", "empty the file first", GROUP_OPEN, PHASE_LATE, SCOPE_FD, &value_bool,
	  opt_open_flag, { .bit = O_TRUNC } },
};

const struct opt_table file_options = { options, ARRAY_SIZE(options) };
