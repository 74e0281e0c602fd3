/* SPDX-License-Identifier: MIT */
/* The grammar above the words: parameters, options, dual addresses, limits. */

#include "spec/spec.h"

#include "base/buf.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* The tree as text: words in <>, a missing value as -. */
static char *print(const struct spec *spec)
{
	auto_buf out = { 0 };

	for (size_t i = 0; i < spec->n; i++) {
		const struct spec_single *s = &spec->single[i];

		buf_format(&out, "%s<%s>", i ? " !! " : "", s->keyword.text);
		for (size_t k = 0; k < s->n_params; k++)
			buf_format(&out, ":<%s>", s->params[k].text);
		for (size_t k = 0; k < s->n_options; k++) {
			const struct spec_option *o = &s->options[k];

			buf_format(&out, ",<%s>", o->name.text);
			if (o->has_value)
				buf_format(&out, "=<%s>", o->value.text);
		}
	}
	return buf_take(&out);
}

static const struct {
	const char *source, *tree;
} trees[] = {
	{ "", "<>" },
	{ "-", "<->" },
	{ "STDIO", "<STDIO>" },
	{ "TCP:host:80", "<TCP>:<host>:<80>" },
	{ "TCP::", "<TCP>:<>:<>" },
	{ "TCP:[::1]:80", "<TCP>:<[::1]>:<80>" },
	{ "/tmp/x", "</tmp/x>" },
	{ "/tmp/a\\:b", "</tmp/a:b>" },
	{ "5", "<5>" },

	/* options: commas alone are nothing, "=" alone is an empty value */
	{ "A,b", "<A>,<b>" },
	{ "A,b=", "<A>,<b>=<>" },
	{ "A,b=c", "<A>,<b>=<c>" },
	{ "A,b=c=d", "<A>,<b>=<c=d>" },
	{ "A,b=c:d", "<A>,<b>=<c:d>" },
	{ "A,,,b,,", "<A>,<b>" },
	{ "A,", "<A>" },
	{ ",", "<>" },
	{ "A,\"\"", "<A>" },
	{ "A,b='c,d'", "<A>,<b>=<c,d>" },
	{ "A,b=(c,d),e", "<A>,<b>=<(c,d)>,<e>" },
	{ "A,'b=c'=d", "<A>,<b=c>=<d>" },
	{ "A,b:c=d", "<A>,<b:c>=<d>" },
	{ "A:p,b", "<A>:<p>,<b>" },
	{ "A,b:p", "<A>,<b:p>" }, /* after options there are no parameters */
	{ "A,range=[::1]/128", "<A>,<range>=<[::1]/128>" },

	/* dual addresses, each with its own options */
	{ "A!!B", "<A> !! <B>" },
	{ "A:1,b=2!!C:3,d=4", "<A>:<1>,<b>=<2> !! <C>:<3>,<d>=<4>" },
	{ "A,b!!C", "<A>,<b> !! <C>" },
	{ "!!", "<> !! <>" },
	{ "A!!", "<A> !! <>" },
	{ "!!B", "<> !! <B>" },
	{ "A!!!B", "<A> !! <!B>" },
	{ "A!B", "<A!B>" },
	{ "A\\!!B!!C", "<A!!B> !! <C>" },
};

static void test_trees(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(trees); i++) {
		auto_spec spec = { 0 };
		auto_free char *tree = NULL;
		struct err err = { 0 };

		print_message("%s\n", trees[i].source);
		assert_int_equal(spec_parse(trees[i].source, &spec, &err), 0);
		tree = print(&spec);
		assert_string_equal(tree, trees[i].tree);
		assert_string_equal(spec.source, trees[i].source);
	}
}

static void test_places(void **state)
{
	auto_spec spec = { 0 };
	const struct spec_single *s = &spec.single[1];
	struct err err = { 0 };

	(void)state;
	assert_int_equal(spec_parse("-!!TCP:\"h\":80,bind='x'", &spec, &err), 0);
	assert_int_equal(s->at, 3);
	assert_int_equal(s->width, strlen("TCP:\"h\":80"));
	assert_int_equal(s->keyword.at, 3);
	assert_int_equal(s->keyword.width, 3);
	assert_int_equal(s->params[0].at, 7);
	assert_int_equal(s->params[0].width, 3); /* with its quotes */
	assert_int_equal(s->params[1].at, 11);
	assert_int_equal(s->options[0].name.at, 14);
	assert_int_equal(s->options[0].name.width, 4);
	assert_int_equal(s->options[0].value.at, 19);
	assert_int_equal(s->options[0].value.width, 3);
}

static const struct {
	const char *source;
	int column, length;
	const char *text;
} errors[] = {
	{ "A!!B!!C", 4, 2, "more than one \"!!\"" },
	{ "!!!!", 2, 2, "more than one \"!!\"" },
	{ "A,=b", 2, 1, "option name missing before \"=\"" },
	{ "A,''=b", 4, 1, "option name missing before \"=\"" },
	{ "A,b,=", 4, 1, "option name missing before \"=\"" },
};

