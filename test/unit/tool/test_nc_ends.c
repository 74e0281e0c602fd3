/* SPDX-License-Identifier: MIT */
/* The rules of nc's relay: which ends are gone after which events, and when
 * that is the end of it all. */

#include "tool/nc_ends.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

/* Ends that are gone, as letters: i(n) w(rite) r(ead) o(ut). */
static const char letters[NC_ENDS + 1] = "iwro";

static struct nc_ends make(const char *gone, size_t to_net, size_t to_out, const char *flags)
{
	struct nc_ends e = { .to_net = to_net,
			     .to_out = to_out,
			     .listening = strchr(flags, 'l') != NULL,
			     .shut_at_eof = strchr(flags, 'N') != NULL,
			     .resting = strchr(flags, 'i') != NULL };

	for (size_t i = 0; i < NC_ENDS; i++)
		e.gone[i] = strchr(gone, letters[i]) != NULL;
	return e;
}

static void assert_gone(const struct nc_ends *e, const char *gone)
{
	char text[NC_ENDS + 1] = "";

	for (size_t i = 0, n = 0; i < NC_ENDS; i++)
		if (e->gone[i])
			text[n++] = letters[i];
	assert_string_equal(text, gone);
}

static void test_done(void **state)
{
	static const struct {
		const char *gone;
		size_t to_net, to_out;
		const char *flags;
		bool done;
	} rows[] = {
		{ "", 0, 0, "", false },   { "i", 0, 0, "", false },
		{ "r", 0, 0, "", false }, /* a client waits for its stdin */
		{ "ir", 0, 0, "", true }, /* rule 1 */
		{ "ir", 1, 0, "", false }, { "ir", 0, 1, "", false },
		{ "wo", 0, 0, "", true }, /* rule 2 */
		{ "wo", 5, 5, "", true },  { "iw", 0, 0, "", false },
		{ "ro", 0, 0, "", false }, { "r", 0, 0, "l", true }, /* rule 3 */
		{ "r", 1, 0, "l", false }, { "r", 0, 1, "l", false },
		{ "i", 0, 0, "l", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nc_ends e =
			make(rows[i].gone, rows[i].to_net, rows[i].to_out, rows[i].flags);

		assert_int_equal(nc_ends_done(&e), rows[i].done);
	}
}

static void test_trouble(void **state)
{
	enum { REST = NC_SHUT_READ, TELL = NC_SHUT_WRITE };
	static const struct {
		const char *flags;
		short events[NC_ENDS]; /* in, net write, net read, out */
		const char *gone;
		unsigned int actions;
	} rows[] = {
		{ "", { POLLIN, POLLOUT, POLLIN, POLLOUT }, "", 0 },
		{ "", { POLLHUP, 0, 0, 0 }, "i", 0 },
		{ "", { POLLNVAL, 0, 0, 0 }, "i", 0 },
		{ "", { POLLIN | POLLHUP, 0, 0, 0 }, "", 0 }, /* the rest is read first */
		{ "", { 0, 0, POLLHUP, 0 }, "r", 0 },
		{ "", { 0, 0, POLLIN | POLLERR, 0 }, "", 0 },
		{ "", { 0, 0, POLLERR, 0 }, "r", 0 },
		{ "", { 0, POLLERR, 0, 0 }, "iw", 0 }, /* unsent stdin is of no use */
		{ "", { 0, POLLHUP, 0, 0 }, "iw", 0 },
		{ "N", { 0, POLLHUP, 0, 0 }, "iw", TELL },
		{ "N", { 0, POLLERR | POLLHUP, 0, 0 }, "iw", 0 },
		{ "", { 0, 0, 0, POLLERR }, "ro", REST },
		{ "", { 0, 0, POLLIN, POLLHUP }, "ro", REST },
		{ "N", { 0, POLLHUP, POLLHUP, POLLERR }, "iwro", TELL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nc_ends e = make("", 3, 3, rows[i].flags);

		assert_int_equal(nc_ends_trouble(&e, rows[i].events), rows[i].actions);
		assert_gone(&e, rows[i].gone);
	}
}

static void test_settle(void **state)
{
	static const struct {
		const char *before;
		size_t to_net, to_out;
		const char *flags;
		const char *after;
		unsigned int actions;
	} rows[] = {
		{ "", 0, 0, "N", "", 0 },
		{ "i", 0, 0, "", "iw", 0 },
		{ "i", 0, 0, "N", "iw", NC_SHUT_WRITE },
		{ "i", 9, 0, "N", "i", 0 },   /* first what was read */
		{ "i", 0, 0, "iN", "i", 0 },  /* first the pause */
		{ "iw", 0, 0, "N", "iw", 0 }, /* told only once */
		{ "r", 0, 0, "", "ro", 0 },
		{ "r", 0, 9, "", "r", 0 },
		{ "w", 9, 0, "", "iw", 0 },
		{ "o", 0, 9, "", "ro", NC_SHUT_READ },
		{ "ir", 0, 0, "N", "iwro", NC_SHUT_WRITE },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct nc_ends e =
			make(rows[i].before, rows[i].to_net, rows[i].to_out, rows[i].flags);

		assert_int_equal(nc_ends_settle(&e), rows[i].actions);
		assert_gone(&e, rows[i].after);
	}
}

/* Whatever happens in whatever order, an end never comes back, and a relay
 * whose four ends are gone is over. */
static void test_ends_do_not_come_back(void **state)
{
	static const short events[] = { 0, POLLIN, POLLOUT, POLLERR, POLLHUP, POLLIN | POLLHUP };

	(void)state;
	for (unsigned int n = 0; n < 6 * 6 * 6 * 6; n++) {
		struct nc_ends e = make(n % 2 ? "i" : "", n % 3, n % 5, n % 7 ? "N" : "l");
		const short p[NC_ENDS] = { events[n % 6], events[n / 6 % 6], events[n / 36 % 6],
					   events[n / 216 % 6] };
		struct nc_ends before = e;

		(void)nc_ends_trouble(&e, p);
		(void)nc_ends_settle(&e);
		for (size_t i = 0; i < NC_ENDS; i++)
			assert_true(e.gone[i] || !before.gone[i]);
		if (e.gone[NC_IN] && e.gone[NC_NW] && e.gone[NC_NR] && e.gone[NC_OUT])
			assert_true(nc_ends_done(&e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_done),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_settle),
		cmocka_unit_test(test_ends_do_not_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
