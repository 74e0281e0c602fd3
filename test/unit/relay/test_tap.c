/* SPDX-License-Identifier: MIT */
/* Copies of the data: the three readable forms, raw files, and their names. */

#include "relay/tap.h"

#include "base/fd.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

/* 2026/11/22 13:29:51.166720 in UTC, which setup() makes the local time */
static const struct timespec moment = { .tv_sec = 1795354191, .tv_nsec = 166720999 };

#define HEADER "> 2026/11/22 13:29:51.166720  length="

static int setup(void **state)
{
	(void)state;
	return setenv("TZ", "UTC0", 1);
}

static const struct {
	bool text, hex;
	const char *data;
	size_t len;
	const char *dump;
} dumps[] = {
	{ true, false, "hello, world\n", 13, HEADER "13 from=0 to=12\nhello, world\n" },
	{ true, false, "x", 1, HEADER "1 from=0 to=0\nx" }, /* no newline is added */
	{ true, false, "\\\r\a\b\v\f", 6, HEADER "6 from=0 to=5\n\\\\\\r\\a\\b\\v\\f" },
	{ true, false, "\t\n", 2, HEADER "2 from=0 to=1\n\t\n" },
	{ true, false, "\0\x01\x1b\x7f\x80\xff~ ", 8, HEADER "8 from=0 to=7\n......~ " },

	{ false, true, "hello\n", 6, HEADER "6 from=0 to=5\n 68 65 6c 6c 6f 0a\n" },
	{ false, true, "\0\xff", 2, HEADER "2 from=0 to=1\n 00 ff\n" },
	{ false, true, "0123456789abcdefXY", 18,
	  HEADER "18 from=0 to=17\n 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66 58 59\n" },

	{ true, true, "hello\n", 6,
	  HEADER "6 from=0 to=5\n"
		 " 68 65 6c 6c 6f 0a                                hello.\n"
		 "--\n" },
	{ true, true, "0123456789abcdef", 16,
	  HEADER "16 from=0 to=15\n"
		 " 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n"
		 "--\n" },
	{ true, true, "0123456789abcdefg", 17,
	  HEADER "17 from=0 to=16\n"
		 " 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef\n"
		 " 67                                               g\n"
		 "--\n" },
	/* a line ends after a line feed, also as the sixteenth byte */
	{ true, true, "a\nb", 3,
	  HEADER "3 from=0 to=2\n"
		 " 61 0a                                            a.\n"
		 " 62                                               b\n"
		 "--\n" },
	{ true, true, "0123456789abcde\nx", 17,
	  HEADER "17 from=0 to=16\n"
		 " 30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 0a  0123456789abcde.\n"
		 " 78                                               x\n"
		 "--\n" },
	{ true, true, "\t\0\xe4", 3,
	  HEADER "3 from=0 to=2\n"
		 " 09 00 e4                                         ...\n"
		 "--\n" },
};

static void test_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(dumps); i++) {
		struct tap tap = { .direction = '>', .text = dumps[i].text, .hex = dumps[i].hex };
		auto_buf out = { 0 };

		print_message("%zu\n", i);
		tap_format(&tap, &moment, dumps[i].data, dumps[i].len, &out);
		assert_string_equal(buf_text(&out), dumps[i].dump);
	}
}

static void test_position(void **state)
{
	struct tap tap = { .direction = '<', .text = true, .offset = 5000000000 };
	auto_buf out = { 0 };

	(void)state;
	tap_format(&tap, &moment, "abc", 3, &out);
	assert_string_equal(buf_text(&out), "< 2026/11/22 13:29:51.166720  length=3 "
					    "from=5000000000 to=5000000002\nabc");
}

/* Copies to two places and counts on. */
static void test_copy(void **state)
{
	struct tap tap = { .direction = '>', .hex = true };
	char data[256] = "";
	int dump[2], raw[2];

	(void)state;
	assert_int_equal(pipe2(dump, O_CLOEXEC | O_NONBLOCK), 0);
	assert_int_equal(pipe2(raw, O_CLOEXEC | O_NONBLOCK), 0);
	tap.dump_fd = dump[1];
	tap.raw_fd = raw[1];
	tap_copy(&tap, "ab", 2);
	tap_copy(&tap, "c", 1);
	assert_int_equal(tap.offset, 3);
	assert_int_equal(read(raw[0], data, sizeof(data)), 3);
	assert_memory_equal(data, "abc", 3);
	assert_true(read(dump[0], data, sizeof(data) - 1) > 0);
	assert_non_null(strstr(data, "length=2 from=0 to=1\n 61 62\n> "));
	assert_non_null(strstr(data, "length=1 from=2 to=2\n 63\n"));

	/* nobody reads: the transfer goes on */
	(void)close(raw[0]);
	(void)close(raw[1]);
	tap.raw_fd = raw[1];
	tap_copy(&tap, "d", 1);
	assert_int_equal(tap.offset, 4);
	(void)close(dump[0]);
	(void)close(dump[1]);
}

static const struct {
	const char *name, *expanded;
} names[] = {
	{ "", "" },
	{ "/tmp/plain", "/tmp/plain" },
	{ "$PROGNAME.log", "prog.log" },
	{ "${PROGNAME}x", "progx" },
	{ "$TIMESTAMP", "20261122T132951" },
	{ "$MICROS", "166720" },
	{ "$SOCAT_PEERADDR", "192.0.2.1" },
	{ "a$SOCAT_PEERADDR,b", "a192.0.2.1,b" },
	{ "$SOCAT_PEERADDRX", "" }, /* another name, unset */
	{ "x$NO_SUCH_VARIABLE-y", "x-y" },
	{ "$TAP_TEST", "from the environment" },
	{ "\\$PROGNAME", "$PROGNAME" },
	{ "\\x", "\\x" },
	{ "$", "$" },
	{ "a$", "a$" },
	{ "$-", "$-" },
	{ "${", "${" },
	{ "${}", "${}" },
	{ "${PROGNAME", "${PROGNAME" },
	{ "${PROGNAME-x}", "${PROGNAME-x}" },
	{ "$PROGNAME$PROGNAME", "progprog" },
};

static void test_names(void **state)
{
	auto_free char *pid = str_format("%d-%d", (int)getpid(), (int)getpid());
	auto_free char *expanded = NULL;
	struct env env = { 0 };

	(void)state;
	assert_int_equal(setenv("TAP_TEST", "from the environment", 1), 0);
	env_set(&env, "SOCAT_", "PEERADDR", "192.0.2.1");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		auto_free char *text = tap_expand_name(names[i].name, "prog", &env, &moment);

		print_message("%s\n", names[i].name);
		assert_string_equal(text, names[i].expanded);
	}
	expanded = tap_expand_name("$$-$$", "prog", &env, &moment);
	assert_string_equal(expanded, pid);
	env_done(&env);
}

static void test_open_raw(void **state)
{
	char folder[] = "/tmp/tap-test.XXXXXX";
	auto_free char *path = str_format("%s/raw", mkdtemp(folder));
	auto_free char *content = NULL;
	int fd;

	(void)state;
	for (int i = 0; i < 2; i++) { /* appended, never cut */
		fd = tap_open_raw(path);
		assert_true(fd >= 0);
		assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
		assert_int_equal(write(fd, "ab", 2), 2);
		(void)close(fd);
	}
	assert_int_equal(fd_read_file(path, 100, &content), 4);
	assert_string_equal(content, "abab");
	assert_int_equal(unlink(path), 0);
	/* a FIFO that nobody reads must not stop us */
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(tap_open_raw(path), -ENXIO);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(tap_open_raw(path), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_copy),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_open_raw),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
