/* SPDX-License-Identifier: MIT */
/* State words. */

#include "filter/states.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>

static diag_states read_words(const char *const *words, int used)
{
	diag_states states = 0x77777777;
	char *copy[8] = { NULL };

	for (int i = 0; words[i]; i++)
		copy[i] = (char *)(uintptr_t)words[i];
	assert_int_equal(filter_states(copy, &states, NULL), used);
	return states;
}

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static void words_add_and_remove_in_order(void **state)
{
	(void)state;
	assert_int_equal(read_words(WORDS("state", "listening"), 2), STATE_BIT(SOCK_LISTEN));
	assert_int_equal(read_words(WORDS("state", "Fin-Wait-1", "state", "closed", "sport"), 4),
			 STATE_BIT(SOCK_FIN_WAIT1) | STATE_BIT(SOCK_CLOSE));
	assert_int_equal(read_words(WORDS("exclude", "syn-rcv"), 2),
			 STATES_ALL & ~STATE_BIT(SOCK_SYN_RECV));
	assert_int_equal(read_words(WORDS("state", "all", "excl", "big"), 4),
			 STATE_BIT(SOCK_SYN_RECV) | STATE_BIT(SOCK_TIME_WAIT));
	assert_int_equal(read_words(WORDS("state", "bucket"), 2),
			 STATE_BIT(SOCK_SYN_RECV) | STATE_BIT(SOCK_TIME_WAIT));
	assert_int_equal(read_words(WORDS("state", "closed", "exclude", "closed"), 4), 0);
}

static void no_words_change_nothing(void **state)
{
	(void)state;
	assert_int_equal(read_words(WORDS("sport", "=", "22"), 0), 0x77777777);
	assert_int_equal(read_words(WORDS(NULL), 0), 0x77777777);
}

static void wrong_words_are_told(void **state)
{
	char words[][8] = { "state", "listen" };
	char *wrong[] = { words[0], words[1], NULL };
	char *missing[] = { words[0], NULL };
	diag_states states = 0;
	struct err err;

	(void)state;
	assert_int_equal(filter_states(wrong, &states, &err), -EINVAL);
	assert_string_equal(err.text, "ss: wrong state name: listen");
	assert_int_equal(filter_states(missing, &states, &err), -ENODATA);
	assert_string_equal(err.text, "Command line is not complete. Try option \"help\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_add_and_remove_in_order),
		cmocka_unit_test(no_words_change_nothing),
		cmocka_unit_test(wrong_words_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
