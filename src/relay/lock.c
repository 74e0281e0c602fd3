/* SPDX-License-Identifier: MIT */
/* Lock files; see lock.h. */

#include "relay/lock.h"

#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "task/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* 0: made; -EEXIST: somebody has it. */
static int try_lock(const char *path, struct err *err)
{
	auto_free char *temporary = str_format("%s.XXXXXX", path);
	auto_close int fd = -1;
	char text[32];
	struct stat st;
	int r = 0;

	if (lstat(path, &st) == 0)
		return err_set(err, -EEXIST, "could not obtain lock \"%s\"", path);
	fd = mkstemp(temporary);
	if (fd < 0)
		return err_set(err, -errno, "mkstemp(\"%s\"): %s", temporary, err_reason(-errno));
	(void)snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (fd_write_all(fd, text, strlen(text)) < 0 || fchmod(fd, 0644) < 0 ||
	    link(temporary, path) < 0)
		r = -errno;
	(void)unlink(temporary);
	if (r == -EEXIST)
		return err_set(err, r, "could not obtain lock \"%s\"", path);
	return r < 0 ? err_set(err, r, "link(\"%s\"): %s", path, err_reason(r)) : 0;
}

int lock_take(const char *path, bool wait, struct owned_path *ret, struct err *err)
{
	bool told = false;
	int r;

	while ((r = try_lock(path, err)) == -EEXIST && wait) {
		log_event(told ? LEVEL_INFO : LEVEL_NOTICE, "waiting for lock \"%s\"", path);
		told = true;
		r = task_sleep(CLOCK_US_PER_S);
		if (r < 0)
			return r;
	}
	if (r == 0)
		owned_path_set(ret, path);
	return r;
}
