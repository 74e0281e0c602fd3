/* SPDX-License-Identifier: MIT */
/* The loop of a listener; see serve.h. */

#include "relay/serve.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "relay/engine.h"
#include "task/child.h"
#include "task/task.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { SHORTAGE_PAUSE = CLOCK_US_PER_S / 10 };

/* In the child: whatever was opened before belongs to the parent as well. */
static void begin_child(struct attempt *a)
{
	const struct settings *settings = &a->opening.address->settings;
	struct session *session = a->session;

	a->forked = true;
	a->opening.more_attempts = false;
	(void)log_soften((unsigned int)MAX(settings->children_shutup, 0));
	session_set_pid(session, "PID", getpid());
	for (size_t i = 0; i < 2; i++)
		stream_disown(session->stream[i]);
}

/* SOCAT_FORK_WAIT: time to attach a debugger to both processes. */
static void wait_after_fork(void)
{
	const char *text = getenv("SOCAT_FORK_WAIT");
	int64_t us;

	if (text && num_parse_seconds(text, &us) == 0)
		(void)task_sleep(us);
}

/* Forks for a session.  1: this is the child; 0: the parent. */
static int fork_session(struct attempt *a)
{
	pid_t pid = child_fork(CHILD_SESSION);

	if (pid < 0)
		return err_set(a->opening.err, pid, "fork(): %s", err_reason(pid));
	if (pid > 0)
		log_notice("forked off child process %d", (int)pid);
	else
		begin_child(a);
	wait_after_fork();
	return pid == 0;
}

/* Waits until one more session may begin. */
static int wait_for_slot(const struct attempt *a)
{
	const struct settings *settings = &a->opening.address->settings;
	bool told = false;
	int r;

	if (a->session->engine)
		return engine_wait_for_slot(a->session->engine, settings->max_children);
	child_reap();
	while (settings->max_children &&
	       child_count(CHILD_SESSION) >= (size_t)settings->max_children) {
		if (!told)
			log_notice("maxchildren are active, waiting");
		told = true;
		r = task_wait_signal();
		if (r < 0)
			return r;
	}
	return 0;
}

/* Descriptors, memory or processes are used up, perhaps by our own sessions. */
static bool is_shortage(int r)
{
	return r == -EMFILE || r == -ENFILE || r == -ENOBUFS || r == -ENOMEM || r == -EAGAIN;
}

/* A connection that cannot be taken stays ready, so asking again at once would
 * spin: says so once, then waits until a session ends or some time has passed. */
static int sit_out_shortage(struct attempt *a)
{
	if (!a->short_of)
		log_warn("%s; trying again when a session ends", a->opening.err->text);
	a->short_of = true;
	return task_wait_signal_until(clock_after(SHORTAGE_PAUSE));
}

/* Whoever has come waits until there is a stack or a process for him. */
static int find_room(struct attempt *a, struct listener *l, struct arrival *arrival)
{
	struct engine *engine = a->session->engine;
	int r, waited = 0;

	do
		r = engine ? engine_serve(engine, &a->opening, l, arrival) : fork_session(a);
	while (is_shortage(r) && (waited = sit_out_shortage(a)) == 0);
	return waited < 0 ? waited : r;
}

static void tell_waiting(struct session *session)
{
	const struct relay_hooks *hooks = &session->options->hooks;

	if (!session->told_waiting && hooks->waiting)
		hooks->waiting(hooks->context);
	session->told_waiting = true;
}

/* Waits for one arrival, no longer than accept-timeout. */
static int accept_one(struct attempt *a, struct listener *l, struct arrival *ret)
{
	const struct settings *settings = &a->opening.address->settings;
	int64_t limit = settings->accept_timeout, before = CLOCK_NEVER;
	char text[NET_ADDRESS_TEXT];
	int r;

	if (!a->short_of)
		log_notice("%s %s", l->waiting,
			   net_address_text(&l->local, text, sizeof(text)));
	tell_waiting(a->session);
	if (limit > 0)
		before = task_deadline(clock_after(limit));
	r = l->ops->accept(l, &a->opening, ret);
	if (limit > 0)
		(void)task_deadline(before);
	if (r == -ETIMEDOUT) {
		log_warn("accept: %s", err_reason(-ETIMEDOUT));
		a->session->nobody_came = true;
		return err_set(a->opening.err, r, "accept: %s", err_reason(r));
	}
	return r;
}

/* Makes the stream of the arrival that is ours. */
static int finish_arrival(struct attempt *a, struct listener *l, struct arrival *arrival,
			  struct stream **ret)
{
	auto_stream s = NULL;
	int r;

	r = l->ops->finish(&a->opening, arrival, &s);
	if (r < 0)
		return r;
	s->path = l->path; /* until the session ends */
	l->path = (struct owned_path){ 0 };
	*ret = take_ptr(s);
	return 0;
}

/* An arrival finds its session.  1: in this process, whose stream it is; 0: it is
 * looked after. */
static int hand_over(struct attempt *a, struct listener *l, struct arrival *arrival)
{
	int r;

	if (!a->opening.address->settings.fork)
		return 1;
	r = find_room(a, l, arrival);
	a->short_of = false;
	return r;
}

/* Only those processes return that are to serve the listener. */
static int fork_workers(struct attempt *a)
{
	const struct settings *settings = &a->opening.address->settings;
	int r;

	if (settings->workers <= 1)
		return 0;
	r = engine_fork_workers(a->session->engine, settings->workers, a->opening.err);
	a->session->nobody_came = r == -ETIMEDOUT;
	return r;
}

int serve(struct attempt *a, struct stream **ret)
{
	const struct address *address = a->opening.address;
	auto_listener l = NULL;
	int r;

	r = address->type->listen(&a->opening, &l);
	if (r == 0)
		r = fork_workers(a);
	if (r < 0)
		return r;
	for (;;) {
		auto_arrival arrival = { .fd = -1 };

		r = wait_for_slot(a);
		if (r == 0)
			r = accept_one(a, l, &arrival);
		if (is_shortage(r) && address->settings.fork && l->fd >= 0)
			r = sit_out_shortage(a);
		if (r < 0)
			return r;
		if (arrival.fd < 0)
			continue;
		r = hand_over(a, l, &arrival);
		if (r < 0)
			return r;
		if (r > 0)
			return finish_arrival(a, l, &arrival, ret);
	}
}

int connect_again_and_again(struct attempt *a, struct stream **ret)
{
	const struct address *address = a->opening.address;
	int r;

	for (;;) {
		auto_stream s = NULL;

		a->opening.used = a->begun;
		r = address->type->open(&a->opening, &s);
		if (r == 0)
			r = fork_session(a);
		if (r < 0)
			return r;
		if (r > 0) {
			*ret = take_ptr(s);
			return 0;
		}
		stream_disown(s);
		s = stream_free(s);
		r = task_sleep(address->settings.interval);
		if (r == 0)
			r = wait_for_slot(a);
		if (r < 0)
			return r;
	}
}
