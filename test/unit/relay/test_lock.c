/* SPDX-License-Identifier: MIT */
/* Lock files: made whole, with the process id, and never taken from another. */

#include "relay/lock.h"

#include "base/fd.h"
#include "base/str.h"
#include "task/task.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

struct place {
	char folder[64];
	char *path;
};

static int setup(void **state)
{
	static struct place place;

	(void)strncpy(place.folder, "/tmp/lock-test.XXXXXX", sizeof(place.folder) - 1);
	assert_non_null(mkdtemp(place.folder));
	place.path = str_format("%s/lock", place.folder);
	*state = &place;
	return 0;
}

static int teardown(void **state)
{
	struct place *place = *state;

	free(place->path);
	return rmdir(place->folder); /* fails when something was left */
}

static size_t entries(const char *folder)
{
	DIR *d = opendir(folder);
	size_t n = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += e->d_name[0] != '.';
	(void)closedir(d);
	return n;
}

static void test_take(void **state)
{
	const struct place *place = *state;
	auto_free char *pid = str_format("%d\n", (int)getpid());
	auto_free char *content = NULL;
	struct owned_path lock = { 0 };
	struct err err = { 0 };
	struct stat st;

	assert_int_equal(lock_take(place->path, false, &lock, &err), 0);
	assert_true(fd_read_file(place->path, 100, &content) > 0);
	assert_string_equal(content, pid);
	assert_int_equal(stat(place->path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	assert_int_equal(entries(place->folder), 1); /* no temporary file stays */

	owned_path_done(&lock);
	assert_int_equal(access(place->path, F_OK), -1);
	assert_int_equal(lock_take(place->path, true, &lock, &err), 0); /* free again */
	owned_path_done(&lock);
}

/* Whoever has it, alive or not, keeps it. */
static void test_taken(void **state)
{
	const struct place *place = *state;
	struct owned_path lock = { 0 };
	struct err err = { 0 };
	int fd = open(place->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	(void)close(fd);
	assert_int_equal(lock_take(place->path, false, &lock, &err), -EEXIST);
	assert_non_null(strstr(err.text, "could not obtain lock \""));
	assert_non_null(strstr(err.text, place->path));
	assert_null(lock.path);
	assert_int_equal(entries(place->folder), 1);
	assert_int_equal(unlink(place->path), 0);

	assert_int_equal(symlink("/nowhere", place->path), 0); /* nor a dangling link */
	assert_int_equal(lock_take(place->path, false, &lock, &err), -EEXIST);
	assert_int_equal(unlink(place->path), 0);
}

static void test_wait_ends(void **state)
{
	const struct place *place = *state;
	struct owned_path lock = { 0 }, second = { 0 };
	struct err err = { 0 };
	int64_t before;

	assert_int_equal(lock_take(place->path, false, &lock, &err), 0);
	before = task_deadline(clock_after(1000));
	assert_int_equal(lock_take(place->path, true, &second, &err), -ETIMEDOUT);
	(void)task_deadline(before);
	assert_null(second.path);
	owned_path_done(&lock);
}

static void test_nowhere(void **state)
{
	const struct place *place = *state;
	auto_free char *path = str_format("%s/missing/lock", place->folder);
	struct owned_path lock = { 0 };
	struct err err = { 0 };

	assert_int_equal(lock_take(path, true, &lock, &err), -ENOENT);
	assert_non_null(strstr(err.text, "No such file or directory"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_take),
		TEST(test_taken),
		TEST(test_wait_ends),
		TEST(test_nowhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
