/* SPDX-License-Identifier: MIT */
/*
 * The processes of an engine: workers that serve one listener while the first process watches
 * over them, and the heir that goes on with its sessions when it ends.
 *
 * A worker begins with nothing, at any time: the process that forks it has no sessions, which
 * is why it serves none.  An heir begins with everything: it has the descriptors,
 * and the kernel's table of what is watched, which is the parent's as well until that has
 * closed it.  What a fork does not take along are threads (task_offload, fiber_thread.c),
 * so it waits until no session is being opened, and cancels those that take too long.
 */

#include "relay/engine.h"

#include "base/clock.h"
#include "base/log.h"
#include "task/child.h"
#include "task/signals.h"
#include "task/task.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	AT_ONCE = CLOCK_US_PER_S, /* after so short a life it would die again */
	FIRST_PAUSE = CLOCK_US_PER_S / 10,
	LONGEST_PAUSE = 10 * CLOCK_US_PER_S,
	OPENING_TIME = CLOCK_US_PER_S, /* after a signal: for what is being opened */
};

struct worker {
	pid_t pid; /* 0: none is there */
	int64_t begun, due; /* when it was forked; when it is to be, CLOCK_NEVER: never */
	int64_t pause;	    /* before the last one began */
};

/* Those that live: the number of another one may be a stranger's. */
void engine_tell_workers(const struct engine *engine, int signo)
{
	for (size_t i = 0; i < engine->n_workers; i++)
		if (child_lives(engine->workers[i].pid))
			(void)kill(engine->workers[i].pid, signo);
}

static bool a_worker_lives(const struct engine *engine)
{
	for (size_t i = 0; i < engine->n_workers; i++)
		if (child_lives(engine->workers[i].pid))
			return true;
	return false;
}

/* A worker begins with an empty loop, and listens no longer than the first process lives. */
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

/* 1: this is the worker; 0: it was forked; or -errno. */
static int fork_worker(struct engine *engine, struct worker *worker)
{
	pid_t parent = getpid(), pid = child_fork(CHILD_WORKER);
	int r;

	if (pid < 0)
		return pid;
	if (pid > 0) {
		worker->pid = pid;
		worker->begun = clock_now();
		worker->due = CLOCK_NEVER;
		return 0;
	}
	r = begin_worker(engine, parent);
	return r < 0 ? r : 1;
}

/* Those that die at once wait longer and longer. */
static int64_t pause_after(const struct worker *worker)
{
	if (clock_now() - worker->begun >= AT_ONCE)
		return 0;
	return worker->pause ? MIN(worker->pause * 2, (int64_t)LONGEST_PAUSE) : FIRST_PAUSE;
}

/* One that has waited in vain (accept-timeout) has done its duty; any other is missed. */
static void note_end(struct worker *worker, int status)
{
	bool killed = WIFSIGNALED(status);

	if (status != 0) {
		worker->pause = pause_after(worker);
		worker->due = clock_after(worker->pause);
		log_warn("worker process %d ended %s %d; another one begins in %.1f seconds",
			 (int)worker->pid, killed ? "on signal" : "with status",
			 killed ? WTERMSIG(status) : WEXITSTATUS(status),
			 (double)worker->pause / CLOCK_US_PER_S);
	}
	child_forget(worker->pid);
	worker->pid = 0;
}

/* 1: this is the new worker. */
static int look_after(struct engine *engine, struct worker *worker)
{
	int r, status;

	if (worker->pid && child_ended(worker->pid, &status))
		note_end(worker, status);
	if (worker->due > clock_now())
		return 0;
	r = fork_worker(engine, worker);
	if (r >= 0 || engine->is_worker)
		return r;
	log_warn("fork(): %s", err_reason(r));
	worker->due = clock_after(LONGEST_PAUSE);
	return 0;
}

/* 1: this is a new worker; -ETIMEDOUT: none is left that would serve. */
static int watch_over_workers(struct engine *engine)
{
	for (;;) {
		int64_t next = CLOCK_NEVER;
		int r;

		for (size_t i = 0; i < engine->n_workers; i++) {
			struct worker *worker = &engine->workers[i];

			r = look_after(engine, worker);
			if (r != 0)
				return r;
			next = MIN(next, worker->due);
		}
		if (next == CLOCK_NEVER && !a_worker_lives(engine))
			return -ETIMEDOUT;
		r = task_wait_signal_until(next);
		if (r < 0)
			return r;
	}
}

int engine_fork_workers(struct engine *engine, int n, struct err *err)
{
	int r;

	engine->workers = mem_new((size_t)n, sizeof(*engine->workers));
	for (int i = 0; i < n; i++) {
		struct worker *worker = &engine->workers[engine->n_workers++];

		*worker = (struct worker){ .due = CLOCK_NEVER };
		r = fork_worker(engine, worker);
		if (r < 0)
			return err_set(err, r, "fork(): %s", err_reason(r));
		if (r > 0)
			return 0;
	}
	log_notice("%d processes serve sessions", n);
	r = watch_over_workers(engine);
	return r > 0 ? 0 : err_set(err, r, "workers: %s", err_reason(r));
}

void engine_finish_sessions(struct engine *engine)
{
	while ((engine->n_sessions || a_worker_lives(engine)) && !signals_ending())
		if (loop_turn(CLOCK_NEVER) < 0)
			break;
}

/* Openings whose time is over are cancelled as by the signal: all who wait look again. */
static void cancel_openings(int signo)
{
	signals_go_on(signo);
	(void)raise(SIGCHLD);
}

/* Their threads are not taken along by a fork.  False: a second signal came meanwhile. */
static bool finish_openings(struct engine *engine, int signo)
{
	int64_t end = signo ? clock_after(OPENING_TIME) : CLOCK_NEVER;
	bool second;

	if (signo && signals_from_terminal())
		end = 0;
	engine->spares_openings = false;
	signals_go_on(0);
	while (engine->n_openings && !signals_ending() && clock_now() < end)
		if (loop_turn(end) < 0)
			break;
	second = signo && signals_ending();
	if (engine->n_openings && !signals_ending())
		cancel_openings(signo);
	while (engine->n_openings)
		if (loop_turn(CLOCK_NEVER) < 0)
			break;
	if (!signals_ending())
		signals_go_on(signo);
	return !second;
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
	bool all = !finish_openings(engine, signo) || (signo && signals_from_terminal());

	/* Workers whose parent exits are told by the kernel; once is enough. */
	if (engine->is_worker)
		(void)prctl(PR_SET_PDEATHSIG, 0);
	if (!survive)
		engine_tell_workers(engine, signo ? signo : SIGTERM);
	if (all || (!engine->n_sessions && (survive || !a_worker_lives(engine))))
		return false;
	if (survive && fork_for_sessions(engine) <= 0)
		return false;
	signals_go_on(0);
	engine_finish_sessions(engine);
	if (!signals_ending() && !engine->options->sessions_survive && !engine->is_worker)
		signals_go_on(signo);
	return engine->options->sessions_survive || engine->is_worker;
}
