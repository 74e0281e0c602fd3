/* SPDX-License-Identifier: MIT */
/* The variables of a session, beside and on top of the process's own. */

#include "addr/env.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static size_t count(char *const *list, const char *item)
{
	size_t n = 0;

	for (; *list; list++)
		n += str_equal(*list, item);
	return n;
}

static size_t count_names(char *const *list, const char *name)
{
	size_t n = 0, len = strlen(name);

	for (; *list; list++)
		n += strncmp(*list, name, len) == 0 && (*list)[len] == '=';
	return n;
}

static void test_set_and_get(void **state)
{
	struct env env = { 0 };

	(void)state;
	assert_null(env_get(&env, "SOCAT_PEERADDR"));
	env_set(&env, "SOCAT_", "PEERADDR", "192.0.2.1");
	env_set(&env, "SOCAT_", "PEERPORT", "80");
	env_set(&env, "SOCAT_", "PEER", "x");
	assert_int_equal(env.n, 3);
	assert_string_equal(env_get(&env, "SOCAT_PEERADDR"), "192.0.2.1");
	assert_string_equal(env_get(&env, "SOCAT_PEER"), "x");
	assert_null(env_get(&env, "PEERADDR"));
	assert_null(env_get(&env, "SOCAT_PEERA"));

	env_set(&env, "SOCAT_", "PEERPORT", "");
	assert_int_equal(env.n, 3); /* replaced, not added */
	assert_string_equal(env_get(&env, "SOCAT_PEERPORT"), "");
	env_done(&env);
	assert_int_equal(env.n, 0);
}

/* The session's comes first, then the process's. */
static void test_process_environment(void **state)
{
	struct env env = { 0 };

	(void)state;
	assert_int_equal(setenv("SOCAT_TEST", "process", 1), 0);
	assert_string_equal(env_get(&env, "SOCAT_TEST"), "process");
	env_set(&env, "SOCAT_", "TEST", "session");
	assert_string_equal(env_get(&env, "SOCAT_TEST"), "session");
	assert_string_equal(getenv("SOCAT_TEST"), "process"); /* untouched */
	env_done(&env);
	assert_int_equal(unsetenv("SOCAT_TEST"), 0);
}

static void test_merge(void **state)
{
	struct env env = { 0 };
	char **merged;

	(void)state;
	assert_int_equal(setenv("OTHER", "stays", 1), 0);
	assert_int_equal(setenv("SOCAT_PEERADDR", "of an outer one", 1), 0);
	assert_int_equal(setenv("SOCAT_OPENSSL_X509_SUBJECT", "of an outer one", 1), 0);
	assert_int_equal(setenv("SOCAT_OTHER", "of an outer one", 1), 0);
	env_set(&env, "SOCAT_", "PEERADDR", "192.0.2.1");
	env_set(&env, "SOCAT_", "OPENSSL_X509_COMMONNAME", "ours");

	merged = env_merge(&env, "SOCAT_");
	assert_int_equal(count(merged, "OTHER=stays"), 1);
	assert_int_equal(count(merged, "SOCAT_OTHER=of an outer one"), 1);
	assert_int_equal(count(merged, "SOCAT_PEERADDR=192.0.2.1"), 1);
	assert_int_equal(count_names(merged, "SOCAT_PEERADDR"), 1);
	/* a certificate that was checked by somebody else says nothing here */
	assert_int_equal(count_names(merged, "SOCAT_OPENSSL_X509_SUBJECT"), 0);
	assert_int_equal(count(merged, "SOCAT_OPENSSL_X509_COMMONNAME=ours"), 1);
	free(merged);
	env_done(&env);
	assert_int_equal(unsetenv("SOCAT_PEERADDR"), 0);
}

static void test_merge_nothing(void **state)
{
	struct env env = { 0 };
	char **before = environ, **merged;

	(void)state;
	environ = NULL;
	merged = env_merge(&env, "SOCAT_");
	environ = before;
	assert_null(merged[0]);
	free(merged);
}

static void test_copy(void **state)
{
	struct env from = { 0 }, to = { 0 };

	(void)state;
	env_set(&to, "SOCAT_", "A", "old");
	env_set(&from, "SOCAT_", "A", "new");
	env_set(&from, "SOCAT_", "B", "b");
	env_copy(&to, &from);
	env_done(&from);
	assert_int_equal(to.n, 2);
	assert_string_equal(env_get(&to, "SOCAT_A"), "new");
	assert_string_equal(env_get(&to, "SOCAT_B"), "b");
	env_done(&to);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_set_and_get),
		cmocka_unit_test(test_process_environment),
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_nothing),
		cmocka_unit_test(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
