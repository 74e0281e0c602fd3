/* SPDX-License-Identifier: MIT */
/* Which sessions may share a process: none that starts programs or changes it.  And those
 * that do, from the arrival to the end: how many, what is told, what is given back. */

#include "relay/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "task/signals.h"

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>

static const struct addr_context context = { .program = "socat", .env_prefix = "SOCAT_" };

static const struct {
	const char *left, *right;
	bool suits;
} cases[] = {
	{ "TCP-LISTEN:1,fork", "TCP:h:1", true },
	{ "TCP-LISTEN:1", "TCP:h:1", false }, /* one session only */
	{ "TCP:h:1,fork", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork,isolate", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork!!STDOUT", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork", "EXEC:x", false },
	{ "TCP-LISTEN:1,fork", "STDIN!!SYSTEM:x", false },
	{ "TCP-LISTEN:1,fork", "TCP:h:1,chdir=/", false },
	{ "TCP-LISTEN:1,fork,umask=077", "TCP:h:1", false },
	{ "TCP-LISTEN:1,fork,su=0", "TCP:h:1", false },

	/* what carries an address counts, however deep */
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=UNIX:s", true },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=UNIX:s)", true },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(EXEC:x)", false },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=(PIPE!!EXEC:x))", false },
	{ "TCP-LISTEN:1,fork", "SOCKS5::h:1,via=(PROXY::h:1,via=(UNIX:s,chdir=/))", false },
};

static void test_suits(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct address_pair pair[2] = { 0 };
		struct err err = { 0 };

		print_message("%s %s\n", cases[i].left, cases[i].right);
		assert_int_equal(address_parse(cases[i].left, &context, &pair[0], &err), 0);
		assert_int_equal(address_parse(cases[i].right, &context, &pair[1], &err), 0);
		assert_int_equal(engine_suits(pair), cases[i].suits);
		address_done(&pair[0]);
		address_done(&pair[1]);
	}
}

enum { BLOCK = 1024, SOON = 20000, MOST = 4 };

/* An engine whose sessions are started by the test, from pairs of sockets; what they say
 * comes back through a pipe. */
static struct {
	struct relay_options options;
	struct address_pair pair[2];
	struct pump_plan plan;
	struct stock stock;
	struct engine engine;
	struct opening opening;
	struct listener listener;
	struct err err;
	struct timer timer;
	int peer[MOST];
	size_t descriptors;
	int ended, lines, counted;
	enum relay_failure failure;
	uint64_t bytes; /* that the last counts told, left to right */
} bench;

static size_t open_descriptors(void)
{
	DIR *folder = opendir("/proc/self/fd");
	size_t n = 0;

	assert_non_null(folder);
	while (readdir(folder))
		n++;
	(void)closedir(folder);
	return n;
}

static int finish(struct opening *o, struct arrival *a, struct stream **ret)
{
	(void)o;
	*ret = stream_new_socket(a->fd, a->fd, END_SHUTDOWN);
	(*ret)->shut = SHUT_DOWN;
	a->fd = -1;
	return 0;
}

static const struct listener_ops ops = { .finish = finish };

static void on_ended(void *unused, const struct relay_result *result, const struct err *err)
{
	(void)unused;
	bench.ended++;
	bench.failure = result->failure;
	if (result->failure != RELAY_FINE)
		bench.err = *err;
}

static void on_counts(void *unused, const struct flow_count *right, const struct flow_count *left)
{
	(void)unused;
	assert_non_null(right);
	assert_non_null(left);
	bench.counted++;
	bench.bytes = right->bytes;
}

/* Lines about a limit that is reached. */
static void on_log(void *unused, enum log_level level, const char *text)
{
	(void)unused;
	if (level <= LEVEL_NOTICE && strstr(text, "waiting"))
		bench.lines++;
}

