/* SPDX-License-Identifier: MIT */
/* Two walks: over the names, and over the processes. */

#include "diag/namespace.h"
#include "base/str.h"
#include "diag/owner_facts.h"
#include "diag/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

bool namespace_parse_link(const char *link, size_t len, uint64_t *ret_inode)
{
	static const char prefix[] = "net:[";
	struct scan scan;
	uint64_t inode;

	if (len < sizeof(prefix) || memcmp(link, prefix, sizeof(prefix) - 1) != 0)
		return false;
	scan_init(&scan, link + sizeof(prefix) - 1, len - (sizeof(prefix) - 1));
	inode = scan_decimal(&scan);
	scan_byte(&scan, ']');
	if (scan.failed || !inode)
		return false;
	*ret_inode = inode;
	return true;
}

static struct namespace *find(struct namespaces *namespaces, uint64_t inode)
{
	for (size_t i = 0; i < namespaces->count; i++)
		if (namespaces->list[i].inode == inode)
			return &namespaces->list[i];
	return NULL;
}

static struct namespace *add(struct namespaces *namespaces, uint64_t inode)
{
	struct namespace *added;

	namespaces->list =
		mem_resize(namespaces->list, namespaces->count + 1, sizeof(*namespaces->list));
	added = &namespaces->list[namespaces->count++];
	*added = (struct namespace){ .inode = inode };
	return added;
}

/* The first name of a namespace counts. */
static void take_names(struct namespaces *namespaces, const char *names)
{
	DIR *folder = opendir(names);
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		struct namespace *added;
		struct stat about;

		if (entry->d_name[0] == '.' ||
		    fstatat(dirfd(folder), entry->d_name, &about, 0) < 0 ||
		    find(namespaces, about.st_ino))
			continue;
		added = add(namespaces, about.st_ino);
		added->name = str_copy(entry->d_name);
		added->path = str_format("%s/%s", names, entry->d_name);
	}
	(void)closedir(folder);
}

static void take_process(struct namespaces *namespaces, const char *root, int folder,
			 const char *name)
{
	auto_free char *path = str_format("%s/ns/net", name);
	int pid = (int)strtol(name, NULL, 10);
	struct namespace *known;
	char link[64];
	ssize_t len = readlinkat(folder, path, link, sizeof(link));
	uint64_t inode;

	if (len <= 0 || !namespace_parse_link(link, (size_t)len, &inode))
		return;
	known = find(namespaces, inode);
	if (!known)
		known = add(namespaces, inode);
	if (known->pid && known->pid < pid)
		return;
	known->pid = pid;
	if (!known->name) {
		free(known->path);
		known->path = str_format("%s/%s", root, path);
	}
}

static char *describe(const struct namespace *namespace, struct owner_book *book)
{
	const struct owner_facts *facts = owner_book_find(book, namespace->pid);

	if (namespace->pid == 1)
		return str_copy("host");
	if (facts->group.container[0])
		return str_copy(facts->group.container);
	if (facts->group.unit[0])
		return str_copy(facts->group.unit);
	return str_format("net:[%llu]", (unsigned long long)namespace->inode);
}

static int compare(const void *a, const void *b)
{
	const struct namespace *left = a, *right = b;

	if (!left->pid != !right->pid)
		return left->pid ? -1 : 1;
	if (left->pid != right->pid)
		return left->pid < right->pid ? -1 : 1;
	return (left->inode > right->inode) - (left->inode < right->inode);
}

int namespaces_find(const char *root, const char *names, struct owner_book *book,
		    struct namespaces *ret, struct err *err)
{
	auto_namespaces found = { 0 };
	DIR *folder = opendir(root);
	struct dirent *entry;

	if (!folder)
		return err_set(err, -errno, "%s: %s", root, strerror(errno));
	take_names(&found, names);
	while ((entry = readdir(folder)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
			take_process(&found, root, dirfd(folder), entry->d_name);
	(void)closedir(folder);

	for (size_t i = 0; i < found.count; i++)
		if (!found.list[i].name)
			found.list[i].name = describe(&found.list[i], book);
	if (found.count)
		qsort(found.list, found.count, sizeof(*found.list), compare);
	*ret = found;
	found = (struct namespaces){ 0 };
	return 0;
}

void namespaces_done(struct namespaces *namespaces)
{
	for (size_t i = 0; i < namespaces->count; i++) {
		free(namespaces->list[i].name);
		free(namespaces->list[i].path);
	}
	free(namespaces->list);
	*namespaces = (struct namespaces){ 0 };
}

/* Nobody needs a right to be where he is. */
static bool is_here(const struct namespace *where)
{
	struct stat about;

	return stat("/proc/thread-self/ns/net", &about) == 0 && about.st_ino == where->inode;
}

int namespace_enter(const struct namespace *where, struct err *err)
{
	auto_close int fd = -1;

	if (is_here(where))
		return 0;
	fd = open(where->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		return err_set(err, -errno, "network namespace %s: %s", where->name,
			       strerror(errno));
	return 0;
}
