/* SPDX-License-Identifier: MIT */
/* One walk over the cgroup2 mount.  A group's id is the inode of its folder,
 * which readdir tells, so nothing but folders is opened. */

#include "diag/cgroup.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEPTH_MAX = 64 };

struct group {
	uint64_t id;
	char *path;
};

struct cgroups {
	bool walked;
	struct group *groups; /* by id */
	size_t used, room;
};

struct cgroups *cgroups_new(void)
{
	return new_object(struct cgroups);
}

void cgroups_free(struct cgroups *cgroups)
{
	if (!cgroups)
		return;
	for (size_t i = 0; i < cgroups->used; i++)
		free(cgroups->groups[i].path);
	free(cgroups->groups);
	free(cgroups);
}

static void add_group(struct cgroups *cgroups, uint64_t id, const char *path)
{
	if (cgroups->used == cgroups->room) {
		cgroups->room = cgroups->room ? cgroups->room * 2 : 64;
		cgroups->groups =
			mem_resize(cgroups->groups, cgroups->room, sizeof(*cgroups->groups));
	}
	cgroups->groups[cgroups->used++] = (struct group){ .id = id, .path = str_copy(path) };
}

/* The groups below one whose path is given ("" for the root).  Takes the
 * descriptor. */
static void walk(struct cgroups *cgroups, int fd, const char *path, int depth)
{
	DIR *folder = fdopendir(fd);
	struct dirent *entry;

	if (!folder) {
		(void)close(fd);
		return;
	}
	while ((entry = readdir(folder))) {
		auto_free char *below = NULL;
		int child;

		if (entry->d_type != DT_DIR || entry->d_name[0] == '.')
			continue;
		below = str_format("%s/%s", path, entry->d_name);
		add_group(cgroups, entry->d_ino, below);
		child = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (child >= 0 && depth < DEPTH_MAX)
			walk(cgroups, child, below, depth + 1);
		else if (child >= 0)
			(void)close(child);
	}
	(void)closedir(folder);
}

/* The root of the first cgroup2 mount, or -1. */
static int open_mount(void)
{
	FILE *mounts = setmntent("/proc/mounts", "re");
	struct mntent *entry = NULL;
	int fd = -1;

	if (!mounts)
		return -1;
	while ((entry = getmntent(mounts)))
		if (str_equal(entry->mnt_type, "cgroup2"))
			break;
	if (entry)
		fd = open(entry->mnt_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)endmntent(mounts);
	return fd;
}

/* The handle of a folder on that file system is the group's id. */
static int handle_of(int fd, const char *path, uint64_t *ret)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = { .head.handle_bytes = MAX_HANDLE_SZ };
	int mount;

	if (name_to_handle_at(fd, path, &handle.head, &mount, 0) < 0)
		return -errno;
	if (handle.head.handle_bytes != sizeof(*ret))
		return -EINVAL;
	memcpy(ret, handle.head.f_handle, sizeof(*ret));
	return 0;
}

int cgroup_id(const char *path, uint64_t *ret, struct err *err)
{
	auto_close int root = -1;
	uint64_t id;
	int r;

	r = handle_of(AT_FDCWD, path, &id);
	if (r < 0) {
		root = open_mount();
		if (root < 0)
			return err_set(err, r, "Failed to get cgroup2 ID: %s", err_reason(r));
		path += strspn(path, "/");
		r = handle_of(root, *path ? path : ".", &id);
	}
	if (r == -EINVAL)
		return err_set(err, r, "Invalid cgroup2 path");
	if (r < 0)
		return err_set(err, r, "Failed to get cgroup2 ID: %s", err_reason(r));
	*ret = id;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	return (left->id > right->id) - (left->id < right->id);
}

static void walk_mount(struct cgroups *cgroups)
{
	int fd = open_mount();
	struct stat root;

	cgroups->walked = true;
	if (fd < 0)
		return;
	if (fstat(fd, &root) == 0)
		add_group(cgroups, root.st_ino, "/");
	walk(cgroups, fd, "", 0);
	if (cgroups->used)
		qsort(cgroups->groups, cgroups->used, sizeof(*cgroups->groups), compare);
}

const char *cgroups_path(struct cgroups *cgroups, uint64_t id)
{
	const struct group key = { .id = id };
	const struct group *found;

	if (!cgroups->walked)
		walk_mount(cgroups);
	if (!cgroups->used)
		return NULL;
	found = bsearch(&key, cgroups->groups, cgroups->used, sizeof(key), compare);
	return found ? found->path : NULL;
}
