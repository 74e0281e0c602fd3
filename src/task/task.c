/* SPDX-License-Identifier: MIT */
/*
 * Who waits, and how; see task.h.
 *
 *	no loop is open		poll(2) on the descriptor and the signals
 *	on the thread's stack	turns the loop until the descriptor is ready
 *	on a fiber		asks the loop to be woken and suspends itself
 */

#include "task/task.h"

#include "base/log.h"
#include "task/fiber.h"
#include "task/loop.h"
#include "task/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

static _Thread_local int64_t deadline = CLOCK_NEVER;
static _Thread_local const bool *is_spared;

int64_t task_deadline(int64_t moment)
{
	int64_t previous = deadline;

	deadline = moment;
	return previous;
}

/* What belongs to whoever is running, while somebody else runs. */
struct personal {
	int64_t deadline;
	unsigned int softness;
	const bool *is_spared;
};

static struct personal put_aside(void)
{
	struct personal own = { task_deadline(CLOCK_NEVER), log_soften(0), is_spared };

	is_spared = NULL;
	return own;
}

static void take_again(struct personal personal)
{
	deadline = personal.deadline;
	(void)log_soften(personal.softness);
	is_spared = personal.is_spared;
}

void task_spare(const bool *spared)
{
	is_spared = spared;
}

static bool is_cancelled(void)
{
	return signals_ending() && !(is_spared && *is_spared);
}

/* One who waits with a loop: for a descriptor, a signal, a moment. */
struct waiter {
	struct watch watch;
	struct ear ear;
	struct timer timer;
	struct fiber *fiber; /* NULL: turns the loop itself */
	short events;
	bool ready, signalled, late;
};

static void wake_up(struct waiter *w)
{
	struct personal personal;

	if (!w->fiber)
		return;
	personal = put_aside();
	fiber_resume(w->fiber);
	take_again(personal);
}

static void on_ready(struct watch *watch)
{
	struct waiter *w = link_owner(watch, struct waiter, watch);

	if (!(watch->ready & (w->events | POLLERR | POLLHUP)))
		return;
	w->ready = true;
	wake_up(w);
}

static void on_signal(struct ear *ear)
{
	struct waiter *w = link_owner(ear, struct waiter, ear);

	w->signalled = true;
	wake_up(w);
}

static void on_moment(struct timer *timer)
{
	struct waiter *w = link_owner(timer, struct waiter, timer);

	w->late = true;
	wake_up(w);
}

/* Until something is known. */
static int suspend(struct waiter *w)
{
	struct personal personal = put_aside();
	int r = 0;

	if (w->fiber)
		fiber_suspend();
	else
		while (r >= 0 && !w->ready && !w->signalled && !w->late)
			r = loop_turn(CLOCK_NEVER);
	take_again(personal);
	return r < 0 ? r : 0;
}

static int wait_with_loop(int fd, short events, int64_t moment)
{
	struct waiter w = {
		.watch = { .fd = -1, .wake = on_ready },
		.ear = { .hear = on_signal },
		.timer = { .ring = on_moment },
		.fiber = fiber_current(),
		.events = events,
	};
	int r = fd < 0 ? 0 : watch_open(&w.watch, fd);

	if (r < 0)
		return r;
	w.ready = w.watch.ready != 0; /* a regular file */
	if (!w.ready) {
		ear_open(&w.ear);
		timer_set(&w.timer, moment);
		r = suspend(&w);
		timer_set(&w.timer, CLOCK_NEVER);
		ear_close(&w.ear);
	}
	watch_close(&w.watch);
	if (r < 0)
		return r;
	return w.ready ? 1 : w.late ? -ETIMEDOUT : 0;
}

static int wait_with_poll(int fd, short events, int64_t moment)
{
	struct pollfd set[] = {
		{ .fd = fd, .events = events },
		{ .fd = signals_fd(), .events = POLLIN },
	};
	int n;

	n = poll(set, ARRAY_SIZE(set), clock_poll_timeout(moment));
	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0)
		return -ETIMEDOUT;
	if (set[1].revents)
		signals_collect();
	if (set[0].revents & POLLNVAL)
		return -EBADF;
	return set[0].revents != 0;
}

/* One wait: on the descriptor, on signals, until the moment.  1: the descriptor is
 * ready; 0: a signal came; else -errno. */
static int wait_once(int fd, short events, int64_t moment)
{
	if (is_cancelled())
		return -ECANCELED;
	if (loop_is_open())
		return wait_with_loop(fd, events, moment);
	return wait_with_poll(fd, events, moment);
}

int task_wait(int fd, short events)
{
	int r;

	do
		r = wait_once(fd, events, deadline);
	while (r == 0);
	return r < 0 ? r : 0;
}

int task_sleep(int64_t microseconds)
{
	int64_t end = clock_after(microseconds);
	int r;

	do
		r = wait_once(-1, 0, MIN(end, deadline));
	while (r == 0);
	return r == -ETIMEDOUT && end <= deadline ? 0 : r;
}

int task_wait_signal(void)
{
	return wait_once(-1, 0, deadline);
}

int task_wait_signal_until(int64_t moment)
{
	int r = wait_once(-1, 0, moment);

	return r == -ETIMEDOUT ? 0 : r;
}

int task_turn(void)
{
	struct personal personal = put_aside();
	int r = signals_ending() ? -ECANCELED : loop_turn(CLOCK_NEVER);

	take_again(personal);
	return r < 0 ? r : 0;
}

/* A task that begins. */
struct beginning {
	void (*fn)(void *arg);
	void *arg;
};

static void begin(void *context)
{
	struct beginning b = *(const struct beginning *)context;

	deadline = CLOCK_NEVER;
	is_spared = NULL;
	b.fn(b.arg);
}

int task_start(void (*fn)(void *arg), void *arg)
{
	struct beginning b = { fn, arg };
	struct personal personal = put_aside();
	int r = fiber_start(begin, &b);

	take_again(personal);
	return r;
}

/* A call on its way on another thread. */
struct offload {
	task_fn *fn;
	void *arg;
	int result;
	int done_fd;
};

static void *offload_main(void *context)
{
	struct offload *job = context;

	job->result = job->fn(job->arg);
	/* What is done is done: a result that exists is not thrown away. */
	(void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	(void)eventfd_write(job->done_fd, 1);
	return NULL;
}

/* The helper thread takes no signals: they belong to the waiting one. */
static int start_without_signals(pthread_t *thread, struct offload *job)
{
	sigset_t all, saved;
	int r;

	(void)sigfillset(&all);
	(void)pthread_sigmask(SIG_SETMASK, &all, &saved);
	r = pthread_create(thread, NULL, offload_main, job);
	(void)pthread_sigmask(SIG_SETMASK, &saved, NULL);
	return -r;
}

int task_offload(task_fn *fn, void *arg)
{
	struct offload job = { .fn = fn, .arg = arg };
	auto_close int done_fd = -1;
	void *how = NULL;
	pthread_t thread;
	int r;

	if (signals_fd() < 0 && deadline == CLOCK_NEVER && !fiber_current())
		return fn(arg);

	done_fd = eventfd(0, EFD_CLOEXEC);
	if (done_fd < 0)
		return -errno;
	job.done_fd = done_fd;
	r = start_without_signals(&thread, &job);
	if (r < 0)
		return r;
	r = task_wait(done_fd, POLLIN);
	if (r < 0)
		(void)pthread_cancel(thread);
	(void)pthread_join(thread, &how);
	/* A call that ended just before it could be cancelled has opened or found
	 * something, which belongs to the caller now. */
	return how == PTHREAD_CANCELED ? r : job.result;
}