static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct spec spec = { .n = 4711 };
		struct err err = { 0 };

		print_message("%s\n", errors[i].source);
		assert_int_equal(spec_parse(errors[i].source, &spec, &err), -EINVAL);
		assert_int_equal(err.column, errors[i].column);
		assert_int_equal(err.length, errors[i].length);
		assert_non_null(strstr(err.text, errors[i].text));
		assert_int_equal(spec.n, 4711);
	}
}

/* head, a piece so many times, tail */
static char *repeat(const char *head, const char *piece, size_t count, const char *tail)
{
	auto_buf out = { 0 };

	buf_put_text(&out, head);
	for (size_t i = 0; i < count; i++)
		buf_put_text(&out, piece);
	buf_put_text(&out, tail);
	return buf_take(&out);
}

/* The largest count that is fine; one more is too much. */
static const struct {
	const char *head, *piece, *tail;
	size_t fine;
	const char *text;
} limits[] = {
	{ "", "k", "", 511, "keyword too long (more than 511 bytes)" },
	{ "TEXT:", "p", "", 511, "address parameter too long (more than 511 bytes)" },
	{ "TEXT:", "p", ":q,o=v", 511, "address parameter too long" },
	{ "TEXT:'", "p", "'", 511, "address parameter too long" },
	{ "TEXT:", "\\n", "", 511, "address parameter too long" },
	{ "TEXT:(", "p", ")", 509, "address parameter too long" }, /* brackets count */
	{ "A,", "o", "=v", 2047, "option name too long (more than 2047 bytes)" },
	{ "A,o=", "v", "", 2047, "option value too long (more than 2047 bytes)" },
	{ "A,o='", "v", "'", 2047, "option value too long" },
	{ "A", ":p", "", 64, "too many parameters (more than 64)" },
	{ "A", ",o", "", 1024, "too many options (more than 1024)" },
	{ "A", ",,o=v,", "", 1024, "too many options" },
	{ "A:", "(", "", 128, "nested too deeply (more than 128 levels)" },
	{ "A:", "[", "", 128, "nested too deeply" },
	{ "A,o=\"", "{", "\"", 0, NULL }, /* never closed: an error of another kind */
};

static void test_limits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		auto_free char *fine = repeat(limits[i].head, limits[i].piece, limits[i].fine,
					      limits[i].tail);
		auto_free char *much = repeat(limits[i].head, limits[i].piece,
					      limits[i].fine + 1, limits[i].tail);
		auto_spec spec = { 0 };
		struct err err = { 0 };

		print_message("%s%s...\n", limits[i].head, limits[i].piece);
		assert_int_equal(spec_parse(fine, &spec, &err), 0);
		spec_done(&spec);
		assert_int_equal(spec_parse(much, &spec, &err), limits[i].text ? -E2BIG : -EINVAL);
		assert_true(err.column >= 0);
		if (limits[i].text)
			assert_non_null(strstr(err.text, limits[i].text));
	}
}

/* The place of a word that is too long is the word, as far as it was read. */
static void test_limit_place(void **state)
{
	auto_free char *text = repeat("TEXT:", "p", 600, "");
	struct spec spec;
	struct err err = { 0 };

	(void)state;
	assert_int_equal(spec_parse(text, &spec, &err), -E2BIG);
	assert_int_equal(err.column, 5);
	assert_true(err.length >= 511 && err.length <= 600);
}

/* A megabyte of one text over and over: an answer or one error, soon. */
static const struct {
	const char *head, *text;
	int code;
} huge[] = {
	{ "", "K", -E2BIG },	  { "OPEN:", "x", -E2BIG },	 { "TCP", ":1", -E2BIG },
	{ "-", ",", 0 },	  { "-", ",nonblock", -E2BIG },	 { "-,user=", "u", -E2BIG },
	{ "OPEN:", "(", -E2BIG }, { "OPEN:", "\"(", -E2BIG },	 { "EXEC:'", "\"", -E2BIG },
	{ "-", "!!-", -EINVAL },  { "OPEN:", "\\", -E2BIG },	 { "", "\xff\x01,\x7f=", -E2BIG },
	{ "", "[]", -E2BIG },	  { "OPEN:x,", ",,=", -EINVAL }, { "-,a=", "\\0", -E2BIG },
};

static void test_huge(void **state)
{
	enum { MEGABYTE = 1 << 20 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(huge); i++) {
		struct err err = { 0 };
		auto_spec spec = { 0 };
		auto_buf source = { 0 };
		auto_free char *text = NULL;

		print_message("%s%s...\n", huge[i].head, huge[i].text);
		buf_put_text(&source, huge[i].head);
		while (source.len < MEGABYTE)
			buf_put_text(&source, huge[i].text);
		text = buf_take(&source);
		assert_int_equal(spec_parse(text, &spec, &err), huge[i].code);
		assert_int_equal(err.text[0] != '\0', huge[i].code != 0);
	}
}

static void test_done(void **state)
{
	struct spec spec = { 0 };
	struct err err = { 0 };

	(void)state;
	spec_done(&spec);
	assert_int_equal(spec_parse("A:b,c=d!!E", &spec, &err), 0);
	spec_done(&spec);
	assert_int_equal(spec.n, 0);
	assert_null(spec.source);
	spec_done(&spec);

	/* err may be missing */
	assert_int_equal(spec_parse("'", &spec, NULL), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_trees),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_limit_place),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
