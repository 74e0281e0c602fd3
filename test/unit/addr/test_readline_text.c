/* SPDX-License-Identifier: MIT */
/* READLINE's prompts, characters and history lines. */

#include "addr/readline_text.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* What the peer wrote, in two pieces, and what it asks then. */
static const struct {
	const char *first, *second, *prompt;
} prompts[] = {
	{ "", "", "" },
	{ "user: ", "", "user: " },
	{ "us", "er: ", "user: " },
	{ "banner\nuser: ", "", "user: " },
	{ "banner\nus", "er: ", "user: " },
	{ "user: ", "\n", "" },
	{ "user: ", "\r", "" },
	{ "user: ", "\nword: ", "word: " },
	{ "a\rb\nc", "", "c" },
	{ "a\nb\rc", "", "c" },
	{ "a\n", "", "" },
	{ "a\r\n", "b", "b" },
};

static void test_prompt(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(prompts); i++) {
		struct prompt p = { 0 };

		prompt_scan(&p, prompts[i].first, strlen(prompts[i].first));
		prompt_scan(&p, prompts[i].second, strlen(prompts[i].second));
		assert_string_equal(p.text, prompts[i].prompt);
		assert_int_equal(p.len, strlen(prompts[i].prompt));
		prompt_clear(&p);
		assert_string_equal(p.text, "");
	}
}

/* Only the end of what is too long is kept, however it comes. */
static void test_long_prompt(void **state)
{
	char data[3 * PROMPT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)('a' + i % 26);
	for (size_t piece = 1; piece <= sizeof(data); piece += 37) {
		struct prompt p = { 0 };

		for (size_t at = 0; at < sizeof(data); at += piece)
			prompt_scan(&p, data + at, MIN(piece, sizeof(data) - at));
		assert_int_equal(p.len, PROMPT_MAX);
		assert_memory_equal(p.text, data + sizeof(data) - PROMPT_MAX, PROMPT_MAX);
		assert_int_equal(p.text[PROMPT_MAX], '\0');
	}
}

static void test_nul_ends_a_prompt(void **state)
{
	struct prompt p = { 0 };

	(void)state;
	prompt_scan(&p, "abc\0de", 6);
	assert_string_equal(p.text, "de");
}

static const struct {
	const char *data;
	size_t taken;
	wchar_t c;
} characters[] = {
	{ "a", 1, L'a' },
	{ "\xc3\xbc", 2, 0xfc },
	{ "\xe6\x97\xa5x", 3, 0x65e5 },
	{ "\xf0\x9f\x98\x80", 4, 0x1f600 },
	{ "\xff", 1, 0xdcff },
	{ "\x80", 1, 0xdc80 },
	{ "\xc3x", 1, 0xdcc3 },
	{ "\xed\xb2\x80", 1, 0xdced }, /* a surrogate is no character */
	{ "\xc3", 0, 0 },
	{ "\xe6\x97", 0, 0 },
};

static void test_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(characters); i++) {
		const char *data = characters[i].data;
		wchar_t c = 0;

		assert_int_equal(text_decode(data, strlen(data), &c), characters[i].taken);
		if (characters[i].taken)
			assert_int_equal(c, characters[i].c);
	}
}

/* All bytes come back. */
static void test_there_and_back(void **state)
{
	static const char *const texts[] = {
		"",	 "plain",	 "gr\xc3\xbc\xc3\x9f",	"\xff\xfe\x80",
		"a\xc3", "\xed\xa0\x80", "\xe6\x97\xa5\xe6\x97"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		auto_free wchar_t *wide = text_decode_all(texts[i], strlen(texts[i]));
		auto_buf back = { 0 };

		text_encode(&back, wide, wcslen(wide));
		assert_string_equal(buf_text(&back), texts[i]);
	}
}

static void join(void *context, const char *line, size_t len)
{
	struct buf *buf = context;

	buf_put(buf, line, len);
	buf_put_byte(buf, '|');
}

static void test_history(void **state)
{
	static const struct {
		const char *data, *lines;
	} rows[] = {
		{ "", "" },	     { "\n", "" },	 { "a", "a|" },
		{ "a\n", "a|" },     { "a\nb", "a|b|" }, { "\n\na\n\n\nb\n\n", "a|b|" },
		{ " a \n", " a |" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		auto_buf buf = { 0 };

		history_lines(rows[i].data, strlen(rows[i].data), join, &buf);
		assert_string_equal(buf_text(&buf), rows[i].lines);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_prompt),
		cmocka_unit_test(test_long_prompt),
		cmocka_unit_test(test_nul_ends_a_prompt),
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_history),
	};

	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		return 77; /* skipped */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
