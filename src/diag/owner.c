/* SPDX-License-Identifier: MIT */
/*
 * The pass over /proc and the map it fills.  Holdings (one descriptor of one
 * task each) lie in an array; a hash table of indices, twice as large at least,
 * finds the newest one of an inode, and each names the one before it.
 */

#include "diag/owner.h"
#include "base/str.h"
#include "diag/exact.h"
#include "diag/owner_walk.h"
#include "diag/proc.h"
#include "diag/scan.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct task {
	int pid, tid;
	char name[OWNER_NAME_MAX + 1];
};

struct holding {
	uint32_t inode;
	int fd;
	uint32_t task;
	uint32_t older; /* index of an earlier holding of this inode, or 0 */
};

/* What a second pass found that began after the listing; made when it is first needed. */
struct second_look {
	struct owners *owners;
};

struct owners {
	struct task *tasks;
	size_t tasks_used, tasks_room;
	struct holding *holdings; /* the first place is never used: 0 ends a list */
	size_t holdings_used, holdings_room;
	uint32_t *slots; /* a power of two; 0: empty */
	size_t slots_count;
	bool denied;	 /* some process did not show its descriptors */
	bool namespaced; /* processes of other namespaces are not below this /proc */
	char *root;
	struct second_look *second;
};

/* All that was found. */
static void forget(struct owners *owners)
{
	free(owners->tasks);
	free(owners->holdings);
	free(owners->slots);
	owners->tasks = NULL;
	owners->holdings = NULL;
	owners->slots = NULL;
	owners->tasks_used = owners->tasks_room = 0;
	owners->holdings_used = owners->holdings_room = owners->slots_count = 0;
}

static size_t slot_of(const struct owners *owners, uint32_t inode)
{
	static const uint64_t spread = 0x9e3779b97f4a7c15;
	size_t slot = (size_t)((inode * spread) >> 32) & (owners->slots_count - 1);

	while (owners->slots[slot] && owners->holdings[owners->slots[slot]].inode != inode)
		slot = (slot + 1) & (owners->slots_count - 1);
	return slot;
}

static void enlarge_slots(struct owners *owners)
{
	uint32_t *old = owners->slots;
	size_t old_count = owners->slots_count;

	owners->slots_count = old_count ? old_count * 2 : 1024;
	owners->slots = mem_new(owners->slots_count, sizeof(*owners->slots));
	for (size_t i = 0; i < old_count; i++)
		if (old[i])
			owners->slots[slot_of(owners, owners->holdings[old[i]].inode)] = old[i];
	free(old);
}

static void add_holding(struct owners *owners, uint32_t inode, int fd)
{
	struct holding *holding;
	size_t slot;

	if (owners->holdings_used + 1 >= owners->holdings_room) {
		owners->holdings_room = owners->holdings_room ? owners->holdings_room * 2 : 512;
		owners->holdings = mem_resize(owners->holdings, owners->holdings_room,
					      sizeof(*owners->holdings));
	}
	if ((owners->holdings_used + 2) * 2 > owners->slots_count)
		enlarge_slots(owners);

	slot = slot_of(owners, inode);
	holding = &owners->holdings[++owners->holdings_used];
	*holding = (struct holding){
		.inode = inode,
		.fd = fd,
		.task = (uint32_t)owners->tasks_used - 1,
		.older = owners->slots[slot],
	};
	owners->slots[slot] = (uint32_t)owners->holdings_used;
}

void owner_parse_name(const char *stat, size_t len, char ret[OWNER_NAME_MAX + 1])
{
	const char *name = memchr(stat, '(', len);
	const char *end;
	size_t size;

	ret[0] = '\0';
	if (!name)
		return;
	name++;
	end = memchr(name, ')', len - (size_t)(name - stat));
	if (!end)
		return;
	size = MIN((size_t)(end - name), (size_t)OWNER_NAME_MAX);
	memcpy(ret, name, size);
	ret[size] = '\0';
}

