/* SPDX-License-Identifier: MIT */
/* The words of the tutorial and what stands for them; sockets that are there. */

#include "tool/tour.h"

#include "base/clock.h"
#include "base/str.h"
#include "net/address.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static void assert_applied(const struct tour_places *places, const char *text, const char *want)
{
	auto_free char *applied = tour_places_apply(places, text);

	assert_string_equal(applied, want);
}

static void test_words_are_replaced_in_one_pass(void **state)
{
	auto_places places = { .n = 0 };

	(void)state;
	assert_applied(&places, "ss -tln", "ss -tln");
	tour_places_add(&places, "123", "8080");
	tour_places_add(&places, "8080", "40123");
	tour_places_add(&places, "/tmp", "/tmp/new");
	assert_applied(&places, "ss -uln |grep 123", "ss -uln |grep 8080");
	assert_applied(&places, "nc 127.0.0.1 8080", "nc 127.0.0.1 40123");
	assert_applied(&places, "ls /tmp /tmp/a", "ls /tmp/new /tmp/new/a");
	assert_applied(&places, "", "");
}

static void test_mentions_looks_at_commands_only(void **state)
{
	static const struct tour_step steps[] = {
		{ .command = "ss -tln", .see = "port 8080" },
		{ .command = "jobs", .see = "" },
	};
	static const struct tour_section section = { .steps = steps, .n_steps = ARRAY_SIZE(steps) };

	(void)state;
	assert_true(tour_mentions(&section, "tln"));
	assert_false(tour_mentions(&section, "8080"));
}

static void test_each_line_speaks_for_itself(void **state)
{
	static const char tcp[] = "sl local\n"
				  "0: 00000000:1F90 0100007F:0050 01 0\n"
				  "1: 0100007F:0050 00000000:0000 0A 0\n";
	static const char names[] = "Num RefCount Protocol Flags Type St Inode Path\n"
				    "000000001a: 3 0 00000000 0002 03 16\n"
				    "000000001b: 2 0 00000000 0001 01 17 /tmp/bound\n"
				    "000000001c: 2 0 00010000 0001 01 18 /tmp/listens\n"
				    "000000001d: 3 0 00000000 0001 03 19\n"
				    "000000001e: 2 0 00000000 0002 01 20 /tmp/datagrams\n"
				    "000000001f: 2 0 00010000 0001 01 21";

	(void)state;
	assert_false(tour_is_listed(tcp, "tcp 8080"));
	assert_true(tour_is_listed(tcp, "tcp 80"));
	assert_false(tour_is_listed(names, "unix /tmp/bound"));
	assert_true(tour_is_listed(names, "unix /tmp/listens"));
	assert_true(tour_is_listed(names, "unix /tmp/datagrams"));
	assert_false(tour_is_listed(names, "unix /tmp/listen"));
}

/* Binds a loopback socket to a free port and tells its name as in the steps. */
static int bind_free(int family, int type, const char *kind, char *what, size_t size)
{
	struct net_address address;
	int fd = socket(family, type, 0);

	assert_true(fd >= 0);
	net_address_any(&address, family, 0);
	assert_int_equal(bind(fd, &address.any, address.len), 0);
	assert_int_equal(net_address_local(fd, &address), 0);
	(void)snprintf(what, size, "%s %ld", kind, net_address_port(&address));
	return fd;
}

/* As the tour does: sockets that come and go beside it can hide one for a moment. */
static bool is_seen(const char *what)
{
	int64_t limit = clock_after(10 * CLOCK_US_PER_S);

	while (!tour_listens(what)) {
		if (clock_now() > limit)
			return false;
		(void)sched_yield();
	}
	return true;
}

static void test_tcp_listens_only_after_listen(void **state)
{
	char what[32];
	auto_close int fd = bind_free(AF_INET, SOCK_STREAM, "tcp", what, sizeof(what));

	(void)state;
	assert_false(tour_listens(what));
	assert_int_equal(listen(fd, 1), 0);
	assert_true(is_seen(what));
}

static void test_udp_listens_until_it_has_a_peer(void **state)
{
	char what[32];
	auto_close int fd = bind_free(AF_INET, SOCK_DGRAM, "udp", what, sizeof(what));
	struct net_address address;

	(void)state;
	assert_true(is_seen(what));
	assert_int_equal(net_address_local(fd, &address), 0);
	assert_int_equal(connect(fd, &address.any, address.len), 0);
	assert_false(tour_listens(what));
}

/* A stream socket is there when it listens, a datagram socket when it is bound. */
static void check_unix(int type)
{
	char folder[] = "/tmp/sockbox-test.XXXXXX";
	auto_free char *path = NULL, *what = NULL, *shorter = NULL;
	auto_close int fd = socket(AF_UNIX, type, 0);
	struct net_address address;

	assert_non_null(mkdtemp(folder));
	path = str_format("%s/a.sock", folder);
	what = str_format("unix %s", path);
	shorter = str_format("unix %s/a", folder);
	assert_int_equal(net_address_unix(path, true, &address), 0);
	assert_false(tour_listens(what));
	assert_int_equal(bind(fd, &address.any, address.len), 0);
	if (type == SOCK_STREAM) {
		assert_false(tour_listens(what));
		assert_int_equal(listen(fd, 1), 0);
	}
	assert_true(is_seen(what));
	assert_false(tour_listens(shorter));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(rmdir(folder), 0);
}

static void test_unix_path_is_compared_whole(void **state)
{
	(void)state;
	check_unix(SOCK_DGRAM);
	check_unix(SOCK_STREAM);
}

static void test_every_step_can_be_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < tour_sections_count; i++) {
		for (size_t j = 0; j < tour_sections[i].n_steps; j++) {
			const struct tour_step *step = &tour_sections[i].steps[j];

			assert_true(strlen(step->command) > 0 && strlen(step->see) > 0);
			assert_true(step->shows[0] || step->hides || step->listens);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_are_replaced_in_one_pass),
		cmocka_unit_test(test_mentions_looks_at_commands_only),
		cmocka_unit_test(test_each_line_speaks_for_itself),
		cmocka_unit_test(test_tcp_listens_only_after_listen),
		cmocka_unit_test(test_udp_listens_until_it_has_a_peer),
		cmocka_unit_test(test_unix_path_is_compared_whole),
		cmocka_unit_test(test_every_step_can_be_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
