/* SPDX-License-Identifier: MIT */
/* Quotes, brackets and escapes: what one word becomes, and where errors point. */

#include "spec/spec.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* The one parameter of TEXT, as in the language's reference. */
static const struct {
	const char *source, *word;
} words[] = {
	{ "TEXT:a\\nb", "a\nb" },
	{ "TEXT:a\\\\nb", "a\\nb" },
	{ "TEXT:\"a,b:c\"", "a,b:c" },
	{ "TEXT:'a,b\\n'", "a,b\n" },
	{ "TEXT:a\\,b\\:c", "a,b:c" },
	{ "TEXT:(a,b)", "(a,b)" },
	{ "TEXT:[a,b]", "[a,b]" },
	{ "TEXT:{a,b}", "{a,b}" },
	{ "TEXT:(\"a,b\")", "(\"a,b\")" },
	{ "TEXT:\"a\\\"b\"", "a\"b" },
	{ "TEXT:a)b", "a)b" },
	{ "TEXT:a]b", "a]b" },
	{ "TEXT:a}b", "a}b" },
	{ "TEXT:(a", "(a" },
	{ "TEXT:[a", "[a" },
	{ "TEXT:{a", "{a" },
	{ "TEXT:a!b", "a!b" },
	{ "TEXT:a=b", "a=b" },
	{ "TEXT:\"a!!b\"", "a!!b" },
	{ "TEXT:'a!!b'", "a!!b" },
	{ "TEXT:a\\!!b", "a!!b" },
	{ "TEXT:a!\\!b", "a!!b" },
	{ "TEXT:(a!!b)", "(a!!b)" },
	{ "TEXT:", "" },
	{ "TEXT:\"\"", "" },
	{ "TEXT:''", "" },

	/* quotes in the middle, levels side by side */
	{ "TEXT:a\"b,c\"d", "ab,cd" },
	{ "TEXT:a'b,c'd", "ab,cd" },
	{ "TEXT:'a'\"b\"c", "abc" },
	{ "TEXT:\"a\"'\"'\"b\"", "a\"b" },
	{ "TEXT:a'\"'b", "a\"b" },
	{ "TEXT:\"it\\'s\"", "it's" },
	{ "TEXT:'it\\'s'", "it's" },
	{ "TEXT:\"(a\\)b\"", NULL }, /* an escaped bracket closes nothing */

	/* nesting: inner quotes and brackets stay, outer quotes go */
	{ "TEXT:\"a'b,c'd\"", "a'b,c'd" },
	{ "TEXT:\"(a,'b:c')\"", "(a,'b:c')" },
	{ "TEXT:((a,b),[c,{d,e}])", "((a,b),[c,{d,e}])" },
	{ "TEXT:(a]b)", "(a]b)" },
	{ "TEXT:[(a,]b)c]", "[(a,]b)c]" },
	{ "TEXT:(a\\)b)", "(a)b)" },
	{ "TEXT:('a)b')", "('a)b')" },
	{ "TEXT:'(a'", "(a" },
	{ "TEXT:'\"'", "\"" },
	{ "TEXT:(a(b", "(a(b" },

	/* escapes */
	{ "TEXT:\\a\\b\\f\\n\\r\\t\\v", "\a\b\f\n\r\t\v" },
	{ "TEXT:\\x41\\z", "x41z" },
	{ "TEXT:'\\\\'", "\\" },
	{ "TEXT:\"\\\\\"", "\\" },
	{ "TEXT:\\ a", " a" },
	{ "TEXT: a b ", " a b " },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		auto_spec spec = { 0 };
		struct err err = { 0 };
		int r = spec_parse(words[i].source, &spec, &err);

		print_message("%s\n", words[i].source);
		if (!words[i].word) {
			assert_int_equal(r, -EINVAL);
			continue;
		}
		assert_int_equal(r, 0);
		assert_int_equal(spec.n, 1);
		assert_string_equal(spec.single[0].keyword.text, "TEXT");
		assert_int_equal(spec.single[0].n_params, 1);
		assert_int_equal(spec.single[0].n_options, 0);
		assert_string_equal(spec.single[0].params[0].text, words[i].word);
		assert_int_equal(spec.single[0].params[0].len, strlen(words[i].word));
		assert_int_equal(spec.single[0].params[0].at, strlen("TEXT:"));
		assert_int_equal(spec.single[0].params[0].width,
				 strlen(words[i].source) - strlen("TEXT:"));
	}
}

