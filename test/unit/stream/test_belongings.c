/* SPDX-License-Identifier: MIT */
/* Entries of the file system that go with their streams: whose they are, and from where.  That
 * they go, with a stream, and not in a forked child, is in test_stream.c, terminals too. */

#include "stream/belongings.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static void test_relative_path(void **state)
{
	char folder[] = "/tmp/belongings.XXXXXX";
	auto_close int before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct owned_path owned = { 0 };

	(void)state;
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	assert_int_equal(close(open("path", O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0);
	owned_path_set(&owned, "path");
	assert_int_equal(fchdir(before), 0);
	owned_path_done(&owned);
	assert_null(owned.path);
	owned_path_done(&owned);
	assert_int_equal(rmdir(folder), 0); /* it is empty */
}

static void test_missing_path(void **state)
{
	char first[] = "/tmp/belongings.XXXXXX";
	struct owned_path owned = { 0 };
	int fd = mkostemp(first, O_CLOEXEC);

	(void)state;
	assert_int_equal(close(fd), 0);
	owned_path_set(&owned, first);
	owned_path_set(&owned, "/tmp/belongings.missing"); /* the first one is forgotten ... */
	owned_path_done(&owned);
	assert_int_equal(unlink(first), 0); /* ... not removed */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_relative_path),
		cmocka_unit_test(test_missing_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
