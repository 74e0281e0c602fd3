/* SPDX-License-Identifier: MIT */
/* Numbers as text are what printf makes of them. */

#include "report/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROUNDS = 200000, ROOM = 512 };

static void check(void (*put)(struct text *text, double value), double value, const char *expected)
{
	char ours[ROOM];
	struct text text = { ours, ours, ours + sizeof(ours) - 1 };

	put(&text, value);
	*text.at = '\0';
	assert_string_equal(ours, expected);
}

/* A macro, so that the compiler sees the format. */
#define compare(put, format, value)                                           \
	do {                                                                  \
		double value_ = (value);                                      \
		char theirs_[ROOM];                                           \
		(void)snprintf(theirs_, sizeof(theirs_), (format), (value_)); \
		check((put), value_, theirs_);                                \
	} while (0)

static void rates_are_printfs(void **state)
{
	(void)state;
	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		double tie = rand() % 200000 / 200.0, any = rand() / 1e6;

		compare(text_three_digits, "%.3g", tie);
		compare(text_three_digits, "%.3g", any);
		compare(text_rounded, "%.0f", tie * 100);
		compare(text_rounded, "%.0f", any * rand());
	}
	compare(text_rounded, "%.0f", 1e300);
	compare(text_rounded, "%.0f", -1.5);
	compare(text_three_digits, "%.3g", 999.5);
	compare(text_three_digits, "%.3g", 0);
}

static void thousandths(struct text *text, double value)
{
	text_thousandths(text, (uint32_t)(value * 1000 + 0.5));
}

static void thousandths_are_printfs(void **state)
{
	(void)state;
	for (int i = 0; i < 2000000; i += i < 20000 ? 1 : 7)
		compare(thousandths, "%g", i / 1000.0);
}

static void fractions(struct text *text, double value)
{
	text_fraction(text, (uint32_t)(value * 256), 256);
}

static void fractions_are_printfs(void **state)
{
	(void)state;
	for (int i = 0; i < 20000; i++)
		compare(fractions, "%g", i / 256.0);
}

static void a_full_text_takes_what_fits(void **state)
{
	char space[8] = "......";
	struct text text = { space, space, space + 4 };

	(void)state;
	text_unsigned(&text, 1234567890);
	assert_int_equal(text_len(&text), 4);
	assert_memory_equal(space, "1234..", 6);
}

static void every_length_of_number(void **state)
{
	char ours[ROOM], theirs[ROOM];

	(void)state;
	for (uint64_t value = 1; value < UINT64_MAX / 10; value = value * 10 + value % 7) {
		struct text text = { ours, ours, ours + sizeof(ours) - 1 };

		text_unsigned(&text, value);
		*text.at = '\0';
		(void)snprintf(theirs, sizeof(theirs), "%llu", (unsigned long long)value);
		assert_string_equal(ours, theirs);
	}
}

/* Numbers of all sizes, each size as often as any other, and those around powers of ten. */
static void whole_numbers_are_printfs(void **state)
{
	uint64_t power = 1;

	(void)state;
	srand(2);
	for (int i = 0; i < ROUNDS; i++) {
		uint64_t any = (uint64_t)rand() << 40 ^ (uint64_t)rand() << 20 ^ (uint64_t)rand();
		uint64_t value = i % 4 ? any >> rand() % 64 : power + (uint64_t)(rand() % 3) - 1;
		char ours[ROOM], theirs[ROOM];
		struct text text = { ours, ours, ours + sizeof(ours) - 1 };

		power = power < UINT64_MAX / 10 ? power * 10 : 1;
		text_unsigned(&text, value);
		text_byte(&text, '|');
		text_padded(&text, (int32_t)value, 6);
		*text.at = '\0';
		(void)snprintf(theirs, sizeof(theirs), "%llu|%-6d", (unsigned long long)value,
			       (int32_t)value);
		assert_string_equal(ours, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates_are_printfs),
		cmocka_unit_test(thousandths_are_printfs),
		cmocka_unit_test(fractions_are_printfs),
		cmocka_unit_test(a_full_text_takes_what_fits),
		cmocka_unit_test(every_length_of_number),
		cmocka_unit_test(whole_numbers_are_printfs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
