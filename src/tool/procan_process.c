/* SPDX-License-Identifier: MIT */
/* The process part of procan: its ids, its terminal, its umask. */

#include "tool/procan.h"

#include "base/fd.h"
#include "base/str.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { STAT_MAX = 4096, FIRST_PTS_MAJOR = 136, LAST_PTS_MAJOR = 143 };

static void print_terminal(const char *how, const char *name)
{
	char shown[PATH_MAX];

	if (name)
		printf("controlling terminal by %s: \"%s\"\n", how,
		       str_escape(name, strlen(name), shown, sizeof(shown)));
	else
		printf("controlling terminal by %s: none\n", how);
}

/* The device number of the controlling terminal, from /proc/self/stat: the
 * fifth field behind the name, which is in parentheses and may contain any
 * character.  0: there is none. */
static dev_t terminal_device(void)
{
	auto_free char *text = NULL;
	const char *behind;
	int number = 0;

	if (fd_read_file("/proc/self/stat", STAT_MAX, &text) < 0)
		return 0;
	behind = strrchr(text, ')');
	if (!behind || sscanf(behind + 1, " %*c %*d %*d %*d %d", &number) != 1)
		return 0;
	/* major in bits 8..19, minor in 0..7 and 20..31 */
	return makedev(((unsigned int)number >> 8) & 0xfff,
		       ((unsigned int)number & 0xff) | (((unsigned int)number >> 12) & 0xfff00));
}

/* The kernel's name of a terminal that is not a pseudo terminal, from the line
 * DEVNAME=tty1 of its entry in sysfs.  NULL: unknown. */
static char *sysfs_name(dev_t device)
{
	static const char key[] = "DEVNAME=";
	auto_free char *path = NULL, *text = NULL;
	const char *name;

	path = str_format("/sys/dev/char/%u:%u/uevent", major(device), minor(device));
	if (fd_read_file(path, STAT_MAX, &text) < 0)
		return NULL;
	name = strstr(text, key);
	if (!name)
		return NULL;
	name += strlen(key);
	return str_format("/dev/%.*s", (int)strcspn(name, "\n"), name);
}

static char *terminal_name(void)
{
	dev_t device = terminal_device();
	unsigned int number = major(device);

	if (device == 0)
		return NULL;
	if (number >= FIRST_PTS_MAJOR && number <= LAST_PTS_MAJOR)
		return str_format("/dev/pts/%u", ((number - FIRST_PTS_MAJOR) << 8) + minor(device));
	return sysfs_name(device);
}

static void print_terminals(void)
{
	auto_close int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);
	auto_free char *name = terminal_name();
	char opened[PATH_MAX], standard[L_ctermid];
	bool named = fd >= 0 && ttyname_r(fd, opened, sizeof(opened)) == 0;

	print_terminal("ctermid()", ctermid(standard));
	print_terminal("/dev/tty, ttyname()", named ? opened : NULL);
	print_terminal("/proc/<pid>/", name);
}

static void print_foreground(void)
{
	auto_close int fd = open("/dev/tty", O_RDONLY | O_NOCTTY | O_CLOEXEC);

	printf("process group id if fg process / stdin = %d\n", (int)tcgetpgrp(STDIN_FILENO));
	printf("process group id if fg process / stdout = %d\n", (int)tcgetpgrp(STDOUT_FILENO));
	printf("process group id if fg process / stderr = %d\n", (int)tcgetpgrp(STDERR_FILENO));
	printf("process %s a controlling terminal\n", fd >= 0 ? "has" : "does not have");
}

static void print_users(void)
{
	uid_t user, effective_user, saved_user;
	gid_t group, effective_group, saved_group;

	(void)getresuid(&user, &effective_user, &saved_user);
	(void)getresgid(&group, &effective_group, &saved_group);
	printf("user id  = %u\n", user);
	printf("effective user id  = %u\n", effective_user);
	printf("saved set-user id  = %u\n", saved_user);
	printf("group id = %u\n", group);
	printf("effective group id = %u\n", effective_group);
	printf("saved set-group id = %u\n", saved_group);
}

static void print_umask(void)
{
	mode_t mask = umask(0);

	(void)umask(mask);
	printf("umask = %04o\n", mask);
}

void procan_print_process(void)
{
	printf("process id = %d\n", (int)getpid());
	printf("process parent id = %d\n", (int)getppid());
	print_terminals();
	printf("process group id = %d\n", (int)getpgrp());
	printf("process session id = %d\n", (int)getsid(0));
	print_foreground();
	print_users();
	print_umask();
}