static void test_nul(void **state)
{
	auto_spec spec = { 0 };
	struct err err = { 0 };

	(void)state;
	assert_int_equal(spec_parse("TEXT:a\\0b", &spec, &err), 0);
	assert_int_equal(spec.single[0].params[0].len, 3);
	assert_memory_equal(spec.single[0].params[0].text, "a\0b", 4);
}

/* What is never closed, and the column of its beginning. */
static const struct {
	const char *source;
	int column;
} unfinished[] = {
	{ "TEXT:a'b", 6 },
	{ "TEXT:a\"b", 6 },
	{ "TEXT:\"it's\"", 8 },
	{ "TEXT:\"(a\"", 8 }, /* the bracket swallows the quote, which opens another */
	{ "TEXT:\"(a", 6 },
	{ "TEXT:\"a\\\"", 5 },
	{ "TEXT:'a\\'", 5 },
	{ "TEXT:(a'b)", 7 },
	{ "TEXT:(a\"b)", 7 },
	{ "TEXT:a\\", 6 },
	{ "TEXT:'a\\", 7 },
	{ "TEXT:\"a\\", 7 },
	{ "TEXT:(a\\", 7 },
	{ "\\", 0 },
	{ "'", 0 },
	{ "\"", 0 },
	{ "TEXT:a,b\\", 8 },
	{ "TEXT:a,b='", 9 },
	{ "TEXT:a!!TEXT:\"", 13 },
};

static void test_unfinished(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unfinished); i++) {
		struct spec spec = { .n = 4711 };
		struct err err = { 0 };

		print_message("%s\n", unfinished[i].source);
		assert_int_equal(spec_parse(unfinished[i].source, &spec, &err), -EINVAL);
		assert_int_equal(err.code, -EINVAL);
		assert_int_equal(err.column, unfinished[i].column);
		assert_int_equal(err.length, 1);
		assert_non_null(strstr(err.text, "unexpected end of address \""));
		assert_int_equal(spec.n, 4711);
	}
}

/* A command line for EXEC; at most five words. */
static const struct {
	const char *source;
	const char *words[6];
} commands[] = {
	{ "", { NULL } },
	{ "   ", { NULL } },
	{ "a", { "a" } },
	{ "a b", { "a", "b" } },
	{ "  a   b  ", { "a", "b" } },
	{ "a 'b c' d", { "a", "b c", "d" } },
	{ "a \"b c\"d", { "a", "b cd" } },
	{ "a x'b c'", { "a", "xb c" } },
	{ "a '' \"\" b", { "a", "", "", "b" } },
	{ "a b\\ c", { "a", "b c" } },
	{ "a (b c) [d e]", { "a", "(b c)", "[d e]" } },
	{ "a (b c", { "a", "(b c" } },
	{ "sh -c \"exit 3\"", { "sh", "-c", "exit 3" } },
	{ "a,b:c=d!!e f", { "a,b:c=d!!e", "f" } }, /* no separators here */
	{ "a\tb\nc", { "a\tb\nc" } },		   /* only spaces separate */
	{ "a \\t", { "a", "\t" } },
};

static void test_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		struct err err = { 0 };
		char **split = NULL;
		size_t n = 0;

		print_message("%s\n", commands[i].source);
		assert_int_equal(spec_split_command(commands[i].source, &split, &err), 0);
		for (; commands[i].words[n]; n++) {
			assert_non_null(split[n]);
			assert_string_equal(split[n], commands[i].words[n]);
		}
		assert_null(split[n]);
		spec_words_free(split);
	}
	spec_words_free(NULL);
}

static void test_bad_commands(void **state)
{
	static const struct {
		const char *source;
		int column;
	} bad[] = { { "a 'b", 2 }, { "a b\"c d", 3 }, { "a b c\\", 5 }, { "'", 0 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct err err = { 0 };
		char **split = NULL;

		print_message("%s\n", bad[i].source);
		assert_int_equal(spec_split_command(bad[i].source, &split, &err), -EINVAL);
		assert_int_equal(err.column, bad[i].column);
		assert_non_null(strstr(err.text, "unexpected end of command line"));
		assert_null(split);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_unfinished),
		cmocka_unit_test(test_commands),
		cmocka_unit_test(test_bad_commands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
