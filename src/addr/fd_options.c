/* SPDX-License-Identifier: MIT */
/* Options of any descriptor and of entries in the file system: owner, mode, locks,
 * removal. */

#include "addr/families.h"
#include "base/fd.h"
#include "opt/action.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const struct option *o, const char *call, struct err *err)
{
	return err_set(err, -errno, "%s for option \"%s\": %s", call, o->name, err_reason(-errno));
}

/* Early options change what is there already; what is not gets its owner and mode when made. */
static int failed_on_path(const struct option *o, const struct opt_target *t, const char *call,
			  struct err *err)
{
	return errno == ENOENT && !t->path_is_new ? 0 : failed(o, call, err);
}

static int own(const struct option *o, const struct opt_target *t, int fd, uid_t user, gid_t group,
	       struct err *err)
{
	int follow = t->path_is_new ? AT_SYMLINK_NOFOLLOW : 0;

	if (!t->path)
		return fchown(fd, user, group) < 0 ? failed(o, "fchown()", err) : 0;
	if (fchownat(AT_FDCWD, t->path, user, group, follow) < 0)
		return failed_on_path(o, t, "chown()", err);
	return 0;
}

static int set_user(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	return own(o, t, fd, (uid_t)o->value.number[0], (gid_t)-1, err);
}

static int set_group(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	return own(o, t, fd, (uid_t)-1, (gid_t)o->value.number[0], err);
}

static int set_mode(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	mode_t mode = (mode_t)o->value.number[0];
	int follow = t->path_is_new ? AT_SYMLINK_NOFOLLOW : 0;

	if (!t->path)
		return fchmod(fd, mode) < 0 ? failed(o, "fchmod()", err) : 0;
	if (fchmodat(AT_FDCWD, t->path, mode, follow) < 0)
		return failed_on_path(o, t, "chmod()", err);
	return 0;
}

/* The entry that is to be removed may be missing: that is what was wanted. */
static int remove_entry(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)fd;
	if (!o->value.number[0] || !t->path || unlink(t->path) == 0 || errno == ENOENT)
		return 0;
	return err_set(err, -errno, "unlink(\"%s\") for option \"%s\": %s", t->path, o->name,
		       err_reason(-errno));
}

static int set_cloexec(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	if (fd_set_cloexec(fd, o->value.number[0] != 0) < 0)
		return failed(o, "fcntl(F_SETFD)", err);
	return 0;
}

struct lock_call {
	int fd, command;
	struct flock range;
};

static int lock_main(void *arg)
{
	struct lock_call *c = arg;

	return fcntl(c->fd, c->command, &c->range) < 0 ? -errno : 0;
}

/* args: name is the fcntl command, level the kind of lock. */
static int lock_record(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct lock_call c = {
		.fd = fd,
		.command = o->type->args.name,
		.range = { .l_type = (short)o->type->args.level, .l_len = LONG_MAX },
	};
	int r = c.command == F_SETLKW ? task_offload(lock_main, &c) : lock_main(&c);

	(void)t;
	return r < 0 ? err_set(err, r, "fcntl(%d, F_SETLK) for option \"%s\": %s", fd, o->name,
			       err_reason(r))
		     : 0;
}

static int flock_main(void *arg)
{
	const struct lock_call *c = arg;

	return flock(c->fd, c->command) < 0 ? -errno : 0;
}

static int lock_file(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	struct lock_call c = { .fd = fd, .command = o->type->args.name };
	int r = c.command & LOCK_NB ? flock_main(&c) : task_offload(flock_main, &c);

	(void)t;
	return r < 0 ? err_set(err, r, "flock(%d) for option \"%s\": %s", fd, o->name,
			       err_reason(r))
		     : 0;
}

static int set_pipe_size(const struct option *o, const struct opt_target *t, int fd,
			 struct err *err)
{
	(void)t;
	if (fcntl(fd, F_SETPIPE_SZ, (int)o->value.number[0]) < 0)
		return failed(o, "fcntl(F_SETPIPE_SZ)", err);
	return 0;
}

static int truncate_file(const struct option *o, const struct opt_target *t, int fd,
			 struct err *err)
{
	(void)t;
	return ftruncate(fd, o->value.number[0]) < 0 ? failed(o, "ftruncate()", err) : 0;
}

static int seek_file(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	(void)t;
	return lseek(fd, o->value.number[0], o->type->args.level) < 0 ? failed(o, "lseek()", err)
								       : 0;
}

/* args.level: how the second value is passed. */
enum ioctl_form { IOCTL_VOID, IOCTL_INT, IOCTL_POINTER, IOCTL_DATA };

static int call_ioctl(const struct option *o, const struct opt_target *t, int fd, struct err *err)
{
	unsigned long request = (unsigned long)o->value.number[0];
	int number = (int)o->value.number[1];
	int r;

	(void)t;
	switch ((enum ioctl_form)o->type->args.level) {
	case IOCTL_INT:
		r = ioctl(fd, request, number);
		break;
	case IOCTL_POINTER:
		r = ioctl(fd, request, &number);
		break;
	case IOCTL_DATA:
		r = ioctl(fd, request, o->value.text);
		break;
	default:
		r = ioctl(fd, request, NULL);
	}
	return r < 0 ? failed(o, "ioctl()", err) : 0;
}

