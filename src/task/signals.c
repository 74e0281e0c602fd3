/* SPDX-License-Identifier: MIT */
/* Signals as events; see signals.h.  The only code that runs in handlers is
 * on_signal(): it stores into sig_atomic_t, writes one byte and may kill(2). */

#include "task/signals.h"

#include "task/child.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

enum role { ROLE_NONE, ROLE_NOTE, ROLE_NOTE_OR_END, ROLE_END };

static struct {
	int pipe_read, pipe_write;
	volatile sig_atomic_t ending, from_terminal;
	volatile sig_atomic_t came[NSIG];
	volatile pid_t child[NSIG][SIGNAL_CHILDREN_MAX];
	enum role role[NSIG];
} state = { .pipe_read = -1, .pipe_write = -1 };

static bool forward(int signo)
{
	bool any = false;

	for (size_t i = 0; i < SIGNAL_CHILDREN_MAX; i++) {
		if (state.child[signo][i] > 0) {
			(void)kill(state.child[signo][i], signo);
			any = true;
		}
	}
	return any;
}

static bool is_own_fault(const siginfo_t *info)
{
	int signo = info->si_signo;

	return info->si_code > 0 &&
	       (signo == SIGSEGV || signo == SIGBUS || signo == SIGFPE || signo == SIGILL);
}

static bool ends(const siginfo_t *info)
{
	enum role role = state.role[info->si_signo];

	return role == ROLE_END || (role == ROLE_NOTE_OR_END && info->si_code == SI_KERNEL);
}

static void on_signal(int signo, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	if (is_own_fault(info)) {
		(void)signal(signo, SIG_DFL); /* the instruction repeats and kills */
		return;
	}
	if (!forward(signo)) {
		state.came[signo] = 1;
		if (ends(info) && !state.ending) {
			state.ending = signo;
			state.from_terminal = info->si_code == SI_KERNEL;
		}
	}
	if (write(state.pipe_write, "", 1) < 0)
		errno = saved; /* full: the reader will wake up anyway */
	errno = saved;
}

static void take(int signo, enum role role)
{
	struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO };

	(void)sigfillset(&action.sa_mask);
	state.role[signo] = role;
	(void)sigaction(signo, &action, NULL);
}

static int open_pipe(void)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	state.pipe_read = fds[0];
	state.pipe_write = fds[1];
	return 0;
}

int signals_open(void)
{
	int r;

	r = open_pipe();
	if (r < 0)
		return r;
	(void)signal(SIGPIPE, SIG_IGN);
	take(SIGCHLD, ROLE_NOTE);
	return 0;
}

int signals_reopen(void)
{
	int old_read = state.pipe_read, old_write = state.pipe_write;
	int r;

	if (old_read < 0)
		return 0;
	r = open_pipe();
	(void)close(old_read);
	(void)close(old_write);
	for (size_t i = 0; i < NSIG; i++) {
		state.came[i] = 0;
		for (size_t j = 0; j < SIGNAL_CHILDREN_MAX; j++)
			state.child[i][j] = 0;
	}
	return r;
}

void signals_end_on(int signo)
{
	take(signo, ROLE_END);
}

void signals_note(int signo)
{
	take(signo, ROLE_NOTE);
}

void signals_note_or_end(int signo)
{
	take(signo, ROLE_NOTE_OR_END);
}

void signals_default(int signo)
{
	state.role[signo] = ROLE_NONE;
	(void)signal(signo, SIG_DFL);
}

void signals_reset(void)
{
	(void)signal(SIGPIPE, SIG_DFL);
	for (int signo = 1; signo < NSIG; signo++)
		if (state.role[signo] != ROLE_NONE)
			signals_default(signo);
}

int signals_forward(int signo, pid_t child)
{
	for (size_t i = 0; i < SIGNAL_CHILDREN_MAX; i++) {
		if (state.child[signo][i] == 0) {
			state.child[signo][i] = child;
			if (state.role[signo] == ROLE_NONE)
				take(signo, ROLE_NOTE);
			return 0;
		}
	}
	return -ENOSPC;
}

void signals_forget(pid_t child)
{
	for (size_t i = 0; i < NSIG; i++)
		for (size_t j = 0; j < SIGNAL_CHILDREN_MAX; j++)
			if (state.child[i][j] == child)
				state.child[i][j] = 0;
}

int signals_ending(void)
{
	return state.ending;
}

bool signals_from_terminal(void)
{
	return state.from_terminal;
}

void signals_go_on(int signo)
{
	state.ending = signo;
}

bool signals_take(int signo)
{
	bool came = state.came[signo] != 0;

	state.came[signo] = 0;
	return came;
}

bool signals_came(int signo)
{
	return state.came[signo] != 0;
}

int signals_fd(void)
{
	return state.pipe_read;
}

void signals_collect(void)
{
	char drain[64];

	while (read(state.pipe_read, drain, sizeof(drain)) > 0)
		continue;
	if (signals_take(SIGCHLD))
		child_reap();
}
