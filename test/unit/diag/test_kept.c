/* SPDX-License-Identifier: MIT */
/* Messages that wait come back as they were put, or it is known that they do not. */

#include "diag/kept.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <string.h>

enum { MANY = 1000, LONGEST = 7 };

static void messages_come_back_in_their_order(void **state)
{
	static const char bytes[] = "abcdefgh";
	auto_kept kept;
	const void *message;
	size_t len;

	(void)state;
	kept_init(&kept, 0);
	assert_false(kept_next(&kept, &message, &len));
	for (size_t i = 0; i < MANY; i++)
		kept_put(&kept, bytes, i % LONGEST);
	assert_false(kept_is_full(&kept));
	for (size_t i = 0; i < MANY; i++) {
		assert_true(kept_next(&kept, &message, &len));
		assert_int_equal(len, i % LONGEST);
		assert_memory_equal(message, bytes, len);
	}
	assert_false(kept_next(&kept, &message, &len));
}

/* What is there ends at a message that was cut. */
static void too_much_is_noticed(void **state)
{
	auto_kept kept;
	const void *message;
	size_t len;

	(void)state;
	kept_init(&kept, 2 * (sizeof(uint32_t) + 3) + sizeof(uint32_t) + 1);
	kept_put(&kept, "one", 3);
	kept_put(&kept, "two", 3);
	assert_false(kept_is_full(&kept));
	kept_put(&kept, "six", 3);
	assert_true(kept_is_full(&kept));
	for (size_t i = 0; i < 2; i++) {
		assert_true(kept_next(&kept, &message, &len));
		assert_memory_equal(message, i ? "two" : "one", len);
	}
	assert_false(kept_next(&kept, &message, &len));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_back_in_their_order),
		cmocka_unit_test(too_much_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
