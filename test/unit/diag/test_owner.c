/* SPDX-License-Identifier: MIT */
/* Who holds a socket: the parsers, and a scan of processes made up in a folder. */

#include "base/str.h"
#include "diag/owner.h"
#include "diag/owner_walk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void names_are_between_the_first_brackets(void **state)
{
	static const struct {
		const char *stat, *name;
	} rows[] = {
		{ "1 (sshd) S 1", "sshd" },
		{ "1 (a) b) S 1", "a" },
		{ "1 (a(b) S 1", "a(b" },
		{ "1 () S", "" },
		{ "1 (sixteen-letters-) S", "sixteen-letters" },
		{ "1 (unfinished", "" },
		{ "", "" },
	};
	char name[OWNER_NAME_MAX + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		owner_parse_name(rows[i].stat, strlen(rows[i].stat), name);
		assert_string_equal(name, rows[i].name);
	}
}

static void links_to_sockets_have_an_inode(void **state)
{
	uint32_t inode = 0;

	(void)state;
	assert_true(owner_parse_link("socket:[4711]", 13, &inode));
	assert_int_equal(inode, 4711);
	assert_false(owner_parse_link("socket:[abc]", 12, &inode));
	assert_false(owner_parse_link("socket:[0]", 10, &inode));
	assert_false(owner_parse_link("socket:[", 8, &inode));
	assert_false(owner_parse_link("pipe:[4711]", 11, &inode));
	assert_false(owner_parse_link("", 0, &inode));
	assert_int_equal(inode, 4711);
}

