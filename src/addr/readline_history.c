/* SPDX-License-Identifier: MIT */
/* The history file of READLINE; see readline_history.h. */

#include "addr/readline_history.h"

#include "addr/readline_text.h"
#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HISTORY_FILE_MAX = 1 << 24 };

static void remember(void *context, const char *line, size_t len)
{
	line_editor_remember(context, line, len);
}

/* Only a regular file: the open of a FIFO would wait. */
static int read_file(const char *path, struct line_editor *editor, struct err *err)
{
	auto_free char *text = NULL;
	struct stat st;
	ssize_t n;

	if (stat(path, &st) < 0)
		return errno == ENOENT ? 0
				       : err_set(err, -errno, "history \"%s\": %s", path,
						 err_reason(-errno));
	if (!S_ISREG(st.st_mode))
		return err_set(err, -EINVAL, "history \"%s\" is no regular file", path);
	n = fd_read_file(path, HISTORY_FILE_MAX, &text);
	if (n < 0)
		return err_set(err, (int)n, "history \"%s\": %s", path, err_reason((int)n));
	history_lines(text, (size_t)n, remember, editor);
	return 0;
}

int history_file_open(const char *path, struct line_editor *editor, struct history_file *ret,
		      struct err *err)
{
	const char *slash = strrchr(path, '/');
	auto_free char *folder =
		slash ? str_copy_n(path, (size_t)(slash - path) + 1) : str_copy(".");
	auto_close int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return err_set(err, -errno, "history \"%s\": %s", path, err_reason(-errno));
	r = read_file(path, editor, err);
	if (r < 0)
		return r;
	*ret = (struct history_file){ take_fd(&fd), str_copy(slash ? slash + 1 : path) };
	return 0;
}

/* A new file that nobody can have made before us, with the old one's mode. */
static int create_beside(const struct history_file *file, const char *name)
{
	struct stat st;
	mode_t mode = fstatat(file->folder, file->name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
				      S_ISREG(st.st_mode)
			      ? st.st_mode & 0777
			      : 0600;
	int fd = openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			0600);

	if (fd >= 0)
		(void)fchmod(fd, mode);
	return fd < 0 ? -errno : fd;
}

static int replace(const struct history_file *file, const char *name, const struct buf *text)
{
	auto_close int fd = create_beside(file, name);
	int r;

	if (fd < 0)
		return fd;
	r = fd_write_all(fd, text->data, text->len);
	if (r == 0 && renameat(file->folder, name, file->folder, file->name) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(file->folder, name, 0);
	return r;
}

int history_file_save(const struct history_file *file, struct line_editor *editor, struct err *err)
{
	auto_free char *name = NULL;
	auto_buf text = { 0 };
	uint64_t random = 0;
	int r;

	if (!line_editor_has_news(editor))
		return 0;
	if (getrandom(&random, sizeof(random), 0) < 0)
		random = (uint64_t)getpid();
	name = str_format("%.200s.%016llx", file->name, (unsigned long long)random);
	line_editor_history(editor, &text);
	r = replace(file, name, &text);
	return r < 0 ? err_set(err, r, "history \"%s\": %s", file->name, err_reason(r)) : 0;
}

void history_file_done(struct history_file *file)
{
	if (file->folder >= 0)
		(void)close(take_fd(&file->folder));
	free(take_ptr(file->name));
}
