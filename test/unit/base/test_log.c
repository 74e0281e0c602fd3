/* SPDX-License-Identifier: MIT */
/* Events on their way to the sink: levels, softening, cuts. */

#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

struct heard {
	size_t n;
	enum log_level level;
	char text[4096];
};

static void hear(void *context, enum log_level level, const char *text)
{
	struct heard *heard = context;

	heard->n++;
	heard->level = level;
	(void)snprintf(heard->text, sizeof(heard->text), "%s", text);
	errno = EIO;
}

static void test_levels(void **state)
{
	struct heard heard = { 0 };

	(void)state;
	assert_false(log_wants(LEVEL_FATAL));
	log_error("nobody hears this");
	log_open(hear, &heard, LEVEL_NOTICE);
	errno = ENOENT;
	log_notice("port %d", 80);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(heard.n, 1);
	assert_int_equal(heard.level, LEVEL_NOTICE);
	assert_string_equal(heard.text, "port 80");
	log_info("too quiet");
	assert_int_equal(heard.n, 1);
	assert_true(log_wants(LEVEL_FATAL));
	assert_false(log_wants(LEVEL_INFO));
}

static void test_long_text_is_cut(void **state)
{
	struct heard heard = { 0 };

	(void)state;
	log_open(hear, &heard, LEVEL_DEBUG);
	log_debug("%05000d", 1);
	assert_int_equal(strlen(heard.text), 2047);
}

/* Last: it holds for the rest of the process. */
static void test_softer(void **state)
{
	struct heard heard = { 0 };

	(void)state;
	log_open(hear, &heard, LEVEL_WARN);
	(void)log_soften(1);
	log_error("softened");
	assert_int_equal(heard.level, LEVEL_WARN);
	log_warn("softened away");
	assert_int_equal(heard.n, 1);
	log_event(LEVEL_FATAL, "stays");
	assert_int_equal(heard.level, LEVEL_FATAL);
	(void)log_soften(1000);
	log_open(hear, &heard, LEVEL_DEBUG);
	log_error("never beyond debug");
	assert_int_equal(heard.level, LEVEL_DEBUG);
	log_open(NULL, NULL, LEVEL_DEBUG);
	assert_false(log_wants(LEVEL_FATAL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_softer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
