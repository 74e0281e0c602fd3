/* SPDX-License-Identifier: MIT */
/* A secret from the terminal; see nc_password.h. */

#include "tool/nc_password.h"

#include "base/fd.h"
#include "task/task.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static ssize_t read_line(int fd, char ret[NC_PASSWORD_MAX])
{
	ssize_t n;
	int r;

	r = task_wait(fd, POLLIN); /* in line mode: until Enter */
	if (r < 0)
		return r;
	n = read(fd, ret, NC_PASSWORD_MAX - 1);
	if (n < 0)
		return -errno;
	ret[n] = '\0';
	ret[strcspn(ret, "\r\n")] = '\0';
	return (ssize_t)strlen(ret);
}

ssize_t nc_password(const char *prompt, char ret[NC_PASSWORD_MAX])
{
	auto_close int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios before, quiet;
	ssize_t n;

	if (fd < 0 || tcgetattr(fd, &before) < 0)
		return -errno;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	if (tcsetattr(fd, TCSAFLUSH, &quiet) < 0)
		return -errno;
	n = fd_write_all(fd, prompt, strlen(prompt));
	if (n == 0)
		n = read_line(fd, ret);
	(void)fd_write_all(fd, "\n", 1);
	(void)tcsetattr(fd, TCSAFLUSH, &before);
	return n;
}