static void open_engine(const char *right)
{
	const struct relay_hooks hooks = { .ended = on_ended, .counts = on_counts };

	memset(&bench, 0, sizeof(bench));
	bench.options = (struct relay_options){ .address = context, .hooks = hooks };
	bench.options.address.block_size = BLOCK;
	assert_int_equal(address_parse("UNIX-LISTEN:x,fork", &context, &bench.pair[0], &bench.err),
			 0);
	assert_int_equal(address_parse(right, &context, &bench.pair[1], &bench.err), 0);
	bench.plan = (struct pump_plan){ .closing_wait = -1, .idle_limit = -1 };
	for (int i = 0; i < 2; i++)
		bench.plan.flow[i] = (struct flow_plan){
			.number = i + 1, .wanted = true,
			.source = &bench.pair[i].part[0].settings,
			.block_size = BLOCK, .bulk_size = BLOCK,
		};
	stock_init(&bench.stock, 2 * BLOCK + 1);
	log_open(on_log, NULL, LEVEL_NOTICE);
	bench.descriptors = open_descriptors();
	assert_int_equal(engine_open(&bench.engine, &bench.options, bench.pair, &bench.plan,
				     &bench.stock, &bench.err), 0);
	bench.listener = (struct listener){ .ops = &ops, .fd = -1 };
	bench.opening = (struct opening){
		.address = &bench.pair[0].part[0], .context = &bench.options.address,
		.wanted = DIR_BOTH, .err = &bench.err,
	};
	assert_int_equal(opening_begin(&bench.opening), 0);
	for (size_t i = 0; i < MOST; i++)
		bench.peer[i] = -1;
}

/* Nothing stays behind. */
static int close_engine(void **state)
{
	(void)state;
	for (size_t i = 0; i < MOST; i++)
		if (bench.peer[i] >= 0)
			(void)close(bench.peer[i]);
	engine_close(&bench.engine);
	assert_int_equal(bench.engine.n_sessions, 0);
	assert_int_equal(open_descriptors(), bench.descriptors);
	assert_int_equal(bench.stock.lent_ducts, 0);
	stock_done(&bench.stock);
	for (size_t i = 0; i < 2; i++)
		address_done(&bench.pair[i]);
	log_open(NULL, NULL, LEVEL_FATAL);
	return 0;
}

static void turn_until_quiet(void)
{
	for (int turns = 0; loop_turn(0) > 0; turns++)
		assert_true(turns < 1000);
}

static void arrive(size_t i)
{
	struct arrival arrival = { .fd = -1 };
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	arrival.fd = fds[0];
	bench.peer[i] = fds[1];
	assert_int_equal(engine_serve(&bench.engine, &bench.opening, &bench.listener, &arrival), 0);
	assert_int_equal(arrival.fd, -1);
	turn_until_quiet();
}

static void leave(size_t i)
{
	(void)close(take_fd(&bench.peer[i]));
	turn_until_quiet();
}

static void test_sessions(void **state)
{
	char data[8];
	int ended;

	(void)state;
	open_engine("PIPE");
	for (size_t i = 0; i < MOST; i++)
		arrive(i);
	assert_int_equal(bench.engine.n_sessions, MOST);
	assert_int_equal(bench.engine.n_openings, 0);
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(write(bench.peer[i], "hello", i + 1), i + 1);
	turn_until_quiet();
	for (size_t i = 0; i < MOST; i++)
		assert_int_equal(recv(bench.peer[i], data, sizeof(data), MSG_DONTWAIT), i + 1);
	for (size_t i = 0; i < MOST / 2; i++)
		leave(i);
	assert_int_equal(bench.engine.n_sessions, MOST - MOST / 2);
	assert_int_equal(bench.ended, MOST / 2);
	assert_int_equal(bench.failure, RELAY_FINE);
	assert_int_equal(bench.engine.total[0].bytes, 1 + 2);
	assert_int_equal(bench.counted, 0); /* nobody asked */
	ended = bench.ended;
	engine_close(&bench.engine); /* what is still open ends without being told */
	assert_int_equal(bench.ended, ended);
	assert_int_equal(recv(bench.peer[MOST - 1], data, 1, MSG_DONTWAIT), 0);
}

static void on_time(struct timer *timer)
{
	(void)timer;
	if (bench.engine.n_sessions)
		leave(bench.engine.n_sessions - 1);
	bench.engine.n_openings = 0;
}

/* Goes on as soon as something has ended. */
static void wait_for_slot(int max)
{
	bench.timer.ring = on_time;
	timer_set(&bench.timer, clock_after(SOON));
	assert_int_equal(engine_wait_for_slot(&bench.engine, max), 0);
	assert_int_equal(bench.timer.place, 0); /* not before */
}

static void test_ceiling(void **state)
{
	(void)state;
	open_engine("PIPE");
	bench.engine.files = 6;
	bench.engine.ceiling = 3;
	assert_int_equal(engine_wait_for_slot(&bench.engine, 0), 0); /* at once */
	arrive(0);
	assert_int_equal(bench.engine.ceiling, 2); /* a socket and a pipe are three descriptors */
	assert_int_equal(engine_wait_for_slot(&bench.engine, 0), 0);
	assert_int_equal(bench.lines, 0);
	for (int i = 0; i < 3; i++) {
		arrive(1);
		wait_for_slot(0);
		assert_int_equal(bench.engine.n_sessions, 1);
		assert_int_equal(bench.lines, 1); /* once is enough */
	}
	leave(0);
	arrive(0);
	arrive(1);
	wait_for_slot(0);
	assert_int_equal(bench.lines, 2); /* after half of them had ended it is news */
}

