/* SPDX-License-Identifier: MIT */
/* What a signal does in each of its roles; each case in a process of its own. */

#include "task/signals.h"

#include "task/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

#define check(question)                        \
	do {                                   \
		if (!(question))               \
			return __LINE__ % 256; \
	} while (0)

static int run_in_child(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(body());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static int pipe_and_defaults(void)
{
	struct sigaction action;

	check(signals_fd() == -1);
	check(signals_open() == 0);
	check(fcntl(signals_fd(), F_GETFD) == FD_CLOEXEC);
	check(fcntl(signals_fd(), F_GETFL) & O_NONBLOCK);
	check(sigaction(SIGPIPE, NULL, &action) == 0 && action.sa_handler == SIG_IGN);
	signals_note(SIGHUP);
	check(sigaction(SIGHUP, NULL, &action) == 0 && !(action.sa_flags & SA_RESTART));
	signals_default(SIGHUP);
	check(sigaction(SIGHUP, NULL, &action) == 0 && action.sa_handler == SIG_DFL);
	return 0;
}

static void test_pipe_and_defaults(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(pipe_and_defaults), 0);
}

/* A flood of signals fills the pipe; nothing blocks, nothing is lost. */
static int flood(void)
{
	struct pollfd p = { .events = POLLIN };

	check(signals_open() == 0);
	signals_note(SIGUSR1);
	for (int i = 0; i < 100000; i++)
		check(raise(SIGUSR1) == 0);
	p.fd = signals_fd();
	check(poll(&p, 1, 0) == 1);
	signals_collect();
	check(poll(&p, 1, 0) == 0);
	check(signals_take(SIGUSR1));
	return 0;
}

static void test_flood(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(flood), 0);
}

static int keeps_errno(void)
{
	check(signals_open() == 0);
	signals_note(SIGUSR1);
	errno = ENOTEMPTY;
	check(raise(SIGUSR1) == 0);
	check(errno == ENOTEMPTY);
	return 0;
}

static void test_handler_keeps_errno(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(keeps_errno), 0);
}

/* Ends by the signal that is passed on to it, and by nothing else; it is ready
 * for it when this returns. */
static pid_t start_victim(void)
{
	int fds[2];
	char byte;
	pid_t pid;

	if (pipe(fds) < 0)
		return -1;
	pid = child_fork(CHILD_PROGRAM);
	if (pid == 0) {
		signals_default(SIGUSR1);
		(void)close(fds[1]);
		for (;;)
			(void)pause();
	}
	(void)close(fds[1]);
	if (read(fds[0], &byte, 1) != 0)
		return -1;
	(void)close(fds[0]);
	return pid;
}

static int forwarded(void)
{
	int status;
	pid_t pid;

	check(signals_open() == 0);
	signals_note(SIGUSR1);
	pid = start_victim();
	check(pid > 0);
	check(signals_forward(SIGUSR1, pid) == 0);
	check(raise(SIGUSR1) == 0);
	check(child_wait(pid) == 0);
	check(child_ended(pid, &status));
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGUSR1);
	check(!signals_take(SIGUSR1));

	/* the child is gone: the next one is ours again */
	check(raise(SIGUSR1) == 0);
	check(signals_came(SIGUSR1));
	check(signals_take(SIGUSR1));
	check(!signals_came(SIGUSR1));
	return 0;
}

static void test_forwarding(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(forwarded), 0);
}

static int places(void)
{
	check(signals_open() == 0);
	for (pid_t pid = 1001; pid <= 1000 + SIGNAL_CHILDREN_MAX; pid++)
		check(signals_forward(SIGUSR1, pid) == 0);
	check(signals_forward(SIGUSR1, 2000) == -ENOSPC);
	check(signals_forward(SIGUSR2, 2000) == 0);
	signals_forget(1002);
	check(signals_forward(SIGUSR1, 2000) == 0);
	check(signals_forward(SIGUSR1, 2001) == -ENOSPC);

	/* a forked process has other children */
	check(signals_reopen() == 0);
	check(signals_forward(SIGUSR1, 2001) == 0);
	return 0;
}

static void test_places_for_forwarding(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(places), 0);
}

static int reopened(void)
{
	int before, status;
	pid_t pid;

	check(signals_open() == 0);
	signals_note(SIGUSR1);
	check(raise(SIGUSR1) == 0);
	before = signals_fd();
	pid = child_fork(CHILD_SESSION);
	if (pid == 0) {
		struct pollfd p = { .fd = signals_fd(), .events = POLLIN };

		/* a pipe of its own, empty, and nothing noted */
		_exit(signals_fd() >= 0 && poll(&p, 1, 0) == 0 && !signals_take(SIGUSR1) ? 0 : 1);
	}
	check(waitpid(pid, &status, 0) == pid && status == 0);
	check(signals_fd() == before);
	check(signals_take(SIGUSR1));
	return 0;
}

static void test_reopened_in_a_child(void **state)
{
	(void)state;
	assert_int_equal(run_in_child(reopened), 0);
}

/* A page that may be touched by nobody: reading it is a fault of our own, with
 * si_code > 0, and kills although SIGSEGV only ends waits. */
static int fault(void)
{
	struct rlimit none = { 0, 0 };
	volatile char *page = mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)setrlimit(RLIMIT_CORE, &none);
	check(signals_open() == 0);
	signals_end_on(SIGSEGV);
	check(raise(SIGSEGV) == 0);
	check(signals_ending() == SIGSEGV);
	return *page;
}

static void test_own_fault_kills(void **state)
{
	int status = run_in_child(fault);

	(void)state;
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSEGV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pipe_and_defaults),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_handler_keeps_errno),
		cmocka_unit_test(test_forwarding),
		cmocka_unit_test(test_places_for_forwarding),
		cmocka_unit_test(test_reopened_in_a_child),
		cmocka_unit_test(test_own_fault_kills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
