/* SPDX-License-Identifier: MIT */
/*
 * Opening one side of a relay.
 *
 *	attempt		one try of one address: connect, or listen and serve
 *	serve		the loop of a listener: wait, accept, fork
 *	open_address	attempts until one succeeds or retry is used up
 *
 * Where fork is wanted, the functions return only in the child; the parent
 * leaves its loop by -ECANCELED or an error.
 */

#include "relay/session.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/num.h"
#include "net/resolve.h"
#include "relay/lock.h"
#include "task/child.h"
#include "task/task.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SHORTAGE_PAUSE = CLOCK_US_PER_S / 10 };

/* A try and its parts. */
struct attempt {
	struct session *session;
	struct opening opening;
	struct opt_used begun; /* used before the first try */
	unsigned int retries; /* left */
	bool short_of;	      /* of something that ending sessions give back; was told */
	bool forked;	      /* this process was forked for one arrival or connection */
};

static void set_pid(struct session *session, const char *name, pid_t pid)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%d", (int)pid);
	env_set(&session->env, session->options->address.env_prefix, name, text);
}

void session_init(struct session *session, const struct relay_options *options,
		  struct relay_result *result)
{
	*session = (struct session){ .options = options, .result = result };
	*result = (struct relay_result){ .failure = RELAY_FINE };
	env_set(&session->env, options->address.env_prefix, "VERSION", options->version);
	set_pid(session, "PID", getpid());
	set_pid(session, "PPID", getpid());
}

void session_done(struct session *session)
{
	for (size_t i = 0; i < ARRAY_SIZE(session->stream); i++) {
		session->stream[i] = stream_free(session->stream[i]);
		address_done(&session->pair[i]);
	}
	env_done(&session->env);
}

/* In the child: whatever was opened before belongs to the parent as well. */
static void begin_child(struct attempt *a)
{
	const struct settings *settings = &a->opening.address->settings;
	struct session *session = a->session;

	a->forked = true;
	a->opening.more_attempts = false;
	log_soften((unsigned int)MAX(settings->children_shutup, 0));
	set_pid(session, "PID", getpid());
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

static int wait_for_child_slot(const struct settings *settings)
{
	bool told = false;
	int r;

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
	int64_t before;
	int r;

	if (!a->short_of)
		log_warn("%s; trying again when a session ends", a->opening.err->text);
	a->short_of = true;
	before = task_deadline(clock_after(SHORTAGE_PAUSE));
	r = task_wait_signal();
	(void)task_deadline(before);
	return r == -ETIMEDOUT ? 0 : r;
}

/* Whoever has come waits until there is a process for him. */
static int fork_when_possible(struct attempt *a)
{
	int r, waited = 0;

	do
		r = fork_session(a);
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

static int serve(struct attempt *a, struct stream **ret)
{
	const struct address *address = a->opening.address;
	auto_listener l = NULL;
	int r;

	r = address->type->listen(&a->opening, &l);
	if (r < 0)
		return r;
	for (;;) {
		auto_arrival arrival = { .fd = -1 };

		r = wait_for_child_slot(&address->settings);
		if (r == 0)
			r = accept_one(a, l, &arrival);
		if (is_shortage(r) && address->settings.fork && l->fd >= 0)
			r = sit_out_shortage(a);
		if (r < 0)
			return r;
		if (arrival.fd < 0)
			continue;
		if (address->settings.fork) {
			r = fork_when_possible(a);
			a->short_of = false;
			if (r == 0)
				continue;
			if (r < 0)
				return r;
		}
		return finish_arrival(a, l, &arrival, ret);
	}
}

/* A client that forks: connect, hand over to a child, pause, connect again. */
static int connect_again_and_again(struct attempt *a, struct stream **ret)
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
			r = wait_for_child_slot(&address->settings);
		if (r < 0)
			return r;
	}
}

static int try_once(struct attempt *a, struct stream **ret)
{
	const struct address *address = a->opening.address;
	auto_stream s = NULL;
	int r;

	a->opening.used = a->begun;
	a->opening.more_attempts = a->retries > 0 || address->settings.forever;
	if (address->type->listen)
		r = serve(a, &s);
	else if (address->settings.fork)
		r = connect_again_and_again(a, &s);
	else
		r = address->type->open(&a->opening, &s);
	if (r < 0 || !s)
		return r;
	r = opening_finish(&a->opening, s);
	if (r < 0)
		return r;
	*ret = take_ptr(s);
	return 0;
}

