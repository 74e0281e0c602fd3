/* SPDX-License-Identifier: MIT */
/* Words of a command, rows of a dump, messages of a chat. */

#include "tool/nc_chat.h"

#include "spec/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_commands(void **state)
{
	static const struct {
		const char *text;
		const char *words[4];
	} rows[] = {
		{ "/bin/cat", { "/bin/cat" } },
		{ " a  b c ", { "a", "b", "c" } },
		{ "a\\ b \\\\", { "a b", "\\" } },
		{ "a\\", { "a\\" } },
		{ "", { NULL } },
		{ "  ", { NULL } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char **words;
		int r = nc_command_split(rows[i].text, &words);
		size_t n = 0;

		assert_int_equal(r, rows[i].words[0] ? 0 : -EINVAL);
		for (; words && words[n]; n++)
			assert_string_equal(words[n], rows[i].words[n]);
		assert_null(rows[i].words[n]);
		if (words)
			spec_words_free(words);
	}
}

static void test_hex(void **state)
{
	auto_buf out = { 0 };

	(void)state;
	nc_hex_put(&out, "hello there this\n", 17);
	assert_string_equal(
		buf_text(&out),
		"0000   68 65 6c 6c 6f 20 74 68  65 72 65 20 74 68 69 73  hello.there.this\n"
		"0010   0a                                                .               \n");
}

static void test_trace(void **state)
{
	auto_buf out = { 0 };
	uint32_t offset = 0;

	(void)state;
	nc_trace_put(&out, '<', &offset, "hello there this\n", 17);
	nc_trace_put(&out, '<', &offset, "\200", 1);
	assert_string_equal(buf_text(&out),
			    "< 00000000 68 65 6c 6c 6f 20 74 68 65 72 65 20 74 68 69 73 "
			    "# hello there this\n"
			    "< 00000010 0a                                              # .\n"
			    "< 00000011 80                                              # .\n");
}

static void test_chat(void **state)
{
	auto_buf out = { 0 };

	(void)state;
	nc_chat_put(&out, 5, "a\001b\t\033[2J\377\r\n", 11);
	assert_string_equal(buf_text(&out), "<user5> a\\001b\t\\033[2J\\377\r\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_trace),
		cmocka_unit_test(test_chat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