static void write_file(const char *root, const char *name, const char *text)
{
	auto_free char *path = str_format("%s/%s", root, name);
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void make_folder(const char *root, const char *name)
{
	auto_free char *path = str_format("%s/%s", root, name);

	assert_int_equal(mkdir(path, 0700), 0);
}

static void make_link(const char *root, const char *name, const char *target)
{
	auto_free char *path = str_format("%s/%s", root, name);

	assert_int_equal(symlink(target, path), 0);
}

/* Two processes that share socket 7, and one that holds many. */
static void make_processes(const char *root)
{
	static const char *const folders[] = { "10",	     "10/fd",	   "10/task",
					       "10/task/10", "10/task/11", "10/task/11/fd",
					       "20",	     "20/fd",	   "sys" };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
		make_folder(root, folders[i]);
	write_file(root, "10/stat", "10 (first) S");
	write_file(root, "10/task/11/stat", "11 (thread) S");
	write_file(root, "20/stat", "20 (second) S");
	make_link(root, "10/fd/3", "socket:[7]");
	make_link(root, "10/fd/4", "pipe:[7]");
	make_link(root, "10/task/11/fd/3", "socket:[7]");
	make_link(root, "20/fd/5", "socket:[7]");
	for (int i = 100; i < 1000; i++) {
		auto_free char *name = str_format("20/fd/%d", i);
		auto_free char *target = str_format("socket:[%d]", 1000 + i);

		make_link(root, name, target);
	}
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
	(void)about;
	(void)kind;
	(void)place;
	return remove(path);
}

static void remove_tree(const char *root)
{
	assert_int_equal(nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static size_t count_owners(const struct owners *owners, uint32_t inode)
{
	size_t count = 0;

	for (size_t i = owners_first(owners, inode); i; i = owners_next(owners, i))
		count++;
	return count;
}

static void holders_are_found_by_inode(void **state)
{
	char root[] = "/tmp/test-owner-XXXXXX";
	auto_owners owners = NULL;
	struct owner owner;

	(void)state;
	assert_non_null(mkdtemp(root));
	make_processes(root);
	assert_int_equal(owners_scan(root, false, &owners, NULL), 0);
	remove_tree(root);

	assert_int_equal(count_owners(owners, 7), 2);
	assert_int_equal(count_owners(owners, 0), 0);
	assert_int_equal(count_owners(owners, 8), 0);
	for (uint32_t inode = 1100; inode < 2000; inode++) {
		assert_int_equal(count_owners(owners, inode), 1);
		owners_get(owners, owners_first(owners, inode), &owner);
		assert_int_equal(owner.fd, inode - 1000);
		assert_int_equal(owner.pid, 20);
		assert_string_equal(owner.name, "second");
	}
}

static void threads_are_told_when_asked_for(void **state)
{
	char root[] = "/tmp/test-owner-XXXXXX";
	auto_owners owners = NULL;
	struct owner owner;
	bool seen = false;

	(void)state;
	assert_non_null(mkdtemp(root));
	make_processes(root);
	assert_int_equal(owners_scan(root, true, &owners, NULL), 0);
	remove_tree(root);

	assert_int_equal(count_owners(owners, 7), 3);
	for (size_t i = owners_first(owners, 7); i; i = owners_next(owners, i)) {
		owners_get(owners, i, &owner);
		if (owner.tid == owner.pid)
			continue;
		seen = true;
		assert_int_equal(owner.pid, 10);
		assert_int_equal(owner.tid, 11);
		assert_string_equal(owner.name, "thread");
	}
	assert_true(seen);
}

/* Root may read what it forbids itself, so "no permission" is a test of the whole program. */
static void why_nobody_is_known(void **state)
{
	static const struct {
		const char *namespace;
		uint32_t inode;
		const char *why;
	} rows[] = {
		{ "pid:[4026531836]", 0, "kernel" },
		{ "pid:[4026531836]", 5, "kernel" }, /* told by a file: cannot be asked about */
		{ "pid:[4026532200]", 5, "other pid namespace" },
		{ "pid:[4026532200]", 0, "kernel" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sock_record record = { .inode = rows[i].inode, .over_proc = true };
		char root[] = "/tmp/test-owner-XXXXXX";
		auto_owners owners = NULL;

		assert_non_null(mkdtemp(root));
		make_folder(root, "self");
		make_folder(root, "self/ns");
		make_link(root, "self/ns/pid", rows[i].namespace);
		assert_int_equal(owners_scan(root, false, &owners, NULL), 0);
		remove_tree(root);
		assert_string_equal(owners_why(owners, &record), rows[i].why);
	}
}

static void a_socket_that_is_gone_has_vanished(void **state)
{
	char root[] = "/tmp/test-owner-XXXXXX";
	struct sock_record record = { .table = DIAG_UNIX_STREAM,
				      .family = AF_UNIX,
				      .inode = UINT32_MAX,
				      .cookie = UINT64_MAX - 1 };
	auto_owners owners = NULL;

	(void)state;
	assert_non_null(mkdtemp(root));
	make_folder(root, "self");
	make_folder(root, "self/ns");
	make_link(root, "self/ns/pid", "pid:[4026531836]");
	assert_int_equal(owners_scan(root, false, &owners, NULL), 0);
	remove_tree(root);
	assert_string_equal(owners_why(owners, &record), "vanished");
}

static void a_missing_root_is_told(void **state)
{
	auto_owners owners = NULL;
	struct err err;

	(void)state;
	assert_int_equal(owners_scan("/nowhere/proc", false, &owners, &err), -ENOENT);
	assert_string_equal(err.text, "/nowhere/proc: No such file or directory");
}

/* So many that the kernel's own walk is taken where it can be; 0: that many are not permitted. */
static size_t open_many(int *ret_fds, size_t count)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	limit.rlim_cur = limit.rlim_max;
	if (limit.rlim_max < count + 64 || setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		ret_fds[i] = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		assert_true(ret_fds[i] >= 0);
	}
	return count;
}

static uint32_t inode_of(int fd)
{
	struct stat stat;

	assert_int_equal(fstat(fd, &stat), 0);
	return (uint32_t)stat.st_ino;
}

static void assert_ours(const struct owners *owners, int fd)
{
	size_t i = owners_first(owners, inode_of(fd));
	struct owner owner;

	assert_int_not_equal(i, 0);
	owners_get(owners, i, &owner);
	assert_int_equal(owner.pid, getpid());
	assert_int_equal(owner.tid, getpid());
	assert_int_equal(owner.fd, fd);
	assert_string_equal(owner.name, program_invocation_short_name);
	assert_int_equal(owners_next(owners, i), 0);
}

static void many_descriptors_have_the_same_owners(void **state)
{
	enum { MANY = 10050 };
	static const char *const roots[] = { "/proc", "/proc/." }; /* perhaps the kernel, and not */
	static int fds[MANY];
	size_t count = open_many(fds, MANY);

	(void)state;
	if (!count)
		skip();
	program_invocation_short_name[MIN(strlen(program_invocation_short_name),
					  (size_t)OWNER_NAME_MAX)] = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		auto_owners owners = NULL;
		struct err err;

		assert_int_equal(owners_scan(roots[i], false, &owners, &err), 0);
		for (size_t n = 0; n < count; n++)
			assert_ours(owners, fds[n]);
	}
	for (size_t n = 0; n < count; n++)
		(void)close(fds[n]);
}

struct seen {
	int pid, fd; /* the ones before */
	size_t ours;
	uint32_t inode; /* that is looked for */
};

static void see(void *context, int pid, int fd, uint32_t inode)
{
	struct seen *seen = context;

	assert_true(pid > seen->pid || (pid == seen->pid && fd > seen->fd));
	seen->pid = pid;
	seen->fd = fd;
	seen->ours += inode == seen->inode;
}

/* Where it is permitted; elsewhere it says why, and nothing else. */
static void the_kernel_walks_in_order(void **state)
{
	struct seen seen = { 0 };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), r;

	(void)state;
	assert_true(fd >= 0);
	seen.inode = inode_of(fd);
	r = owner_walk(see, &seen);
	assert_int_equal(seen.ours, r < 0 ? 0 : 1);
	(void)close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_between_the_first_brackets),
		cmocka_unit_test(links_to_sockets_have_an_inode),
		cmocka_unit_test(holders_are_found_by_inode),
		cmocka_unit_test(threads_are_told_when_asked_for),
		cmocka_unit_test(why_nobody_is_known),
		cmocka_unit_test(a_socket_that_is_gone_has_vanished),
		cmocka_unit_test(a_missing_root_is_told),
		cmocka_unit_test(many_descriptors_have_the_same_owners),
		cmocka_unit_test(the_kernel_walks_in_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