bool owner_parse_link(const char *link, size_t len, uint32_t *ret_inode)
{
	static const char prefix[] = "socket:[";
	struct scan scan;
	uint32_t inode;

	if (len < sizeof(prefix) || memcmp(link, prefix, sizeof(prefix) - 1) != 0)
		return false;
	scan_init(&scan, link + sizeof(prefix) - 1, len - (sizeof(prefix) - 1));
	inode = (uint32_t)scan_decimal(&scan);
	if (scan.failed || inode == 0)
		return false;
	*ret_inode = inode;
	return true;
}

/* A folder name that is a number of a process, thread or descriptor, or -1. */
static int parse_number(const char *name)
{
	long value;
	char *end;

	if (name[0] < '0' || name[0] > '9')
		return -1;
	value = strtol(name, &end, 10);
	return *end || value > INT_MAX ? -1 : (int)value;
}

static void add_task(struct owners *owners, int task_folder, int pid, int tid)
{
	enum { STAT_MAX = 256 };
	char stat[STAT_MAX];
	struct task *task;
	auto_close int fd = openat(task_folder, "stat", O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, stat, sizeof(stat));

	if (owners->tasks_used == owners->tasks_room) {
		owners->tasks_room = owners->tasks_room ? owners->tasks_room * 2 : 64;
		owners->tasks =
			mem_resize(owners->tasks, owners->tasks_room, sizeof(*owners->tasks));
	}
	task = &owners->tasks[owners->tasks_used++];
	*task = (struct task){ .pid = pid, .tid = tid };
	owner_parse_name(stat, len > 0 ? (size_t)len : 0, task->name);
}

/* A folder of /proc as a stream; NULL when it may not be read. */
static DIR *open_folder(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);

	if (!folder)
		close_descriptor(&fd); /* keeps errno */
	return folder;
}

static bool is_refusal(int code)
{
	return code == EACCES || code == EPERM;
}

/* All sockets that one task holds; its name is read with the first. */
static void scan_task(struct owners *owners, int task_folder, int pid, int tid)
{
	DIR *folder = open_folder(task_folder, "fd");
	struct dirent *entry;
	bool known = false;

	if (!folder) {
		owners->denied |= is_refusal(errno);
		return;
	}
	while ((entry = readdir(folder))) {
		char link[64];
		uint32_t inode;
		ssize_t len;
		int fd = parse_number(entry->d_name);

		if (fd < 0)
			continue;
		len = readlinkat(dirfd(folder), entry->d_name, link, sizeof(link));
		if (len < 0 && is_refusal(errno)) {
			owners->denied = true; /* and so would all the others */
			break;
		}
		if (len <= 0 || !owner_parse_link(link, (size_t)len, &inode))
			continue;
		if (!known)
			add_task(owners, task_folder, pid, tid);
		known = true;
		add_holding(owners, inode, fd);
	}
	(void)closedir(folder);
}

static void scan_threads(struct owners *owners, int process_folder, int pid)
{
	DIR *folder = open_folder(process_folder, "task");
	struct dirent *entry;

	if (!folder)
		return;
	while ((entry = readdir(folder))) {
		int tid = parse_number(entry->d_name);
		auto_close int thread = -1;

		if (tid < 0 || tid == pid)
			continue;
		thread = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (thread >= 0)
			scan_task(owners, thread, pid, tid);
	}
	(void)closedir(folder);
}

/* The first pid namespace has a fixed number (PROC_PID_INIT_INO of the kernel). */
static bool is_first_namespace(int proc)
{
	static const char first[] = "pid:[4026531836]";
	char link[64];
	ssize_t len = readlinkat(proc, "self/ns/pid", link, sizeof(link));

	return len == sizeof(first) - 1 && memcmp(link, first, sizeof(first) - 1) == 0;
}

/* Did somebody open the socket after the first look? */
static bool is_held_now(const struct owners *owners, uint32_t inode)
{
	struct second_look *second = owners->second;

	if (!second->owners)
		(void)owners_scan(owners->root, false, &second->owners, NULL);
	return second->owners && owners_first(second->owners, inode);
}

