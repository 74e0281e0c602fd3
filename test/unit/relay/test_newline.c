/* SPDX-License-Identifier: MIT */
/* Line ends: all nine pairs, and blocks that begin or end within a line end. */

#include "relay/newline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define NONE NEWLINE_NONE
#define CR NEWLINE_CR
#define CRNL NEWLINE_CRNL

static const struct {
	enum newline from, to;
	const char *before, *after;
} cases[] = {
	/* equal ends: nothing is touched */
	{ NONE, NONE, "a\r\nb\nc\rd", "a\r\nb\nc\rd" },
	{ CR, CR, "a\r\nb\nc\rd", "a\r\nb\nc\rd" },
	{ CRNL, CRNL, "a\r\nb\nc\rd", "a\r\nb\nc\rd" },

	{ NONE, CR, "a\nb\n", "a\rb\r" },
	{ NONE, CR, "a\r\nb", "a\r\rb" },
	{ NONE, CRNL, "a\nb\n", "a\r\nb\r\n" },
	{ NONE, CRNL, "a\r\nb", "a\r\r\nb" },
	{ CR, NONE, "a\rb\r", "a\nb\n" },
	{ CR, NONE, "a\r\nb", "a\n\nb" },
	{ CR, CRNL, "a\rb\r", "a\r\nb\r\n" },
	{ CR, CRNL, "a\nb\r", "a\nb\r\n" }, /* LF is data there, as in 1.7.4.4 */
	{ CRNL, NONE, "a\r\nb\r\n", "a\nb\n" },
	{ CRNL, NONE, "a\rb\n\r", "ab\n" }, /* every CR goes, wherever it stands */
	{ CRNL, CR, "a\r\nb\r\n", "a\rb\r" },
	{ CRNL, CR, "\r\r\n", "\r" },

	/* cut within a line end: the block's last CR goes now, its LF comes later */
	{ CRNL, NONE, "a\r", "a" },
	{ CRNL, NONE, "\nb", "\nb" },
	{ CRNL, NONE, "\r", "" },
	{ CRNL, NONE, "\r\r\r", "" },
	{ CRNL, CR, "\r\r", "" },

	/* nothing but line ends: the block becomes twice as long */
	{ NONE, CRNL, "\n", "\r\n" },
	{ NONE, CRNL, "\n\n\n\n", "\r\n\r\n\r\n\r\n" },
	{ CR, CRNL, "\r\r", "\r\n\r\n" },
	{ NONE, CR, "\n\n\n", "\r\r\r" },

	{ NONE, CRNL, "", "" },
	{ CRNL, NONE, "", "" },
	{ NONE, CRNL, "no line end", "no line end" },
};

static void test_convert(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t len = strlen(cases[i].before);
		auto_free char *data = mem_new(2, len + 1); /* for ASan: no byte more */

		print_message("%zu\n", i);
		memcpy(data, cases[i].before, len);
		len = newline_convert(cases[i].from, cases[i].to, data, len);
		assert_int_equal(len, strlen(cases[i].after));
		assert_memory_equal(data, cases[i].after, len);
	}
}

static void test_exact_room(void **state)
{
	enum { LEN = 5 };
	auto_free char *data = mem_new(1, 2 * LEN);

	(void)state;
	memset(data, '\n', LEN);
	assert_int_equal(newline_convert(NONE, CRNL, data, LEN), 2 * LEN);
	assert_memory_equal(data, "\r\n\r\n\r\n\r\n\r\n", 2 * LEN);
}

/* Binary data keeps its NUL bytes. */
static void test_nul(void **state)
{
	char data[16] = "a\0\nb";

	(void)state;
	assert_int_equal(newline_convert(NONE, CRNL, data, 4), 5);
	assert_memory_equal(data, "a\0\r\nb", 5);
	assert_int_equal(newline_convert(CRNL, NONE, data, 5), 4);
	assert_memory_equal(data, "a\0\nb", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_convert),
		cmocka_unit_test(test_exact_room),
		cmocka_unit_test(test_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
