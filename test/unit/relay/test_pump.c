/* SPDX-License-Identifier: MIT */
/* Both directions, on real sockets.  epoll_wait(2) is counted on its way to the kernel:
 * a pump that spins is seen by its rounds, not by its time. */

#include "relay/pump.h"

#include "task/child.h"
#include "task/signals.h"

#include "flood.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

enum { BLOCK = 1024, SOON = 20000, FEW = 12 };

static unsigned int polls;

int epoll_wait(int fd, struct epoll_event *events, int n, int timeout)
{
	polls++;
	return epoll_pwait(fd, events, n, timeout, NULL);
}

/* A pump between two pairs of sockets; the ends of the test are peer[]. */
struct bench {
	struct stream *s[2];
	int peer[2];
	struct settings settings[2];
	struct pump_plan plan;
	struct stock stock;
	struct pump pump;
	void (*counts)(struct pump *pump, void *context);
	void *context;
	struct err err;
};

static struct bench bench;

static int setup(void **state)
{
	struct bench *b = &bench;

	(void)state;
	*b = (struct bench){ .plan = { .closing_wait = -1, .idle_limit = -1 } };
	for (int i = 0; i < 2; i++) {
		int fds[2];

		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
		b->s[i] = stream_new(fds[0], fds[0], END_CLOSE);
		b->s[i]->shut = SHUT_DOWN;
		b->peer[i] = fds[1];
		b->settings[i].escape = -1;
	}
	for (int i = 0; i < 2; i++)
		b->plan.flow[i] = (struct flow_plan){ .number = i + 1, .wanted = true,
						      .source = &b->settings[i],
						      .block_size = BLOCK, .bulk_size = BLOCK };
	stock_init(&b->stock, 2 * BLOCK + 1);
	pump_init(&b->pump, &b->plan, &b->stock, b->s, (struct tap *[2]){ NULL, NULL });
	polls = 0;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = &bench;

	(void)state;
	pump_done(&b->pump);
	stock_done(&b->stock);
	for (int i = 0; i < 2; i++) {
		b->s[i] = stream_free(b->s[i]);
		if (b->peer[i] >= 0)
			(void)close(b->peer[i]);
	}
	return 0;
}

static int run(void)
{
	return pump_run(&bench.pump, bench.counts, bench.context, &bench.err);
}

static void say(int side, const char *text)
{
	assert_int_equal(write(bench.peer[side], text, strlen(text)), strlen(text));
}

static void end(int side)
{
	assert_int_equal(shutdown(bench.peer[side], SHUT_WR), 0);
}

/* What has arrived at a peer by now. */
static void assert_heard(int side, const char *text)
{
	char data[256];
	ssize_t n = recv(bench.peer[side], data, sizeof(data), MSG_DONTWAIT);

	assert_int_equal(n, *text ? (ssize_t)strlen(text) : -1);
	if (*text)
		assert_memory_equal(data, text, strlen(text));
}

static void assert_end_heard(int side)
{
	char byte;

	assert_int_equal(recv(bench.peer[side], &byte, 1, MSG_DONTWAIT), 0);
}

static void test_both_ways(void **state)
{
	(void)state;
	say(0, "to the right");
	end(0);
	say(1, "to the left");
	end(1);
	assert_int_equal(run(), 0);
	assert_heard(1, "to the right");
	assert_heard(0, "to the left");
	assert_end_heard(0);
	assert_end_heard(1);
	assert_true(polls > 0 && polls <= FEW);
}

/* A server that answers only when the question has ended, as another process. */
static void answer_at_the_end(int fd)
{
	char data[256];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, data + len, sizeof(data) - len)) > 0)
		len += (size_t)n;
	(void)!write(fd, data, len);
	_exit(0);
}

