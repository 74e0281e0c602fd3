/* SPDX-License-Identifier: MIT */
/* Among packets that nobody wants: how long one looks for one that is wanted. */

#include "stream/wanted.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

/* The state of the stream: so many come before one of 7 bytes; <0: nothing comes. */
static ssize_t read_after(struct stream *s, void *buf, size_t len, bool *ret_again)
{
	int *unwanted = s->state;

	(void)buf;
	(void)len;
	*ret_again = *unwanted > 0;
	return (*unwanted)-- < 0 ? -EAGAIN : 7;
}

static ssize_t look(struct stream *s)
{
	char buf[8];

	return read_wanted(s, buf, sizeof(buf), read_after);
}

static void test_a_few_are_dropped(void **state)
{
	int unwanted = UNWANTED_MAX - 1;
	struct stream s = { .state = &unwanted, .reread_at = 1 };

	(void)state;
	assert_int_equal(look(&s), 7);
	assert_int_equal(s.reread_at, 0);
	assert_int_equal(look(&s), -EAGAIN);
	assert_int_equal(s.reread_at, 0); /* the kernel tells when there is more */
}

static void test_a_flood_pauses(void **state)
{
	int unwanted = UNWANTED_MAX + 3;
	struct stream s = { .state = &unwanted };

	(void)state;
	assert_int_equal(look(&s), -EAGAIN);
	assert_int_equal(unwanted, 3);
	assert_int_not_equal(s.reread_at, 0);
	assert_int_equal(look(&s), 7);
	assert_int_equal(s.reread_at, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_few_are_dropped),
		cmocka_unit_test(test_a_flood_pauses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