/* Would the same thing fail again for sure, or is it the parent who tries again? */
static bool is_final(const struct attempt *a, int r)
{
	if (r == -ECANCELED || a->session->nobody_came || a->forked)
		return true;
	return net_reason_is_resolver(r) && !net_reason_is_temporary(r);
}

static int try_until_open(struct attempt *a, struct stream **ret)
{
	const struct settings *settings = &a->opening.address->settings;
	int r, slept;

	r = opening_begin(&a->opening);
	if (r < 0)
		return r;
	a->begun = a->opening.used;
	for (;;) {
		r = try_once(a, ret);
		if (r >= 0 || is_final(a, r) || (!a->retries && !settings->forever))
			return r;
		if (!settings->forever)
			a->retries--;
		log_notice("%s", a->opening.err->text);
		slept = task_sleep(settings->interval);
		if (slept < 0)
			return slept;
	}
}

static int take_lock(const struct settings *settings, struct owned_path *ret, struct err *err)
{
	if (settings->lockfile)
		return lock_take(settings->lockfile, false, ret, err);
	if (settings->waitlock)
		return lock_take(settings->waitlock, true, ret, err);
	return 0;
}

static void keep_replaced(struct session *session, const struct opening *o)
{
	if (!o->replaced)
		return;
	session->result->failure = RELAY_REPLACED;
	session->result->exit_status = o->replaced_status;
}

/* A socket that only receives may be asked to send: the kernel says no to data, but the
 * end of the other address is told to it and counts, as in classic. */
static bool refuses_by_itself(const struct addr_type *type)
{
	return (type->groups & (GROUP_SOCKET | GROUP_REG)) == GROUP_SOCKET;
}

static int open_address(struct session *session, const struct address *address,
			enum addr_direction wanted, struct stream **ret, struct err *err)
{
	struct attempt a = {
		.session = session,
		.opening = { .address = address,
			     .context = &session->options->address,
			     .wanted = wanted,
			     .env = &session->env,
			     .first = session->stream[0],
			     .err = err },
		.retries = address->settings.retry,
	};
	struct owned_path lock = { 0 };
	struct surroundings around;
	int r;

	if ((address->type->direction & wanted) != wanted) {
		log_warn("%s: address is opened in %s mode but only supports %s", address->keyword,
			 wanted == DIR_BOTH ? "read-write"
			 : wanted == DIR_READ ? "read-only" : "write-only",
			 address->type->direction == DIR_READ ? "read-only" : "write-only");
		if (address->type->direction & wanted && !refuses_by_itself(address->type))
			a.opening.wanted = address->type->direction & wanted;
	}
	r = take_lock(&address->settings, &lock, err);
	if (r == 0)
		r = surroundings_enter(&address->settings, &around, err);
	if (r == 0) {
		r = try_until_open(&a, ret);
		surroundings_leave(&around);
	}
	keep_replaced(session, &a.opening);
	if (r < 0 || !*ret) {
		owned_path_done(&lock);
		return r;
	}
	(*ret)->lock = lock;
	return 0;
}

/* a!!b: read from the first, write to the second. */
static int open_dual(struct session *session, const struct address_pair *pair,
		     enum addr_direction wanted, struct stream **ret, struct err *err)
{
	auto_stream reading = NULL;
	auto_stream writing = NULL;
	int r = 0;

	if (wanted != DIR_BOTH)
		log_warn("unidirectional open of dual address");
	if (wanted & DIR_READ)
		r = open_address(session, &pair->part[0], DIR_READ, &reading, err);
	if (r == 0 && wanted & DIR_WRITE)
		r = open_address(session, &pair->part[1], DIR_WRITE, &writing, err);
	if (r < 0)
		return r;
	*ret = stream_new_joined(take_ptr(reading), take_ptr(writing));
	return 0;
}

int session_open(struct session *session, int side, enum addr_direction wanted, struct err *err)
{
	const struct address_pair *pair = &session->pair[side];

	if (pair->n == 2)
		return open_dual(session, pair, wanted, &session->stream[side], err);
	return open_address(session, &pair->part[0], wanted, &session->stream[side], err);
}