static void test_half_close(void **state)
{
	pid_t pid;

	(void)state;
	say(0, "question");
	end(0);
	pid = fork();
	if (pid == 0) {
		(void)close(bench.s[1]->rfd);
		answer_at_the_end(bench.peer[1]);
	}
	(void)close(take_fd(&bench.peer[1]));
	assert_int_equal(run(), 0);
	assert_heard(0, "question");
	assert_end_heard(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

/* -t: after the first end, silence ends the rest. */
static void test_closing_wait(void **state)
{
	(void)state;
	bench.plan.closing_wait = SOON;
	say(0, "x");
	say(1, "y");
	end(0);
	assert_int_equal(run(), 0);
	assert_heard(1, "x");
	assert_end_heard(1);
	assert_heard(0, "y");
	assert_int_equal(bench.pump.flow[0].state, FLOW_SHUT);
	assert_int_equal(bench.pump.flow[1].state, FLOW_OPEN);
	assert_true(polls <= FEW);
}

/* -T: silence at any time. */
static void test_idle_limit(void **state)
{
	(void)state;
	bench.plan.idle_limit = SOON;
	say(0, "x");
	assert_int_equal(run(), 0);
	assert_heard(1, "x");
	assert_int_equal(bench.pump.flow[0].state, FLOW_OPEN);
	assert_true(polls <= FEW);
}

/* A silence that is over before anything happens ends at once. */
static void test_no_silence(void **state)
{
	(void)state;
	bench.plan.idle_limit = 0;
	assert_int_equal(run(), 0);
	assert_true(polls <= FEW);
}

static void test_one_way(void **state)
{
	(void)state;
	bench.pump.runs[1] = false;
	say(1, "not asked for");
	say(0, "x");
	end(0);
	assert_int_equal(run(), 0); /* without waiting for the other side */
	assert_heard(1, "x");
	assert_heard(0, "");
}

/* The right peer never reads, but talks: what it says arrives all the same, and
 * the pump neither spins nor loses what it could not write. */
static void test_stalled_reader(void **state)
{
	const int small = 4096;
	size_t sent, arrived;
	unsigned int rounds;

	(void)state;
	(void)setsockopt(bench.s[1]->wfd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	sent = fill(bench.peer[0]);
	for (int i = 0; i < 20; i++)
		say(1, "a line that has to arrive\n");
	bench.plan.idle_limit = SOON;
	assert_int_equal(run(), 0);
	rounds = polls;
	assert_int_equal(drain(bench.peer[0]), 20 * strlen("a line that has to arrive\n"));

	arrived = drain(bench.peer[1]);
	assert_true(arrived > 0 && arrived < sent);
	/* blocks that moved, and some rounds for what was in the way */
	assert_true(rounds <= arrived / BLOCK + 20 + FEW);

	/* the reader is back: not a byte is missing */
	bench.plan.closing_wait = SOON;
	end(0);
	end(1);
	while (arrived < sent) {
		size_t before = arrived;

		assert_int_equal(run(), 0);
		arrived += drain(bench.peer[1]);
		assert_true(arrived > before);
	}
	assert_int_equal(arrived, sent);
}

static void test_readbytes_both(void **state)
{
	(void)state;
	say(0, "12345");
	say(1, "abcde");
	bench.pump.flow[0].bytes_left = 3;
	bench.pump.flow[1].bytes_left = 2;
	assert_int_equal(run(), 0);
	assert_heard(1, "123");
	assert_heard(0, "ab");
}

/* ignoreeof asks again, but not all the time, and it is no activity. */
static void test_ignoreeof(void **state)
{
	(void)state;
	bench.settings[0].ignoreeof = true;
	bench.pump.runs[1] = false;
	bench.plan.idle_limit = SOON;
	end(0);
	assert_int_equal(run(), 0);
	assert_int_equal(bench.pump.flow[0].state, FLOW_OPEN);
	assert_true(polls <= FEW);
}

/* The other direction has ended: now the end counts, though the kernel tells it only once. */
static void test_ignoreeof_closing(void **state)
{
	(void)state;
	bench.settings[0].ignoreeof = true;
	bench.s[0]->shut = SHUT_NONE;
	end(1);
	assert_int_equal(shutdown(bench.peer[0], SHUT_WR), 0);
	assert_int_equal(run(), 0);
	assert_int_equal(bench.pump.flow[0].state, FLOW_SHUT);
	assert_true(polls <= FEW);
}

/* shut-close closes a descriptor that the other direction reads: what is there
 * passes first, and the closed source is an end, not an error. */
static void test_shut_close(void **state)
{
	(void)state;
	bench.s[1]->shut = SHUT_CLOSE;
	end(0);
	say(1, "the last words");
	assert_int_equal(run(), 0);
	assert_heard(0, "the last words");
	assert_end_heard(0);
}

/* The same the other way round: the first source is closed by the second's end. */
static void test_shut_close_left(void **state)
{
	(void)state;
	bench.s[0]->shut = SHUT_CLOSE;
	end(1);
	say(0, "the last words");
	assert_int_equal(run(), 0);
	assert_heard(1, "the last words");
	assert_end_heard(1);
	assert_true(polls <= FEW);
}

/* Data that was put back is there without poll, the end of one packet too. */
static void test_unread(void **state)
{
	(void)state;
	stream_unread(bench.s[0], "put back", 8);
	bench.s[0]->one_packet = true;
	bench.plan.closing_wait = SOON;
	assert_int_equal(run(), 0);
	assert_heard(1, "put back");
	assert_end_heard(1);
}

/* Blocks of which nothing is left go on with what was put back, whatever the
 * other direction waits for. */
static void test_unread_dropped(void **state)
{
	(void)state;
	(void)fill(bench.s[0]->wfd); /* right to left stalls */
	stream_unread(bench.s[1], "x", 1);
	stream_unread(bench.s[0], "\r\rA", 3);
	bench.plan.flow[0].from_newline = NEWLINE_CRNL;
	bench.pump.flow[0].read_size = 1;
	bench.plan.idle_limit = SOON;
	assert_int_equal(run(), 0);
	assert_heard(1, "A");
}

static void test_gone_reader(void **state)
{
	(void)state;
	say(0, "x");
	(void)close(take_fd(&bench.peer[1]));
	assert_int_equal(run(), -EPIPE);
	assert_non_null(strstr(bench.err.text, "write("));
	assert_non_null(strstr(bench.err.text, "Broken pipe"));
}

/* What the loop needs cannot be had, or not watched. */
static void test_no_descriptor(void **state)
{
	struct rlimit limit, none;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(run(), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_string_equal(bench.err.text, "epoll_create1(): Too many open files");

	(void)close(bench.s[1]->rfd);
	bench.s[1]->rfd = bench.s[1]->wfd = INT_MAX; /* nobody has it */
	assert_int_equal(run(), -EBADF);
	assert_string_equal(bench.err.text, "epoll_ctl(): Bad file descriptor");
	bench.s[1]->end = END_KEEP;
}

static void test_cool_write(void **state)
{
	(void)state;
	bench.s[1]->cool_write = true;
	say(0, "x");
	(void)close(take_fd(&bench.peer[1]));
	assert_int_equal(run(), 0);
}

/* A dead program has left nothing, but somebody keeps its channel open. */
static void test_dead_program(void **state)
{
	pid_t pid = child_fork(CHILD_PROGRAM);

	(void)state;
	if (pid == 0)
		_exit(0);
	assert_int_equal(child_wait(pid), 0);
	bench.s[1]->program = pid;
	say(1, "left behind");
	end(0);
	assert_int_equal(run(), 0);
	assert_heard(0, "left behind");
	child_forget(pid);
	bench.s[1]->program = 0;
}

static void count(struct pump *pump, void *context)
{
	*(uint64_t *)context = pump->flow[0].count.bytes;
}

/* Signals: SIGUSR1 asks for counts, SIGTERM ends.  The last test: the process
 * takes signals from here on. */
static void test_signals(void **state)
{
	uint64_t counted = 4711;

	(void)state;
	assert_int_equal(signals_open(), 0);
	signals_note(SIGUSR1);
	signals_end_on(SIGTERM);
	bench.counts = count;
	bench.context = &counted;
	bench.plan.idle_limit = SOON;
	say(0, "12345");
	assert_int_equal(raise(SIGUSR1), 0);
	assert_int_equal(run(), 0);
	assert_true(counted == 0 || counted == 5); /* whenever it was asked */
	assert_heard(1, "12345");

	bench.plan.idle_limit = -1;
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(run(), -ECANCELED);
	assert_int_equal(signals_ending(), SIGTERM);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_both_ways),	 TEST(test_half_close),	  TEST(test_closing_wait),
		TEST(test_idle_limit),	 TEST(test_no_silence),	  TEST(test_one_way),
		TEST(test_stalled_reader), TEST(test_readbytes_both), TEST(test_ignoreeof),
		TEST(test_ignoreeof_closing), TEST(test_shut_close), TEST(test_shut_close_left),
		TEST(test_unread),	 TEST(test_unread_dropped), TEST(test_gone_reader),
		TEST(test_no_descriptor), TEST(test_cool_write),  TEST(test_dead_program),
		TEST(test_signals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
