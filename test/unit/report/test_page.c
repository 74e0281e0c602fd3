/* SPDX-License-Identifier: MIT */
/* The layout: widths, stretching, blanks, and where pages end. */

#include "report/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static const struct page_column columns[] = {
	{ ALIGN_LEFT, 0, false },
	{ ALIGN_RIGHT, 1, false },
	{ ALIGN_LEFT, 0, true },
	{ ALIGN_LEFT, 0, false },
};

/* What the page writes, read back from a pipe. */
struct paper {
	struct output output;
	struct page page;
	int reading;
};

static struct paper *begin(size_t screen)
{
	struct paper *paper = calloc(1, sizeof(*paper));
	int ends[2];

	assert_non_null(paper);
	assert_int_equal(pipe(ends), 0);
	paper->reading = ends[0];
	output_init(&paper->output, ends[1]);
	page_init(&paper->page, &paper->output, columns, ARRAY_SIZE(columns), screen);
	return paper;
}

static void put(struct paper *paper, const char *string)
{
	struct text text = page_text(&paper->page);

	text_put(&text, string);
	page_put(&paper->page, &text);
}

static void put_row(struct paper *paper, const char *a, const char *b, const char *c, const char *d)
{
	page_begin_row(&paper->page);
	put(paper, a);
	put(paper, b);
	put(paper, c);
	put(paper, d);
	page_end_row(&paper->page);
}

static void end_with(struct paper *paper, const char *expected)
{
	char written[1024];
	ssize_t len;

	page_write(&paper->page);
	assert_int_equal(output_flush(&paper->output), 0);
	(void)close(paper->output.fd);
	len = read(paper->reading, written, sizeof(written) - 1);
	assert_true(len >= 0);
	written[len] = '\0';
	assert_string_equal(written, expected);
	(void)close(paper->reading);
	page_done(&paper->page);
	output_done(&paper->output);
	free(paper);
}

static void compact_columns_are_as_wide_as_their_longest_text(void **state)
{
	struct paper *paper = begin(0);

	(void)state;
	put_row(paper, "Head", "Addr:", "Port", "");
	put_row(paper, "a", "10.0.0.1:", "1", "");
	end_with(paper, "Head     Addr:Port\n"
			"a    10.0.0.1:1\n");
}

static void the_last_details_are_not_measured(void **state)
{
	struct paper *paper = begin(0);

	(void)state;
	put_row(paper, "a", "b", "c", " short");
	put_row(paper, "a", "b", "c", "");
	put_row(paper, "a", "b", "c", " the longest");
	end_with(paper, "a bc short\n"
			"a bc      \n"
			"a bc the longest\n");
}

static void a_missing_text_leaves_the_one_before_it_last(void **state)
{
	struct paper *paper = begin(0);

	(void)state;
	put_row(paper, "a", "b", "c", "d");
	page_begin_row(&paper->page);
	put(paper, "a");
	put(paper, "b");
	put(paper, "longest");
	page_end_row(&paper->page);
	end_with(paper, "a bcd\n"
			"a blongest \n");
}

static void a_screen_is_filled_to_its_last_column(void **state)
{
	struct paper *paper = begin(20);

	(void)state;
	put_row(paper, "Head", "Addr:", "Port", "");
	put_row(paper, "a", "b:", "1", "");
	/* 4 + 6 + 4 leave 6: two more for each. */
	end_with(paper, "Head     Addr:Port  \n"
			"a           b:1     \n");
}

static void widths_are_spread_over_screen_lines(void **state)
{
	static const struct {
		size_t screen, before[4], after[4];
	} rows[] = {
		{ 20, { 5, 6, 4, 0 }, { 6, 8, 6, 0 } },	 /* the rest goes to the right */
		{ 15, { 5, 6, 4, 0 }, { 5, 6, 4, 0 } },	 /* exactly full */
		{ 11, { 5, 6, 4, 0 }, { 5, 6, 11, 0 } }, /* the third begins a new line */
		{ 12, { 5, 6, 4, 3 }, { 5, 7, 6, 6 } },	 /* both lines are filled */
		{ 4, { 9, 2, 0, 3 }, { 4, 4, 0, 4 } },	 /* nothing is wider than the screen */
		{ 10, { 0, 0, 0, 0 }, { 0, 0, 0, 0 } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t widths[4];

		memcpy(widths, rows[i].before, sizeof(widths));
		page_stretch(widths, ARRAY_SIZE(widths), rows[i].screen);
		assert_memory_equal(widths, rows[i].after, sizeof(widths));
	}
}

static void texts_are_cut_at_65535_bytes(void **state)
{
	struct paper *paper = begin(0);
	struct text text;

	(void)state;
	page_begin_row(&paper->page);
	text = page_text(&paper->page);
	for (int i = 0; i < 70000; i++)
		text_byte(&text, 'x');
	assert_int_equal(text_len(&text), 65535);
	text_bytes(&text, "more", 4);
	text_format(&text, "%d", 42);
	text_unsigned(&text, 42);
	assert_int_equal(text_len(&text), 65535);
	end_with(paper, "");
}

/* A block has room for 1048560 bytes; the row that begins the fifth is the
 * last of its page. */
static void a_page_ends_with_the_row_that_begins_the_fifth_block(void **state)
{
	enum { TEXT = 65532, PER_BLOCK = 15 }; /* 16 * 65534 would be too much */
	struct paper *paper = begin(0);
	int pipe_end = paper->output.fd, rows = 0;

	(void)state;
	paper->output.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(paper->output.fd >= 0);
	do {
		struct text text;

		page_begin_row(&paper->page);
		text = page_text(&paper->page);
		memset(text.start, 'x', TEXT);
		text.at = text.start + TEXT;
		page_put(&paper->page, &text);
		for (int i = 0; i < 3; i++)
			put(paper, "");
		page_end_row(&paper->page);
		rows++;
	} while (paper->page.used && rows < 1000);
	assert_int_equal(paper->page.full_blocks, 0);
	assert_int_equal(rows, 4 * PER_BLOCK + 1);
	(void)output_flush(&paper->output);
	(void)close(paper->output.fd);
	paper->output.fd = pipe_end;
	end_with(paper, "");
}

static void numbers_are_written_as_they_are(void **state)
{
	char space[64];
	struct text text = { .start = space, .at = space, .end = space + sizeof(space) };

	(void)state;
	text_unsigned(&text, UINT64_MAX);
	text_byte(&text, ' ');
	text_signed(&text, INT64_MIN);
	text_byte(&text, ' ');
	text_hex(&text, 0xbeef);
	text_byte(&text, '|');
	text_padded(&text, -1, 4);
	text_byte(&text, '|');
	text_byte(&text, '\0');
	assert_string_equal(space, "18446744073709551615 -9223372036854775808 beef|-1  |");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_columns_are_as_wide_as_their_longest_text),
		cmocka_unit_test(the_last_details_are_not_measured),
		cmocka_unit_test(a_missing_text_leaves_the_one_before_it_last),
		cmocka_unit_test(a_screen_is_filled_to_its_last_column),
		cmocka_unit_test(widths_are_spread_over_screen_lines),
		cmocka_unit_test(texts_are_cut_at_65535_bytes),
		cmocka_unit_test(a_page_ends_with_the_row_that_begins_the_fifth_block),
		cmocka_unit_test(numbers_are_written_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
