/* SPDX-License-Identifier: MIT */
/*
 * Named network namespaces are files below /run/netns (ip-netns(8)).  Who
 * enters one sees a /sys of its own and, where /etc/netns/NAME has files of the
 * same name, other files in /etc.
 */

#include "tool/ss_net.h"
#include "base/base.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#define NAMESPACES "/var/run/netns"
#define FILES_OF_NAMESPACES "/etc/netns"

static int fail(const char *what)
{
	fprintf(stderr, "%s: %s\n", what, strerror(errno));
	return -1;
}

static int enter(const char *name)
{
	auto_free char *path = str_format("%s/%s", NAMESPACES, name);
	auto_close int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0) {
		fprintf(stderr, "Cannot open network namespace \"%s\": %s\n", name,
			strerror(errno));
		return -1;
	}
	if (setns(fd, CLONE_NEWNET) == 0)
		return 0;
	fprintf(stderr, "setting the network namespace \"%s\" failed: %s\n", name, strerror(errno));
	return -1;
}

/* A /sys that shows the new namespace's devices, as writable as the old one. */
static int replace_sys(const char *name)
{
	struct statvfs old;
	unsigned long flags = 0;

	if (umount2("/sys", MNT_DETACH) < 0) {
		if (statvfs("/sys", &old) == 0 && old.f_flag & ST_RDONLY)
			flags = MS_RDONLY;
	}
	return mount(name, "/sys", "sysfs", flags, NULL) < 0 ? fail("mount of /sys failed") : 0;
}

/* A file that cannot be covered is no reason to stop. */
static void bind_files(const char *name)
{
	auto_free char *folder_path = str_format("%s/%s", FILES_OF_NAMESPACES, name);
	DIR *folder = opendir(folder_path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		auto_free char *from = str_format("%s/%s", folder_path, entry->d_name);
		auto_free char *to = str_format("/etc/%s", entry->d_name);

		if (str_equal(entry->d_name, ".") || str_equal(entry->d_name, ".."))
			continue;
		if (mount(from, to, "none", MS_BIND, NULL) < 0)
			fprintf(stderr, "Bind %s -> %s failed: %s\n", from, to, strerror(errno));
	}
	if (folder)
		(void)closedir(folder);
}

int ss_net_enter(const char *name)
{
	if (enter(name) < 0)
		return -1;
	if (unshare(CLONE_NEWNS) < 0)
		return fail("unshare failed");
	if (mount("", "/", "none", MS_SLAVE | MS_REC, NULL) < 0)
		return fail("\"mount --make-rslave /\" failed");
	if (replace_sys(name) < 0)
		return -1;
	bind_files(name);
	return 0;
}