#define BOTH (GROUP_FD | GROUP_NAMED)
#define ROW(names, help, groups, phase, type, action, ...)                                         \
	{ names, help, groups, phase, SCOPE_FD, &value_##type, action, { __VA_ARGS__ } }
#define RECORD_LOCK(names, help, fcntl_command, kind)                                              \
	ROW(names, help, GROUP_FD, PHASE_FD, bool, lock_record, .name = (fcntl_command),           \
	    .level = (kind))
#define FILE_LOCK(names, help, operation)                                                          \
	ROW(names, help, GROUP_FD, PHASE_FD, bool, lock_file, .name = (operation))
#define SEEK(names, help, type, whence)                                                            \
	ROW(names, help, GROUP_REG | GROUP_BLK, PHASE_LATE, type, seek_file, .level = (whence))
#define IOCTL(names, help, type, form)                                                             \
	ROW(names, help, GROUP_FD, PHASE_FD, type, call_ioctl, .level = (form))

static const struct opt_type options[] = {
	ROW("cloexec", "close the descriptor in programs that are started", GROUP_FD, PHASE_LATE,
	    bool, set_cloexec, .level = 0),
	ROW("group gid", "set the group", BOTH, PHASE_FD, gid, set_group, .level = 0),
	ROW("group-late gid-l", "set the group once open", GROUP_FD, PHASE_LATE, gid, set_group,
	    .level = 0),
	ROW("group-early gid-e", "set the group before opening", GROUP_NAMED, PHASE_PREOPEN, gid,
	    set_group, .level = 0),
	ROW("perm mode", "set the mode, in octal", BOTH, PHASE_FD, mode, set_mode, .level = 0),
	ROW("perm-late", "set the mode once open", GROUP_FD, PHASE_LATE, mode, set_mode,
	    .level = 0),
	ROW("perm-early", "set the mode before opening", GROUP_NAMED, PHASE_PREOPEN, mode, set_mode,
	    .level = 0),
	ROW("user uid owner", "set the owner", BOTH, PHASE_FD, uid, set_user, .level = 0),
	ROW("user-late uid-l", "set the owner once open", GROUP_FD, PHASE_LATE, uid, set_user,
	    .level = 0),
	ROW("user-early uid-e", "set the owner before opening", GROUP_NAMED, PHASE_PREOPEN, uid,
	    set_user, .level = 0),
	ROW("unlink remove delete", "remove the entry before opening", GROUP_NAMED, PHASE_PREOPEN,
	    bool, remove_entry, .level = 0),
	ROW("unlink-early new", "remove the entry before anything else", GROUP_NAMED, PHASE_EARLY,
	    bool, remove_entry, .level = 0),
	ROW("unlink-late", "remove the entry right after opening", GROUP_NAMED, PHASE_PASTOPEN,
	    bool, remove_entry, .level = 0),
	{ "unlink-close", "remove the entry at the end", GROUP_NAMED, PHASE_LATE, SCOPE_SETTINGS,
	  &value_bool, opt_store_int, { .offset = offsetof(struct settings, unlink_close) } },
	RECORD_LOCK("f-setlk-rd setlk-rd", "lock for reading or fail", F_SETLK, F_RDLCK),
	RECORD_LOCK("f-setlkw-rd setlkw-rd", "lock for reading, waiting", F_SETLKW, F_RDLCK),
	RECORD_LOCK("f-setlk-wr f-setlk setlk setlk-wr", "lock for writing or fail", F_SETLK,
		    F_WRLCK),
	RECORD_LOCK("f-setlkw-wr f-setlkw lock lockw setlkw setlkw-wr", "lock for writing, waiting",
		    F_SETLKW, F_WRLCK),
	FILE_LOCK("flock-sh", "lock the open file, shared, waiting", LOCK_SH),
	FILE_LOCK("flock-sh-nb", "lock the open file, shared, or fail", LOCK_SH | LOCK_NB),
	FILE_LOCK("flock-ex flock", "lock the open file, waiting", LOCK_EX),
	FILE_LOCK("flock-ex-nb flock-nb", "lock the open file or fail", LOCK_EX | LOCK_NB),
	ROW("f-setpipe-sz pipesz", "set the size of the pipe, in bytes", GROUP_FIFO, PHASE_FD, int,
	    set_pipe_size, .level = 0),
	ROW("ftruncate64 ftruncate truncate", "cut the file to this length", GROUP_REG, PHASE_LATE,
	    off64, truncate_file, .level = 0),
	ROW("ftruncate32", "cut the file to this length", GROUP_REG, PHASE_LATE, off32,
	    truncate_file, .level = 0),
	SEEK("lseek64-set lseek lseek64 seek seek-set", "begin at this offset", off64, SEEK_SET),
	SEEK("lseek64-cur seek-cur", "move by this offset", off64, SEEK_CUR),
	SEEK("lseek64-end seek-end", "begin at this offset from the end", off64, SEEK_END),
	SEEK("lseek32-set lseek32", "begin at this offset", off32, SEEK_SET),
	SEEK("lseek32-cur", "move by this offset", off32, SEEK_CUR),
	SEEK("lseek32-end", "begin at this offset from the end", off32, SEEK_END),
	IOCTL("ioctl-void ioctl", "call ioctl(2) with this request", int, IOCTL_VOID),
	IOCTL("ioctl-int", "call ioctl(2) with request:number", int_int, IOCTL_INT),
	IOCTL("ioctl-intp", "call ioctl(2) with request and pointer to number", int_intp,
	      IOCTL_POINTER),
	IOCTL("ioctl-bin", "call ioctl(2) with request and pointer to data", int_binary,
	      IOCTL_DATA),
	IOCTL("ioctl-string", "call ioctl(2) with request and pointer to text", int_string,
	      IOCTL_DATA),
};

const struct opt_table fd_options = { options, ARRAY_SIZE(options) };