const char *owners_why(const struct owners *owners, const struct sock_record *record)
{
	if (!record->inode)
		return "kernel";
	if (owners->denied)
		return "no permission";
	if (owners->namespaced)
		return "other pid namespace";
	if (!diag_is_there(record) || is_held_now(owners, record->inode))
		return "vanished";
	return "kernel";
}

/* The kernel walks much faster, but takes its time to begin.  It tells numbers of the first pid
 * namespace.  Of the unprivileged it would only be known in the end that they may not. */
static bool is_walk_better(const struct owners *owners, const char *root, bool threads)
{
	enum { MANY_FILES = 10000 };
	auto_free char *text = NULL;

	if (threads || owners->namespaced || geteuid() != 0 || strcmp(root, "/proc") != 0)
		return false;
	return proc_read("/proc/sys/fs/file-nr", &text) > 0 && strtol(text, NULL, 10) >= MANY_FILES;
}

/* Where the kernel's walk is. */
struct visit {
	struct owners *owners;
	int proc;
	int pid;
	bool there; /* the process has not ended meanwhile */
};

static bool begin_process(struct visit *visit, int pid)
{
	char name[sizeof("-2147483648")];
	auto_close int process = -1;

	(void)snprintf(name, sizeof(name), "%d", pid);
	process = openat(visit->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (process < 0)
		return false;
	add_task(visit->owners, process, pid, pid);
	return true;
}

static void take_found(void *context, int pid, int fd, uint32_t inode)
{
	struct visit *visit = context;

	if (pid != visit->pid) {
		visit->pid = pid;
		visit->there = begin_process(visit, pid);
	}
	if (visit->there && inode)
		add_holding(visit->owners, inode, fd);
}

/* What was found so far is forgotten when it cannot go on. */
static int walk(struct owners *owners, int proc)
{
	struct visit visit = { .owners = owners, .proc = proc };
	int r = owner_walk(take_found, &visit);

	if (r < 0)
		forget(owners);
	return r;
}

static void scan_all(struct owners *owners, DIR *folder, bool threads)
{
	struct dirent *entry;

	while ((entry = readdir(folder))) {
		int pid = parse_number(entry->d_name);
		auto_close int process = -1;

		if (pid < 0)
			continue;
		process = openat(dirfd(folder), entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (process < 0)
			continue;
		scan_task(owners, process, pid, pid);
		if (threads)
			scan_threads(owners, process, pid);
	}
}

int owners_scan(const char *root, bool threads, struct owners **ret, struct err *err)
{
	auto_owners owners = new_object(struct owners);
	DIR *folder = open_folder(AT_FDCWD, root);

	if (!folder)
		return err_set(err, -errno, "%s: %s", root, strerror(errno));
	owners->namespaced = !is_first_namespace(dirfd(folder));
	owners->root = str_copy(root);
	owners->second = new_object(struct second_look);
	if (!is_walk_better(owners, root, threads) || walk(owners, dirfd(folder)) < 0)
		scan_all(owners, folder, threads);
	(void)closedir(folder);
	*ret = take_ptr(owners);
	return 0;
}

void owners_free(struct owners *owners)
{
	if (!owners)
		return;
	forget(owners);
	free(owners->root);
	if (owners->second)
		owners_free(owners->second->owners);
	free(owners->second);
	free(owners);
}

void owners_cleanup(struct owners **owners)
{
	owners_free(*owners);
}

size_t owners_first(const struct owners *owners, uint32_t inode)
{
	if (!inode || !owners->slots_count)
		return 0;
	return owners->slots[slot_of(owners, inode)];
}

size_t owners_next(const struct owners *owners, size_t i)
{
	return owners->holdings[i].older;
}

void owners_get(const struct owners *owners, size_t i, struct owner *ret)
{
	const struct holding *holding = &owners->holdings[i];
	const struct task *task = &owners->tasks[holding->task];

	*ret = (struct owner){ .pid = task->pid, .tid = task->tid, .fd = holding->fd };
	memcpy(ret->name, task->name, sizeof(ret->name));
}