static void test_max_children(void **state)
{
	(void)state;
	open_engine("PIPE");
	for (int i = 1; i <= 2; i++) {
		arrive(0);
		assert_int_equal(engine_wait_for_slot(&bench.engine, 2), 0);
		wait_for_slot(1);
		assert_int_equal(bench.engine.n_sessions, 0);
		assert_int_equal(bench.lines, i);
	}
}

static void test_most_openings(void **state)
{
	(void)state;
	open_engine("PIPE");
	bench.engine.n_openings = 100 * 1000;
	wait_for_slot(0);
	assert_int_equal(bench.lines, 1);
}

/* As many descriptors as there may be; how many sessions that makes. */
static void test_file_limit(void **state)
{
	struct rlimit before, limit;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	open_engine("PIPE");
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(limit.rlim_cur, limit.rlim_max);
	assert_int_equal(bench.stock.most_ducts, MIN(limit.rlim_max / 32, (rlim_t)STOCK_DUCTS));
	assert_int_equal(bench.engine.ceiling,
			 (limit.rlim_max - 64 - 2 * bench.stock.most_ducts) / 2);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
}

/* The counts of each session that moves data, then of all that there were. */
static void test_counts(void **state)
{
	(void)state;
	open_engine("PIPE");
	bench.options.statistics = true;
	for (size_t i = 0; i < 2; i++) {
		arrive(i);
		assert_int_equal(write(bench.peer[i], "hello", 5), 5);
	}
	turn_until_quiet();
	leave(0);
	assert_int_equal(bench.counted, 1); /* at its end */
	assert_int_equal(bench.bytes, 5);
	assert_int_equal(raise(SIGUSR1), 0);
	turn_until_quiet();
	assert_int_equal(bench.counted, 3);
	assert_int_equal(bench.bytes, 10);
}

/* It is tried again on a fiber of its own; meanwhile others go on, and it is no session
 * that moves data. */
static void test_opening_that_waits(void **state)
{
	(void)state;
	open_engine("UNIX-CONNECT:/nowhere/socket,retry=1,interval=0.05");
	bench.options.statistics = true;
	arrive(0);
	assert_int_equal(bench.engine.n_openings, 1);
	assert_int_equal(raise(SIGUSR1), 0);
	turn_until_quiet();
	assert_int_equal(bench.counted, 1); /* the total */
	while (!bench.ended)
		assert_int_equal(loop_turn(CLOCK_NEVER), 1);
	assert_int_equal(bench.failure, RELAY_NOT_OPENED);
	assert_non_null(strstr(bench.err.text, "/nowhere/socket"));
	assert_int_equal(bench.engine.n_openings, 0);
	assert_int_equal(bench.engine.n_sessions, 0);
	assert_int_equal(bench.counted, 1); /* there is nothing to tell of it */
}

static void break_it(void *unused, const struct stream *left, const struct stream *right)
{
	(void)unused;
	(void)left;
	(void)close(right->rfd);
}

/* Both are open, but cannot be watched. */
static void test_pump_that_does_not_start(void **state)
{
	(void)state;
	open_engine("PIPE");
	bench.options.hooks.starting = break_it;
	arrive(0);
	assert_int_equal(bench.ended, 1);
	assert_int_equal(bench.failure, RELAY_NOT_OPENED);
	assert_string_equal(bench.err.text, "epoll_ctl(): Bad file descriptor");
	assert_int_equal(bench.engine.n_sessions, 0);
	assert_int_equal(bench.engine.n_openings, 0);
}

static int open_signals(void **state)
{
	(void)state;
	signals_note(SIGUSR1);
	return signals_open();
}

#define TEST(name) cmocka_unit_test_teardown(name, close_engine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_suits),
		TEST(test_sessions),
		TEST(test_ceiling),
		TEST(test_max_children),
		TEST(test_most_openings),
		TEST(test_file_limit),
		TEST(test_counts),
		TEST(test_opening_that_waits),
		TEST(test_pump_that_does_not_start),
	};

	return cmocka_run_group_tests(tests, open_signals, NULL);
}
