/* SPDX-License-Identifier: MIT */
/* Strings of JSON, cells of CSV, order and groups. */

#include "report/csv.h"
#include "report/group.h"
#include "report/json.h"
#include "report/sort.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static char space[4096];

static struct text begin(void)
{
	return (struct text){ space, space, space + sizeof(space) - 1 };
}

static const char *end(struct text *text)
{
	*text->at = '\0';
	return space;
}

struct pair {
	const char *from;
	size_t len;
	const char *to;
};

#define PAIR(from_, to_)                      \
	{                                     \
		from_, sizeof(from_) - 1, to_ \
	}

static void strings_of_json_are_escaped(void **state)
{
	static const struct pair rows[] = {
		PAIR("", "\"\""),
		PAIR("plain", "\"plain\""),
		PAIR("a\"b\\c", "\"a\\\"b\\\\c\""),
		PAIR("\n\0x\x1f", "\"\\u000a\\u0000x\\u001f\""),
		PAIR("\xc3\xa4", "\"\xc3\xa4\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text text = begin();

		json_string(rows[i].from, rows[i].len, &text);
		assert_string_equal(end(&text), rows[i].to);
	}
}

static void foreign_names_are_harmless_and_reversible(void **state)
{
	static const struct pair rows[] = {
		PAIR("plain name", "plain name"),
		PAIR("back\\slash", "back\\\\slash"),
		PAIR("\x1b[31m", "\\x1b[31m"),
		PAIR("a\0b\x7f", "a\\x00b\\x7f"),
		PAIR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
		     "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"),
		PAIR("\xff\xc3", "\\xff\\xc3"),
		PAIR("\xc0\xaf", "\\xc0\\xaf"),			  /* too long */
		PAIR("\xe0\x80\xaf", "\\xe0\\x80\\xaf"),	  /* too long */
		PAIR("\xed\xa0\x80", "\\xed\\xa0\\x80"),	  /* half a pair */
		PAIR("\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"), /* past the last */
		PAIR("\xc2\x9b"
		     "31m",
		     "\\xc2\\x9b"
		     "31m"), /* a control character */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text text = begin();

		field_put_name(rows[i].from, rows[i].len, &text);
		assert_string_equal(end(&text), rows[i].to);
	}
}

static void cells_of_csv_are_quoted_when_they_must_be(void **state)
{
	static const struct pair rows[] = {
		PAIR("", ""),
		PAIR("plain text", "plain text"),
		PAIR("a,b", "\"a,b\""),
		PAIR("say \"hi\"", "\"say \"\"hi\"\"\""),
		PAIR("two\nlines", "\"two\nlines\""),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct text text = begin();

		csv_cell(rows[i].from, rows[i].len, &text);
		assert_string_equal(end(&text), rows[i].to);
	}
}

static void append(void *context, const char *row, size_t len)
{
	text_bytes(context, row, len);
}

static void add_number(struct sort *sort, double number, const char *row)
{
	sort_add(sort, &(struct sort_key){ .kind = SORT_NUMBER, .number = number }, row,
		 strlen(row));
}

static void rows_are_sorted_and_cut(void **state)
{
	static const struct {
		size_t top;
		bool reversed;
		const char *order;
	} rows[] = {
		{ 0, false, "cabd?" },
		{ 0, true, "dabc?" },
		{ 2, false, "ca" },
		{ 1, true, "d" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct sort *sort = sort_new(rows[i].top, rows[i].reversed);
		struct text text = begin();

		sort_add(sort, &(struct sort_key){ .kind = SORT_UNKNOWN }, "?", 1);
		add_number(sort, 5, "a");
		add_number(sort, 5, "b");
		add_number(sort, 9, "c");
		add_number(sort, 1, "d");
		sort_take(sort, append, &text);
		sort_free(sort);
		assert_string_equal(end(&text), rows[i].order);
	}
}

static void texts_are_sorted_from_a_to_z(void **state)
{
	static const char *const words[] = { "b", "", "ab", "a" };
	struct sort *sort = sort_new(0, false);
	struct text text = begin();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		sort_add(sort, &(struct sort_key){ SORT_TEXT, 0, words[i], strlen(words[i]) }, "x",
			 i ? 1 : 0);
	sort_take(sort, append, &text);
	sort_free(sort);
	assert_string_equal(end(&text), "xxx");
}

static void groups_count_and_sum(void **state)
{
	struct sock_record record = { .receive_queue = 2, .send_queue = UINT32_MAX };
	struct groups *groups = groups_new();
	const struct field_group *group;
	char key[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		int len = snprintf(key, sizeof(key), "%d", i % 100);

		groups_add(groups, key, (size_t)len, &record);
	}
	groups_add(groups, "", 0, &record);
	assert_int_equal(groups_count(groups), 101);
	group = groups_get(groups, 42);
	assert_string_equal(group->key, "42");
	assert_int_equal(group->sockets, 10);
	assert_int_equal(group->receive_queue, 20);
	assert_int_equal(group->send_queue, 10ULL * UINT32_MAX);
	groups_free(groups);
}

static void rows_of_fields_are_sound(void **state)
{
	auto_field_list all = { 0 };

	(void)state;
	field_list_everything(&all);
	for (size_t i = 0; i < all.count; i++) {
		const struct field *field = all.fields[i];

		assert_non_null(field->get);
		assert_true(strlen(field->help) > 3);
		assert_ptr_equal(field_find(field->name, strlen(field->name), NULL), field);
		assert_int_equal(field->shape == FIELD_OBJECTS, field->parts_count > 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_of_json_are_escaped),
		cmocka_unit_test(foreign_names_are_harmless_and_reversible),
		cmocka_unit_test(cells_of_csv_are_quoted_when_they_must_be),
		cmocka_unit_test(rows_are_sorted_and_cut),
		cmocka_unit_test(texts_are_sorted_from_a_to_z),
		cmocka_unit_test(groups_count_and_sum),
		cmocka_unit_test(rows_of_fields_are_sound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
