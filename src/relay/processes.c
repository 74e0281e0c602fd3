/* SPDX-License-Identifier: MIT */
/*
 * The processes of an engine: workers that serve the same listener beside it, and the
 * heir that goes on with its sessions when it ends.
 *
 * A worker begins with nothing.  An heir begins with everything: it has the descriptors,
 * and the kernel's table of what is watched, which is the parent's as well until that has
 * closed it.  What a fork does not take along are threads (task_offload, fiber_thread.c),
 * so it waits until no session is being opened; a signal has cancelled those.
 */

#include "relay/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "task/child.h"
#include "task/signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Those that live: the number of another one may be a stranger's. */
void engine_tell_workers(const struct engine *engine, int signo)
{
	for (size_t i = 0; i < engine->n_workers; i++)
		if (child_lives(engine->workers[i]))
			(void)kill(engine->workers[i], signo);
}

/* A worker begins with an empty loop, and does not live longer than the listener. */
static int begin_worker(struct engine *engine, pid_t parent)
{
	int r;

	engine->is_worker = true;
	engine->n_workers = 0;
	ear_close(&engine->ear);
	engine->tidy.place = 0;
	loop_forget();
	r = loop_open();
	if (r < 0)
		return r;
	ear_open(&engine->ear);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	return getppid() == parent ? 0 : -ECHILD; /* it has ended meanwhile */
}

int engine_fork_workers(struct engine *engine, int n, struct err *err)
{
	pid_t parent = getpid(), pid;

	engine->workers = mem_new((size_t)n, sizeof(pid_t));
	while (--n > 0) {
		pid = child_fork(CHILD_SESSION);
		if (pid == 0)
			pid = begin_worker(engine, parent);
		if (pid < 0)
			return err_set(err, pid, "fork(): %s", err_reason(pid));
		if (pid == 0)
			return 0;
		engine->workers[engine->n_workers++] = pid;
	}
	log_notice("%zu more processes serve sessions", engine->n_workers);
	return 0;
}

/* Until the last one has ended, or the next signal comes. */
static void finish_sessions(struct engine *engine)
{
	while ((engine->n_sessions || child_count(CHILD_SESSION)) && !signals_ending())
		if (loop_turn(CLOCK_NEVER) < 0)
			break;
}

/* Their threads are not taken along by a fork. */
static void finish_openings(const struct engine *engine)
{
	while (engine->n_openings)
		if (loop_turn(CLOCK_NEVER) < 0)
			break;
}

/* 1: this is the process that goes on. */
static int fork_for_sessions(struct engine *engine)
{
	pid_t pid = child_fork(CHILD_SESSION);

	if (pid < 0)
		return pid;
	engine_bequeath(engine, pid ? pid : getpid());
	if (pid > 0) {
		log_notice("process %d goes on with %zu sessions", (int)pid, engine->n_sessions);
		engine_let_go(engine);
		return 0;
	}
	engine->n_workers = 0;
	return loop_inherit() < 0 ? 0 : 1;
}

bool engine_outlive(struct engine *engine)
{
	int signo = signals_ending();
	bool survive = engine->options->sessions_survive && !engine->is_worker;

	finish_openings(engine);
	/* Workers whose parent exits are told by the kernel; once is enough. */
	if (engine->is_worker)
		(void)prctl(PR_SET_PDEATHSIG, 0);
	if (!survive)
		engine_tell_workers(engine, signo ? signo : SIGTERM);
	if ((!engine->n_sessions && (survive || !engine->n_workers)) ||
	    (signo && signals_from_terminal()))
		return false;
	if (survive && fork_for_sessions(engine) <= 0)
		return false;
	signals_go_on(0);
	finish_sessions(engine);
	if (!signals_ending() && !engine->options->sessions_survive && !engine->is_worker)
		signals_go_on(signo);
	return engine->options->sessions_survive || engine->is_worker;
}
