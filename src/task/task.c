/* SPDX-License-Identifier: MIT */
/* The direct executor: whoever calls, waits, in poll(2). */

#include "task/task.h"

#include "task/signals.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

static _Thread_local int64_t deadline = CLOCK_NEVER;

int64_t task_deadline(int64_t moment)
{
	int64_t previous = deadline;

	deadline = moment;
	return previous;
}

/* One wait: on the descriptor, on signals, until the moment.  1: the
 * descriptor is ready; 0: a signal came; else -errno. */
static int wait_once(int fd, short events, int64_t moment)
{
	struct pollfd set[] = {
		{ .fd = fd, .events = events },
		{ .fd = signals_fd(), .events = POLLIN },
	};
	int n;

	if (signals_ending())
		return -ECANCELED;

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

	if (signals_fd() < 0 && deadline == CLOCK_NEVER)
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
