/* SPDX-License-Identifier: MIT */
/* Whole relays within this process, from two texts to the end: what arrives, what
 * is told, and that nothing is left behind. */

#include "relay/relay.h"

#include "base/fd.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char folder[64];

static size_t open_descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	(void)closedir(d);
	return n;
}

static struct relay_options options(enum addr_direction left)
{
	return (struct relay_options){
		.address = { .program = "socat", .env_prefix = "SOCAT_", .block_size = 8192 },
		.left = left,
		.closing_wait = 500000,
		.idle_limit = -1,
		.version = "0",
	};
}

/* Runs it and checks that all descriptors are given back. */
static int run(const struct relay_options *o, const char *left, const char *right,
	       struct relay_result *ret, struct err *err)
{
	size_t before = open_descriptors();
	int r;

	*err = (struct err){ 0 };
	print_message("%s %s\n", left, right);
	r = relay_run(o, left, right, ret, err);
	assert_int_equal(open_descriptors(), before);
	return r;
}

static void assert_content(const char *name, const char *expected)
{
	auto_free char *path = str_format("%s/%s", folder, name);
	auto_free char *content = NULL;

	assert_true(fd_read_file(path, 1000, &content) >= 0);
	assert_string_equal(content, expected);
	assert_int_equal(unlink(path), 0);
}

static void test_transfer(void **state)
{
	struct relay_options o = options(DIR_READ);
	auto_free char *right = str_format("CREATE:%s/out,crnl", folder);
	struct relay_result result;
	struct err err;

	(void)state;
	assert_int_equal(run(&o, "TEXT:a\\nb", right, &result, &err), 0);
	assert_int_equal(result.failure, RELAY_FINE);
	assert_content("out", "a\r\nb");
}

/* A program that is only written to sees the end of its input and finishes,
 * also as the half of a dual address. */
static void test_slow_writer(void **state)
{
	static const char *const forms[] = { "SYSTEM:sleep 0.1; cat >%s/out",
					     "-!!SYSTEM:sleep 0.1; cat >%s/out" };
	struct relay_options o = options(DIR_READ);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		const char *colon = strstr(forms[i], "%s");
		auto_free char *right = str_format("%.*s%s%s", (int)(colon - forms[i]), forms[i],
						   folder, colon + 2);
		struct relay_result result;
		struct err err;

		assert_int_equal(run(&o, "TEXT:hello", right, &result, &err), 0);
		assert_int_equal(result.failure, RELAY_FINE);
		assert_content("out", "hello");
	}
}

static const struct {
	const char *left, *right;
	int code;
	enum relay_failure failure;
	const char *text; /* part of the sentence */
} failures[] = {
	{ "NOSUCH:1", "-", -EINVAL, RELAY_BAD_ADDRESS, "unknown device/address" },
	{ "TEXT:x", "-,nosuch", -EINVAL, RELAY_BAD_ADDRESS, "unknown option" },
	{ "OPEN:/nowhere/x", "PIPE", -ENOENT, RELAY_NOT_OPENED, "open(\"/nowhere/x\"" },
	{ "TEXT:x", "OPEN:/nowhere/x", -ENOENT, RELAY_NOT_OPENED, "open(\"/nowhere/x\"" },
	{ "TEXT:x", "EXEC:/nowhere/x", -ENOENT, RELAY_NOT_OPENED, "execvp(\"/nowhere/x\"" },
	{ "TEXT:x", "OPEN:/dev/full", -ENOSPC, RELAY_CUT, "No space left on device" },
	{ "TEXT:x", "SYSTEM:cat >/dev/null; exit 3", 0, RELAY_PROGRAM, "" },
	{ "TEXT:x", "-!!SYSTEM:cat >/dev/null; exit 3", 0, RELAY_PROGRAM, "" },
	{ "UNIX-CONNECT:/nowhere/x,retry=2,interval=0", "-", -ENOENT, RELAY_NOT_OPENED,
	  "connect(" },
};

static void test_failures(void **state)
{
	struct relay_options o = options(DIR_READ);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(failures); i++) {
		struct relay_result result;
		struct err err;

		assert_int_equal(run(&o, failures[i].left, failures[i].right, &result, &err),
				 failures[i].code);
		assert_int_equal(result.failure, failures[i].failure);
		assert_non_null(strstr(err.text, failures[i].text));
	}
}

/* The text that is wrong is told, for the caret. */
static void test_wrong_text(void **state)
{
	struct relay_options o = options(DIR_BOTH);
	static const char left[] = "TEXT:x", right[] = "-,nosuch";
	struct relay_result result;
	struct err err;

	(void)state;
	assert_true(run(&o, left, right, &result, &err) < 0);
	assert_ptr_equal(result.address, right);
	assert_int_equal(err.column, 2);
	assert_int_equal(err.length, 6);
}

/* Nobody came: a normal end, and the socket made under chdir is gone. */
static void test_nobody_came(void **state)
{
	struct relay_options o = options(DIR_READ);
	auto_free char *left = str_format("UNIX-LISTEN:s,chdir=%s,accept-timeout=0.01", folder);
	struct relay_result result;
	struct err err;

	(void)state;
	assert_int_equal(run(&o, left, "-", &result, &err), 0);
	assert_int_equal(result.failure, RELAY_FINE);
}

struct heard {
	unsigned int waiting, starting, counts;
	uint64_t bytes;
	bool has_back;
};

static void on_waiting(void *context)
{
	((struct heard *)context)->waiting++;
}

static void on_starting(void *context, const struct stream *left, const struct stream *right)
{
	assert_true(left->rfd >= 0 && right->wfd >= 0);
	((struct heard *)context)->starting++;
}

static void on_counts(void *context, const struct flow_count *left_to_right,
		      const struct flow_count *right_to_left)
{
	struct heard *heard = context;

	heard->counts++;
	heard->bytes = left_to_right->bytes;
	heard->has_back = right_to_left != NULL;
}

static void test_hooks(void **state)
{
	struct relay_options o = options(DIR_READ);
	struct heard heard = { 0 };
	struct relay_result result;
	struct err err;

	(void)state;
	o.statistics = true;
	o.hooks = (struct relay_hooks){ &heard, on_waiting, on_starting, on_counts };
	assert_int_equal(run(&o, "TEXT:hello", "OPEN:/dev/null", &result, &err), 0);
	assert_int_equal(heard.starting, 1);
	assert_int_equal(heard.counts, 1);
	assert_int_equal(heard.bytes, 5);
	assert_false(heard.has_back); /* -u: there is no way back */
}

static int make_folder(void **state)
{
	(void)state;
	(void)strncpy(folder, "/tmp/relay-test.XXXXXX", sizeof(folder) - 1);
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder); /* fails when something was left */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_transfer),    cmocka_unit_test(test_slow_writer),
		cmocka_unit_test(test_failures),    cmocka_unit_test(test_wrong_text),
		cmocka_unit_test(test_nobody_came), cmocka_unit_test(test_hooks),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
