/* SPDX-License-Identifier: MIT */
/* Copies, escapes, distances between words, lists of words. */

#include "base/str.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static void test_copies(void **state)
{
	auto_free char *copy = str_copy("word");
	auto_free char *part = str_copy_n("words", 4);
	auto_free char *none = str_copy_n("words", 0);
	auto_free char *made = str_format("%s-%d", "word", 7);

	(void)state;
	assert_string_equal(copy, "word");
	assert_string_equal(part, "word");
	assert_string_equal(none, "");
	assert_string_equal(made, "word-7");
}

static void test_questions(void **state)
{
	(void)state;
	assert_true(str_equal("a", "a"));
	assert_false(str_equal("a", "A"));
	assert_true(str_equal_nocase("Tcp-L", "tCP-l"));
	assert_false(str_equal_nocase("tcp", "tcp4"));
	assert_true(str_begins("tcp4", "tcp"));
	assert_true(str_begins("tcp", ""));
	assert_false(str_begins("tc", "tcp"));
}

static void test_escape(void **state)
{
	static const struct {
		const char *in;
		size_t len, size;
		const char *out;
	} rows[] = {
		{ "plain", 5, 64, "plain" },
		{ "", 0, 64, "" },
		{ "a\\b", 3, 64, "a\\\\b" },
		{ "\0\n\x1b\x7f", 4, 64, "\\x00\\x0a\\x1b\\x7f" },
		{ " ~", 2, 64, " ~" },
		{ "\xc3\xa9", 2, 64, "\\xc3\\xa9" },
		/* cut, but never within an escape */
		{ "abcdef", 6, 4, "abc" },
		{ "a\nb", 3, 5, "a" },
		{ "a\nb", 3, 6, "a\\x0a" },
		{ "\\", 1, 2, "" },
		{ "\\", 1, 3, "\\\\" },
		{ "abc", 3, 1, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char out[64];

		memset(out, '#', sizeof(out));
		assert_ptr_equal(str_escape(rows[i].in, rows[i].len, out, rows[i].size), out);
		assert_string_equal(out, rows[i].out);
		assert_int_equal(rows[i].size == sizeof(out) ? '#' : out[rows[i].size], '#');
	}
}

static void test_escape_without_room(void **state)
{
	char out = '#';

	(void)state;
	(void)str_escape("abc", 3, &out, 0);
	assert_int_equal(out, '#');
}

static void test_distance(void **state)
{
	static const struct {
		const char *a, *b;
		unsigned int distance;
	} rows[] = {
		{ "", "", 0 },	       { "", "abc", 3 },
		{ "abc", "", 3 },      { "fork", "fork", 0 },
		{ "fork", "FORK", 0 }, { "frok", "fork", 1 },
		{ "for", "fork", 1 },  { "forks", "fork", 1 },
		{ "work", "fork", 1 }, { "kitten", "sitting", 3 },
		{ "ab", "ba", 1 },     { "abc", "cba", 2 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(str_distance(rows[i].a, rows[i].b), rows[i].distance);
		assert_int_equal(str_distance(rows[i].b, rows[i].a), rows[i].distance);
	}
}

static void test_distance_of_long_words(void **state)
{
	char longest[65], longer[66];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[64] = '\0';
	memset(longer, 'a', sizeof(longer) - 1);
	longer[65] = '\0';
	assert_int_equal(str_distance(longest, longest), 0);
	assert_int_equal(str_distance(longest, ""), 64);
	assert_int_equal(str_distance(longer, longest), 64);
	assert_int_equal(str_distance("a", longer), 64);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "reuseport", "reuseaddr", "range", "retry" };
	unsigned int best = UINT_MAX;
	const char *nearest = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_is_nearer("resueadr", words[i], &best))
			nearest = words[i];
	assert_non_null(nearest);
	assert_string_equal(nearest, "reuseaddr");
	assert_int_equal(best, 2);

	/* the first of two that are equally near stays */
	assert_false(str_is_nearer("resueadr", "reuseaddr", &best));
	/* what is too far is no slip of the pen, however alone it stands */
	best = UINT_MAX;
	assert_false(str_is_nearer("fork", "retry", &best));
	assert_int_equal(best, UINT_MAX);
}

static void test_word_lists(void **state)
{
	static const char *const expected[] = { "tcp", "tcp-connect", "t" };
	size_t n = 0, len;

	(void)state;
	for (const char *w = str_word("tcp tcp-connect  t ", &len); w;
	     w = str_word(w + len, &len)) {
		assert_in_range(n, 0, ARRAY_SIZE(expected) - 1);
		assert_int_equal(len, strlen(expected[n]));
		assert_memory_equal(w, expected[n], len);
		n++;
	}
	assert_int_equal(n, ARRAY_SIZE(expected));
	assert_null(str_word("", &len));
	assert_null(str_word("  ", &len));

	assert_true(str_word_is("tcp tcp-connect", "TCP"));
	assert_true(str_word_is("tcp tcp-connect", "tcp-connect"));
	assert_false(str_word_is("tcp tcp-connect", "tcp-"));
	assert_false(str_word_is("tcp tcp-connect", "connect"));
	assert_false(str_word_is("tcp", ""));
	assert_false(str_word_is("", "tcp"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copies),	 cmocka_unit_test(test_questions),
		cmocka_unit_test(test_escape),	 cmocka_unit_test(test_escape_without_room),
		cmocka_unit_test(test_distance), cmocka_unit_test(test_distance_of_long_words),
		cmocka_unit_test(test_nearest),	 cmocka_unit_test(test_word_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
